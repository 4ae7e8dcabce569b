"""A project with sums to ask about, and generation jobs run in this process, with their answers taken in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Finished, Message, ShouldStop
from dsbs_gui.core.store import examples, imports, runs
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.teacher import intake
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work import generating
from dsbs_gui.steps.teacher.work.asking import Reply, Request

if TYPE_CHECKING:
    import pytest

SERVER = "http://localhost:8080/v1#large"


def sums(folder: Path, n: int = 100, text: Callable[[int], str] = "What is {} + 1?".format) -> Project:
    """A new project with ``n`` training rows; close it."""
    project = Project.create(folder, "math")
    rows = [
        {"line": i, "id": None, "fields": {"input": text(i)}, "input": text(i), "label": str(i + 1)} for i in range(n)
    ]

    def fill(tx: Transaction) -> None:
        examples.add(tx, rows, split="train", import_id=imports.start(tx, "import-0", "x.csv", "train", {}, "0"))

    project.store.write_now(fill)
    return project


def rows_of(request: JobRequest) -> list[dict[str, Any]]:
    return [dict(row) for row in request.inputs["input.jsonl"]]


class Adder:
    """An engine that does the sum and counts what it was asked; 20 tokens in, 7 out."""

    def __init__(self, says: Callable[[Request], str] | None = None) -> None:
        self.asked: list[Request] = []
        self._says = says or _sum

    def cost(self, request: Request) -> int:
        return 60

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        while not should_stop() and (request := next(requests, None)) is not None:
            self.asked.append(request)
            yield Reply(request, self._says(request), "stop", tokens_in=20, tokens_out=7)

    def facts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        """Nothing to give back."""


def _sum(request: Request) -> str:
    number = int(request.prompt.rsplit("What is ", 1)[1].split()[0])
    return f"{number} and one. The answer is {number + 1}."


def work(
    project: Project,
    request: JobRequest,
    engine: Any = None,
    stop_after: int | None = None,
    end: str = "",
    monkey: pytest.MonkeyPatch | None = None,
) -> Run:
    """Run a job here and take in what it says, message by message.

    Args:
        engine: in the place of the spec's own; needs the test's ``monkey``, which takes it out again.
        stop_after: the user stops it after so many answers.
        end: the state to leave the run in, as if its worker had died; then *Finished* is not taken in.
    """
    run = project.store.write_now(
        lambda tx: runs.add(
            tx, kind=request.kind, title="T", lane=request.lane, spec=request.spec.to_json(), context=request.context
        )
    )
    folder = project.jobs.folder(run.id)
    folder.make(request.kind, request.spec.to_json(), request.inputs)
    spec = GenerateSpec.from_json({**request.spec.to_json(), "run_dir": str(folder.path)})
    n = 0

    def emit(message: Message) -> None:
        nonlocal n
        n += 1
        if not (end and isinstance(message, Finished)):
            event = Event(n, 0.0, message)
            project.store.write_now(lambda tx: intake.take(tx, runs.get(tx, run.id), event))

    if engine is not None:
        assert monkey is not None
        monkey.setattr(generating, "open_engine", lambda *_: engine)

    def should_stop() -> bool:
        count = "SELECT count(*) FROM answers WHERE run_id = ?"
        return stop_after is not None and project.store.reader.execute(count, (run.id,)).fetchone()[0] >= stop_after

    generating.run(spec, emit, should_stop)
    project.store.write_now(lambda tx: runs.set_state(tx, run.id, end or "done"))
    return runs.get(project.store.reader, run.id)
