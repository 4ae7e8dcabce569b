from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsbs_gui.core.store import examples
from dsbs_gui.core.store.changes import Changes
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter

from .filling import add_answer, add_examples

TEXTS = [
    "\u00a0no-break\u00a0",
    "line\u2028separator\u2029",
    "crlf\r\nend",
    "nul\0inside",
    "😀",
    "\u202ebidi\u202c",
    " \t",
]


def test_what_is_added_is_read_back_to_the_byte(store: Store) -> None:
    ids = add_examples(store, TEXTS, TEXTS)
    found = examples.page(store.reader, ids)
    assert [found[i].input for i in ids] == TEXTS
    assert [found[i].label for i in ids] == TEXTS
    assert [found[i].fields["input"] for i in ids] == TEXTS
    assert [found[i].line for i in ids] == list(range(1, len(TEXTS) + 1))


def test_a_new_example_is_empty(store: Store) -> None:
    [i] = add_examples(store, ["x"], ["4"])
    found = examples.get(store.reader, i)
    assert found is not None
    assert (found.state, found.rationale, found.teacher_label, found.agree, found.edited) == (
        "empty",
        None,
        None,
        None,
        0,
    )


def test_duplicates_are_counted_within_and_across_imports_and_kept(store: Store) -> None:
    add_examples(store, ["a", "b"])
    rows = [{"line": i, "fields": {}, "input": text, "label": None} for i, text in enumerate(["b", "c", "c"], 1)]
    added, duplicates = store.write_now(lambda tx: examples.add(tx, rows, split="test", import_id=1))
    assert (len(added), duplicates) == (3, 2)
    assert examples.count(store.reader) == 5


def test_adding_nothing_gives_an_empty_range(store: Store) -> None:
    added, duplicates = store.write_now(lambda tx: examples.add(tx, [], split="train", import_id=1))
    assert (list(added), duplicates) == ([], 0)


def test_a_page_leaves_out_what_is_not_there_and_takes_more_ids_than_sqlite_parameters(store: Store) -> None:
    ids = add_examples(store, [str(i) for i in range(1_203)])
    found = examples.page(store.reader, [*ids, 99_999])
    assert set(found) == set(ids)
    assert found[ids[-1]].input == "1202"


def test_ids_are_ordered_as_asked_with_the_id_deciding_ties(store: Store) -> None:
    ids = add_examples(store, ["a", "b", "c", "d"], ["2", "1", "2", "1"])
    assert list(examples.ids(store.reader)) == ids
    assert list(examples.ids(store.reader, descending=True)) == ids[::-1]
    assert list(examples.ids(store.reader, order="label")) == [ids[1], ids[3], ids[0], ids[2]]
    assert list(examples.ids(store.reader, order="label", descending=True)) == [ids[2], ids[0], ids[3], ids[1]]
    with pytest.raises(KeyError):
        examples.ids(store.reader, order="id; DROP TABLE examples")


@pytest.mark.parametrize("order", ["state", "split", "agree", "teacher_label", "origin", "failure"])
def test_every_order_gives_every_id_once(store: Store, order: str) -> None:
    ids = add_examples(store, ["a", "b", "c"])
    add_answer(store, ids[1])
    assert sorted(examples.ids(store.reader, order=order)) == ids


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 100])
def test_each_goes_through_all_whatever_the_page(store: Store, at_a_time: int) -> None:
    add_examples(store, list("abcdefg"), split="train")
    chosen = Filter(text="", splits=("train",))
    assert "".join(e.input for e in examples.each(store.reader, chosen, at_a_time)) == "abcdefg"


def test_counts_are_by_value_and_add_up(store: Store) -> None:
    add_examples(store, list("abcd"), ["x", "x", None, ""])
    add_examples(store, ["e"], ["y"], split="valid")
    assert examples.counts(store.reader, "label") == {"x": 2, "": 2, "y": 1}
    assert examples.counts(store.reader, "split") == {"train": 4, "valid": 1}
    assert examples.counts(store.reader, "label", Filter(splits=("valid",))) == {"y": 1}
    with pytest.raises(ValueError, match="fields"):
        examples.counts(store.reader, "fields")


