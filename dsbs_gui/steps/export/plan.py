"""From what the user wants to take away to a job. Owner's side, plain Python."""

from __future__ import annotations

import platform
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dsbs_gui
from dsbs_gui.core import resources
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import curated, examples, guidelines, predictions, runs
from dsbs_gui.core.store.filters import SPLITS, STATES, Filter

from .rows import columns_for, data_columns
from .specs import DATA_FORMATS, STUDENT_FORMATS, ExportDataSpec, ExportStudentSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.runs import Run

PROBES = 16
"""Inputs on which the export has to answer as the student does."""

_TRAINING = {
    "method": "Method",
    "student": "Student",
    "labels": "Labels",
    "rationale_weight": "λ (rationale weight)",
    "fraction": "Fraction of the training rows",
    "steps": "Steps",
    "epochs": "Epochs",
    "batch_size": "Batch size",
    "lr": "Learning rate",
    "precision": "Precision",
    "lora_rank": "LoRA rank",
    "seed": "Seed",
    "data_seed": "Data seed",
}

_OFF_AT_0 = ("steps", "epochs", "lora_rank")
_MULTITASK = ("step-by-step", "shuffled-rationale")
"""Methods that have a λ; the others carry one in their settings without using it."""

_WRITERS = {"teacher": "by the teacher", "import": "imported", "textbook": "textbook", "person": "by a person"}


def student_request(
    project: Project, run_id: str, *, student_dir: Path, format: str = "safetensors", out: Path | str
) -> JobRequest:
    """The job that exports the student of a training run.

    Args:
        student_dir: the student's folder; which checkpoint it is, training says.
        out: the folder to make; relative to where the user is.

    Raises:
        UserError: for an unknown run or format.
    """
    if format not in STUDENT_FORMATS:
        raise UserError(f"Students cannot be exported as {format} yet.", f"Choose {' or '.join(STUDENT_FORMATS)}.")
    db = project.store.reader
    run = runs.get(db, run_id)
    target = _absolute(out)
    spec = ExportStudentSpec(
        student_dir=str(student_dir),
        format=format,
        out=str(target),
        card=_card(project, run),
        origin={
            "project": project.name,
            "run": run.id,
            "data_sha256": run.context.get("data_hash") or run.spec.get("data_sha256") or "",
            "versions": {"dsbs_gui": dsbs_gui.__version__, "python": platform.python_version()},
        },
    )
    return JobRequest(
        "export-student",
        f"Export {run.id} as {format}",
        "disk",
        spec,
        {"input.jsonl": list(_probes(db))},
        {"student_run": run.id},
    )


def data_request(
    project: Project,
    *,
    format: str = "jsonl",
    out: Path | str,
    statuses: Sequence[str] = (),
    splits: Sequence[str] = (),
) -> JobRequest:
    """The job that exports rows in these states and splits; empty: all of them.

    Raises:
        UserError: for an unknown format, state or split, or if no row matches.
    """
    _known("format", [format], DATA_FORMATS)
    _known("status", statuses, STATES)
    _known("split", splits, SPLITS)
    db = project.store.reader
    chosen = Filter(splits=tuple(splits), states=tuple(statuses))
    count, total = examples.count(db, chosen), examples.count(db)
    if not count:
        raise UserError(
            "No row matches: there is nothing to export.",
            "Import rows first." if not total else f"The project has {total} rows; choose other states or splits.",
        )
    spec = ExportDataSpec(
        format=format,
        out=str(_absolute(out)),
        columns=columns_for(project.task),
        rows=count,
        origin={
            "project": project.name,
            "task": project.task.name,
            "states": list(statuses) or "all",
            "splits": list(splits) or "all",
            "rows_in_project": total,
            **({"guidelines": said} if (said := guidelines.text(db)) else {}),
            "versions": {"dsbs_gui": dsbs_gui.__version__},
        },
    )
    task = project.task
    pages = (data_columns(page, task) for page in curated.pages(db, chosen))
    return JobRequest("export-data", f"Export {count} rows as {format}", "disk", spec, {"input.jsonl": pages})


def _absolute(out: Path | str) -> Path:
    if not str(out).strip():
        raise UserError("There is no name for the export.", "Choose a file or folder.")
    return Path(out).expanduser().absolute()


def _known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise UserError(f"There is no {what} “{name}”.", f"Choose among {', '.join(known)}.")


