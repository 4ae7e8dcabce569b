from __future__ import annotations

import pytest

from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher.marking import label_place, parts
from dsbs_gui.steps.teacher.parsing import parse

FIELDS = {
    "math": {"input": "How many?"},
    "choice": {"question": "Where do fish live?", "choices": ["aquarium", "desert", "tree", "the moon", "pond"]},
}


def marked(raw: str, task: str) -> list[tuple[str, str]]:
    read = parse(raw, TASKS[task], FIELDS[task])
    found = parts(raw, read.rationale, read.label, read.rung, TASKS[task])
    return [(part.kind, raw[part.start : part.end]) for part in found]


@pytest.mark.parametrize(
    ("raw", "task", "expected"),
    [
        ("Half of 84. The answer is (84 / 2).", "math", [("rationale", "Half of 84."), ("label", "(84 / 2)")]),
        (
            "One. The answer is 4.\n\nQ: Next?\nA: The answer is 9.",
            "math",
            [("rationale", "One."), ("label", "4"), ("unread", "Q: Next?\nA: The answer is 9.")],
        ),
        ("Fish swim. So the answer is (e) pond.", "choice", [("rationale", "Fish swim."), ("label", "(e) pond")]),
        ("Fish swim. So the answer is (e).", "choice", [("rationale", "Fish swim."), ("label", "(e)")]),
        ("Fish swim. So the answer is E.", "choice", [("rationale", "Fish swim."), ("label", "E")]),
        ("Fish swim. The answer is Pond.", "choice", [("rationale", "Fish swim."), ("label", "Pond")]),
        ('{"rationale": "Fish swim.", "label": "pond"}', "choice", [("rationale", "Fish swim."), ("label", "pond")]),
        ("I do not know.", "math", [("rationale", "I do not know.")]),
        ("", "math", []),
    ],
)
def test_what_was_read_is_marked_where_it_stands(raw: str, task: str, expected: list[tuple[str, str]]) -> None:
    assert marked(raw, task) == expected


@pytest.mark.parametrize(
    ("raw", "start"),
    [
        ("2 of 12. We get 2.", 16),  # guessed from the last sentence
        ("Half of 24. The answer is 2.", 26),
        ("I say 12, and 2. So the answer is 12, not 2.", 34),
        ("I do not know.", None),
    ],
)
def test_a_label_has_its_place_where_it_was_read(raw: str, start: int | None) -> None:
    read = parse(raw, TASKS["math"], FIELDS["math"])
    place = label_place(raw, read.rationale, read.label, read.rung, TASKS["math"])
    assert place == (None if start is None else (start, start + len(read.label or "")))


def test_a_label_that_is_written_otherwise_is_not_marked() -> None:
    assert marked("So. The answer is 4 x 5.", "math") == [("rationale", "So.")]
