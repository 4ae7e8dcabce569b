"""The order of the list, how long what waits may take, and what a sweep makes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dsbs_gui.steps.training import queueing, sweep

BASE = {"method": "step-by-step", "student": "starter", "labels": "gold", "rationale_weight": 1.0, "seed": 0,
        "fraction": 1.0, "steps": 100, "batch_size": 10}  # fmt: skip


def run(number: int, state: str = "done", **more: Any) -> Any:
    body: dict[str, Any] = {
        "id": f"train-{number}", "number": number, "state": state, "live": state in ("queued", "running"),
        "position": float(number), "started": 1000.0, "ended": 1050.0, "summary": {"steps": 100},
        "spec": {"method": "step-by-step", "steps": 100, "batch_size": 10}, "context": {"chosen": "starter"},
    }  # fmt: skip
    return SimpleNamespace(**(body | more))


def test_what_works_comes_first_then_the_queue_then_what_has_ended() -> None:
    found = [run(5, "queued", position=1.0), run(4, "queued"), run(3, "running"), run(2), run(1)]
    assert [r.number for r in queueing.in_order(found)] == [3, 5, 4, 2, 1]


def test_time_is_told_by_finished_runs_of_the_same_student_and_kind_of_method() -> None:
    assert queueing.seconds([], BASE) is None
    earlier = [run(1), run(2, ended=1150.0), run(3, "failed"), run(4, context={"chosen": "other"})]
    assert queueing.seconds(earlier[:1], BASE) == pytest.approx(50)
    assert queueing.seconds(earlier, BASE) == pytest.approx(1000 / ((20 + 1000 / 150) / 2))
    assert queueing.seconds(earlier, BASE | {"student": "third"}) is None
    baseline = run(5, ended=1010.0, spec={"method": "finetune", "steps": 100, "batch_size": 10})
    assert queueing.seconds([*earlier, baseline], BASE | {"method": "distill"}) == pytest.approx(10)
    assert queueing.seconds([baseline], BASE) == pytest.approx(10), "better than nothing"
    by_epochs = BASE | {"steps": 0, "epochs": 2.0, "fraction": 0.5}
    assert queueing.seconds(earlier[:1], by_epochs, rows=400) == pytest.approx(20)
    resumed = run(6, context={"chosen": "starter", "resumed": "train-1"})
    assert queueing.seconds([resumed], BASE) is None, "it did a part of its steps only"


def test_time_of_the_queue_is_told_only_where_it_is_known_of_each() -> None:
    waiting = [run(2, "queued"), run(3, "queued")]
    assert queueing.waiting_seconds([run(1), *waiting]) == pytest.approx(100)
    assert queueing.waiting_seconds([run(1), *waiting, run(4, "queued", context={"chosen": "other"})]) is None
    assert queueing.waiting_seconds([run(1)]) is None


@pytest.mark.parametrize(
    ("text", "name", "values", "wrong"),
    [
        ("0, 0.5,1", "rationale_weight", [0.0, 0.5, 1.0], ""),
        ("1; 1", "rationale_weight", [1.0], ""),
        ("", "rationale_weight", [], ""),
        ("0-2, 7", "seed", [0, 1, 2, 7], ""),
        ("1–3", "seed", [1, 2, 3], ""),
        ("25 %, 0.5", "fraction", [0.25, 0.5], ""),
        ("much", "rationale_weight", [], "“much” is no number"),
        ("0.5", "seed", [], "“0.5” is no whole number"),
        ("5-1", "seed", [], "“5-1” is no whole number"),
        ("-1", "seed", [], "-1 is too small: at least 0"),
        ("2", "fraction", [], "2 is too large: at most 1"),
        ("0 %", "fraction", [], "0 % is too small: more than 0"),
        ("nan", "rationale_weight", [], "nan is not a number that can be used"),
    ],
)
def test_values_of_a_sweep_are_read_from_a_line(text: str, name: str, values: list, wrong: str) -> None:
    assert sweep.read(text, name) == (values, wrong)


def test_a_sweep_has_each_combination_once() -> None:
    found = sweep.runs_of(BASE, {"rationale_weight": [0.0, 0.5], "seed": [0, 1, 2]})
    assert [(r["rationale_weight"], r["seed"]) for r in found] == [(w, s) for w in (0.0, 0.5) for s in (0, 1, 2)]
    assert all(r["steps"] == 100 for r in found)
    methods = sweep.runs_of(BASE, {"method": ["step-by-step", "finetune", "distill"], "rationale_weight": [0.5, 1.0]})
    assert [(r["method"], r["rationale_weight"], r["labels"]) for r in methods] == [
        ("step-by-step", 0.5, "gold"), ("step-by-step", 1.0, "gold"), ("finetune", 1.0, "gold"),
        ("distill", 1.0, "teacher"),
    ]  # fmt: skip
    kept = sweep.runs_of(BASE | {"labels": "teacher"}, {"method": ["finetune", "distill"]})
    assert {r["labels"] for r in kept} == {"teacher"}, "labels that were chosen stay"
    assert sweep.runs_of(BASE, {}) == [BASE]
