"""A real run in a process of its own that says what it took: ``python weighed_run.py SPEC.json``; tests start it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import torch

from dsbs_gui.core.protocol import Message, TrainingReady
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.work import training, trial


def main(path: str) -> None:
    facts: dict[str, object] = {}

    def emit(message: Message) -> None:
        if isinstance(message, TrainingReady):
            facts.update(message.facts)

    training.run(TrainSpec.from_json(json.loads(Path(path).read_text("utf-8"))), emit, lambda: False)
    print(json.dumps(facts | {"whole_peak_bytes": trial.peak_bytes(torch.device("cpu"))}))


if __name__ == "__main__":
    main(sys.argv[1])
