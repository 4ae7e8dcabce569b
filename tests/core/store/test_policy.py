from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import decisions, examples, policy, project_info, remarks, signals
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import STATES, Filter, Selection
from dsbs_gui.core.store.policy import Effect, Rule

from .filling import add_answer, add_examples

CONFLICT = Rule("differs", Filter(agreement=("conflict",)), "mask")
WRONG = Rule("wrong sums", Filter(signals=("arithmetic",)), "drop")
HINTED = Rule("told", Filter(hinted=True), "keep")
EVERY = Rule("every", Filter(), "ask")


def fill(store: Store) -> None:
    """1 agrees; 2, 3 and 4 differ from gold, 4 is told gold; 5 is not comparable; 6 has no rationale; 7 is in test.

    2, 3 and 5 have wrong sums.
    """
    ids = add_examples(store, list("abcdef"), ["4", "4", "4", "4", None, "4"])
    ids += add_examples(store, ["g"], ["4"], split="test")
    add_answer(store, ids[0], "r", "4", agree=True)
    for i in (ids[1], ids[2], ids[6]):
        add_answer(store, i, "r", "5", agree=False)
    add_answer(store, ids[3], "r", "5", agree=False, hinted=True)
    add_answer(store, ids[4], "r", "5")
    found = [{"example_id": i, "mark": "00", "found": [["arithmetic", "x"]]} for i in (ids[1], ids[2], ids[4])]
    store.write_now(lambda tx: signals.put(tx, found, ()))


@pytest.fixture
def rows(store: Store) -> Store:
    fill(store)
    return store


def effects(store: Store, *rules: Rule) -> list[tuple[int, int]]:
    return [(found.rows, found.decided) for found in policy.effects(store.reader, rules)]


def test_the_first_rule_that_matches_holds(rows: Store) -> None:
    assert effects(rows, CONFLICT, WRONG) == [(3, 0), (1, 0)]
    assert effects(rows, WRONG, CONFLICT) == [(3, 0), (1, 0)]
    assert effects(rows, HINTED, CONFLICT, EVERY) == [(1, 0), (2, 0), (2, 0)]
    assert policy.assigned(rows.reader, (WRONG, CONFLICT)) == {2: 0, 3: 0, 4: 1, 5: 0}
    assert policy.effects(rows.reader, ()) == []


def test_what_was_decided_stays_and_is_counted_apart(rows: Store) -> None:
    for i, state in ((2, "accepted"), (3, "rejected"), (4, "skipped")):
        rows.write_now(lambda tx, i=i, state=state: decisions.set_state(tx, Selection.of([i]), state))
    rows.write_now(lambda tx: decisions.edit(tx, 5, rationale="mine"))
    assert policy.effects(rows.reader, (CONFLICT, WRONG)) == [Effect(CONFLICT, 1, 2), Effect(WRONG, 0, 1)]
    assert policy.assigned(rows.reader, (CONFLICT, WRONG)) == {4: 0}


def test_only_rationales_of_train_are_looked_at(rows: Store) -> None:
    assert sorted(policy.assigned(rows.reader, (EVERY,))) == [1, 2, 3, 4, 5]


def test_the_teacher_is_asked_only_about_rows_whose_gold_label_it_can_be_told(rows: Store) -> None:
    assert list(policy.to_ask(rows.reader, (replace(WRONG, what="ask"), CONFLICT))) == [2, 3]
    assert list(policy.to_ask(rows.reader, (CONFLICT, WRONG))) == []


def test_who_learns_the_teachers_labels_is_told_no_gold_label_by_a_rule(store: Store) -> None:
    told = Rule("c", Filter(signals=("conflict", "arithmetic")), "drop")
    gold = Rule("g", Filter(label="4"), "drop")
    queue = Rule("q", Filter(queue="gold"), "drop")
    assert policy.in_force((CONFLICT, WRONG, told, gold, queue, HINTED), "teacher") == (WRONG, HINTED)
    assert policy.in_force((CONFLICT, WRONG), "gold") == (CONFLICT, WRONG)


def test_a_queue_is_a_condition_like_any_other(rows: Store) -> None:
    assert effects(rows, Rule("q", Filter(queue="gold"), "mask")) == [(3, 0)]


