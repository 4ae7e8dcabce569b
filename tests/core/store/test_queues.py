"""Queues: which rows are in them, in which order, and that no index is missing to find them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsbs_gui.core.store import answers, decisions, examples, history, predictions, queues, signals
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.core.store.predictions import Prediction

from .filling import add_answer, add_examples


def in_order(store: Store, queue: str, **other: object) -> list[int]:
    chosen = Filter(queue=queue, **other)  # type: ignore[arg-type]
    ordered = list(examples.ids(store.reader, chosen, "queue"))
    assert sorted(ordered) == list(examples.ids(store.reader, chosen)), "the condition and the order name the same rows"
    assert examples.count(store.reader, chosen) == len(ordered)
    return ordered


def find(store: Store, example_id: int, *names: str) -> None:
    row = {"example_id": example_id, "mark": "00", "found": [[name, ""] for name in names]}
    store.write_now(lambda tx: signals.put(tx, [row], ()))


def test_labels_that_differ_from_gold_come_with_most_signals_first(store: Store) -> None:
    ids = add_examples(store, list("abcd"), ["4"] * 4)
    for i, agree in zip(ids, (False, True, False, False), strict=True):
        add_answer(store, i, agree=agree)
    find(store, ids[2], "arithmetic", "short")
    find(store, ids[3], "short")
    assert in_order(store, "gold") == [ids[2], ids[3], ids[0]]
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([ids[3]]), "accepted"))
    assert in_order(store, "gold", states=("unreviewed",)) == [ids[2], ids[0]]


def test_teachers_that_answer_alike_do_not_differ(store: Store) -> None:
    ids = add_examples(store, list("abcd"), ["4", "4", None, None])
    for i, labels in zip(ids, (("4", "four"), ("4", "5"), ("Yes", " yes"), ("yes", "no", "maybe")), strict=True):
        for k, label in enumerate(labels):
            agree = label in ("4", "four") if i in ids[:2] else None
            add_answer(store, i, label=label, agree=agree, teacher=f"T{k}", run_id=f"generate-{k}")
    assert in_order(store, "teachers") == [ids[3], ids[1]], "most labels first"


def test_samples_hints_and_failures_of_a_second_teacher_are_no_disagreement(store: Store) -> None:
    ids = add_examples(store, list("abc"), ["4"] * 3)
    for i in ids:
        add_answer(store, i, label="4", agree=True, teacher="T0")
    others = ({"sample": 1}, {"hinted": True}, {"failure": "empty"})
    for i, other in zip(ids, others, strict=True):
        add_answer(store, i, label="5", agree=False, teacher="T1", run_id="generate-2", **other)
    assert in_order(store, "teachers") == []


def test_teachers_are_compared_again_when_an_answer_is_read_otherwise(store: Store) -> None:
    (one,) = add_examples(store, ["a"], ["4"])
    add_answer(store, one, label="4", agree=True, teacher="T0")
    second = add_answer(store, one, label="5", agree=False, teacher="T1", run_id="generate-2")
    assert in_order(store, "teachers") == [one]
    found = answers.get(store.reader, second)
    assert found is not None
    store.write_now(lambda tx: answers.reparse(tx, replace(found, label="4.0", agree=True)))
    assert in_order(store, "teachers") == []


def test_students_against_the_label_under_review_most_of_them_first(store: Store) -> None:
    ids = add_examples(store, list("abcd"), ["4", "4", "4", None])
    for i, (label, agree) in zip(ids, (("4", True), ("5", False), ("5", False), ("x", None)), strict=True):
        add_answer(store, i, label=label, agree=agree)

    def predict(run: str, *said: tuple[str, bool | None]) -> None:
        rows = [Prediction(run, "train", i, text, None, correct) for i, (text, correct) in zip(ids, said, strict=True)]
        store.write_now(lambda tx: predictions.put(tx, rows))

    predict("train-1", ("four", True), ("5", False), ("4", True), ("X ", None))
    assert in_order(store, "student") == [ids[2]]
    predict("train-2", ("four", True), ("6", False), ("4", True), ("y", None))
    assert in_order(store, "student") == [ids[2], ids[1], ids[3]]
    store.write_now(lambda tx: decisions.edit(tx, ids[2], teacher_label="4", agree=True))
    assert in_order(store, "student") == [ids[1], ids[3]], "nothing is kept that could go stale"


def test_what_could_not_be_read_and_answers_without_a_label_like_reasons_together(store: Store) -> None:
    ids = add_examples(store, list("abcd"), ["4"] * 4)
    add_answer(store, ids[0], None, None, failure="empty")
    add_answer(store, ids[1], "Because.", None)
    add_answer(store, ids[2])
    add_answer(store, ids[3], None, None, failure="too-long")
    assert in_order(store, "failed") == [ids[3], ids[0], ids[1]]


def test_most_signals_first_and_none_is_counted_twice(store: Store) -> None:
    ids = add_examples(store, list("abc"))
    for i in ids:
        add_answer(store, i)
    find(store, ids[0], "short")
    find(store, ids[1], "short", "repeats")
    assert in_order(store, "signals") == [ids[1], ids[0]]
    find(store, ids[1], "short", "repeats")
    find(store, ids[0], "short", "repeats", "arithmetic")
    assert in_order(store, "signals") == [ids[0], ids[1]]
    over = [{"example_id": ids[2], "found": [["duplicate", "1"]]}]
    store.write_now(lambda tx: signals.put_over_all(tx, over, ("duplicate",)))
    assert in_order(store, "signals") == [ids[0], ids[1], ids[2]]
    store.write_now(lambda tx: signals.put_over_all(tx, [], ("duplicate",)))
    assert in_order(store, "signals") == [ids[0], ids[1]]
    store.write_now(lambda tx: decisions.edit(tx, ids[0], rationale="", teacher_label=""))
    store.write_now(signals.forget_empty)
    assert in_order(store, "signals") == [ids[1]]


def test_a_queue_is_a_filter_like_any_other_also_for_bulk_acts(store: Store) -> None:
    ids = add_examples(store, list("abc"), ["4"] * 3)
    for i in ids:
        add_answer(store, i, agree=i != ids[1])
    chosen = Selection(matching=Filter(queue="gold"))
    assert store.write_now(lambda tx: decisions.set_state(tx, chosen, "rejected")) == 1
    assert examples.states_of(store.reader, ids) == {"rejected": 1, "unreviewed": 2}
    store.write_now(history.undo)
    assert examples.states_of(store.reader, ids) == {"unreviewed": 3}


@pytest.mark.parametrize("queue", queues.QUEUES)
def test_no_queue_reads_through_all_examples_answers_or_signals(store: Store, queue: str) -> None:
    """At a million rows that takes seconds: a table is entered by an index, but for predictions (p) and reviews (r)."""
    where, values = Filter(states=queues.QUEUES[queue].states).where()
    sql = queues.ordered(queue, where)
    plan = [row[3] for row in store.reader.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert plan
    assert not [step for step in plan if step.startswith("SCAN") and step.split()[1] not in ("p", "r", "q")], plan
    texts = [step for step in plan if " examples USING INDEX" in step or step.startswith("SEARCH examples USING IN")]
    assert not texts or queue == "failed", "only of rows that failed is anything read but the index"


def test_a_queue_counts_through_an_index(store: Store) -> None:
    for name, queue in queues.QUEUES.items():
        where, values = Filter(queue=name, states=queue.states).where()
        plan = [
            row[3]
            for row in store.reader.execute(f"EXPLAIN QUERY PLAN SELECT count(*) FROM examples WHERE {where}", values)
        ]
        assert "SCAN examples" not in plan
        assert not [step for step in plan if step.startswith(("SCAN answers", "SCAN signals", "SCAN queued"))], plan


@pytest.mark.parametrize("queue", ["teachers", "signals"])
def test_the_order_of_a_queue_that_may_be_long_comes_from_an_index(store: Store, queue: str) -> None:
    sql = queues.ordered(queue, "state = 'unreviewed'")
    plan = " ".join(row[3] for row in store.reader.execute(f"EXPLAIN QUERY PLAN {sql}"))
    assert "COVERING INDEX queued_weight" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
