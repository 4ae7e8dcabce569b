"""Item M16: the harness that asks whether rationales help, and what its table says."""

from __future__ import annotations

import random
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rationale_records as records
import rationale_runs as runs
import rationale_signal as signal
import rationale_table as table
import rationale_verdicts as verdicts
from rationale_setups import ARMS, QUICK, SETUPS, Setup, key
from rationale_tasks import make

from dsbs_gui.steps.evaluation import paired

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


def test_m16_each_arm_learns_the_labels_and_rationales_that_it_names_and_all_are_judged_by_gold() -> None:
    items = make(TOY.task, TOY.names, (200, 1, 1), 1, 0.5)["train"]
    gold, masked, teacher = (
        [runs.row(n, item, ARMS[arm]) for n, item in enumerate(items)]
        for arm in ("step-by-step", "step-by-step-masked", "step-by-step-teacher")
    )
    assert [row["label"] for row in gold] == [row["label"] for row in masked] == [item.gold.label for item in items]
    assert [row["label"] for row in teacher] == [item.teacher.label for item in items]
    assert [row["rationale"] for row in gold] == [row["rationale"] for row in teacher]
    conflicts = [item.teacher.label != item.gold.label for item in items]
    assert [row["rationale"] is None for row in masked] == conflicts
    assert 60 < sum(conflicts) < 140
    asked = runs.row(0, items[0], None)
    assert (asked["label"], asked["rationale"]) == (items[0].gold.label, None)


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
    assert "| toy | +0.0 (−24.8 to +24.8) |  | +0.0 (−24.8 to +24.8) |  |" in text
    assert "| step-by-step − finetune | +0.0 | +10.0 −10.0 +0.0 | −24.8 to +24.8 |" in text
    assert "| Standard finetuning | 53.3 ± 5.8 | 50.0 60.0 50.0 | 3 | 1.0 × |" in text


def family(draw: random.Random, step_by_step: float) -> list[verdicts.Comparison]:
    """Three arms of five seeds and fifty rows, of which one is right so often, and the others in 70 of 100."""
    setup = replace(TOY, test=50)
    found = []
    for arm, mean in (("finetune", 0.7), ("step-by-step", step_by_step), ("shuffled-rationale", 0.7)):
        for seed in signal.SEEDS:
            skill = min(1.0, max(0.0, draw.gauss(mean, 0.05)))
            found.append(kept(setup, arm, seed, [draw.random() < skill for _ in range(setup.test)]))
    return verdicts.comparisons(found, [setup])


def test_m16_a_verdict_is_rare_where_all_methods_are_equal_and_not_where_they_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paired, "RESAMPLES", 400)
    draw = random.Random(16)
    false = sum(any(one.told_apart for one in family(draw, 0.7)) for _ in range(300))
    assert 0 < false / 300 <= 0.07
    right = sum(family(draw, 0.95)[0].told_apart for _ in range(20))
    assert right >= 15


def test_m16_a_run_says_how_it_was_made_and_new_ones_warn_of_old_ones_made_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, plans = tmp_path / "runs.jsonl", list(signal.plans([TOY], [ARMS["finetune"]], [1, 2, 3]))
    here = records.made()
    assert here.keys() == {"torch", "processor", "commit"}
    assert here["torch"]
    old, same, elsewhere = (kept(TOY, "finetune", seed, share(5)) for seed in (1, 2, 3))
    same["made"], elsewhere["made"] = here, here | {"processor": "another"}
    for record in (old, same, elsewhere):
        records.append(path, record)
    assert records.made_otherwise(records.read(path)) == [old, elsewhere]
    signal.work(plans, path, 1)
    assert capsys.readouterr().err == ""  # no run joins them
    monkeypatch.setattr(signal, "ProcessPoolExecutor", AtOnce)
    monkeypatch.setattr(signal, "train", lambda plan: kept(TOY, "finetune", plan[2], share(4)))
    signal.work([*plans, (TOY, ARMS["finetune"], 4)], path, 1)
    assert "2 of the 3 kept runs of this plan were made with another torch" in capsys.readouterr().err


class AtOnce:
    """An executor that does what it is given here and now."""

    def __init__(self, *_: object) -> None:
        pass

    def submit(self, work: Any, plan: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(plan))
        return done

    def shutdown(self, cancel_futures: bool = False) -> None:
        pass


def test_m16_the_documents_table_is_that_of_the_runs_kept_beside_it(tmp_path: Path) -> None:
    document = signal.RUNS.with_suffix(".md")
    copy = tmp_path / document.name
    copy.write_bytes(document.read_bytes())
    wanted = list(signal.plans(list(SETUPS.values()), list(ARMS.values()), signal.SEEDS))
    found = signal.of_these(wanted, records.read(signal.RUNS))
    signal.write_into(copy, table.markdown(found, list(SETUPS.values())))
    assert copy.read_text("utf-8") == document.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_m16_right_rationales_beat_labels_alone_and_shuffled_ones_over_five_seeds() -> None:
    """Some four minutes of one core: three arms of the setup in which the table finds a difference."""
    setup, arms = SETUPS["kind-900"], ("finetune", "step-by-step-flawless", "shuffled-rationale")
    found = [runs.run(setup, ARMS[arm], seed) for seed in signal.SEEDS for arm in arms]
    right = verdicts.by_arm(found, setup)
    for other in ("finetune", "shuffled-rationale"):
        one = verdicts.compare(setup.name, "step-by-step-flawless", other, right["step-by-step-flawless"], right[other])
        assert one is not None
        assert len(one.seeds) == 5
        assert one.interval.low > 0, one.sentence()
        assert one.bootstrap.low > 0, one.sentence()
