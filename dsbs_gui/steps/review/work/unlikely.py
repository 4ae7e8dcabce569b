"""Answers of which their teacher was least sure: the lowest 5 % by mean log-probability, teacher by teacher."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHARE = 0.05
LEAST_ANSWERS = 20
"""Of fewer answers of a teacher none is told: there is nothing to compare with."""


def lowest(measured: Iterable[tuple[int, str, float]]) -> Iterator[tuple[int, float]]:
    """Args:
        measured: example, teacher, mean log-probability in nats a token.

    Returns: examples with their value, lowest first; equal values at the border all stay out.
    """
    by_teacher: dict[str, list[tuple[float, int]]] = {}
    for example_id, teacher, value in measured:
        if value == value:
            by_teacher.setdefault(teacher, []).append((value, example_id))
    for answers in by_teacher.values():
        if len(answers) < LEAST_ANSWERS:
            continue
        answers.sort()
        border = answers[int(len(answers) * SHARE)][0]
        yield from ((example_id, value) for value, example_id in answers if value < border)
