"""Exporting a student: whole, verified, never over the user's files."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import sha256
from dsbs_gui.core.protocol import Finished, Message
from dsbs_gui.steps.export.specs import ExportStudentSpec
from dsbs_gui.steps.export.work import student, verifying
from dsbs_gui.students import saving

from .conftest import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeRun = Callable[[list[dict[str, Any]]], Path]

PROBES = [{"example_id": i, "input": text} for i, text in enumerate(TEXTS[:6])]
CARD = {"task_title": "math word problems", "lambda": 1.0, "explains": True, "base_license": "apache-2.0"}


def export(student_dir: Path, run: Path, out: Path, **settings: Any) -> dict[str, Any]:
    messages: list[Message] = []
    spec = ExportStudentSpec(str(run), student_dir=str(student_dir), out=str(out), card=CARD, **settings)
    student.run(spec, messages.append, lambda: False)
    last = messages[-1]
    assert isinstance(last, Finished)
    return last.summary


@pytest.fixture(scope="module")
def exported(student_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    run = tmp_path_factory.mktemp("run")
    (run / "input.jsonl").write_text("".join(json.dumps(row) + "\n" for row in PROBES))
    out = tmp_path_factory.mktemp("out") / "my student"
    return out, export(student_dir, run, out, origin={"run": "train-3"})


def test_an_export_is_verified_in_a_fresh_process_and_says_so(exported: tuple[Path, dict[str, Any]]) -> None:
    out, summary = exported
    assert summary["verified"] is True
    assert summary["probes"] == 6
    assert summary["path"] == str(out)
    assert {"model.safetensors", "tokenizer.json", "README.md", "manifest.json"} <= set(summary["files"])
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["verified"] == {"same_answers": True, "probes": 6, "network": "closed"}
    assert manifest["run"] == "train-3"
    for name, entry in manifest["files"].items():
        assert (out / name).stat().st_size == entry["size"]
        assert sha256(out / name) == entry["sha256"]
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_the_snippet_of_the_card_runs_and_answers_as_the_student_does(
    exported: tuple[Path, dict[str, Any]], student_dir: Path
) -> None:
    from dsbs_gui.students.answering import answers
    from dsbs_gui.students.loading import load_student

    out, _ = exported
    card = (out / "README.md").read_text("utf-8")
    code = card.split("```python\n")[1].split("```")[0].replace("…", TEXTS[0])
    result = subprocess.run([sys.executable, "-c", code], cwd=out.parent, capture_output=True, text=True, timeout=100)
    assert result.returncode == 0, result.stderr[-2000:]
    expected = answers(load_student(str(student_dir)), [TEXTS[0]])[0].prediction
    assert result.stdout.strip() == expected.strip()
    assert card.startswith("---\n")
    assert "has not been evaluated" in card


def test_a_folder_with_other_files_is_refused_and_left_alone(
    student_dir: Path, run_dir: MakeRun, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="exists already"):
        export(student_dir, run_dir(PROBES), out)
    assert (out / "thesis.txt").read_text() == "years of work"
    assert len(list(out.iterdir())) == 1


def without_a_process(folder: Path, inputs: list[str], *_: object) -> verifying.Given:
    from dsbs_gui.students.loading import load_student

    return verifying.ask(load_student(str(folder)), inputs)


def test_an_earlier_export_is_replaced_unless_someone_changed_it(
    student_dir: Path, run_dir: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(student, "ask_afresh", without_a_process)
    out = tmp_path / "again"
    export(student_dir, run_dir(PROBES), out)
    export(student_dir, run_dir(PROBES), out)
    (out / "README.md").write_text("my own words")
    with pytest.raises(UserError, match="changed since"):
        export(student_dir, run_dir(PROBES), out)
    assert (out / "README.md").read_text() == "my own words"


def test_an_export_that_answers_differently_does_not_exist(
    student_dir: Path, run_dir: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(*given: Any) -> verifying.Given:
        return without_a_process(*given)._replace(answers=[["other", None]] * 6)

    monkeypatch.setattr(student, "ask_afresh", other)
    with pytest.raises(ResourceError, match="another answer to 6 of 6"):
        export(student_dir, run_dir(PROBES), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_student_that_says_the_same_to_all_does_not_pass_by_its_answers_alone(
    student_dir: Path, run_dir: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always_red(asked: Any, inputs: list[str]) -> verifying.Given:
        return right(asked, inputs)._replace(answers=[["red", None]] * len(inputs))

    def with_another_prefix(made: Any, folder: Path, meta: Any) -> None:
        write_files(made, folder, replace(meta, label_prefix="another: "))

    right, write_files = verifying.ask, saving.write_files
    monkeypatch.setattr(verifying, "ask", always_red)
    monkeypatch.setattr(student, "ask", always_red)
    monkeypatch.setattr(student, "ask_afresh", without_a_process)
    monkeypatch.setattr(saving, "write_files", with_another_prefix)
    with pytest.raises(ResourceError, match="not as sure of its answer to 6 of 6"):
        export(student_dir, run_dir(PROBES), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_stopped_export_leaves_nothing(student_dir: Path, run_dir: MakeRun, tmp_path: Path) -> None:
    messages: list[Message] = []
    spec = ExportStudentSpec(str(run_dir(PROBES)), student_dir=str(student_dir), out=str(tmp_path / "out"))
    answers = iter([False, False, True])
    student.run(spec, messages.append, lambda: next(answers))
    last = messages[-1]
    assert isinstance(last, Finished)
    assert last.status == "stopped"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_mistakes_are_named(student_dir: Path, run_dir: MakeRun, tmp_path: Path) -> None:
    run = run_dir(PROBES)
    with pytest.raises(UserError, match="cannot be exported as “onnx”"):
        export(student_dir, run, tmp_path / "out", format="onnx")
    with pytest.raises(UserError):
        export(tmp_path / "nowhere", run, tmp_path / "out")


def test_the_fresh_process_has_no_network() -> None:
    code = (
        "import urllib.request, socket\n"
        f"from {verifying.__name__} import no_network\n"
        "no_network()\n"
        "def create(): socket.create_connection(('127.0.0.1', 9))\n"
        "def connect(): socket.socket().connect(('127.0.0.1', 9))\n"
        "for act in (create, connect):\n"
        "    try:\n        act()\n    except OSError as error:\n        print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout.count("network is closed") == 2, result.stderr
