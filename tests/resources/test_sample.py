"""The sample problems are reproducible, correct, grammatical, and the splits share nothing that they should not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dsbs_gui.core.arithmetic import evaluate

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
SIZES = {"train": 1000, "valid": 100, "test": 100}
ROWS: dict[str, list[dict[str, str]]] = {
    name: [json.loads(line) for line in (SAMPLE / f"{name}.jsonl").read_text("utf-8").splitlines()] for name in SIZES
}
ALL = [row for rows in ROWS.values() for row in rows]
EQUATION = re.compile(r"(\d+ [-+*/] \d+) = (\d+)")
COMMONEST_LABEL = 0.15
LARGEST = 24


def masked(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def test_the_generator_writes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-I", SAMPLE / "make_problems.py", tmp_path], check=True, timeout=60)
    for name in SIZES:
        assert (tmp_path / f"{name}.jsonl").read_bytes() == (SAMPLE / f"{name}.jsonl").read_bytes()


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_every_split_has_its_size_and_every_row_its_fields(name: str, size: int) -> None:
    assert len(ROWS[name]) == size
    assert all(list(row) == ["id", "input", "label", "rationale"] for row in ROWS[name])
    assert all(row["id"].startswith(name) for row in ROWS[name])


def test_ids_are_unique() -> None:
    assert len({row["id"] for row in ALL}) == len(ALL)


def test_no_two_problems_are_alike_even_with_their_numbers_masked() -> None:
    assert len({masked(row["input"]) for row in ALL}) == len(ALL)


def test_every_rationale_works_out_its_label_in_two_correct_steps() -> None:
    for row in ALL:
        steps = EQUATION.findall(row["rationale"])
        assert len(steps) == row["rationale"].count(" = ") == 2, row
        assert all(evaluate(left) == float(right) for left, right in steps), row
        assert row["label"] == steps[1][1], row


def test_the_second_step_needs_the_first_whose_result_the_problem_does_not_state_for_it() -> None:
    for row in ALL:
        (_, first), (second, _) = EQUATION.findall(row["rationale"])
        assert first in second.split(), row


def test_the_first_step_uses_only_numbers_of_the_problem() -> None:
    words = {"twice": "2", "half": "2", "three times": "3"}
    for row in ALL:
        (first, _), _ = EQUATION.findall(row["rationale"])
        told = {*re.findall(r"\d+", row["input"]), *(number for word, number in words.items() if word in row["input"])}
        assert set(re.findall(r"\d+", first)) <= told, row


def test_numbers_and_nouns_agree() -> None:
    for row in ALL:
        many = re.search(r"How many (\w+)", row["input"])
        assert many is not None
        plural = many[1]
        for text in (row["input"], row["rationale"]):
            for number, noun in re.findall(r"(\d+) ([a-z]+)", text):
                if noun[:3] == plural[:3]:
                    assert (noun == plural) == (number != "1"), row


def test_every_problem_is_whole_sentences_and_ends_in_its_question() -> None:
    for row in ALL:
        assert re.fullmatch(r"([A-Z][^.?]*\. ){2,3}How many [^.?]*\?", row["input"]), row
        assert re.fullmatch(r"[A-Z][^.]*\. [A-Z][^.]*\.", row["rationale"]), row


def test_nobody_is_compared_with_or_gives_to_themselves() -> None:
    for row in ALL:
        for sentence in row["input"].split(". "):
            names = [word for word in re.findall(r"[A-Z][a-z]+", sentence) if word not in {"Then", "How", "She", "He"}]
            assert len(set(names)) == len(names), row


def test_guessing_the_commonest_label_gets_little() -> None:
    assert Counter(row["label"] for row in ALL).most_common(1)[0][1] < COMMONEST_LABEL * len(ALL)
    assert all(0 < int(row["label"]) <= LARGEST for row in ALL)
