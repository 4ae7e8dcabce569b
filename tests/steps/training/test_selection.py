"""The part of M14 that training must hold: what lies in the test split never chooses a student."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import CheckpointSaved
from dsbs_gui.core.store import answers, examples, imports
from dsbs_gui.steps.training import plan
from dsbs_gui.steps.training.specs import TrainSpec
from tests.steps.training.toy import STARTER, WORDS, student_of, train, weights_hash


def _project(folder: Path, test_labels: list[str]) -> Project:
    """Six train, four valid and as many test rows as there are labels; the teacher has explained the train rows."""
    made = Project.create(folder, "text")

    def fill(tx: Any) -> None:
        for split, labels in (
            ("train", [WORDS[(i + 1) % 6] for i in range(6)]),
            ("valid", [WORDS[(i + 1) % 6] for i in range(4)]),
            ("test", test_labels),
        ):
            rows = []
            for i, label in enumerate(labels):
                text = f"{WORDS[i % 6]} box" if split != "test" else f"{WORDS[i % 6]} unseen box"
                rows.append({"line": i, "id": None, "fields": {"input": text}, "input": text, "label": label})
            if rows:
                examples.add(tx, rows, split=split, import_id=imports.start(tx, f"i-{split}", "toy", split, {}, ""))
        for i in range(6):
            label = WORDS[(i + 1) % 6]
            answers.add(
                tx,
                answers.NewAnswer(
                    i + 1,
                    "generate-1",
                    "teacher",
                    "Tina",
                    "raw",
                    rationale=f"after it {label}",
                    label=label,
                    agree=True,
                ),
            )

    made.store.write_now(fill)
    return made


def _chosen(tmp_path: Path, name: str, test_labels: list[str]) -> tuple[list[int], dict[str, Any], str]:
    """Steps at which a best student was kept, the run's summary, and the hash of the student it chose."""
    project = _project(tmp_path / name, test_labels)
    settings = {"starter": STARTER, "steps": 24, "batch_size": 6, "lr": 3e-3, "eval_every": 4, "warmup": 0}
    request = plan.train_request(project, patience=3, **settings)
    folder = project.folder / "runs" / "run"
    folder.mkdir(parents=True)
    for file, rows in request.inputs.items():
        (folder / file).write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    project.close()
    said = train(TrainSpec.from_json({**request.spec.to_json(), "run_dir": str(folder)}))
    measured = ("examples_per_s", "tokens_per_s", "peak_bytes")  # of this process, and never twice the same
    summary = {key: value for key, value in said[-1].summary.items() if key not in measured}
    kept = [message.step for message in said if isinstance(message, CheckpointSaved) and message.best]
    return kept, summary, weights_hash(student_of(folder, said))


def test_m14_swapped_test_labels_and_any_test_data_leave_the_chosen_checkpoint_identical(tmp_path: Path) -> None:
    right = [WORDS[(i + 1) % 6] for i in range(6)]
    expected = _chosen(tmp_path, "right", right)
    assert expected[1]["valid_accuracy"] > 0
    for name, labels in (("swapped", right[::-1]), ("more", [*WORDS, *WORDS]), ("none", [])):
        assert _chosen(tmp_path, name, labels) == expected
