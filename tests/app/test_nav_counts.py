"""The number beside each step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dsbs_gui.app.nav_counts import counts
from dsbs_gui.app.session import said
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, predictions, runs
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.predictions import Prediction


def test_a_step_without_anything_has_no_number(make_project: Callable[..., Path]) -> None:
    project = Project.open(make_project(rows=0))
    assert counts(project.store.reader) == {}
    project.close()


def test_each_step_has_what_matters_most(make_project: Callable[..., Path]) -> None:
    project = Project.open(make_project(rows=8))

    def fill(tx: Transaction) -> None:
        for example_id in (1, 2):
            answers.add(
                tx,
                NewAnswer(example_id, "generate-1", "teacher", "t", "raw", rationale="because", label="1", agree=True),
            )
        train = runs.add(tx, kind="train", title="Train", lane="gpu", spec={}, context={})
        runs.set_state(tx, train.id, "done")
        failed = runs.add(tx, kind="train", title="Train", lane="gpu", spec={}, context={})
        runs.set_state(tx, failed.id, "failed")
        predictions.put(tx, [Prediction(train.id, "test", 1, "1", None, True)])
        predictions.put(tx, [Prediction(failed.id, "valid", 1, "1", None, True)])

    project.store.write_now(fill)
    found = counts(project.store.reader)
    project.close()
    assert found == {"data": 8, "teacher": 0.25, "review": 2, "training": 1, "evaluation": 1}


def test_shares_are_said_in_percent_and_counts_with_thin_spaces() -> None:
    assert said(0.25) == "25\u00a0%"
    assert said(1200) == "1\u2009200"
    assert said(None) == said(0) == said(0.0) == ""
