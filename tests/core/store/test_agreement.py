from __future__ import annotations

import pytest

from dsbs_gui.core.store import agreement
from dsbs_gui.core.store.database import Store

from .filling import add_answer, add_examples


@pytest.mark.parametrize("source", ["import", "teacher"])
def test_an_answer_in_which_no_label_was_found_counts_as_wrong(store: Store, source: str) -> None:
    right, wrong, none, empty = add_examples(store, ["a", "b", "c", "d"], ["4", "4", "4", "4"])
    add_answer(store, right, "A.", "4", source=source, rung="trigger", agree=True)
    add_answer(store, wrong, "B.", "5", source=source, rung="trigger", agree=False)
    add_answer(store, none, "Whatever.", None, source=source, rung="unparsed")
    add_answer(store, empty, None, None, source=source, rung="unparsed", failure="empty", raw=" ")
    found = agreement.teacher_correct(store.reader, "train")
    assert found == {right: True, wrong: False, none: False, empty: False}


def test_left_out_are_rationales_without_a_label_hints_further_samples_and_what_never_came(store: Store) -> None:
    plain, hinted, second, absent, no_gold = add_examples(store, ["a", "b", "c", "d", "e"], ["4", "4", "4", "4", None])
    add_answer(store, plain, "Because.", None, source="import", rung=None, parser=None)
    add_answer(store, hinted, "Told.", None, rung="unparsed", hinted=True)
    add_answer(store, second, "Else.", None, rung="unparsed", sample=1)
    add_answer(store, absent, None, None, failure="timed out", raw="")
    add_answer(store, no_gold, "Whatever.", None, rung="unparsed")
    assert agreement.teacher_correct(store.reader, "train") == {}


def test_the_newest_answer_is_the_one_that_counts(store: Store) -> None:
    (one,) = add_examples(store, ["a"], ["4"])
    add_answer(store, one, "Whatever.", None, rung="unparsed")
    assert agreement.teacher_correct(store.reader, "train") == {one: False}
    add_answer(store, one, "A.", "4", run_id="generate-2", rung="trigger", agree=True)
    assert agreement.teacher_correct(store.reader, "train") == {one: True}
    add_answer(store, one, "A plain rationale.", None, run_id="import-1", source="import", rung=None, parser=None)
    assert agreement.teacher_correct(store.reader, "train") == {one: True}
