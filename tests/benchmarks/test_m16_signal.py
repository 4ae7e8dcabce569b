"""Item M16: the harness that asks whether rationales help, and what its table says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rationale_records as records
import rationale_runs as runs
import rationale_signal as signal
import rationale_table as table
import rationale_verdicts as verdicts
from rationale_setups import ARMS, QUICK, Setup, key
from rationale_tasks import make

from dsbs_gui.steps.training.rows import read_rows

TOY = replace(QUICK, name="toy", rows=24, steps=3, valid=6, test=10)


def kept(setup: Setup, arm: str, seed: int, right: list[bool]) -> dict[str, Any]:
    packed = records.packed(right)
    return {"key": key(setup, ARMS[arm], seed), "steps": setup.steps, "tokens": 100, "right": packed}


def share(of_ten: int) -> list[bool]:
    return [place < of_ten for place in range(10)]


def test_m16_a_run_is_the_same_each_time_and_counts_what_goes_through_the_student() -> None:
    found = runs.run(TOY, ARMS["step-by-step"], 1)
    assert found == runs.run(TOY, ARMS["step-by-step"], 1)
    assert len(records.unpacked(found["right"], TOY.test)) == TOY.test
    assert len(found["valid"]) == found["steps"] == TOY.steps
    assert found["rationale_loss"] > 0


def test_m16_the_row_of_as_many_tokens_gets_as_many() -> None:
    found = {arm: runs.run(TOY, ARMS[arm], 1) for arm in ("finetune", "finetune-tokens", "step-by-step")}
    step = found["finetune"]["tokens"] / TOY.steps
    assert abs(found["finetune-tokens"]["tokens"] - found["step-by-step"]["tokens"]) <= step / 2
    assert found["finetune-tokens"]["steps"] > found["finetune"]["steps"] == found["step-by-step"]["steps"]


def test_m16_the_teachers_labels_are_learnt_but_never_judged_by(tmp_path: Path) -> None:
    items = make(TOY.task, TOY.names, (200, 1, 1), 1, 0.5)["train"]
    runs.write(tmp_path / "gold.jsonl", items)
    runs.write(tmp_path / "teacher.jsonl", items, "teacher")
    gold, teacher = (read_rows(tmp_path / f"{name}.jsonl") for name in ("gold", "teacher"))
    assert [row.label for row in gold] == [item.gold.label for item in items]
    assert [row.label for row in teacher] == [item.teacher.label for item in items]
    assert [row.rationale for row in gold] == [row.rationale for row in teacher]
    assert sum(a.label != b.label for a, b in zip(gold, teacher, strict=True)) > 60


def test_m16_an_interrupted_grid_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    plans = list(signal.plans([TOY], [ARMS["finetune"], ARMS["step-by-step"]], [1, 2]))
    records.append(path, kept(TOY, "finetune", 1, share(5)))
    with path.open("a") as file:
        file.write('{"key": {"setup"')  # torn by a power loss
    records.append(path, kept(TOY, "step-by-step", 1, share(6)))
    found = records.read(path)
    assert [record["key"]["arm"] for record in found] == ["finetune", "step-by-step"]
    assert signal.missing(plans, found) == plans[2:]
    other = replace(TOY, steps=4)
    assert len(signal.missing(list(signal.plans([other], [ARMS["finetune"]], [1])), found)) == 1
    assert signal.of_these(plans, found) == found


def test_m16_what_is_packed_comes_back() -> None:
    for right in ([False, False, True], [True] * 9, [False] * 8 + [True], share(4)):
        assert records.unpacked(records.packed(right), len(right)) == right


def test_m16_the_interval_is_students_worked_out_by_hand() -> None:
    a = {seed: share(n) for seed, n in zip(range(1, 6), (7, 8, 9, 8, 8), strict=True)}
    b = {seed: share(6) for seed in range(1, 6)}
    found = verdicts.compare("toy", "step-by-step", "finetune", a, b)
    assert found is not None
    # Differences 0.1 0.2 0.3 0.2 0.2: mean 0.2, SD √0.005, SE √0.001; t = 6.325 with four degrees of freedom, whose
    # two-sided p is 1 - (t/√(t²+4))·(1 + 2/(t²+4)), and whose 97.5 % point is 2.776445.
    assert found.mean == pytest.approx(0.2)
    assert found.interval == pytest.approx((0.2 - 2.776445 * 0.001**0.5, 0.2 + 2.776445 * 0.001**0.5), abs=1e-6)
    assert found.p == pytest.approx(1 - (40 / 44) ** 0.5 * (1 + 2 / 44), abs=1e-9)
    assert found.told_apart is False  # not yet adjusted
    assert replace(found, p_holm=found.p).told_apart
    assert "is better than **Standard finetuning**: +20.0 points" in replace(found, p_holm=found.p).sentence()


def test_m16_seeds_are_paired_and_one_alone_says_nothing() -> None:
    a, b = {1: share(5), 2: share(9), 4: share(9)}, {2: share(6), 1: share(1), 3: share(9)}
    found = verdicts.compare("toy", "step-by-step", "finetune", a, b)
    assert found is not None
    assert found.seeds == {1: pytest.approx(0.4), 2: pytest.approx(0.3)}
    assert verdicts.compare("toy", "step-by-step", "finetune", {1: share(5)}, {1: share(2)}) is None


def test_m16_what_does_not_differ_gets_no_verdict_and_p_values_are_adjusted_within_a_setup() -> None:
    found = [
        kept(TOY, arm, seed, share(n))
        for arm, numbers in (("finetune", (5, 6, 5)), ("step-by-step", (6, 5, 5)), ("shuffled-rationale", (5, 6, 5)))
        for seed, n in enumerate(numbers)
    ]
    all_found = verdicts.comparisons(found, [TOY])
    assert [(one.a, one.b) for one in all_found] == [
        ("step-by-step", "finetune"),
        ("step-by-step", "shuffled-rationale"),
        ("shuffled-rationale", "finetune"),
    ]
    assert not any(one.told_apart for one in all_found)
    assert all(one.p_holm >= one.p for one in all_found)
    assert all(one.sentence().startswith("Not enough evidence") for one in all_found)
    text = table.markdown(found, [TOY])
    # +0.1, -0.1, 0: mean 0, SE 0.1/√3; the 97.5 % point of Student's t with two degrees of freedom is 4.3027.
    assert "| toy | 24 | 3 | +0.0 | -24.8 to +24.8 |" in text
    assert "| Standard finetuning | 53.3 ± 5.8 | 50.0 60.0 50.0 | 3 | 1.0 × |" in text
