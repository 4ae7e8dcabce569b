"""``dsbs demo``: the whole way on the sample project, with the embedded teacher and the starter student."""

from __future__ import annotations

import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dsbs_gui.app import sample
from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples
from dsbs_gui.steps.evaluation import comparison, metrics
from dsbs_gui.steps.evaluation import plan as evaluation
from dsbs_gui.steps.export import plan as export
from dsbs_gui.steps.teacher import plan as teacher
from dsbs_gui.steps.training import plan as training

from .common import follow, opened

TEACHER = "smollm2-135m"
STUDENT = "starter"
ANSWERS = 8
STEPS = 900


def demo(arguments: Namespace) -> dict[str, Any]:
    """Everything that the window offers, once, on real models. Prints a table of what it did."""
    folder = _folder(arguments.dir)
    rows: list[tuple[str, str]] = []
    result: dict[str, Any] = {"project": str(folder)}
    started = time.monotonic()
    _say(f"The project is made in {folder}")
    sample.create(folder)
    with opened(folder) as project:
        for step in (_data, _teacher, _students, _comparison, _export):
            figures, lines = step(project, result)
            result |= figures
            rows += lines
    result["seconds"] = round(time.monotonic() - started, 1)
    rows.append(("Time", f"{result['seconds']} s"))
    return {**result, "_text": _table(rows)}


Done = tuple[dict[str, Any], list[tuple[str, str]]]
Step = Callable[[Project, dict[str, Any]], Done]


def _folder(given: Path | None) -> Path:
    if given is not None:
        return given.expanduser().absolute()
    number = 1
    while (folder := Path(f"dsbs-demo-{number}").absolute()).exists():
        number += 1
    return folder


def _data(project: Project, _: dict[str, Any]) -> Done:
    counts = examples.counts(project.store.reader, "split")
    splits = ", ".join(f"{name} {counts[name]}" for name in sample.SPLITS)
    return {"imported": sum(counts.values()), "splits": counts}, [
        ("Rows imported", f"{sum(counts.values())} ({splits})")
    ]


def _teacher(project: Project, _: dict[str, Any]) -> Done:
    """A machine that could not build llama-cpp-python still goes the rest of the way, and says so."""
    _say(f"The embedded teacher answers {ANSWERS} problems")
    try:
        run = follow(project, teacher.generate_request(project, teacher=TEACHER, limit=ANSWERS))
    except ResourceError as error:
        return {"teacher": str(error)}, [("Answers by the embedded teacher", f"none: {error}")]
    s = run.summary
    failed = sum(s["failed"].values())
    line = f"{s['done']} of {ANSWERS} ({s['parsed']} parsed, {s['agree']} agree with gold, {failed} failed)"
    return {"teacher": s}, [("Answers by the embedded teacher", line)]


def _students(project: Project, _: dict[str, Any]) -> Done:
    trained: dict[str, Any] = {}
    lines: list[tuple[str, str]] = []
    for method, name in (("step-by-step", "Distilling step-by-step"), ("finetune", "Standard finetuning")):
        _say(f"{name}: the starter student learns for {STEPS} steps")
        run = follow(
            project, training.train_request(project, method=method, student=STUDENT, steps=STEPS, rows="reviewed")
        )
        s = run.summary
        lines.append((f"{name}: label loss", f"{s['first_label_loss']:.3f} → {s['label_loss']:.3f}"))
        if s.get("rationale_loss") is not None:
            lines.append((f"{name}: rationale loss", f"{s['first_rationale_loss']:.3f} → {s['rationale_loss']:.3f}"))
        _say(f"{name}: the student answers the test problems")
        folder = training.student_folder(project, run.id)
        follow(project, evaluation.predict_request(project, run.id, student_dir=folder, split="test"))
        report = metrics.report(project.store.reader, project.task, run.id, "test")
        lines.append((f"{name}: test accuracy", _accuracy(report)))
        trained[method] = {"run": run.id, **s, "test": report}
    return {"students": trained}, lines


def _accuracy(report: dict[str, Any]) -> str:
    low, high = report["ci"]
    return f"{report['accuracy']:.1%} of {report['n']} (95 % interval {low:.1%} to {high:.1%})"


def _comparison(project: Project, so_far: dict[str, Any]) -> Done:
    run_ids = [student["run"] for student in so_far["students"].values()]
    compared = comparison.compare(project.store.reader, project.task, run_ids, split="test")
    verdict = compared["pairs"][0]["verdict"]
    return {"comparison": compared}, [("Comparison", verdict)]


def _export(project: Project, so_far: dict[str, Any]) -> Done:
    _say("The student is exported and verified in a fresh process")
    run_id = so_far["students"]["step-by-step"]["run"]
    out = project.folder / "exports" / run_id
    run = follow(
        project,
        export.student_request(
            project, run_id, student_dir=training.student_folder(project, run_id), format="safetensors", out=out
        ),
    )
    s = run.summary
    told = f"{'verified' if s['verified'] else 'NOT verified'} on {s['probes']} inputs: {out}"
    return {"export": s}, [("Export", told)]


def _say(text: str) -> None:
    print(f"— {text}", file=sys.stderr, flush=True)


def _table(rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows)
    room = max(40, shutil.get_terminal_size((120, 40)).columns)
    rule = "─" * min(room, width + 2 + max(len(value) for _, value in rows))
    return "\n".join([rule, *(f"{name:<{width}}  {value}" for name, value in rows), rule])
