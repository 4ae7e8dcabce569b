"""From the user's choices and the store to a training job, with the rows frozen. Plain Python."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dsbs_gui.core import gguf_student
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import agreement, runs, training
from dsbs_gui.core.store.connection import Reader

from . import trackers
from .choice import StudentChoice, choose
from .data import Counts, collect
from .methods import METHODS
from .presets import PRESETS, preset_for
from .rows import TRAIN_FILE, VALID_FILE, data_hash
from .specs import TrainSpec


def train_request(
    project: Project,
    *,
    method: str = "step-by-step",
    student: str = "starter",
    labels: str | None = None,
    rationale_weight: float = 1.0,
    fraction: float = 1.0,
    seed: int = 0,
    data_seed: int = 0,
    steps: int | None = None,
    epochs: float | None = None,
    batch_size: int | None = None,
    micro_batch: int | None = None,
    lr: float | None = None,
    precision: str | None = None,
    lora: int | None = None,
    eval_every: int | None = None,
    patience: int | None = None,
    resume: str | None = None,
    rows: str = "all",
    preset: str | None = None,
    **advanced: Any,
) -> JobRequest:
    """A training job. What is None comes from the student's preset.

    Args:
        labels: ``gold`` or ``teacher``; None for the method's own.
        resume: a run whose settings and rows are taken as they were; only ``method`` must agree.
        rows: ``all`` (rejected rows keep their label, without the rationale) or ``reviewed`` (accepted and edited).
        preset: a name of :data:`~.presets.PRESETS`; None for the student's own.
        advanced: further settings of ``TrainSpec``.
    Raises: UserError for what makes no sense or lacks data.
    """
    if resume:
        return resumed(project, resume, method)
    if method not in METHODS:
        raise UserError(f"There is no method “{method}”.", f"Choose one of {', '.join(METHODS)}.")
    if preset and preset not in PRESETS:
        raise UserError(f"There is no preset “{preset}”.", f"Choose one of {', '.join(PRESETS)}.")
    chosen = choose(student)
    if chosen.source.lower().endswith(".gguf"):
        gguf_student.check(Path(chosen.source))  # before a worker waits half a minute for torch to say the same
    trackers.demand(str(advanced.get("log_to") or ""))
    source = labels or METHODS[method].labels
    data = collect(project.store.reader, METHODS[method], source, rows, rationale_weight)
    given: dict[str, Any] = {"steps": steps, "batch_size": batch_size, "micro_batch": micro_batch, "lr": lr}
    given |= {"eval_every": eval_every, "patience": patience, "lora_rank": lora, "precision": precision, **advanced}
    if epochs:
        given |= {"epochs": epochs, "steps": 0}
    preset = preset or preset_for(student, chosen.architecture)
    spec = TrainSpec(
        **PRESETS[preset].settings()
        | {"task": project.task.name, "method": method, "student": chosen.source, "starter": chosen.sizes}
        | {"base": chosen.name, "rationale_weight": rationale_weight, "seed": seed, "data_seed": data_seed}
        | {"fraction": fraction, "data_sha256": data_hash(data.train)}
        | {name: value for name, value in given.items() if value is not None}
    )
    return JobRequest(
        kind="train",
        title=title(spec, source),
        lane="gpu",
        spec=spec,
        inputs={TRAIN_FILE: data.train, VALID_FILE: data.valid},
        context=_context(project.store.reader, spec, chosen, source, data.counts)
        | {"rows": rows, "preset": preset, "chosen": chosen.id},
    )


def student_folder(project: Project, run_id: str) -> Path:
    """The folder of the best student of a training run.

    Raises: UserError if the run is unknown, no training run, or has kept no student yet.
    """
    run = runs.get(project.store.reader, run_id)
    if run.kind != "train":
        raise UserError(f"{run_id} is no training run.", "Name a run that “dsbs train” made.")
    best = training.best_checkpoint(project.store.reader, run_id)
    folder = project.run_folder(run_id) / best.path if best else None
    if folder is None or not (folder / "dsbs_student.json").is_file():
        raise UserError(f"{run_id} has no trained student.", "Let it run until its first validation, or train again.")
    return folder


def title(spec: TrainSpec, labels: str) -> str:
    """What tells a run from others: method, student and what differs from the usual."""
    parts = [METHODS[spec.method].title, spec.base or spec.student]
    if labels != METHODS[spec.method].labels:
        parts.append(f"{labels} labels")
    if METHODS[spec.method].multitask and spec.rationale_weight != 1:
        parts.append(f"λ {spec.rationale_weight:g}")
    if spec.fraction < 1:
        parts.append(f"{spec.fraction:.4g} of the rows")
    if spec.seed:
        parts.append(f"seed {spec.seed}")
    return ", ".join(parts)


def _context(db: Reader, spec: TrainSpec, chosen: StudentChoice, labels: str, counts: Counts) -> dict[str, Any]:
    return {
        "method": spec.method,
        "labels": labels,
        "student": chosen.name,
        "data_hash": spec.data_sha256,
        "counts": asdict(counts),
        "teacher": ", ".join(agreement.teachers(db, "train")),
    }


def resumed(project: Project, run_id: str, method: str | None = None) -> JobRequest:
    """Go on where a run stopped, with its settings and the very rows that it had.

    Raises: UserError if there is nothing to go on with, or if ``method`` is given and another than the run's.
    """
    run = runs.get(project.store.reader, run_id)
    if run.kind != "train":
        raise UserError(f"{run_id} is no training run.", "Only training can be resumed.")
    if run.live or run.state == "done":
        raise UserError(f"{run_id} is {run.state}.", "Only a run that stopped, failed or was interrupted can go on.")
    if later := runs.continued(project.store.reader).get(run_id):
        raise UserError(f"{later} goes on from {run_id} already.", f"Resume {later} if it stops, or start a new run.")
    if runs.DELETED in run.context:
        raise UserError(f"{run_id} was deleted.", "Take the deletion back first, or start a new run.")
    spec = TrainSpec.from_json(run.spec)
    if method not in (None, spec.method):
        raise UserError(f"{run_id} was a {spec.method} run.", f"Resume it with --method {spec.method}.")
    folder = project.run_folder(run_id)
    if not (folder / TRAIN_FILE).is_file():
        raise UserError(f"The rows of {run_id} are gone.", "Start a new run.")
    if not _are_frozen_rows(folder / TRAIN_FILE, spec.data_sha256):
        raise UserError(f"The rows of {run_id} are not those that it was started with.", "Start a new run.")
    files = {name: folder / name for name in (TRAIN_FILE, VALID_FILE) if (folder / name).is_file()}
    return JobRequest(
        kind="train",
        title=run.title,
        lane="gpu",
        spec=replace(spec, resume_from=str(folder)),
        inputs={name: read_jsonl(path) for name, path in files.items()},
        context=run.context | {"resumed": run_id},
    )


def _are_frozen_rows(path: Path, sha256: str) -> bool:
    """Whether a file still holds the rows that were written into it; any rows where no hash was noted."""
    try:
        return not sha256 or data_hash(read_jsonl(path)) == sha256
    except (ValueError, KeyError):  # lines that are no rows
        return False
