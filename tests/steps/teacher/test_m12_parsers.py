"""M12: the public figures of the paper's teacher, reproduced as its code reads and beaten as ours does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app.wiring import intakes
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples, imports
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher import accuracy
from dsbs_gui.steps.teacher.accuracy import Answered, check
from dsbs_gui.steps.teacher.intake import importing
from dsbs_gui.steps.teacher.parsing import parse

DATA = Path(__file__).parents[4] / "shared" / "data"
POND = {"question": "Where do fish live?", "choices": ["aquarium", "desert", "tree", "the moon", "pond"]}
SUM = {"input": "How many?"}


def released(name: str) -> list[dict[str, Any]]:
    path = DATA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"the released teacher outputs are not at {path}")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def answered(name: str) -> Iterator[Answered]:
    for row in released(name):
        yield Answered(row["teacher_output"], row.get("answer") or row["label"], row)


@pytest.mark.parametrize(
    ("name", "task", "paper", "robust"),
    [
        ("cqa/train", "choice", 74.26, 76.8),
        ("cqa/test", "choice", 77.23, 79.2),
        ("svamp/train", "math", 73.25, 74.3),
        ("svamp/test", "math", 74.00, 74.00),
    ],
)
def test_m12_the_papers_teacher_accuracies_are_reproduced_and_beaten(
    name: str, task: str, paper: float, robust: float
) -> None:
    rows = list(answered(name))
    assert round(100 * check(rows, TASKS[task], "paper")["accuracy"], 2) == paper
    found = check(rows, TASKS[task], "robust")
    assert 100 * found["accuracy"] >= robust
    assert sum(found["by_rung"].values()) == found["n"] == len(rows)


def test_m12_a_project_with_the_released_answers_says_the_same(tmp_path: Path) -> None:
    rows = released("svamp/train")
    project = Project.create(tmp_path / "svamp", "math", intakes=intakes())

    def fill(tx: Transaction) -> None:
        read = importing(tx)
        new = [
            {"line": i, "id": None, "fields": {"input": row["input"]}, "input": row["input"], "label": row["label"]}
            for i, row in enumerate(rows)
        ]
        ids, _ = examples.add(tx, new, split="train", import_id=imports.start(tx, "i", "x.jsonl", "train", {}, None))
        for example_id, row in zip(ids, rows, strict=True):
            parts = read(row["teacher_output"], project.task, {"input": row["input"]}, row["label"])
            answers.add(tx, NewAnswer(example_id, "import-1", "import", "x.jsonl", row["teacher_output"], **parts))

    try:
        project.store.write_now(fill)
        db = project.store.reader
        assert round(100 * accuracy.of_split(db, project.task, parser="paper")["accuracy"], 2) == 73.25
        robust = accuracy.of_split(db, project.task)
        assert robust["accuracy"] > 0.7325
        stands = examples.counts(db, "agree")
        assert stands["1"] == round(robust["accuracy"] * robust["n"])
    finally:
        project.close()


@pytest.mark.parametrize(
    ("task", "raw", "paper", "robust"),
    [
        ("choice", "So the answer is either (a) aquarium or (e) pond.", "aquarium or", "aquarium"),
        ("choice", "Fish swim, so the answer is (e) pond.", None, "pond"),
        ("choice", "So the answer is (b) desert. No. So the answer is (e) pond.", None, "pond"),
        ("choice", "So the answer is (e) ponds.", "ponds", "pond"),
        ("math", "The answer is (some - 8).", "(some - 8)", None),
        ("math", "The answer is (54 - (some - 28)).", "(54 - (some - 28))", None),
        ("math", "The answer is ((415 - 309) - (41", "((415 - 309)", None),
        ("math", "The answer is (1 + 2). No. The answer is (3 + 4).", None, "(3 + 4)"),
        ("math", "They shared, so the answer is (84 / 2).", None, "(84 / 2)"),
    ],
)
def test_m12_what_each_parser_makes_of_the_known_traps(
    task: str, raw: str, paper: str | None, robust: str | None
) -> None:
    fields = POND if task == "choice" else SUM
    assert parse(raw, TASKS[task], fields, "paper").label == paper
    assert parse(raw, TASKS[task], fields).label == robust


@pytest.mark.parametrize("mode", ["paper", "robust"])
@pytest.mark.parametrize("task", sorted(TASKS))
@pytest.mark.parametrize(
    "raw",
    [
        "", " \n", "So the answer is", "So the answer is .", "So the answer is\u00a0", "The answer is ()",
        "Answer: ", '{"label": ""}', '{"label": " "}', '{"label": null}', "So the answer is ** **.",
    ],
)  # fmt: skip
def test_m12_a_blank_is_never_a_label(raw: str, task: str, mode: str) -> None:
    fields = {"nli": {"premise": "A.", "hypothesis": "B."}, "choice": POND, "math": SUM, "text": SUM}[task]
    label = parse(raw, TASKS[task], fields, mode).label
    assert label is None or (mode == "paper" and label.strip())
