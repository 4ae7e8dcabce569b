"""``dsbs policy`` and what hangs on it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.app import cli
from dsbs_gui.app.commands import teacher, training
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, policy, runs
from dsbs_gui.core.store.filters import Selection
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.store.runs import Run

RULES = [
    {"name": "Differs from gold", "what": "ask", "matching": {"agreement": ["conflict"]}},
    {"what": "mask", "matching": {"text": "has 1 apples"}},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eleven rationales; those of 3, 6 and 9 differ from gold, and 3 was accepted."""
    project = apples(tmp_path / "p")
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([3]), "accepted"))
    project.close()
    return tmp_path / "p"


def dsbs(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, str, str]:
    code = cli.main([str(one) for one in given])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_rules_are_set_listed_and_counted(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dsbs(capsys, "policy", folder)[:2] == (
        0, "There are no rules: every rationale is learnt as it stands.\n",
    )  # fmt: skip
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES), "utf-8")
    code, out, _ = dsbs(capsys, "policy", folder, "--rules", file)
    assert code == 0
    assert out.splitlines() == [
        "1. Differs from gold: ask again with hint (2 rows, 1 decided stay as they are)",
        "2. Rule 2: mask the rationale loss (1 row)",
    ]
    code, out, _ = dsbs(capsys, "policy", folder, "--json")
    found = json.loads(out)
    assert [(rule["name"], rule["rows"], rule["decided"]) for rule in found["rules"]] == [
        ("Differs from gold", 2, 1), ("Rule 2", 1, 0),
    ]  # fmt: skip
    file.write_text(out, "utf-8")
    assert dsbs(capsys, "policy", folder, "--rules", file, "--json")[1] == out, "what is printed can be read again"
    file.write_text("[]", "utf-8")
    assert "There are no rules" in dsbs(capsys, "policy", folder, "--rules", file)[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is no JSON"), ("3", "a list is wanted"), ('[{"what": "mask"}]', "does not say which rows")],
)
def test_a_file_that_holds_no_rules_is_refused_and_the_old_ones_stay(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES), "utf-8")
    dsbs(capsys, "policy", folder, "--rules", file)
    file.write_text(text, "utf-8")
    code, _, err = dsbs(capsys, "policy", folder, "--rules", file)
    assert code == cli.MISTAKE
    assert said in err
    assert len(json.loads(dsbs(capsys, "policy", folder, "--json")[1])["rules"]) == 2
    assert "cannot be read" in dsbs(capsys, "policy", folder, "--rules", tmp_path / "absent")[2]


def test_generate_by_policy_asks_about_these_rows_and_tells_their_gold_label(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["generate", str(folder), "--teacher", "http://localhost:1/v1#m", "--by-policy"]
    project = Project.open(folder)
    try:
        project.store.write_now(lambda tx: policy.save(tx, policy.from_json(RULES)))
        request = teacher._request(project, cli.parser().parse_args(given))
        rows = list(request.inputs["input.jsonl"])
        assert [(row["example_id"], row["samples"], row["hinted"], row["gold"]) for row in rows] == [
            (6, [], [0], "12"), (9, [], [0], "18"),
        ]  # fmt: skip
        assert request.spec.hint == "always"
        limited = teacher._request(project, cli.parser().parse_args([*given, "--limit", "1"]))
        assert [row["example_id"] for row in limited.inputs["input.jsonl"]] == [6]
        project.store.write_now(lambda tx: policy.save(tx, ()))
    finally:
        project.close()
    code, _, err = dsbs(capsys, *given)
    assert code == cli.MISTAKE
    assert "No rule wants the teacher asked again" in err


def test_train_says_how_many_rows_each_rule_touched(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def follow(project: Project, request: JobRequest) -> Run:
        run = project.store.write_now(
            lambda tx: runs.add(
                tx, kind="train", title="t", lane="gpu", spec=request.spec.to_json(), context=request.context
            )
        )
        return replace(run, state="done")

    monkeypatch.setattr(training, "follow", follow)
    given = ("train", folder, "--method", "step-by-step", "--student", "starter", "--json")
    assert "policy" not in json.loads(dsbs(capsys, *given)[1])
    project = Project.open(folder)
    project.store.write_now(lambda tx: policy.save(tx, policy.from_json(RULES)))
    project.close()
    code, out, _ = dsbs(capsys, *given)
    assert code == 0
    assert json.loads(out)["policy"] == [
        {"rule": "Differs from gold", "what": "ask", "rows": 2},
        {"rule": "Rule 2", "what": "mask", "rows": 1},
    ]
