"""``dsbs read-again`` on a project with answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app import cli
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.steps.teacher.intake import parse_for_import
from tests.core.store.filling import add_examples, reviewed

RULES = [{"name": "hashes", "pattern": "^#### (?P<label>.+)$"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = Project.create(tmp_path / "project", "math")
    [row] = add_examples(project.store, ["What is 1 + 1?"], ["2"])
    raw = "One and one.\n#### 2"
    parts = parse_for_import(raw, project.task, {"input": "What is 1 + 1?"}, "2")
    project.store.write_now(lambda tx: answers.add(tx, NewAnswer(row, "generate-1", "teacher", "T", raw, **parts)))
    project.close()
    (tmp_path / "rules.json").write_text(json.dumps(RULES), "utf-8")
    return tmp_path / "project"


def dsbs(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any]:
    code = cli.main([*map(str, words), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else said.err


def label(folder: Path) -> str | None:
    project = Project.open(folder, read_only=True)
    try:
        return reviewed(project.store, 1)[2]
    finally:
        project.close()


def test_a_dry_run_says_what_would_change(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = dsbs(capsys, "read-again", folder, "--rules", folder.parent / "rules.json", "--dry-run")
    assert code == 0
    assert (said["answers"], said["changed"]) == (1, 1)
    assert said["labels"] == {"gained": 1, "lost": 0, "changed": 0}
    assert said["by_rung"] == {"hashes": 1}
    assert label(folder) is None


def test_rules_are_kept_and_read_by_from_then_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dsbs(capsys, "read-again", folder, "--rules", folder.parent / "rules.json")
    assert label(folder) == "2"
    _, again = dsbs(capsys, "read-again", folder)
    assert (again["changed"], again["rules"][0]["name"]) == (0, "hashes")
    _, checked = dsbs(capsys, "check-teacher", folder)
    assert (checked["accuracy"], checked["by_rung"]) == (1.0, {"hashes": 1})


def test_a_file_without_rules_is_the_users_mistake(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = dsbs(capsys, "read-again", folder, "--rules", folder.parent / "nothing.json")
    assert code == 2
    assert "holds no rules" in said