def _probes(db: Reader) -> Iterator[dict[str, Any]]:
    """Inputs from all splits, so that a project with few rows of one has some too."""
    found = 0
    for split in ("valid", "train", "test", "unsplit"):
        ids = examples.ids(db, Filter(splits=(split,)))[: PROBES - found]
        for example in examples.page(db, ids).values():
            yield {"example_id": example.id, "input": example.input}
        found += len(ids)
    if not found:
        yield {"example_id": 0, "input": "How many is 2 + 2?"}


def _card(project: Project, run: Run) -> dict[str, Any]:
    spec, context = run.spec, run.context
    student = str(context.get("base") or spec.get("base") or spec.get("student", ""))
    facts: dict[str, Any] = {
        "title": f"{project.name}, student {run.id}",
        "task_title": project.task.title.lower(),
        "method_title": str(context.get("method_title") or context.get("method") or spec.get("method", "")),
        "metrics": list(_metrics(project.store.reader, run.id)),
        "counts": _counts(context),
        "data": _data_facts(project, run),
        "training": _training_facts(run),
    }
    if spec.get("rationale_weight") is not None and spec.get("method") in _MULTITASK:
        facts |= {"lambda": spec["rationale_weight"], "explains": True}
    if student and student != "starter":
        facts |= {"base": student, "base_license": licence_of(student)}
    return facts


def _counts(context: dict[str, Any]) -> dict[str, int]:
    """Who wrote the rationales of the training rows → how many."""
    found = (context.get("counts") or {}).get("rationales") or {}
    return {_WRITERS.get(writer, writer): int(n) for writer, n in found.items()}


def _metrics(db: Reader, run_id: str) -> Iterator[dict[str, Any]]:
    for split in ("valid", "test"):
        judged = [p.correct for p in predictions.of_run(db, run_id, split) if p.correct is not None]
        if judged:
            accuracy = sum(judged) / len(judged)
            yield {"split": split, "n": len(judged), "accuracy": accuracy, "ci": list(wilson(sum(judged), len(judged)))}


def _data_facts(project: Project, run: Run) -> dict[str, str]:
    context = run.context
    facts = {"Project": project.name, "Task": project.task.title}
    teacher = context.get("teacher")
    if teacher:
        facts["Teacher"] = ", ".join(map(str, teacher)) if isinstance(teacher, list | tuple) else str(teacher)
    if context.get("labels"):
        facts["Labels"] = str(context["labels"])
    counts = context.get("counts") or {}
    if counts.get("train"):
        facts["Rows"] = f"{counts['train']} to learn from, {counts.get('valid', 0)} to validate on"
    if rules := [f"{rule['rule']}: {rule['what']} ({rule['rows']} rows)" for rule in counts.get("policy") or ()]:
        facts["Rules for doubtful rationales"] = "; ".join(rules)
    if context.get("prompt"):
        facts["Prompt"] = str(context["prompt"])
    digest = context.get("data_hash") or run.spec.get("data_sha256")
    if digest:
        facts["SHA-256 of the training rows"] = str(digest)
    return facts


def _training_facts(run: Run) -> dict[str, str]:
    known = {**run.spec, **{name: run.context[name] for name in ("labels",) if name in run.context}}
    known["precision"] = (run.context.get("memory") or {}).get("precision") or known.get("precision")  # what auto chose
    facts = {"Run": run.id, "Date": datetime.fromtimestamp(run.created, UTC).date().isoformat()}
    for name, title in _TRAINING.items():
        unused = name == "rationale_weight" and known.get("method") not in _MULTITASK
        if known.get(name) not in (None, "") and not unused and (known[name] or name not in _OFF_AT_0):
            facts[title] = str(known[name])
    if run.summary.get("best_step"):
        facts["Step of the best validation"] = str(run.summary["best_step"])
    return facts


def licence_of(student: str) -> str:
    """The licence that the catalogue gives for a student, by its id, hub id or file name; empty if unknown."""
    try:
        models = tomllib.loads(resources.models_path("catalogue.toml").read_text("utf-8"))["model"]
    except (OSError, ValueError, KeyError):
        return ""
    name = Path(student).name
    for model in models:
        if student in (model.get("id"), model.get("hub_id")) or name == model.get("file"):
            return str(model.get("licence", ""))
    return ""
