"""The race of ``train_step.py`` with invented times: what it times, on what, and the form of its figures."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import train_step

GIVEN: dict[str, Any] = {
    "spec": {"precision": "bf16", "device": "cuda:0"},
    "untimed": 3,
    "batches": [[[[1], [2], [3], [4]]]] * 6,
    "sizes": train_step.SIZES["small"],
    "vocabulary": 100,
}


def answer(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Three slow steps, then quick ones: two seconds, the peers' four."""
    if name == "phases":
        return {"figures": {"phase_forward_ms": 1.23}, "machine": {"device": "cuda:0", "gpu": "Some GPU", "threads": 2}}
    if name == "peak":
        return {"flop_per_s": 1e12}
    quick = 2 if name == "ours" else 4
    done_at = [100, 200, 300] + [300 + quick * n for n in (1, 2, 3)]
    return {"done_at": done_at, "losses": [[1.0, 2.0]] * 6, "computed_flop": 1e12, "tokens": [9, 9, 9, 5, 5, 5]}


def test_steps_are_timed_from_the_fourth_on_a_gpu_and_figures_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_step, "measured", answer)
    found = train_step.race(GIVEN, rounds=2)
    assert found["ratios"] == {"reference": 2.0, "seq2seq_trainer": 2.0}
    assert found["figures"]["ours_ms_a_step"] == 2000
    assert found["figures"]["ours_tokens_per_s"] == 2.5
    assert all(isinstance(value, int | float) for value in found["figures"].values())
    assert found["machine"] == {"device": "cuda:0", "gpu": "Some GPU", "threads": 2}


def test_other_losses_end_the_race() -> None:
    ours, other = {"losses": [[1.0, 2.0]]}, {"losses": [[1.0, 2.1]]}
    assert train_step.compare({"ours": ours, "reference": ours}, 1e-5) == 0
    with pytest.raises(SystemExit, match="reference has other losses at step 1"):
        train_step.compare({"ours": ours, "reference": other}, 1e-5)


@pytest.mark.parametrize(("here", "there"), [(None, "0"), ("2,3", "2"), ("", "")])
def test_each_contestant_sees_one_gpu(here: str | None, there: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environments: list[dict[str, str]] = []

    def run(_: list[str], env: dict[str, str], **__: Any) -> Any:
        environments.append(env)
        return SimpleNamespace(returncode=0, stdout=json.dumps({}))

    if here is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", here)
    monkeypatch.setattr(subprocess, "run", run)
    train_step.measured("ours", GIVEN)
    assert environments[0]["CUDA_VISIBLE_DEVICES"] == there


def test_too_few_steps_to_time_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(train_step, "CQA", tmp_path / "none")
    monkeypatch.setattr(train_step, "_sees_a_gpu", lambda: True)
    with pytest.raises(SystemExit):
        train_step.main(["--steps", "3"])
    assert train_step.main(["--steps", "4"]) == 0
