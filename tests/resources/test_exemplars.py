"""The few-shot exemplars are complete, correct, our own, and seen nowhere else."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.arithmetic import evaluate

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
FIELDS = {
    "math": ("input",),
    "math-equation": ("input",),
    "choice": ("question", "choices"),
    "nli": ("premise", "hypothesis"),
    "text": ("input",),
}
PROMPTS: dict[str, dict[str, Any]] = {
    name: tomllib.loads((ROOT / "resources" / "exemplars" / f"{name}.toml").read_text("utf-8")) for name in FIELDS
}
EXEMPLARS = [(name, item) for name, prompt in PROMPTS.items() for item in prompt["exemplar"]]
EQUATION = re.compile(r"([-+*/() \d]*\d[-+*/() \d]*[-+*/][-+*/() \d]*) = (\d+)")


def plain(text: str) -> str:
    """Words and numbers alone, in lower case."""
    return " ".join(re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("name", FIELDS)
def test_a_prompt_file_holds_a_whole_prompt(name: str) -> None:
    prompt = PROMPTS[name]
    assert prompt["version"] == 1
    assert prompt["task"] == name.removesuffix("-equation")
    assert prompt["trigger"] == ("The answer is" if prompt["task"] == "math" else "So the answer is")
    assert prompt["question_prefix"].strip() == prompt["stop"][0].strip() == ("Premise:" if name == "nli" else "Q:")
    assert prompt["answer_prefix"].strip() == ("Answer:" if name == "nli" else "A:")
    assert prompt["instruction"] == ""
    assert 7 <= len(prompt["exemplar"]) <= 9


@pytest.mark.parametrize(("name", "item"), EXEMPLARS)
def test_an_exemplar_has_its_fields_and_does_not_end_the_teachers_answer(name: str, item: dict[str, Any]) -> None:
    assert set(item) == {*FIELDS[name], "rationale", "label"}
    assert all(item.values())
    assert item["rationale"].endswith(".")
    assert "answer is" not in item["rationale"].lower()
    assert not any(stop in item["rationale"] for stop in PROMPTS[name]["stop"])


@pytest.mark.parametrize(("name", "item"), EXEMPLARS)
def test_the_label_follows_from_the_rationale(name: str, item: dict[str, Any]) -> None:
    rationale, label = item["rationale"], item["label"]
    equations = EQUATION.findall(rationale)
    assert all(evaluate(left) == float(right) for left, right in equations)
    if name == "math":
        assert equations[-1][1] == label
        assert len(equations) == rationale.count(".")
    elif name == "math-equation":
        left, right = equations[-1]
        assert re.sub(r"[() ]", "", left) == re.sub(r"[() ]", "", label)
        assert evaluate(label) == float(right)
        assert label.startswith("(")
        assert label.endswith(")")
    elif name == "choice":
        assert item["choices"].count(label) == 1
        assert len(set(item["choices"])) == 5
        assert plain(label) in plain(rationale)
    elif name == "nli":
        assert label in {"entailment", "neutral", "contradiction"}
    else:
        signs = {"positive": ("prais", "content"), "negative": ("complaint",), "mixed": ("prais", "complaint")}
        said = {sign for sign in ("prais", "content", "complaint") if sign in rationale}
        assert said <= set(signs[label])
        assert ("complaint" in said) == (label != "positive")


@pytest.mark.parametrize("name", ["choice", "nli", "text"])
def test_no_answer_prevails_by_its_place_or_its_frequency(name: str) -> None:
    items = PROMPTS[name]["exemplar"]
    answers = [item["choices"].index(item["label"]) if name == "choice" else item["label"] for item in items]
    assert Counter(answers).most_common(1)[0][1] <= 3
    assert len(set(answers)) >= 3


def questions() -> dict[str, str]:
    """Every exemplar's question without punctuation, to its file."""
    return {plain(" ".join(str(item[field]) for field in FIELDS[name][:1])): name for name, item in EXEMPLARS}


def test_no_exemplar_is_a_problem_of_the_sample_project() -> None:
    lines = [
        json.loads(line)["input"]
        for split in ("train", "valid", "test")
        for line in (ROOT / "resources" / "sample" / f"{split}.jsonl").read_text("utf-8").splitlines()
    ]
    assert len(questions()) == len(EXEMPLARS)
    assert not questions().keys() & {plain(line) for line in lines}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the benchmark data beside the repository is not there")
def test_no_exemplar_is_taken_from_a_benchmark() -> None:
    known = {
        plain(row.get("input") or row["question"])
        for path in (*SHARED.glob("svamp/*.jsonl"), *SHARED.glob("cqa/*.jsonl"))
        for row in map(json.loads, path.read_text("utf-8").splitlines())
    }
    assert len(known) > 10_000
    assert not questions().keys() & known
