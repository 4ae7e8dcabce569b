"""Two prompts on the same rows: who has them right, and what still has to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.steps.teacher import comparing, overview, plan, versions
from dsbs_gui.steps.teacher.keys import Keys
from dsbs_gui.steps.teacher.prompts import Exemplar
from dsbs_gui.steps.teacher.versions import Entry

from .workshop import CHOICES, PROMPT, import_rows, store_answer

A = Entry("A", PROMPT)
B = Entry("B", replace(PROMPT, trigger="Thus it is"))
N = 12


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "toys", "math")
    import_rows(made, [f"Ann has {i}." for i in range(N)])
    yield made
    made.close()


def key_of(project: Project, entry: Entry) -> str:
    request = plan.generate_request(project, **CHOICES, prompt=entry.prompt, prompt_name=entry.name)
    return str(request.context["cache_key"])


def answer(project: Project, entry: Entry, ids: list[int], right: int, **other) -> None:
    """Answers to these rows, the first ``right`` of them right."""
    key = key_of(project, entry)
    for place, i in enumerate(ids):
        store_answer(project, i, entry.prompt, key, **({"agree": place < right} | other))


def test_the_rows_are_chosen_by_the_seed_and_more_hold_all_of_fewer(project: Project) -> None:
    few = [row.id for row in comparing.sample(project, 4, 0, [A])]
    assert few == [row.id for row in comparing.sample(project, 4, 0, [A])]
    assert [row.id for row in comparing.sample(project, 9, 0, [A])][:4] == few
    assert [row.id for row in comparing.sample(project, 4, 1, [A])] != few
    assert len(comparing.sample(project, 99, 0, [A])) == N


def test_rows_without_a_gold_label_other_splits_and_exemplars_are_left_out(project: Project) -> None:
    import_rows(project, ["No label"], label=None)
    import_rows(project, ["Held out"], split="valid")
    shown = replace(A.prompt, exemplars=(Exemplar({"input": "ann has 3"}, "So.", "7"),))
    inputs = {row.input for row in comparing.sample(project, 99, 0, [Entry("C", shown), B])}
    assert inputs == {f"Ann has {i}." for i in range(N)} - {"Ann has 3."}


def test_what_is_there_is_compared_without_asking(project: Project) -> None:
    ids = [row.id for row in comparing.sample(project, 10, 0, [A, B])]
    answer(project, A, ids, 6)
    answer(project, B, ids, 2)
    trial = comparing.look(project, CHOICES, [A, B], 10, 0)
    assert trial.missing == 0
    found = trial.comparison()
    assert (found.both, found.only_a, found.only_b, found.neither) == (
        tuple(ids[:2]), tuple(ids[2:6]), (), tuple(ids[6:]),
    )  # fmt: skip
    assert (found.a, found.b) == ((6, 10), (2, 10))
    assert found.a.interval == pytest.approx((0.3127, 0.8318), abs=1e-4)
    assert found.p == pytest.approx(2 / 2**4)
    assert comparing.request(project, Keys(), CHOICES, trial.sides[0], trial.ids) is None


def test_only_what_is_missing_is_asked_and_marked_as_a_trial(project: Project) -> None:
    ids = [row.id for row in comparing.sample(project, 5, 0, [A, B])]
    answer(project, A, ids[:3], 3)
    trial = comparing.look(project, CHOICES, [A, B], 5, 0)
    assert trial.missing == 2 + 5
    request = comparing.request(project, Keys(), CHOICES, trial.sides[0], trial.ids)
    assert [row["example_id"] for row in request.inputs["input.jsonl"]] == ids[3:]
    assert request.title == "Try “A” on 2 rows"
    assert request.context[overview.TRIAL] == comparing.ROWS_TRIAL
    assert request.context["prompt_name"] == "A"
    assert request.context["cache_key"] == trial.sides[0].key
    assert trial.comparison() is None
    assert trial.score(0) == (3, 3)


def test_a_failed_answer_and_one_without_a_label_are_wrong_and_not_asked_again(project: Project) -> None:
    ids = [row.id for row in comparing.sample(project, 3, 0, [A])]
    answer(project, A, ids[:1], 0, failure="cut off", rationale=None, label=None, agree=None)
    answer(project, A, ids[1:2], 0, label=None, agree=None)
    answer(project, A, ids[2:], 1)
    trial = comparing.look(project, CHOICES, [A], 3, 0)
    assert trial.missing == 0
    assert trial.score(0) == (1, 3)


def test_other_settings_are_another_question(project: Project) -> None:
    ids = [row.id for row in comparing.sample(project, 3, 0, [A])]
    answer(project, A, ids, 3)
    assert comparing.look(project, CHOICES, [A], 3, 0).missing == 0
    assert comparing.look(project, CHOICES | {"max_tokens": 99}, [A], 3, 0).missing == 3


def test_without_a_teacher_or_rows_nothing_is_known(project: Project, tmp_path: Path) -> None:
    trial = comparing.look(project, CHOICES | {"teacher": ""}, [A, B], 3, 0)
    assert (len(trial.rows), trial.missing, trial.comparison()) == (3, 6, None)
    empty = Project.create(tmp_path / "empty", "math")
    assert comparing.look(empty, CHOICES, [versions.chosen(empty)], 3, 0).rows == ()
    empty.close()


def test_an_unfinished_prompt_is_not_tried(project: Project) -> None:
    blank = replace(PROMPT, exemplars=(replace(PROMPT.exemplars[0], label=""),))
    with pytest.raises(UserError, match="Exemplar 1: The label is empty"):
        comparing.look(project, CHOICES, [Entry("C", blank)], 3, 0)
