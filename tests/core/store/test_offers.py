"""Answers that wait to be compared: beside what stands, taken or refused as acts, and never over a person's head."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import answers, decisions, examples, offers, project_info
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.examples import Example
from dsbs_gui.core.store.filters import Filter, Selection, as_json

from .filling import add_answer, add_examples, answer, reviewed

NEW = "generate-2"


@pytest.fixture
def ids(store: Store) -> list[int]:
    """Four answered examples, the last one accepted; a fifth without an answer."""
    store.write_now(lambda tx: project_info.put(tx, "task", "math"))
    made = add_examples(store, [f"Q{n}" for n in range(5)], ["4"] * 5)
    for example_id in made[:4]:
        add_answer(store, example_id, "Old.", "5", agree=False)
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([made[3]]), "accepted"))
    return made


def ask_again(store: Store, example_id: int, rationale: str = "New.", label: str = "4", **more: object) -> int:
    new = answer(example_id, rationale, label, **({"run_id": NEW, "agree": label == "4"} | more))
    return store.write_now(lambda tx: answers.add(tx, new, aside=True))


def get(store: Store, example_id: int) -> Example:
    found = examples.get(store.reader, example_id)
    assert found is not None
    return found


def test_a_new_answer_waits_beside_what_stands_and_can_be_filtered_by(store: Store, ids: list[int]) -> None:
    new = ask_again(store, ids[1])
    assert reviewed(store, ids[1]) == ("unreviewed", "Old.", "5")
    assert get(store, ids[1]).offered == new
    assert list(examples.ids(store.reader, Filter(offered=True))) == [ids[1]]
    assert offers.count(store.reader) == 1
    assert offers.count(store.reader, Filter(states=("accepted",))) == 0


def test_where_nothing_stood_it_stands_at_once_with_its_whole_group(store: Store, ids: list[int]) -> None:
    for sample, label in enumerate(("5", "4", "4")):
        ask_again(store, ids[4], f"Sample {sample}.", label, sample=sample)
    assert reviewed(store, ids[4])[1:] == ("Sample 1.", "4"), "its samples have voted"
    assert get(store, ids[4]).offered is None


def test_where_a_person_has_rejected_an_empty_row_it_is_offered(store: Store, ids: list[int]) -> None:
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([ids[4]]), "rejected"))
    new = ask_again(store, ids[4])
    assert reviewed(store, ids[4]) == ("rejected", None, None)
    assert get(store, ids[4]).offered == new
    store.write_now(lambda tx: offers.take_one(tx, ids[4]))
    assert reviewed(store, ids[4]) == ("unreviewed", "New.", "4")


def test_the_best_of_several_samples_is_offered(store: Store, ids: list[int]) -> None:
    for sample, label in enumerate(("5", "4", "4")):
        ask_again(store, ids[0], f"Sample {sample}.", label, sample=sample)
    offered = answers.get(store.reader, get(store, ids[0]).offered or 0)
    assert offered is not None
    assert offered.rationale == "Sample 1."


def test_what_says_just_the_same_is_no_offer_and_nor_is_a_failure(store: Store, ids: list[int]) -> None:
    ask_again(store, ids[0], "Old.", "5")
    ask_again(store, ids[1], failure="empty")
    assert offers.count(store.reader) == 0


def test_an_answer_that_is_read_anew_as_useless_is_no_longer_offered(store: Store, ids: list[int]) -> None:
    found = answers.get(store.reader, ask_again(store, ids[0]))
    assert found is not None
    store.write_now(lambda tx: answers.reparse(tx, replace(found, failure="empty")))
    assert get(store, ids[0]).offered is None


def test_all_are_taken_but_those_that_a_person_has_reviewed_and_undo_brings_all_back(
    store: Store, ids: list[int]
) -> None:
    for example_id in ids[:4]:
        ask_again(store, example_id)
    before = [get(store, example_id) for example_id in ids]
    everything = Selection(matching=Filter())
    assert offers.count_of(store.reader, as_json(ids)) == (4, 1)
    assert store.write_now(lambda tx: offers.take(tx, everything)) == 3
    assert [reviewed(store, i) for i in ids[:4]] == [("unreviewed", "New.", "4")] * 3 + [("accepted", "Old.", "5")]
    taken = get(store, ids[0])
    assert (taken.agree, taken.offered, taken.edited) == (1, None, 0)
    assert get(store, ids[3]) == before[3], "an approved row is not touched"
    store.write_now(decisions.undo)
    assert [get(store, example_id) for example_id in ids] == before
    store.write_now(decisions.redo)
    assert get(store, ids[0]) == taken
    [change] = [c for c in decisions.timeline(store.reader, ids[0]) if c.field == "rationale"]
    assert (change.action, change.before, change.after) == ("Take 3 new answers", "Old.", "New.")


def test_a_reviewed_row_is_taken_when_that_is_said(store: Store, ids: list[int]) -> None:
    ask_again(store, ids[3])
    assert store.write_now(lambda tx: offers.take(tx, Selection.of(ids), reviewed=True)) == 1
    assert reviewed(store, ids[3]) == ("unreviewed", "New.", "4")


def test_what_stands_is_kept_and_undo_brings_the_offer_back(store: Store, ids: list[int]) -> None:
    for example_id in ids[:2]:
        ask_again(store, example_id)
    assert store.write_now(lambda tx: offers.refuse(tx, Selection.of(ids))) == 2
    assert offers.count(store.reader) == 0
    assert reviewed(store, ids[0]) == ("unreviewed", "Old.", "5")
    store.write_now(decisions.undo)
    assert offers.count(store.reader) == 2


def test_one_is_taken_by_itself(store: Store, ids: list[int]) -> None:
    ask_again(store, ids[3])
    store.write_now(lambda tx: offers.take_one(tx, ids[3]))
    assert reviewed(store, ids[3])[1] == "New."
    with pytest.raises(UserError, match="no new answer"):
        store.write_now(lambda tx: offers.take_one(tx, ids[3]))


def test_using_the_offered_answer_itself_settles_the_offer(store: Store, ids: list[int]) -> None:
    new = ask_again(store, ids[0])
    store.write_now(lambda tx: decisions.take_answer(tx, ids[0], new))
    assert get(store, ids[0]).offered is None


def test_merging_keeps_of_which_answers_the_text_was_made(store: Store, ids: list[int]) -> None:
    old, new = get(store, ids[0]).answer_id, ask_again(store, ids[0])
    store.write_now(lambda tx: decisions.merge(tx, ids[0], new, "Old and new.", "4", agree=True))
    merged = get(store, ids[0])
    assert (merged.state, merged.rationale, merged.teacher_label, merged.agree) == ("edited", "Old and new.", "4", 1)
    assert (merged.answer_id, merged.merged_with, merged.offered, merged.edited) == (old, new, None, 1)
    store.write_now(lambda tx: decisions.take_answer(tx, ids[0], old or 0))
    assert get(store, ids[0]).merged_with is None
    store.write_now(decisions.undo)
    assert get(store, ids[0]) == merged
    store.write_now(decisions.undo)
    assert (get(store, ids[0]).merged_with, get(store, ids[0]).offered) == (None, new)


def test_a_merge_with_nothing_or_with_a_strangers_answer_is_refused(store: Store, ids: list[int]) -> None:
    new = ask_again(store, ids[0])
    with pytest.raises(UserError, match="no longer there"):
        store.write_now(lambda tx: decisions.merge(tx, ids[1], new, "Text.", "4"))
    with pytest.raises(UserError, match="no text"):
        store.write_now(lambda tx: decisions.merge(tx, ids[0], new, " \n", "4"))
