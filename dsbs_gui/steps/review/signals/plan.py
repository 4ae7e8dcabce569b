"""From a project to the job that checks its rationales, and which texts it has read already. Owner's side."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.store import examples, project_info, signals
from dsbs_gui.core.store.filters import Filter

from .finding import VERSION
from .specs import SignalsSpec

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.connection import Reader, Row
    from dsbs_gui.core.store.examples import Example

OVER_ALL_KEY = "signals_over"
"""In the project: the digest of the rows over which duplicates and probabilities were last judged."""


def request(project: Project) -> JobRequest:
    """The job that checks what was not checked yet, or reads otherwise now.

    Raises: UserError if there is no rationale.
    """
    db = project.store.reader
    rows = examples.count(db, Filter(has_rationale=True))
    if not rows:
        raise UserError("There is no rationale to check.", "Let a teacher write some, or import them.")
    spec = SignalsSpec(task=project.task.name, rows=rows, over_all=str(project_info.get(db, OVER_ALL_KEY, "")))
    return JobRequest(
        kind="signals",
        title="Check the rationales" if rows > 1 else "Check the rationale",
        lane="disk",
        spec=spec,
        inputs={"input.jsonl": _rows(db, spec.task)},
    )


def _rows(db: Reader, task: str) -> Iterator[dict[str, Any]]:
    """What the worker gets: everything of rows that are to be read, of the others what all are compared by."""
    for page in signals.pages(db):
        for row in page:
            yield _row(row, task)


def _row(row: Row, task: str) -> dict[str, Any]:
    edited, hinted = bool(row["edited"]), bool(row["hinted"])
    cut = row["finish_reason"] == "length" and not edited
    facts = (row["input"], row["rationale"], row["teacher_label"], row["agree"], cut, hinted)
    mark = _mark(task, *facts)
    sent = {
        "id": row["id"],
        "mark": mark.hex(),
        "rationale": row["rationale"],
        "teacher": row["teacher"],
        "logprob": None if edited else row["mean_logprob"],
    }
    if row["mark"] is None or bytes(row["mark"]) != mark:
        names = ("fields", "input", "teacher_label", "agree")
        sent["fresh"] = {name: row[name] for name in names} | {"cut": cut, "hinted": hinted}
    return sent


def mark_of(task: str, example: Example, standing: Answer | None) -> bytes:
    """The mark that a check of the example, as it stands, would leave."""
    cut = standing is not None and standing.finish_reason == "length" and not example.edited
    hinted = standing is not None and standing.hinted
    return _mark(task, example.input, example.rationale, example.teacher_label, example.agree, cut, hinted)


def _mark(task: str, *facts: str | int | None) -> bytes:
    """16 bytes of everything that a row's own signals depend on, and of the version of the signals."""
    digest = blake2b(f"{VERSION}\0{task}".encode(), digest_size=16)
    for fact in facts:
        data = repr(fact).encode() if not isinstance(fact, str) else fact.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
