from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.arithmetic import same_value
from dsbs_gui.core.errors import Stopped
from dsbs_gui.core.project import Project
from dsbs_gui.steps.teacher import side_by_side
from dsbs_gui.steps.teacher.side_by_side import Cell, Survey
from tests.core.store.filling import add_answer, add_examples

GOLD = ("4", "5", "6")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    add_examples(made.store, [f"How many are {gold}?" for gold in GOLD], GOLD)
    yield made
    made.close()


def say(project: Project, row: int, label: str | None, teacher: str = "A", **more: object) -> int:
    values: dict[str, object] = {
        "agree": None if label is None else same_value(label, GOLD[row - 1]),
        "run_id": f"generate-{teacher}",
        "teacher": teacher,
    }
    return add_answer(project.store, row, "Because.", label, **(values | more))


def look(project: Project) -> Survey:
    return side_by_side.survey(project.store.reader, project.task)


def cell(project: Project, row: int, teacher: str = "A") -> Cell:
    return side_by_side.rows(project.store.reader, project.task, [row])[row].cells[teacher]


def ids(survey: Survey, kind: str) -> list[int]:
    return list(survey.of(kind))


def test_each_row_belongs_to_the_kinds_that_deserve_a_look(project: Project) -> None:
    say(project, 1, "4")
    say(project, 1, "8 / 2", "B")
    say(project, 2, "5")
    say(project, 2, "7", "B")
    say(project, 3, None, failure="empty answer")
    say(project, 3, None, "B")
    found = look(project)
    assert ids(found, "all") == [1, 2, 3]
    assert ids(found, "differs") == ids(found, "disagree") == [2]
    assert ids(found, "failed") == ids(found, "cause:empty answer") == [3]
    assert ids(found, "no-label") == [3]
    assert ids(found, "tied") == []
    assert found.causes == {"empty answer": 1}


def test_each_teacher_is_judged_by_its_own_rows(project: Project) -> None:
    say(project, 1, "4")
    say(project, 2, "7")
    say(project, 3, None)
    say(project, 1, None, "B", failure="timed out")
    found = look(project)
    assert list(found.teachers) == ["A", "B"]
    a = found.teachers["A"]
    assert (a.rows, a.right, a.compared, a.labelled, a.failed) == (3, 1, 3, 2, 0)
    assert a.accuracy is not None
    assert a.accuracy[1] < a.accuracy[0] == 1 / 3 < a.accuracy[2]
    assert (found.teachers["B"].failed, found.teachers["B"].right) == (1, 0)


def test_samples_are_shown_as_one_vote(project: Project) -> None:
    for sample, label, logprob in ((0, "5", -0.1), (1, "4", -0.6), (2, "8 / 2", -0.3), (3, None, -0.01)):
        say(project, 1, label, sample=sample, mean_logprob=logprob, cache_key="k")
    say(project, 1, None, sample=4, failure="cut off at the token limit", cache_key="k")
    found = cell(project, 1)
    assert found.vote is not None
    assert [(party.label, party.votes) for party in found.vote.parties] == [("8 / 2", 2), ("5", 1)]
    assert (found.shown.sample, found.n, found.tied) == (2, 5, False)
    assert found.causes == ("cut off at the token limit",)
    assert ids(look(project), "failed") == [1]


def test_a_failed_sample_that_was_asked_again_is_no_failure(project: Project) -> None:
    say(project, 1, None, failure="timed out", cache_key="k")
    say(project, 1, "4", sample=1, cache_key="k")
    assert (cell(project, 1).causes, cell(project, 1).n) == (("timed out",), 2)
    say(project, 1, "4", run_id="generate-2", cache_key="k")
    assert (cell(project, 1).causes, cell(project, 1).n) == ((), 2)
    assert look(project).causes == {}


def test_ties_are_a_kind_of_row(project: Project) -> None:
    for sample, label in enumerate(["5", "4"]):
        say(project, 1, label, sample=sample, mean_logprob=-0.5, cache_key="k")
    assert ids(look(project), "tied") == [1]


def test_a_teachers_newest_run_counts_and_a_failure_does_not_hide_what_it_said(project: Project) -> None:
    say(project, 1, "7", run_id="generate-1")
    say(project, 1, "4", run_id="generate-2")
    say(project, 1, None, run_id="generate-3", failure="timed out")
    assert cell(project, 1).shown.label == "4"


def test_an_answer_that_was_told_gold_is_not_compared_with_it(project: Project) -> None:
    say(project, 1, "4", sample=-1, hinted=True)
    say(project, 2, "7")
    say(project, 2, "5", sample=-1, hinted=True)
    found = look(project)
    assert (found.teachers["A"].compared, found.teachers["A"].right) == (1, 0)
    assert cell(project, 2).shown.label == "7"
    assert ids(found, "hinted") == [1, 2]
    assert ids(found, "differs") == [2]


def test_imported_rationales_are_no_answers_but_imported_answers_are(project: Project) -> None:
    say(project, 1, "4", "file.jsonl", source="import", sample=1, parser=None)
    assert look(project).teachers == {}
    say(project, 1, "5", "file.jsonl", source="import", sample=0)
    assert cell(project, 1, "file.jsonl").shown.label == "5"


def test_a_survey_can_be_stopped(project: Project) -> None:
    say(project, 1, "4")
    with pytest.raises(Stopped):
        side_by_side.survey(project.store.reader, project.task, lambda: True)
