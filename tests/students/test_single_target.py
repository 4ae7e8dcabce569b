"""Rationale and label in one text: written, read, and answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dsbs_gui.students import answering, single_target
from dsbs_gui.students.answering import answers
from dsbs_gui.students.meta import StudentMeta
from dsbs_gui.students.student import Student

from .tiny import tiny_t5

LAST = StudentMeta(single_target=True)
FIRST = StudentMeta(single_target=True, label_first=True)


def test_a_label_that_comes_last_is_read_behind_the_last_trigger() -> None:
    assert single_target.write(LAST, "7", "4 + 3 = 7.") == "4 + 3 = 7. So the answer is 7"
    assert single_target.read(LAST, "4 + 3 = 7. So the answer is 7") == ("7", "4 + 3 = 7.")
    assert single_target.read(LAST, "So the answer is 1. So the answer is 2") == ("2", "So the answer is 1.")
    assert single_target.read(LAST, "it never came") == ("", "it never came")
    assert single_target.write(LAST, "7", None) == "So the answer is 7"


def test_a_label_that_comes_first_is_read_before_the_first_explanation() -> None:
    assert single_target.write(FIRST, "7", "4 + 3 = 7.") == "7 Explanation: 4 + 3 = 7."
    assert single_target.read(FIRST, "7 Explanation: 4 + 3 = 7.") == ("7", "4 + 3 = 7.")
    assert single_target.read(FIRST, "7 Explanation: see Explanation: 2") == ("7", "see Explanation: 2")
    assert single_target.read(FIRST, "7") == ("7", "")
    assert single_target.write(FIRST, "7", None) == "7 Explanation:"


def test_the_limit_has_room_for_both_and_the_words_between_them() -> None:
    student = tiny_t5(single_target=True, label_first=True, max_label=5, max_target=20)
    words = len(student.tokenizer("Explanation:")["input_ids"])
    alone = single_target.limit(student, label_alone=True)
    assert alone >= words + 5
    assert single_target.limit(student, 9, label_alone=True) == alone + 4
    assert single_target.limit(student) == alone + 20


@pytest.mark.parametrize("explain", [False, True])
def test_a_label_first_student_is_stopped_behind_its_label_unless_its_rationale_is_wanted(
    explain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = tiny_t5(single_target=True, label_first=True, explains=False)
    asked: list[tuple[int, str]] = []

    def generated(_: Student, inputs: list[str], prefix: str, limit: int, batch: int, stop: str) -> Iterator[list]:
        asked.append((limit, stop))
        yield [(0, "7 Explanation:" if stop else "7 Explanation: 4 + 3 = 7.")]

    monkeypatch.setattr(answering, "generate_batches", generated)
    (answer,) = answers(student, ["Mia has 4 pens."], explain=explain)
    assert (answer.prediction, answer.rationale) == ("7", "4 + 3 = 7." if explain else None)
    stop = "" if explain else "Explanation:"
    assert asked == [(single_target.limit(student, label_alone=not explain), stop)]
