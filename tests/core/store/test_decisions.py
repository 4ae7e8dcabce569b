from __future__ import annotations

import time
from dataclasses import replace

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import answers, decisions, examples, history
from dsbs_gui.core.store.changes import Changes
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter, Selection

from .filling import add_answer, add_examples, reviewed


@pytest.fixture
def three(store: Store) -> list[int]:
    """Two with an answer, one without."""
    ids = add_examples(store, ["a", "b", "c"], ["4", "4", "4"])
    for i in ids[:2]:
        add_answer(store, i, "Because.", "5", agree=False)
    return ids


def decide(store: Store, state: str, *ids: int, **filters: object) -> int:
    selection = Selection.of(ids) if ids else Selection(matching=Filter(**filters))  # type: ignore[arg-type]
    return store.write_now(lambda tx: decisions.set_state(tx, selection, state))


def states(store: Store) -> list[str]:
    return [e.state for e in examples.each(store.reader)]


def test_accepting_passes_over_what_has_no_rationale_and_says_how_many(store: Store, three: list[int]) -> None:
    assert decide(store, "accepted", *three) == 2
    assert states(store) == ["accepted", "accepted", "empty"]
    assert decide(store, "accepted", *three) == 0


def test_a_decision_that_changes_nothing_is_no_act(store: Store, three: list[int]) -> None:
    decide(store, "rejected", three[0])
    decide(store, "rejected", three[0])
    assert store.write_now(decisions.undo) is not None
    assert store.write_now(decisions.undo) is None


def test_accepting_what_a_person_edited_says_edited_even_after_a_rejection(store: Store, three: list[int]) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[0], rationale="Mine."))
    decide(store, "rejected", *three[:2])
    assert decide(store, "accepted", *three[:2]) == 2
    assert states(store) == ["edited", "accepted", "empty"]


def test_reopening_an_example_without_anything_leaves_it_empty(store: Store, three: list[int]) -> None:
    decide(store, "skipped", *three)
    assert decide(store, "unreviewed", *three) == 3
    assert states(store) == ["unreviewed", "unreviewed", "empty"]


@pytest.mark.parametrize("state", ["empty", "edited", "best", ""])
def test_only_decisions_can_be_given(store: Store, three: list[int], state: str) -> None:
    with pytest.raises(UserError, match="no decision"):
        decide(store, state, three[0])


def test_all_that_match_are_decided_in_one_act(store: Store, three: list[int]) -> None:
    assert decide(store, "rejected", agreement=("conflict",)) == 2
    batch = decisions.undoable(store.reader)
    assert batch is not None
    assert batch.action == "Reject 2 rationales"
    store.write_now(decisions.undo)
    assert states(store) == ["unreviewed", "unreviewed", "empty"]


def test_an_edit_keeps_the_original_and_says_who_when_and_what(store: Store, three: list[int]) -> None:
    before = time.time()
    changed = store.write_now(lambda tx: decisions.edit(tx, three[0], rationale="Mine.", teacher_label="4", agree=True))
    found = examples.get(store.reader, three[0])
    assert changed
    assert found is not None
    assert (found.state, found.rationale, found.teacher_label, found.agree, found.edited, found.origin) == (
        "edited", "Mine.", "4", 1, 1, "teacher",
    )  # fmt: skip
    [original] = answers.of_example(store.reader, three[0])
    assert (original.rationale, original.label) == ("Because.", "5")
    changes = {c.field: (c.before, c.after) for c in decisions.timeline(store.reader, three[0])}
    assert changes["rationale"] == ("Because.", "Mine.")
    assert changes["teacher_label"] == ("5", "4")
    newest = decisions.timeline(store.reader, three[0])[0]
    assert newest.action == "Edit a rationale and a label"
    assert newest.who
    assert before <= newest.t <= time.time()


def test_an_edit_that_changes_nothing_writes_nothing(store: Store, three: list[int]) -> None:
    assert not store.write_now(
        lambda tx: decisions.edit(tx, three[0], rationale="Because.", teacher_label="5", note=" ", agree=True)
    )
    assert decisions.undoable(store.reader) is None
    assert states(store)[0] == "unreviewed"


def test_a_note_is_no_decision(store: Store, three: list[int]) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[0], note="Odd."))
    found = examples.get(store.reader, three[0])
    assert found is not None
    assert (found.state, found.edited, found.note) == ("unreviewed", 0, "Odd.")


def test_a_rationale_for_an_empty_example_is_a_persons(store: Store, three: list[int]) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[2], rationale="Mine."))
    found = examples.get(store.reader, three[2])
    assert found is not None
    assert (found.state, found.origin) == ("edited", "person")
    store.write_now(decisions.undo)
    found = examples.get(store.reader, three[2])
    assert found is not None
    assert (found.state, found.origin, found.rationale) == ("empty", None, None)


