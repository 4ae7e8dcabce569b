"""A toy task that a student of a few thousand weights learns by heart, and the job run in-process on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from dsbs_gui.core.protocol import Finished, Message
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.work import training
from dsbs_gui.students.saving import save_student
from tests.students.families import FAMILIES
from tests.students.tiny import SIZES

WORDS = ("red", "blue", "green", "black", "white", "brown")
ROWS = [
    {
        "example_id": i,
        "input": f"{WORDS[i]} box",
        "label": WORDS[(i + 1) % 6],
        "rationale": f"after {WORDS[i]} comes {WORDS[(i + 1) % 6]}",
        "fields": {"input": f"{WORDS[i]} box"},
    }
    for i in range(6)
]
STARTER = {**SIZES, "vocab_size": 300}


def make_run(folder: Path, rows: list[dict] | None = None) -> Path:
    folder.mkdir(parents=True)
    for name, found in (("train", rows or ROWS), ("valid", ROWS)):
        (folder / f"input.{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in found))
    return folder


def spec_for(folder: Path, **changes: object) -> TrainSpec:
    base: dict = {"run_dir": str(folder), "starter": STARTER, "batch_size": 4, "lr": 3e-3, "steps": 4, "eval_every": 4}
    return TrainSpec(**(base | changes))


def train(spec: TrainSpec, should_stop: Callable[[], bool] = lambda: False) -> list[Message]:
    said: list[Message] = []
    training.run(spec, said.append, should_stop)
    return said


def stop_after(steps: int) -> Callable[[], bool]:
    """Asked once before each step while there are no validations."""
    asked = iter(range(10_000))
    return lambda: next(asked) >= steps


def weights_hash(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def student_of(folder: Path, said: list[Message]) -> Path:
    assert isinstance(said[-1], Finished)
    return folder / said[-1].summary["student"]


def folder_of(family: str, folder: Path, dropout: float = 0.0) -> str:
    """A folder with an untrained student of the family, whose tokenizer knows the rows."""
    texts = [row[name] for row in ROWS for name in ("input", "label", "rationale")]
    student = FAMILIES[family](dropout=dropout, texts=texts)
    save_student(student, folder, student.meta)
    return str(folder)
