"""The way on the paper's own data, without a window. Skipped where ``../shared`` is absent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def dsbs(*arguments: str | Path, text: str | None = None) -> dict[str, Any]:
    """One command in a process of its own; the object it printed."""
    command = [sys.executable, "-m", "dsbs_gui", str(arguments[0]), "--json", *map(str, arguments[1:])]
    done = subprocess.run(command, capture_output=True, text=True, input=text, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    body: dict[str, Any] = json.loads(done.stdout)
    return body


@pytest.fixture(scope="module")
def svamp(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("svamp") / "project"
    dsbs("new", project, "--task", "math")
    for split in ("train", "test"):
        file = shared / "data" / "svamp" / f"{split}.jsonl"
        done = dsbs("import", project, file, "--split", split, "--map", "teacher=teacher_output")
        assert done["imported"] == {"train": 800, "test": 200}[split]
        assert done["rejected"] == []
    return project


@pytest.fixture(scope="module")
def cqa(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("cqa") / "project"
    dsbs("new", project, "--task", "choice")
    for split in ("train", "test"):
        file = shared / "data" / "cqa" / f"{split}.jsonl"
        mapping = ("question=question", "choices=choices", "label=answer", "id=id", "teacher=teacher_output")
        options = [option for pair in mapping for option in ("--map", pair)]
        done = dsbs("import", project, file, "--split", split, *options)
        assert done["imported"] == {"train": 9741, "test": 1221}[split]
    return project


@pytest.mark.parametrize(("split", "parser", "accuracy"), [("train", "paper", 0.7325), ("test", "paper", 0.74)])
def test_palm_is_as_right_on_svamp_as_the_paper_found(svamp: Path, split: str, parser: str, accuracy: float) -> None:
    report = dsbs("check-teacher", svamp, "--split", split, "--parser", parser)
    assert round(report["accuracy"], 4) == accuracy
    assert report["ci"][0] < report["accuracy"] < report["ci"][1]


def test_a_careful_parser_loses_no_right_answer_of_svamp(svamp: Path) -> None:
    assert dsbs("check-teacher", svamp, "--split", "train", "--parser", "robust")["accuracy"] >= 0.7325


def test_palm_is_as_right_on_cqa_as_the_paper_found_and_a_careful_parser_finds_more(cqa: Path) -> None:
    found = {
        (split, parser): dsbs("check-teacher", cqa, "--split", split, "--parser", parser)["accuracy"]
        for split in ("train", "test")
        for parser in ("paper", "robust")
    }
    assert round(found["train", "paper"], 4) == 0.7426
    assert round(found["test", "paper"], 4) == 0.7723
    assert found["train", "robust"] >= 0.768
    assert found["test", "robust"] >= 0.792


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_svamp_goes_the_whole_way(svamp: Path, tmp_path: Path) -> None:
    """Embedded teacher, starter student, decoder-only student, evaluation, export, prediction."""
    made = dsbs("generate", svamp, "--teacher", "smollm2-135m", "--limit", "40")
    assert made["done"] + sum(made["failed"].values()) == 40
    dsbs("split", svamp, "--valid", "0.1", "--test", "0")
    starter = dsbs("train", svamp, "--method", "step-by-step", "--student", "starter", "--steps", "60")
    assert starter["label_loss"] < starter["first_label_loss"]
    smol = dsbs(
        "train", svamp, "--method", "step-by-step", "--student", "smollm2-135m", "--steps", "20", "--batch-size", "4"
    )
    assert smol["steps"] == 20
    evaluated = dsbs("evaluate", svamp, starter["run"])
    assert evaluated["n"] == 200
    exported = dsbs("export", svamp, starter["run"], "--format", "safetensors", tmp_path / "out")
    assert exported["verified"] is True
    answers = subprocess.run(
        [sys.executable, "-m", "dsbs_gui", "predict", str(tmp_path / "out"), "--explain"],
        input="Tom has 3 pens and buys 4. How many pens has he?\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert {"prediction", "rationale"} <= set(json.loads(answers.stdout.splitlines()[0]))
