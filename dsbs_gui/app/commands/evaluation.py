"""``dsbs evaluate``, ``compare`` and ``predict``."""

from __future__ import annotations

import io
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any, TextIO

from dsbs_gui.core.errors import Stopped, UserError
from dsbs_gui.steps.evaluation import comparison, metrics, plan
from dsbs_gui.steps.training.plan import student_folder

from .common import follow, opened, reading


def evaluate(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        run = follow(
            project,
            plan.predict_request(
                project,
                arguments.student_run,
                student_dir=student_folder(project, arguments.student_run),
                split=arguments.split,
                rationales=arguments.rationales,
            ),
        )
        if run.state == "stopped":  # an accuracy on a part of the split would be taken for the whole
            raise Stopped
        return metrics.report(project.store.reader, project.task, arguments.student_run, arguments.split)


def compare(arguments: Namespace) -> dict[str, Any]:
    with reading(arguments.project) as project:
        found = comparison.compare(project.store.reader, project.task, arguments.runs, split=arguments.split)
    return {**found, "_text": _sentences(found)}


def _sentences(found: dict[str, Any]) -> str:
    width = max(len(row["run"]) for row in found["rows"])
    rows = [
        f"{row['run']:<{width}}  {row['accuracy']:.1%} of {row['n']}"
        f" (95 % interval {row['ci'][0]:.1%} to {row['ci'][1]:.1%})  {row['title']}"
        for row in found["rows"]
    ]
    majority = f"The commonest label alone would be right in {found['majority']:.1%} of {found['split']}."
    return "\n".join([*rows, majority, *(pair["verdict"] for pair in found["pairs"]), comparison.HOW])


def predict(arguments: Namespace) -> dict[str, Any]:
    """Prints one JSON object a line as it goes; needs neither a project nor a network."""
    if not arguments.folder.exists():  # else the loader would take it for a student of the hub
        raise UserError(f"There is no folder {arguments.folder}.", "Name the folder of a training run or of an export.")
    from dsbs_gui.steps.evaluation.work.serving import predict_lines

    for answer in predict_lines(arguments.folder, read_inputs(sys.stdin), explain=arguments.explain):
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return {"_streamed": True}


def read_inputs(stream: TextIO) -> Iterator[str]:
    """The lines of ``stream`` as UTF-8. Bytes that are none are replaced, and the first such line is named."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    told = False
    for number, line in enumerate(stream, 1):
        text = line.rstrip("\n").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if not told and text != line.rstrip("\n"):
            told = True
            print(f"Note: line {number} is not UTF-8; wrong bytes are read as “\ufffd”.", file=sys.stderr, flush=True)
        yield text
