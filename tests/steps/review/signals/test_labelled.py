"""How well the signals see what a reader sees, on real answers that were read one by one; no text is kept here.

The floors are the figures of docs/signals.md: who changes a signal measures it anew and changes both.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.review.signals import unseen
from dsbs_gui.steps.review.signals.checking import check
from dsbs_gui.steps.review.signals.finding import Subject
from dsbs_gui.steps.teacher.parsing import parse

HERE = Path(__file__).parent
DATA = Path(__file__).parents[5] / "shared" / "data"
TASKS = {"svamp": "math", "cqa": "choice"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the datasets with the teacher's answers are not here")


@cache
def labels(dataset: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / "labelled" / f"{dataset}.json").read_text("utf-8"))
    return loaded


@cache
def rows(dataset: str, file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / dataset / file).read_text("utf-8").splitlines()]


def subject(dataset: str, row: dict[str, Any]) -> Subject:
    """As the program would have it after an import."""
    task = task_named(TASKS[dataset])
    names = ("input",) if dataset == "svamp" else ("question", "choices")
    fields = {name: row[name] for name in names}
    parsed = parse(row["teacher_output"], task, fields)
    return Subject(task.name, fields, task.student_input(fields), parsed.rationale, parsed.label or "")


@cache
def found(dataset: str, draw: int) -> dict[str, set[int]]:
    """Signal → the rows of a draw that have it."""
    chosen = labels(dataset)["draws"][draw]
    seen: dict[str, set[int]] = {}
    for number in chosen["rows"]:
        for finding in check(subject(dataset, rows(dataset, chosen["file"])[number - 1])):
            seen.setdefault(finding.signal, set()).add(number)
    return seen


def counted(signal: str, held_out: bool) -> tuple[int, int, int]:
    """True positives, false alarms, missed ones over both datasets."""
    right = alarms = missed = 0
    for dataset in TASKS:
        for place, draw in enumerate(labels(dataset)["draws"]):
            if ("held out" in draw["name"]) == held_out:
                said, wanted = found(dataset, place).get(signal, set()), set(draw["positive"][signal])
                right, alarms, missed = (
                    right + len(said & wanted),
                    alarms + len(said - wanted),
                    missed + len(wanted - said),
                )
    return right, alarms, missed


@pytest.mark.parametrize(
    ("signal", "held_out", "floor"),
    [
        ("unsupported", False, (8, 0, 0)),
        ("unsupported", True, (6, 2, 1)),
        ("bare", False, (26, 0, 0)),
        ("bare", True, (14, 0, 2)),
        ("arithmetic", False, (7, 0, 0)),
        ("arithmetic", True, (3, 0, 0)),
        ("unseen", False, (1, 0, 0)),
        ("unseen", True, (1, 0, 0)),
        ("copies", False, (4, 0, 0)),
        ("copies", True, (1, 1, 2)),
        ("repeats", False, (3, 1, 0)),
        ("repeats", True, (1, 0, 0)),
        ("truncated", False, (3, 0, 0)),
        ("truncated", True, (0, 0, 0)),
    ],
)
def test_the_figures_that_are_told_hold(signal: str, held_out: bool, floor: tuple[int, int, int]) -> None:
    right, alarms, missed = counted(signal, held_out)
    assert right >= floor[0]
    assert alarms <= floor[1]
    assert missed <= floor[2]


def test_of_all_rows_that_have_unseen_numbers_or_names_most_are_right() -> None:
    """Too few for a random draw: so every row of both datasets that has the signal was read."""
    judged = labels("unseen")
    flagged = right = 0
    for name, known in judged["right"].items():
        dataset, file = name.split("/")
        found = [n for n, row in enumerate(rows(dataset, file), 1) if unseen.find(subject(dataset, row))]
        assert set(found) <= set(judged["flagged"][name]), "rows that nobody has read"
        flagged, right = flagged + len(found), right + len(set(found) & set(known))
    assert (right, flagged) == (18, 30)


@pytest.mark.parametrize("dataset", TASKS)
def test_every_draw_is_what_its_words_say(dataset: str) -> None:
    numbers: dict[str, list[int]] = {}
    for draw in labels(dataset)["draws"]:
        assert set(draw["positive"]) == set(labels(dataset)["signals"])
        assert all(set(positive) <= set(draw["rows"]) for positive in draw["positive"].values())
        numbers.setdefault(draw["file"], []).extend(draw["rows"])
    for drawn in numbers.values():
        assert len(drawn) == len(set(drawn)), "no row was labelled twice"


def test_a_result_that_is_changed_is_seen() -> None:
    """Of every row with one right calculation the result is raised by one: no reader is needed to know it is wrong."""
    changed = seen = 0
    for row in rows("svamp", "test.jsonl"):
        text = subject("svamp", row).rationale
        match = re.search(r"\d+ [-+*/] \d+ = (\d+)(?![\d.,]\d)", text)
        if match and not [f for f in check(Subject("math", {}, "", text)) if f.signal == "arithmetic"]:
            wrong = f"{text[: match.start(1)]}{int(match[1]) + 1}{text[match.end(1) :]}"
            changed += 1
            seen += any(f.signal == "arithmetic" for f in check(Subject("math", {}, "", wrong)))
    assert changed > 100
    assert seen == changed


def test_a_label_that_is_exchanged_for_another_choice_is_seen() -> None:
    """Each label is exchanged for the first choice that it is not."""
    changed = seen = 0
    for row in rows("cqa", "test.jsonl"):
        honest = subject("cqa", row)
        if not honest.label or any(f.signal == "unsupported" for f in check(honest)):
            continue
        other = next(choice for choice in row["choices"] if choice != honest.label)
        exchanged = Subject("choice", honest.fields, honest.input, honest.rationale, other)
        changed += 1
        seen += any(f.signal == "unsupported" for f in check(exchanged))
    assert changed > 1_000
    assert seen / changed >= 0.98
