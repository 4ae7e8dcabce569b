from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher.accuracy import Answered, check

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[4] / "shared" / "data"


def released(name: str) -> Iterator[Answered]:
    path = DATA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"the released teacher outputs are not at {path}")
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Answered(row["teacher_output"], row.get("answer") or row["label"], row)


@pytest.mark.parametrize(
    ("name", "task", "paper", "robust"),
    [
        ("cqa/train", "choice", 74.26, 76.8),
        ("cqa/test", "choice", 77.23, 79.2),
        ("svamp/train", "math", 73.25, 73.25),
        ("svamp/test", "math", 74.00, 74.00),
    ],
)
def test_the_papers_teacher_accuracies_are_reproduced(name: str, task: str, paper: float, robust: float) -> None:
    rows = list(released(name))
    assert round(100 * check(rows, TASKS[task], "paper")["accuracy"], 2) == paper
    assert 100 * check(rows, TASKS[task], "robust")["accuracy"] >= robust


def test_an_unparsed_answer_counts_as_wrong() -> None:
    fields = {"input": "How many?"}
    rows = [Answered("The answer is 2.", "2", fields), Answered("I do not know.", "2", fields)]
    found = check(rows, TASKS["math"])
    assert (found["n"], found["parsed"], found["accuracy"]) == (2, 1, 0.5)
    assert found["by_rung"] == {"value": 1, "unparsed": 1}
    assert found["ci"][0] < 0.5 < found["ci"][1]


def test_no_answers_give_no_accuracy_and_the_widest_interval() -> None:
    assert check([], TASKS["math"]) == {"n": 0, "parsed": 0, "accuracy": 0.0, "ci": [0.0, 1.0], "by_rung": {}}
