"""``dsbs signals``, with its real worker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dsbs_gui.app import cli
from tests.steps.review.making import apples
from tests.steps.teacher.gguf_files import embedded

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


def test_a_local_teacher_measures_what_the_rationales_are_worth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded()
    apples(tmp_path / "project", 4).close()
    code, said = dsbs(capsys, "signals", tmp_path / "project", "--teacher", "smollm2-135m", "--json")
    lift: dict[str, Any] = json.loads(said)["lift"]
    assert code == 0
    assert (lift["teacher"], lift["measured"], lift["rationales"]) == ("smollm2-135m", 3, 3), "one has no rationale"
    assert lift["helpful"] + lift["unhelpful"] == 3
    assert json.loads(said)["signals"]["unhelpful"] == lift["unhelpful"]
    code, said = dsbs(capsys, "signals", tmp_path / "project", "--teacher", "smollm2-135m")
    assert code == 0
    assert "of 3 rationales the gold label is more probable to smollm2-135m than without; 0 were measured now." in said


def test_a_teacher_that_is_none_is_the_users_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apples(tmp_path / "project", 4).close()
    assert cli.main(["signals", str(tmp_path / "project"), "--teacher", "http://localhost:1/v1"]) == 2
    assert "A server does not say how probable a given label is." in capsys.readouterr().err
