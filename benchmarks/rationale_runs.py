"""One run of the signal test: rows of a made-up task, the program's own training and prediction, one line of JSON.

Nothing here trains or judges by itself: ``training.run`` learns and selects on the valid rows, ``predicting.run``
answers the test rows once at the end, and the task's ``same`` says what is right, as for a user's project.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rationale_records import made, packed
from rationale_setups import LIMITS, OPTIMISER, STUDENT, TEACHER_ERROR, Arm, Setup, key
from rationale_tasks import Item, make

from dsbs_gui.core.protocol import Evaluated, Finished, Message, Predicted
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.evaluation.specs import PredictSpec
from dsbs_gui.steps.evaluation.work import predicting
from dsbs_gui.steps.training.rows import TRAIN_FILE, VALID_FILE
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.work import training
from dsbs_gui.steps.training.work.batches import Example, encode_rows
from dsbs_gui.steps.training.work.setup import make_student, training_rows

VALIDATIONS = 10


def run(setup: Setup, arm: Arm, seed: int) -> dict[str, Any]:
    """Train and judge one student.

    Args:
        seed: of everything: rules, rows and the teacher's mistakes, weights and order. So the spread over seeds is that
            of doing it all again; arms with the same seed share rules and rows and can be paired.
    Returns: ``key``, how it was ``made``, what training told, ``right``: for each test row whether the student was, as
        hex digits.
    """
    error = 0.0 if arm.flawless else TEACHER_ERROR
    items = make(setup.task, setup.names, (setup.rows, setup.valid, setup.test), seed, error)
    with tempfile.TemporaryDirectory(prefix="dsbs-signal-") as place:
        folder = Path(place)
        write(folder / TRAIN_FILE, items["train"], arm)
        write(folder / VALID_FILE, items["valid"])
        write(folder / "input.jsonl", items["test"])
        spec = specification(setup, arm, seed, folder)
        tokens = tokens_a_row(spec, folder)
        if arm.same_tokens:
            other = tokens_a_row(replace(spec, method="step-by-step"), folder)
            spec = replace(spec, steps=round(spec.steps * other / tokens))
            spec = replace(spec, eval_every=max(1, spec.steps // VALIDATIONS))
        told = listen(training.run, spec)
        summary = next(message.summary for message in told if isinstance(message, Finished))
        asked = PredictSpec(run_dir=place, student_dir=str(folder / summary["student"]), batch_size=100)
        right = judge(items["test"], listen(predicting.run, asked))
    return {
        "key": key(setup, arm, seed),
        "made": made(),
        "steps": summary["steps"],
        "tokens": round(summary["steps"] * spec.batch_size * tokens),
        "best_step": summary["best_step"],
        "valid": [round(message.accuracy, 4) for message in told if isinstance(message, Evaluated)],
        "label_loss": summary["label_loss"],
        "rationale_loss": summary["rationale_loss"],
        "right": packed(right),
    }


def specification(setup: Setup, arm: Arm, seed: int, folder: Path) -> TrainSpec:
    every = max(1, setup.steps // VALIDATIONS)
    return TrainSpec(
        run_dir=str(folder), method=arm.method, starter=STUDENT | setup.student, seed=seed, data_seed=seed,
        rationale_weight=setup.weight, steps=setup.steps, eval_every=every, save_every=10 * setup.steps,
        **OPTIMISER, **LIMITS,
    )  # fmt: skip


def write(path: Path, items: Iterable[Item], arm: Arm | None = None) -> None:
    """Rows as a run finds them; without ``arm`` rows to ask, whose gold labels judge."""
    path.write_text("".join(json.dumps(row(n, item, arm)) + "\n" for n, item in enumerate(items)), "utf-8")


def row(number: int, item: Item, arm: Arm | None) -> dict[str, Any]:
    label = item.teacher.label if arm and arm.labels == "teacher" else item.gold.label
    masked = arm is None or (arm.masked and item.teacher.label != label)
    rationale = None if masked else item.teacher.rationale
    return {"example_id": number, "input": item.input, "label": label, "rationale": rationale, "fields": {}}


def tokens_a_row(spec: TrainSpec, folder: Path) -> float:
    """Tokens that a step reads and writes for a row of the batch, mean: inputs and targets of one or both passes.

    Nearly all of a step's arithmetic is in proportion to them, as the encoder's and the decoder's layers are alike.
    """
    rows = training_rows(spec, folder)
    examples, _ = encode_rows(make_student(spec, folder, rows), rows)
    return sum(map(_tokens, examples)) / len(examples)


def _tokens(example: Example) -> int:
    pairs = (example.label, example.rationale)
    return sum(len(pair.input) + len(pair.target) for pair in pairs if pair is not None)


def listen(job: Any, spec: Any) -> list[Message]:
    told: list[Message] = []
    job(spec, told.append, lambda: False)
    return told


def judge(items: list[Item], told: Iterable[Message]) -> list[bool]:
    rows = [row for message in told if isinstance(message, Predicted) for row in message.rows]
    said = {row["example_id"]: row["prediction"] for row in rows}
    task = task_named("text")
    return [task.same(said[number], item.gold.label, {}) for number, item in enumerate(items)]