def test_taking_all_text_away_leaves_an_empty_example(store: Store, three: list[int]) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[0], rationale=" \n", agree=True))
    assert reviewed(store, three[0]) == ("edited", None, "5")
    store.write_now(lambda tx: decisions.edit(tx, three[0], teacher_label="", agree=True))
    found = examples.get(store.reader, three[0])
    assert found is not None
    assert (found.state, found.teacher_label, found.agree, found.edited) == ("empty", None, None, 0)


def test_editing_what_is_not_there_is_refused(store: Store, three: list[int]) -> None:
    with pytest.raises(UserError, match="no longer there"):
        store.write_now(lambda tx: decisions.edit(tx, 99, rationale="x"))
    with pytest.raises(TypeError, match="label"):
        store.write_now(lambda tx: decisions.edit(tx, three[0], label="x"))


def test_going_back_to_the_teachers_text_can_be_undone(store: Store, three: list[int]) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[0], rationale="Mine.", teacher_label="4", agree=True))
    found = examples.get(store.reader, three[0])
    assert found is not None
    answer_id = found.answer_id
    assert answer_id is not None
    assert store.write_now(lambda tx: decisions.take_answer(tx, three[0], answer_id))
    found = examples.get(store.reader, three[0])
    assert found is not None
    assert (found.state, found.rationale, found.teacher_label, found.agree, found.edited) == (
        "unreviewed", "Because.", "5", 0, 0,
    )  # fmt: skip
    assert not store.write_now(lambda tx: decisions.take_answer(tx, three[0], answer_id))
    store.write_now(decisions.undo)
    assert reviewed(store, three[0]) == ("edited", "Mine.", "4")


def test_another_sample_can_be_chosen(store: Store, three: list[int]) -> None:
    other = add_answer(store, three[0], "Otherwise.", "4", sample=1, agree=True)
    failed = add_answer(store, three[0], None, None, sample=2, failure="unparsed")
    assert store.write_now(lambda tx: decisions.take_answer(tx, three[0], other))
    assert reviewed(store, three[0]) == ("unreviewed", "Otherwise.", "4")
    for unusable, example_id in ((failed, three[0]), (other, three[1]), (999, three[0])):
        with pytest.raises(UserError, match="cannot be used"):
            store.write_now(lambda tx, a=unusable, e=example_id: decisions.take_answer(tx, e, a))  # type: ignore[misc]


def test_acts_are_undone_newest_first_and_redone_oldest_first(store: Store, three: list[int]) -> None:
    decide(store, "accepted", three[0])
    decide(store, "rejected", three[1])
    undone = [store.write_now(decisions.undo) for _ in range(3)]
    assert [batch and batch.action for batch in undone] == ["Reject 1 rationale", "Accept 1 rationale", None]
    redone = [store.write_now(decisions.redo) for _ in range(3)]
    assert [batch and batch.action for batch in redone] == ["Accept 1 rationale", "Reject 1 rationale", None]
    assert states(store) == ["accepted", "rejected", "empty"]


def test_a_new_act_forgets_what_was_undone(store: Store, three: list[int]) -> None:
    decide(store, "accepted", three[0])
    store.write_now(decisions.undo)
    decide(store, "rejected", three[1])
    assert decisions.redoable(store.reader) is None
    assert [c.after for c in decisions.timeline(store.reader, three[0])] == []


def test_undo_leaves_an_example_alone_that_a_newer_answer_took_over(store: Store, three: list[int]) -> None:
    decide(store, "skipped", three[0], three[2])
    add_answer(store, three[2], "New.", "4")
    batch = store.write_now(decisions.undo)
    assert batch is not None
    assert batch.passed_over == 1
    assert reviewed(store, three[2]) == ("unreviewed", "New.", "4")
    assert reviewed(store, three[0])[0] == "unreviewed"


def test_undo_of_a_reopening_does_not_accept_an_answer_nobody_has_seen(store: Store, three: list[int]) -> None:
    decide(store, "accepted", three[0])
    decide(store, "unreviewed", three[0])
    add_answer(store, three[0], "New.", "4", run_id="generate-2")
    store.write_now(decisions.undo)
    assert reviewed(store, three[0]) == ("unreviewed", "New.", "4")


def test_redo_does_not_lay_an_edit_over_a_newer_answer(store: Store, three: list[int]) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[0], rationale="Mine."))
    store.write_now(decisions.undo)
    add_answer(store, three[0], "New.", "4", run_id="generate-2")
    batch = store.write_now(decisions.redo)
    assert batch is not None
    assert batch.passed_over == 1
    assert reviewed(store, three[0]) == ("unreviewed", "New.", "4")


