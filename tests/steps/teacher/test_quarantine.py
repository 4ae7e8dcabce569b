"""A request that kills the worker is asked alone, then never again; the others are answered."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, runs
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.teacher import intake, ledger, plan
from dsbs_gui.steps.teacher.failures import QUARANTINED
from dsbs_gui.steps.teacher.ledger import Ledger, Usage

from .working import SERVER, sums

ROWS, DEADLY_ID = 12, 6
WORKER = Path(__file__).with_name("crashing_worker.py")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    sums(tmp_path / "sums", ROWS).close()
    opened = Project.open(tmp_path / "sums", intakes={"generate": intake.take})
    opened.jobs._command = (sys.executable, str(WORKER))
    opened.jobs.begin()
    yield opened
    opened.close()


def go(project: Project, request: JobRequest) -> Run:
    return project.jobs.wait(project.jobs.submit(request).id, 60)


def answered(project: Project, run: Run) -> dict[int, str | None]:
    rows = project.store.reader.execute("SELECT example_id, failure FROM answers WHERE run_id = ?", (run.id,))
    return {row[0]: row[1] for row in rows}


@pytest.mark.skipif(os.name == "nt", reason="the way a worker ended is told by signals")
def test_a_request_that_killed_the_worker_twice_is_left_out_and_all_others_are_answered(project: Project) -> None:
    first = go(project, plan.generate_request(project, teacher=SERVER))
    assert (first.state, first.reason) == ("interrupted", "The worker crashed (SIGABRT).")
    assert sorted(answered(project, first)) == [1, 2, 3, 4, 5]
    assert sorted(i for i, _ in ledger.read(project.run_folder(first.id)).open) == [6, 7, 8, 9]

    second = go(project, plan.generate_request(project, teacher=SERVER))
    assert second.state == "interrupted"
    assert sorted(answered(project, second)) == [10, 11, 12], "those that no crash threw suspicion on came first"
    assert list(ledger.read(project.run_folder(second.id)).open) == [(DEADLY_ID, 0)], "it was asked alone"

    third = go(project, plan.generate_request(project, teacher=SERVER))
    assert (third.state, third.reason) == ("done", "")
    assert answered(project, third) == {6: QUARANTINED, 7: None, 8: None, 9: None}
    assert third.summary["failed"] == {QUARANTINED: 1}
    assert plan.pending(project, plan.generate_request(project, teacher=SERVER)) == 0

    again = plan.generate_request(project, teacher=SERVER, only_failed=True)
    assert {"example_id": DEADLY_ID, "sample": 0, "crashes": 1} in again.inputs["suspects.jsonl"]
    assert plan.pending(project, again) == 1, "who asks for just this row may try it once more"
    assert go(project, again).state == "interrupted"


@pytest.mark.parametrize(
    ("reason", "log", "accused"),
    [
        ("The worker crashed (SIGSEGV).", "", 1),
        ("The worker is no longer there.", "Fatal Python error: Aborted\n" + "  File x\n" * 2_000, 1),
        ("The worker was killed (SIGKILL): by somebody, or by the system when memory ran out.", "", 0),
        ("The worker is no longer there.", "chatter", 0),
    ],
)
def test_only_a_crash_throws_suspicion_on_what_was_asked_at_that_moment(
    tmp_path: Path, reason: str, log: str, accused: int
) -> None:
    project = sums(tmp_path / "sums", 3)
    try:
        wanted = plan.generate_request(project, teacher=SERVER)
        run = project.store.write_now(
            lambda tx: runs.add(
                tx, kind="generate", title="T", lane="network", spec=wanted.spec.to_json(), context=wanted.context
            )
        )
        folder = project.jobs.folder(run.id)
        folder.make("generate", wanted.spec.to_json(), wanted.inputs)
        folder.log.write_text(log)
        book = Ledger(folder.path)
        book.ask((1, 0), Usage())
        book.settle((1, 0), Usage(20, 7))
        book.ask((2, 0), Usage())
        book.close()
        project.store.write_now(lambda tx: runs.set_state(tx, run.id, "interrupted", reason=reason))
        inputs = plan.generate_request(project, teacher=SERVER).inputs
        assert list(inputs.get("suspects.jsonl", ())) == [{"example_id": 2, "sample": 0, "crashes": 1}] * accused
        assert "suspects.jsonl" not in plan.generate_request(project, teacher=SERVER, temperature=0.5).inputs
        assert answers.known(project.store.reader, "k", [1], None) == {}
    finally:
        project.close()
