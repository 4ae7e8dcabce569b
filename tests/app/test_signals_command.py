"""``dsbs signals``, with its real worker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dsbs_gui.app import cli
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def dsbs(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = cli.main([*map(str, words)])
    return code, capsys.readouterr().out


def test_signals_are_counted_and_told_and_nothing_is_read_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apples(tmp_path / "project").close()
    code, said = dsbs(capsys, "signals", tmp_path / "project", "--json")
    found: dict[str, Any] = json.loads(said)
    assert code == 0
    assert (found["rationales"], found["checked"]) == (11, 11)
    assert found["signals"]["unsupported"] == 3, "the teacher is wrong at every third"
    assert found["signals"]["conflict"] == 3
    assert found["signals"]["arithmetic"] == 0
    code, said = dsbs(capsys, "signals", tmp_path / "project")
    assert code == 0
    assert said.startswith("Read 0 of 11 rationales; the others have not changed.\n")
    assert "unsupported: The rationale’s own conclusion is another answer than the label." in said


def test_a_project_without_rationales_is_the_users_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dsbs(capsys, "new", tmp_path / "project")[0] == 0
    assert cli.main(["signals", str(tmp_path / "project")]) == 2
    assert "There is no rationale to check." in capsys.readouterr().err