def test_splits_are_set_by_id(store: Store) -> None:
    a, b, c = add_examples(store, list("abc"))
    store.write_now(lambda tx: examples.set_splits(tx, {a: "test", c: "valid"}))
    assert [examples.page(store.reader, [a, b, c])[i].split for i in (a, b, c)] == ["test", "train", "valid"]


def test_adding_announces_examples(store: Store) -> None:
    seen: list[Changes] = []
    store.listen(seen.append)
    add_examples(store, ["a"])
    assert seen[-1].is_all("examples")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6))
def test_any_text_survives_the_store(store: Store, texts: list[str]) -> None:
    ids = add_examples(store, texts, texts)
    found = examples.page(store.reader, ids)
    assert [(found[i].input, found[i].label) for i in ids] == [(text, text) for text in texts]


def test_the_states_of_some_examples_are_counted(store: Store) -> None:
    ids = add_examples(store, [str(i) for i in range(1_100)])
    add_answer(store, ids[0])
    assert examples.states_of(store.reader, [*ids[:1_050], 99_999]) == {"empty": 1_049, "unreviewed": 1}


def test_few_labels_are_those_that_recur(store: Store) -> None:
    assert examples.few_labels(store.reader) == ()
    add_examples(store, list("abcdef"), ["yes", "no", "yes", "no", "yes", "no"])
    assert examples.few_labels(store.reader) == ("no", "yes")
    assert examples.few_labels(store.reader, most=1) == ()
    add_examples(store, ["g"], ["perhaps"])
    assert examples.few_labels(store.reader) == (), "seven labels are too few to call three of them classes"


def test_ids_are_whole_and_in_order_whatever_is_missing_between_them(store: Store) -> None:
    ids = add_examples(store, [str(n) for n in range(40)])
    assert list(examples.ids(store.reader)) == ids
    assert list(examples.ids(store.reader, descending=True)) == ids[::-1]
    store.write_now(lambda tx: tx.execute("DELETE FROM examples WHERE id IN (3, 17)"))
    left = [i for i in ids if i not in (3, 17)]
    assert list(examples.ids(store.reader)) == left
    assert list(examples.ids(store.reader, descending=True)) == left[::-1]
    assert list(examples.ids(store.reader, Filter(states=("rejected",)))) == []


def test_ids_of_several_states_stand_in_the_order_of_ids(store: Store) -> None:
    ids = add_examples(store, [str(n) for n in range(30)])
    for i in ids[::3]:
        add_answer(store, i, agree=bool(i % 2))
    assert list(examples.ids(store.reader, Filter(states=("empty", "unreviewed")))) == ids
    assert list(examples.ids(store.reader, order="state")) == sorted(ids, key=lambda i: (i % 3 == 1, i))


def test_cells_count_every_example_once(store: Store) -> None:
    ids = add_examples(store, ["a", "b", "c"]) + add_examples(store, ["d"], split="test")
    add_answer(store, ids[0], agree=True)
    add_answer(store, ids[1], agree=False)
    assert set(examples.cells(store.reader)) == {
        examples.Cell("unreviewed", 1, "train", 1),
        examples.Cell("unreviewed", 0, "train", 1),
        examples.Cell("empty", None, "train", 1),
        examples.Cell("empty", None, "test", 1),
    }
    assert sum(cell.n for cell in examples.cells(store.reader, Filter(splits=("train",)))) == 3


def test_a_glimpse_says_what_is_there(store: Store) -> None:
    assert examples.glimpse(store.reader) == examples.Glimpse(False, False, False, False)
    [i, j] = add_examples(store, ["a", "b"])
    assert examples.glimpse(store.reader) == examples.Glimpse(True, False, False, False)
    add_answer(store, i, None, None, failure="empty")
    assert examples.glimpse(store.reader) == examples.Glimpse(True, False, False, True)
    add_answer(store, j)
    assert examples.glimpse(store.reader) == examples.Glimpse(True, True, True, True)


def test_states_of_counts_those_that_are_there(store: Store) -> None:
    ids = add_examples(store, ["a", "b", "c"])
    add_answer(store, ids[0])
    assert examples.states_of(store.reader, [*ids, 99]) == {"unreviewed": 1, "empty": 2}
    assert examples.states_of(store.reader, []) == {}
