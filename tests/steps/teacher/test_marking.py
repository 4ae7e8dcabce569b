from __future__ import annotations

import pytest

from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher.marking import parts
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
        ("Fish swim. The answer is Pond.", "choice", [("rationale", "Fish swim."), ("label", "Pond")]),
        ('{"rationale": "Fish swim.", "label": "pond"}', "choice", [("rationale", "Fish swim."), ("label", "pond")]),
        ("I do not know.", "math", [("rationale", "I do not know.")]),
        ("", "math", []),
    ],
)
def test_what_was_read_is_marked_where_it_stands(raw: str, task: str, expected: list[tuple[str, str]]) -> None:
    assert marked(raw, task) == expected


def test_a_label_that_is_written_otherwise_is_not_marked() -> None:
    assert marked("So. The answer is 4 x 5.", "math") == [("rationale", "So.")]
