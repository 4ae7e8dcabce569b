from __future__ import annotations

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import decisions, examples, project_info, samples
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Selection

from .filling import add_answer, add_examples


@pytest.fixture
def one(store: Store) -> int:
    store.write_now(lambda tx: project_info.put(tx, "task", "math"))
    return add_examples(store, ["How many?"], ["4"])[0]


def fill(store: Store, one: int) -> None:
    for number, (text, label) in enumerate((("A.", "4"), ("B.", "5"), ("C.", "8 / 2"), ("C.", "4"), ("D.", None))):
        add_answer(
            store, one, text, label, sample=number, cache_key="k", mean_logprob=-0.5, agree=label in ("4", "8 / 2")
        )
    add_answer(store, one, "Failed.", "4", sample=5, cache_key="k", failure="timed out")
    add_answer(store, one, "Told.", "4", sample=-2, cache_key="k", hinted=True, agree=True)


def others(store: Store, one: int) -> tuple[str, ...]:
    example = examples.get(store.reader, one)
    assert example is not None
    return samples.others(store.reader, example)


def test_further_rationales_are_those_that_gave_the_label_that_stands(store: Store, one: int) -> None:
    fill(store, one)
    assert others(store, one) == ("C.",)


def test_what_a_person_accepted_or_wrote_is_that_one_text(store: Store, one: int) -> None:
    fill(store, one)
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([one]), "accepted"))
    assert others(store, one) == ()
    store.write_now(lambda tx: decisions.edit(tx, one, rationale="Mine."))
    assert others(store, one) == ()


def test_one_sample_has_no_others_nor_has_what_nobody_answered(store: Store, one: int) -> None:
    assert others(store, one) == ()
    add_answer(store, one, "A.", "4")
    assert others(store, one) == ()


def test_the_choice_is_kept_in_the_project(store: Store) -> None:
    assert samples.kept(store.reader) == "one"
    store.write_now(lambda tx: samples.keep(tx, "all"))
    assert samples.kept(store.reader) == "all"
    with pytest.raises(UserError, match="“some”"):
        store.write_now(lambda tx: samples.keep(tx, "some"))


def test_examples_whose_standing_answer_was_told_gold_are_known(store: Store, one: int) -> None:
    [other] = add_examples(store, ["And how many?"], ["5"])
    add_answer(store, other, "Honest.", "5", agree=True)
    add_answer(store, one, "Wrong.", "5", agree=False, cache_key="k", sample=0)
    assert samples.told_gold(store.reader) == set()
    add_answer(store, one, "Told.", "4", agree=True, cache_key="k", sample=-1, hinted=True)
    assert samples.told_gold(store.reader) == {one}