def test_redo_does_not_lay_an_edit_over_an_answer_that_was_parsed_anew(store: Store, three: list[int]) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[0], rationale="Mine."))
    store.write_now(decisions.undo)
    [kept] = answers.of_example(store.reader, three[0])
    store.write_now(lambda tx: answers.reparse(tx, replace(kept, rationale="Because, better.")))
    store.write_now(decisions.redo)
    assert reviewed(store, three[0]) == ("unreviewed", "Because, better.", "5")


def test_a_bulk_act_of_thousands_announces_all_and_is_undone_in_one_go(store: Store) -> None:
    ids = add_examples(store, [str(i) for i in range(6_000)])
    seen: list[Changes] = []
    store.listen(seen.append)
    assert decide(store, "rejected", splits=("train",)) == len(ids)
    assert seen[-1].is_all("examples")
    store.write_now(decisions.undo)
    assert seen[-1].is_all("examples")
    assert examples.counts(store.reader, "state") == {"empty": 6_000}


def test_a_small_act_announces_just_its_examples(store: Store, three: list[int]) -> None:
    seen: list[Changes] = []
    store.listen(seen.append)
    decide(store, "rejected", *three[:2])
    store.write_now(decisions.undo)
    assert [c.ids("examples") for c in seen] == [set(three[:2])] * 2


@pytest.mark.parametrize("text", ["\u00a0x\u2028y\u2029", "a\r\nb\rc", "nul\0x", "\ufeffbom", "😀\u200d\u202e"])
def test_texts_go_through_edit_undo_and_redo_to_the_byte(store: Store, three: list[int], text: str) -> None:
    store.write_now(lambda tx: decisions.edit(tx, three[0], rationale=text))
    store.write_now(lambda tx: decisions.edit(tx, three[0], rationale="plain"))
    store.write_now(decisions.undo)
    assert reviewed(store, three[0])[1] == text
    assert decisions.timeline(store.reader, three[0])[0].before == text


def test_an_act_names_the_first_example_that_it_changed(store: Store, three: list[int]) -> None:
    decide(store, "rejected", three[1], three[2])
    batch = decisions.undoable(store.reader)
    assert batch is not None
    assert decisions.first_example(store.reader, batch.id) == three[1]
    assert decisions.first_example(store.reader, 99) is None


def fields(store: Store, example_id: int) -> dict[str, object]:
    row = store.reader.execute("SELECT * FROM examples WHERE id = ?", (example_id,)).fetchone()
    return dict(row)


def test_one_can_go_back_to_any_point_and_undo_that(store: Store, three: list[int]) -> None:
    first = three[0]
    for text in ("One.", "Two.", "Three."):
        store.write_now(lambda tx, t=text: decisions.edit(tx, first, rationale=t))  # type: ignore[misc]
    decide(store, "rejected", first)
    points = sorted({c.batch for c in decisions.timeline(store.reader, first)})
    latest = fields(store, first)
    assert store.write_now(lambda tx: history.go_back(tx, first, points[0]))
    assert reviewed(store, first) == ("edited", "One.", "5")
    newest = decisions.timeline(store.reader, first)[0]
    assert newest.action == "Go back to an earlier version"
    assert len({c.batch for c in decisions.timeline(store.reader, first)}) == 5, "going back adds to the history"
    store.write_now(decisions.undo)
    assert fields(store, first) == latest
    assert not store.write_now(lambda tx: history.go_back(tx, first, points[-1])), "it is that already"
    store.write_now(decisions.redo)
    assert reviewed(store, first) == ("edited", "One.", "5")


def test_going_back_beyond_a_newer_answer_or_to_what_is_undone_is_refused(store: Store, three: list[int]) -> None:
    first = three[0]
    decide(store, "accepted", first)
    decide(store, "unreviewed", first)
    add_answer(store, first, "New.", "4", run_id="generate-2")
    accepted = decisions.timeline(store.reader, first)[-1].batch
    with pytest.raises(UserError, match="anew"):
        store.write_now(lambda tx: history.go_back(tx, first, accepted))
    decide(store, "rejected", first)
    rejected = decisions.timeline(store.reader, first)[0].batch
    store.write_now(decisions.undo)
    with pytest.raises(UserError, match="no longer in force"):
        store.write_now(lambda tx: history.go_back(tx, first, rejected))


def test_what_was_forgotten_leaves_the_file_a_part_at_a_time(store: Store) -> None:
    add_examples(store, [str(i) for i in range(25)])
    decide(store, "rejected", splits=("train",))
    store.write_now(decisions.undo)
    decide(store, "skipped", 1)
    kept = decisions.timeline(store.reader, 1)
    more = [store.write_now(lambda tx: history.clear_forgotten(tx, 10)) for _ in range(3)]
    assert more == [True, True, False]
    assert decisions.timeline(store.reader, 1) == kept
    assert [row[0] for row in store.reader.execute("SELECT count(*) FROM history")] == [1]
    assert [row[0] for row in store.reader.execute("SELECT count(*) FROM batches")] == [1]