def test_rules_are_saved_and_read_again(store: Store) -> None:
    rules = (CONFLICT, WRONG, HINTED, Rule("low", Filter(logprob_below=-1.5, tags=("a",), ratings=(1, 2)), "ask"))
    assert policy.of_project(store.reader) == ()
    store.write_now(lambda tx: policy.save(tx, rules))
    assert policy.of_project(store.reader) == rules
    assert policy.to_json(CONFLICT) == {"name": "differs", "what": "mask", "matching": {"agreement": ["conflict"]}}


def test_rules_that_were_saved_when_that_was_no_act_hold_until_others_are_saved(store: Store) -> None:
    store.write_now(lambda tx: project_info.put(tx, "policy", [policy.to_json(WRONG)]))
    assert policy.of_project(store.reader) == (WRONG,)
    assert not store.write_now(lambda tx: policy.save(tx, [WRONG])), "they are saved already"
    assert store.write_now(lambda tx: policy.save(tx, ()))
    assert policy.of_project(store.reader) == ()
    store.write_now(decisions.undo)
    assert policy.of_project(store.reader) == (WRONG,)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "a list is wanted"),
        ([3], "does not say which rows"),
        ([{"what": "mask"}], "does not say which rows"),
        ([{"matching": {}, "what": "burn"}], "does not say what to do"),
        ([{"matching": {"agrement": ["conflict"]}, "what": "mask"}], "unknown condition “agrement”"),
        ([{"matching": {"agreement": "conflict"}, "what": "mask"}], "cannot be read"),
        ([{"matching": {"agreement": ["conflicts"]}, "what": "mask"}], "“conflicts” that there is not"),
        ([{"matching": {"queue": "longest"}, "what": "mask"}], "“longest” that there is not"),
        ([{"matching": {"text": "(", "mode": "regex"}, "what": "mask"}], "no complete pattern"),
        ([{"matching": {"logprob_below": "low"}, "what": "mask"}], "cannot be read"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_and_never_matches_more(found: object, said: str) -> None:
    with pytest.raises(UserError, match=said):
        policy.from_json(found)


FILTERS = st.builds(
    Filter,
    states=st.lists(st.sampled_from(STATES), max_size=2).map(tuple),
    agreement=st.lists(st.sampled_from(["agree", "conflict", "unknown"]), max_size=2).map(tuple),
    text=st.sampled_from(["", "a", "r"]),
    ratings=st.lists(st.integers(1, 2), max_size=1).map(tuple),
    hinted=st.booleans(),
    signals=st.lists(st.sampled_from(["arithmetic"]), max_size=1).map(tuple),
)
RULES = st.lists(st.builds(Rule, st.just("r"), FILTERS, st.sampled_from(policy.WHATS)), max_size=4).map(tuple)


@given(rules=RULES)
def test_counts_and_rows_are_those_of_a_simple_model(
    rules: tuple[Rule, ...], filled: tuple[Store, dict[int, str]]
) -> None:
    store, states = filled
    matching = [set(examples.ids(store.reader, rule.matching)) for rule in rules]
    first = {i: next((n for n, ids in enumerate(matching) if i in ids), None) for i in range(1, 6)}
    undecided = {i: n for i, n in first.items() if n is not None and states[i] not in policy.DECIDED}
    assert policy.assigned(store.reader, rules) == undecided
    for n, found in enumerate(policy.effects(store.reader, rules)):
        assert found.rows == sum(m == n for m in undecided.values())
        assert found.rows + found.decided == sum(m == n for m in first.values())
    what, values = policy.what_sql(rules)
    done = dict(store.reader.execute(f"SELECT id, {what} FROM examples WHERE id <= 6", values).fetchall())
    assert done == {i: rules[undecided[i]].what if i in undecided else "keep" for i in range(1, 7)}
    assert policy.from_json(json.loads(json.dumps([policy.to_json(rule) for rule in rules]))) == rules


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, dict[int, str]]]:
    """The rows of above, of which some are decided and rated."""
    store = Store.create(tmp_path_factory.mktemp("policy") / "project.db")
    fill(store)
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([2]), "accepted"))
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1, 3]), "skipped"))
    store.write_now(lambda tx: remarks.rate(tx, Selection.of([3, 5]), 1))
    yield store, {e.id: e.state for e in examples.each(store.reader)}
    store.close()
