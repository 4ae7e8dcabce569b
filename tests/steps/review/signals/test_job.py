"""The job, from the project's rows to what the project keeps: in one process, without a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Finished, Message, SignalsFound, Started
from dsbs_gui.core.store import answers, decisions, examples, runs, signals
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.steps.review.signals import intake, plan
from dsbs_gui.steps.review.signals.specs import SignalsSpec
from dsbs_gui.steps.review.work import checking
from tests.steps.review.making import add_answer, add_examples

RATIONALES = [
    ("Ann has 2 and Ben has 2, so 2 + 2 = 5 in all.", "5"),
    ("Ann has 3 and Ben has 3, so 3 + 3 = 6 in all.", "3 + 3"),
    ("Ann has 4 and Ben has 4, so 4 + 4 = 8 in all.", "9"),
    ("Ann has 3 and Ben has 3, so 3 + 3 = 6 in all.", "3 + 3"),
]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    rows = [
        {"fields": {"input": f"Ann has {k} apples, Ben has {k}. How many have they?"}, "label": str(2 * k)}
        for k in (2, 3, 4, 3, 7)
    ]
    for example_id, (rationale, label) in zip(add_examples(made, rows), RATIONALES, strict=False):
        add_answer(made, example_id, rationale, label)
    yield made
    made.close()


def check(project: Project, *, stop: Callable[[], bool] = lambda: False) -> list[Message]:
    """Run the job as the worker does, and take in what it says as the owner does."""
    request = plan.request(project)
    run = project.store.write_now(
        lambda tx: runs.add(
            tx, kind=request.kind, title=request.title, lane=request.lane, spec=request.spec.to_json(), context={}
        )
    )
    folder = RunFolder(project.run_folder(run.id))
    folder.make(request.kind, request.spec.to_json(), request.inputs)
    said: list[Message] = [Started("signals", 1)]
    spec = SignalsSpec.from_json({**request.spec.to_json(), "run_dir": str(folder.path)})
    checking.run(spec, said.append, stop)
    for seq, message in enumerate(said, 1):
        event = Event(seq, 0.0, message)
        project.store.write_now(lambda tx, event=event: intake.take(tx, run, event))
    return said


def with_signal(project: Project, *names: str) -> list[int]:
    return list(examples.ids(project.store.reader, Filter(signals=names)))


def read(said: list[Message]) -> int:
    """How many rows were read anew."""
    return sum(len(m.rows) for m in said if isinstance(m, SignalsFound) and not m.over_all)


def test_what_is_found_can_be_counted_and_filtered_by(project: Project) -> None:
    check(project)
    db = project.store.reader
    assert signals.counts(db) == {"arithmetic": 1, "conflict": 2, "unsupported": 1, "duplicate": 2}
    assert signals.counts(db, Filter(agreement=("agree",))) == {"duplicate": 2}
    assert with_signal(project, "arithmetic") == [1]
    assert with_signal(project, "arithmetic", "duplicate") == [1, 2, 4], "several widen the filter"
    assert signals.checked(db) == 4
    mark, found = signals.of_example(db, 2)
    assert found == [("duplicate", "4")]
    example = examples.get(db, 2)
    assert example is not None
    assert mark == plan.mark_of("math", example, answers.get(db, example.answer_id or 0))


def test_only_a_text_that_has_changed_is_read_again(project: Project) -> None:
    assert read(check(project)) == 4
    again = check(project)
    assert read(again) == 0
    assert not [m for m in again if isinstance(m, SignalsFound)], "nothing is compared anew either"
    edited = "Ann has 2 and Ben has 2, so 2 + 2 = 4 in all."
    project.store.write_now(lambda tx: decisions.edit(tx, 1, rationale=edited))
    assert read(check(project)) == 1
    assert with_signal(project, "arithmetic") == []
    project.store.write_now(decisions.undo)
    assert read(check(project)) == 1
    assert with_signal(project, "arithmetic") == [1]


def test_a_decision_is_no_change_of_text(project: Project) -> None:
    check(project)
    project.store.write_now(lambda tx: decisions.edit(tx, 1, note="odd"))
    assert read(check(project)) == 0


def test_a_newer_version_of_the_signals_reads_everything(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    check(project)
    monkeypatch.setattr(plan, "VERSION", plan.VERSION + 1)
    assert read(check(project)) == 4


def test_a_job_that_is_stopped_keeps_what_it_has_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "CHUNK_ROWS", 1)
    asked = iter([False, False, True])
    said = check(project, stop=lambda: next(asked))
    assert said[-1] == Finished("stopped", {"rationales": 4, "checked": 3})
    assert signals.checked(project.store.reader) == 3
    assert read(check(project)) == 1
    assert with_signal(project, "duplicate") == [2, 4]


def test_a_job_that_is_stopped_while_comparing_compares_the_next_time(project: Project) -> None:
    asked = iter([False, True])
    assert check(project, stop=lambda: next(asked))[-1] == Finished("stopped", {"rationales": 4, "checked": 4})
    assert with_signal(project, "duplicate") == []
    assert read(check(project)) == 0
    assert with_signal(project, "duplicate") == [2, 4]


def test_twins_that_were_told_apart_are_twins_no_more(project: Project) -> None:
    check(project)
    project.store.write_now(lambda tx: decisions.edit(tx, 4, rationale="Three apples and three more make six of them."))
    check(project)
    assert with_signal(project, "duplicate") == []


def test_signals_of_a_rationale_that_was_taken_away_go(project: Project) -> None:
    check(project)
    project.store.write_now(lambda tx: decisions.edit(tx, 1, rationale="", teacher_label=""))
    check(project)
    assert with_signal(project, "arithmetic") == []
    assert signals.checked(project.store.reader) == 3


def test_a_teacher_that_was_cut_off_told_or_unsure_is_a_signal(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "other", "math")
    rows = [{"fields": {"input": f"Ann has {k} apples. How many?"}, "label": str(k)} for k in range(1, 31)]
    for k, example_id in enumerate(add_examples(project, rows), 1):
        other: dict[str, Any] = {"mean_logprob": -0.01 * k, "hinted": k == 1}
        other |= {"finish_reason": "length"} if k == 2 else {}
        add_answer(project, example_id, f"Ann has {k} apples in basket number {k}", str(k), **other)
    check(project)
    assert with_signal(project, "hinted") == [1]
    assert with_signal(project, "truncated") == [2]
    assert with_signal(project, "unlikely") == [30]
    project.close()


def test_a_project_without_rationales_is_told_so(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "empty", "math")
    with pytest.raises(UserError, match="no rationale"):
        plan.request(project)
    project.close()
