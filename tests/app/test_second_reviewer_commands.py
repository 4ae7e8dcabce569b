"""``dsbs review-share``, ``review-merge`` and ``agreement``, the last with its real worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app import cli
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, reviews
from dsbs_gui.core.store.filters import Selection
from tests.steps.review.making import apples


def dsbs(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    assert cli.main([*map(str, words)]) == code
    return capsys.readouterr().out


def test_a_share_goes_out_comes_back_and_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = apples(tmp_path / "project")
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of(range(1, 8)), "accepted"))
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([8]), "rejected"))
    project.close()
    place, out = tmp_path / "project", tmp_path / "share.jsonl"
    done: dict[str, Any] = json.loads(dsbs(capsys, "review-share", place, out, "--show-gold", "--json"))
    assert done == {"file": str(out), "rows": 11, "left_out": 1, "gold": True}
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    for row in rows[:9]:
        row["decision"] = "rejected" if row["id"] in (3, 8) else "accepted"
    back = tmp_path / "back.jsonl"
    back.write_text("\n".join(["no json", *map(json.dumps, rows)]), "utf-8")
    told = dsbs(capsys, "review-merge", place, back, "--reviewer", "anna")
    assert "anna: 9 decisions taken in, 2 rows without a decision." in told
    assert "line 1: it is no JSON" in told
    assert "1 row waits in Review for a choice" in told
    merged = json.loads(dsbs(capsys, "review-merge", place, back, "--reviewer", "anna", "--json"))
    assert (merged["merged"], merged["undecided"], merged["differing"]) == (9, 2, 1)
    assert merged["bad_lines"] == [{"line": 1, "reason": "it is no JSON"}]
    found = json.loads(dsbs(capsys, "agreement", place, "--json"))
    assert (found["reviewers"], found["rows"]) == (["here", "anna"], 9)
    kept = found["measures"][0]
    assert kept["pairs"][0]["n"] == 8
    assert kept["pairs"][0]["agreement"] == 0.875
    assert kept["pairs"][0]["kappa"] is not None
    assert kept["alpha"] is not None


def test_what_cannot_be_done_is_said_and_nothing_usable_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apples(tmp_path / "project").close()
    place = tmp_path / "project"
    dsbs(capsys, "agreement", place, code=2)
    dsbs(capsys, "review-share", place, tmp_path / "s.jsonl", "--status", "perfect", code=2)
    (tmp_path / "bad.jsonl").write_text("{}\n")
    merged = json.loads(
        dsbs(capsys, "review-merge", place, tmp_path / "bad.jsonl", "--reviewer", "anna", "--json", code=1)
    )
    assert merged["bad_lines"] == [{"line": 1, "reason": "it has no id"}]
    dsbs(capsys, "review-merge", place, tmp_path / "bad.jsonl", "--reviewer", " ", code=2)


@pytest.mark.parametrize("gold", [[], ["--show-gold"]])
def test_a_second_reviewer_may_work_in_a_project_of_his_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], gold: list[str]
) -> None:
    apples(tmp_path / "one").close()
    share, back = tmp_path / "share.jsonl", tmp_path / "back.jsonl"
    dsbs(capsys, "review-share", tmp_path / "one", share, *gold)
    dsbs(capsys, "new", tmp_path / "two", "--task", "math")
    dsbs(capsys, "import", tmp_path / "two", share)
    project = Project.open(tmp_path / "two")
    act = project.store.write_now
    act(lambda tx: decisions.set_state(tx, Selection.of([1, 2]), "accepted"))
    act(lambda tx: decisions.edit(tx, 3, teacher_label="6", agree=False))
    act(lambda tx: decisions.edit(tx, 4, rationale="So eight."))
    act(lambda tx: decisions.set_state(tx, Selection.of([5]), "rejected"))
    project.close()
    dsbs(capsys, "export-data", tmp_path / "two", back, "--format", "jsonl")
    merged = json.loads(dsbs(capsys, "review-merge", tmp_path / "one", back, "--reviewer", "anna", "--json"))
    assert (merged["merged"], merged["undecided"], merged["bad_lines"]) == (5, 6, [])
    project = Project.open(tmp_path / "one", read_only=True)
    kept = {i: reviews.of_example(project.store.reader, i)[1] for i in (1, 2, 3, 4, 5)}
    project.close()
    assert [kept[i].state for i in (1, 2, 3, 4, 5)] == ["accepted", "accepted", "edited", "edited", "rejected"]
    assert (kept[3].label, kept[4].rationale) == ("6", "So eight.")
