"""The made-up tasks of the signal test: nothing leaks, the rationale leads to the label, the teacher errs as stated."""

from __future__ import annotations

import re

import pytest
from rationale_setups import SETUPS, TEACHER_ERROR, Setup
from rationale_tasks import TASKS, Answer, Item, make

SETUPS_BY_TASK = {setup.task: setup for setup in (Setup("", "", "larger", 70, 100, 400), *SETUPS.values())}


def made(setup: Setup, rows: int | None = None, seed: int = 3, error: float = TEACHER_ERROR) -> dict[str, list[Item]]:
    return make(setup.task, setup.names, (rows or setup.rows, setup.valid, setup.test), seed, error)


@pytest.fixture(params=sorted(TASKS))
def setup(request: pytest.FixtureRequest) -> Setup:
    return SETUPS_BY_TASK[request.param]


def test_no_question_comes_twice_within_or_between_splits(setup: Setup) -> None:
    items = made(setup)
    identities = [item.identity for split in items.values() for item in split]
    assert [len(items[split]) for split in ("train", "valid", "test")] == [setup.rows, setup.valid, setup.test]
    assert len(set(identities)) == len(identities) == setup.rows + setup.valid + setup.test


def test_a_seed_makes_the_same_items_and_another_seed_others(setup: Setup) -> None:
    assert made(setup) == made(setup)
    assert made(setup) != made(setup, seed=4)


def test_valid_and_test_do_not_depend_on_the_training_rows_nor_questions_on_the_teacher(setup: Setup) -> None:
    items, fewer, flawless = made(setup), made(setup, rows=10), made(setup, error=0.0)
    assert fewer["test"] == items["test"]
    assert fewer["valid"] == items["valid"]
    assert fewer["train"] == items["train"][:10]
    assert [item.gold for item in flawless["train"]] == [item.gold for item in items["train"]]


def test_the_teacher_is_wrong_as_often_as_stated_in_label_and_rationale_together(setup: Setup) -> None:
    items = [item for seed in range(4) for item in made(setup, seed=seed)["test"]]
    wrong = [item for item in items if item.teacher != item.gold]
    assert abs(len(wrong) / len(items) - TEACHER_ERROR) < 4 * (0.15 * 0.85 / len(items)) ** 0.5
    assert all(item.teacher.label != item.gold.label for item in wrong)
    assert all(item.teacher.rationale != item.gold.rationale for item in wrong)
    assert all(item.teacher == item.gold for item in made(setup, error=0.0)["train"])


def test_a_rationale_leads_to_its_label_also_where_the_teacher_is_wrong(setup: Setup) -> None:
    items = made(setup, error=0.5)["train"]
    answers = [answer for item in items for answer in (item.gold, item.teacher)]
    if setup.task in ("chain", "stories"):
        assert all(re.findall(r"\d+", answer.rationale)[-1] == answer.label for answer in answers)
    else:
        assert_function_of_the_rationale(answers)


def assert_function_of_the_rationale(answers: list[Answer]) -> None:
    labels: dict[str, str] = {}
    for answer in answers:
        assert labels.setdefault(answer.rationale, answer.label) == answer.label


def test_no_answer_stands_in_the_question_of_a_task_with_something_hidden() -> None:
    for name in ("kind", "odd"):
        for item in made(SETUPS_BY_TASK[name], rows=50)["train"]:
            assert item.gold.label not in item.input.split()
            assert not set(re.findall(r"\d|sum\w", item.gold.rationale)) & set(item.input.split())


def test_too_few_questions_are_refused_rather_than_looked_for_without_end() -> None:
    with pytest.raises(ValueError, match="too few questions"):
        make("kind", 10, (100, 10, 10), 0, 0.0)
