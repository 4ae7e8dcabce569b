from __future__ import annotations

from dataclasses import replace

import pytest

from dsbs_gui.core.store.examples import Example
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.review.editing import Edit, agreement, differing, label_options

EXAMPLE = Example(
    id=1, key=None, split="train", fields={"input": "1 + 1?"}, input="1 + 1?", label="2", line=1, state="unreviewed",
    rationale="One.\r\nTwo.", teacher_label="1 + 1", origin="teacher", answer_id=1, agree=1, edited=0, failure=None,
    note=None,
)  # fmt: skip


def test_untouched_and_equal_texts_are_no_edit() -> None:
    assert not differing(EXAMPLE, None, None)
    assert not differing(EXAMPLE, "One.\r\nTwo.", "1 + 1")


def test_only_the_fields_that_differ_are_written() -> None:
    edit = differing(EXAMPLE, "One.\r\nTwo.", "3")
    assert edit == Edit(label="3")
    assert edit.values() == {"teacher_label": "3"}


def test_emptying_a_text_is_an_edit_but_emptying_nothing_is_none() -> None:
    assert differing(EXAMPLE, "", None) == Edit(rationale="")
    assert not differing(replace(EXAMPLE, rationale=None), "  ", None)


@pytest.mark.parametrize(
    ("task", "label", "gold", "expected"),
    [
        ("math", "1 + 1", "2", True),
        ("math", "2.0", "2", True),
        ("math", "3", "2", False),
        ("text", " Yes", "yes", True),
        ("text", "", "yes", None),
        ("text", "yes", None, None),
        ("text", None, "yes", None),
        ("nli", "yes", "entailment", True),
    ],
)
def test_agreement_is_the_tasks_own_comparison(
    task: str, label: str | None, gold: str | None, expected: bool | None
) -> None:
    assert agreement(task_named(task), replace(EXAMPLE, label=gold), label) is expected


def test_the_labels_on_offer_are_the_tasks() -> None:
    choice = replace(EXAMPLE, fields={"question": "q", "choices": ["a", "b"]})
    many = replace(EXAMPLE, fields={"question": "q", "choices": [str(i) for i in range(12)]})
    assert label_options(task_named("choice"), choice) == ("a", "b")
    assert label_options(task_named("choice"), many) == (), "more than there are number keys"
    assert label_options(task_named("nli"), EXAMPLE) == ("entailment", "neutral", "contradiction")
    assert label_options(task_named("math"), EXAMPLE, ("1", "2")) == ()
    assert label_options(task_named("text"), EXAMPLE, ("good", "bad")) == ("good", "bad")
