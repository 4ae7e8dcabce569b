"""The losses of the first 20 steps of a tiny student of each family, as they were accepted.

``python -m tests.steps.training.trajectories`` makes ``trajectories.json`` anew: do it where the change is meant,
and read the difference before you commit it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

ACCEPTED = Path(__file__).with_name("trajectories.json")
STEPS = 20


class _Recorder:
    """Stands where a run has its reporter, and keeps every step."""

    def __init__(self) -> None:
        self.steps: list[dict[str, float]] = []

    def step(self, step: Any) -> None:
        values = {"label": step.losses.label, "rationale": step.losses.rationale, "grad_norm": step.grad_norm}
        self.steps.append({name: round(value, 6) for name, value in values.items()})


def run(family: str, folder: Path) -> list[dict[str, float]]:
    """Train ``family`` for 20 steps, in micro-batches of two rows and in two epochs and a bit."""
    from dsbs_gui.steps.training.work import setup, training

    from .toy import folder_of, make_run, spec_for

    settings = {"steps": STEPS, "micro_batch": 2, "rationale_weight": 0.5, "warmup": 3, "eval_every": STEPS}
    student = folder_of(family, folder / "student")
    session = setup.prepare(spec_for(make_run(folder / "run"), student=student, **settings), lambda _: None)
    recorder: Any = _Recorder()
    for _ in range(STEPS):
        training._take_step(session, recorder, lambda _: None)
    return recorder.steps


def main() -> None:
    from tests.students.families import FAMILIES

    with tempfile.TemporaryDirectory() as folder:
        found = {family: run(family, Path(folder, family)) for family in FAMILIES}
    lines = [f'"{family}": [\n' + ",\n".join(map(json.dumps, steps)) + "\n]" for family, steps in found.items()]
    ACCEPTED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
