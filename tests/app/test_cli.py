"""The command line's contract: one JSON object, exit codes, one sentence for a mistake."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dsbs_gui.app import cli
from dsbs_gui.app.commands import doctor
from dsbs_gui.app.commands.common import follow, progress_line
from dsbs_gui.app.commands.evaluation import read_inputs
from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.jobs.supervisor import Jobs
from dsbs_gui.core.jobs.tail import Tail
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Finished, Progress
from dsbs_gui.core.store import examples, runs
from dsbs_gui.worker.channel import Channel

Dsbs = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def dsbs(capsys: pytest.CaptureFixture[str]) -> Dsbs:
    """Run a command with ``--json`` in this process: exit code, the object printed ({} if none), standard error."""

    def run(*arguments: str | Path) -> tuple[int, dict[str, Any], str]:
        code = cli.main([str(arguments[0]), "--json", *map(str, arguments[1:])])
        out, err = capsys.readouterr()
        assert out.count("\n") == (1 if out else 0), "exactly one line on standard output"
        return code, json.loads(out) if out else {}, err

    return run


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    lines = [
        {"input": f"Mia has {i} pens and gets {i + 1} more. How many?", "label": str(2 * i + 1)} for i in range(40)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"input": "", "label": "1"}\nnot json\n')
    return file


def test_new_import_and_split_say_what_they_did(dsbs: Dsbs, tmp_path: Path, rows: Path) -> None:
    project = tmp_path / "p"
    code, made, _ = dsbs("new", project, "--task", "math")
    assert (code, made) == (0, {"project": str(project), "task": "math"})
    code, imported, _ = dsbs("import", project, rows, "--map", "input=input", "--map", "label=label")
    assert code == 0
    assert imported["imported"] == 40
    assert [row["line"] for row in imported["rejected"]] == [41, 42]
    assert all(row["reason"] for row in imported["rejected"])
    assert imported["labels"]["7"] == 1
    code, split, _ = dsbs("split", project, "--valid", "0.25", "--test", "0.25", "--group-by", "none")
    assert (code, split["train"], split["valid"], split["test"]) == (0, 20, 10, 10)


def test_the_same_file_is_not_taken_twice(dsbs: Dsbs, tmp_path: Path, rows: Path) -> None:
    dsbs("new", tmp_path / "p", "--task", "math")
    assert dsbs("import", tmp_path / "p", rows)[0] == 0
    code, _, err = dsbs("import", tmp_path / "p", rows)
    assert code == 2
    assert "already" in err


def test_stop_on_error_takes_nothing_from_a_file_with_a_bad_row(dsbs: Dsbs, tmp_path: Path, rows: Path) -> None:
    dsbs("new", tmp_path / "p", "--task", "math")
    code, _, err = dsbs("import", tmp_path / "p", rows, "--on-error", "stop")
    assert code == 2
    assert "41" in err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nonsense"], "nonsense"),
        (["new"], "PROJECT"),
        (["import", "nowhere", "x.csv"], "no project"),
        (["train", "nowhere", "--method", "magic", "--student", "s"], "magic"),
        (["split", "nowhere", "--valid", "2"], "fraction"),
        (["evaluate", "nowhere", "train-1"], "no project"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("dsbs: ")
    assert err.count("\n") == 1
    assert word in err
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["absent.csv", "empty.csv", "picture.csv", "latin.parquet"])
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(dsbs: Dsbs, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    contents = {"empty.csv": b"", "picture.csv": b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "latin.parquet": b"caf\xe9,1\n"}
    if name in contents:
        file.write_bytes(contents[name])
    dsbs("new", tmp_path / "p")
    code, _, err = dsbs("import", tmp_path / "p", file, "--map", "input=a")
    assert code == 2
    assert name in err
    assert "Traceback" not in err


def test_a_file_that_may_not_be_read_is_told_in_one_sentence(
    dsbs: Dsbs, tmp_path: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    dsbs("new", tmp_path / "p")
    monkeypatch.setattr("dsbs_gui.steps.data.plan.sha256", denied)  # root may read all files
    code, _, err = dsbs("import", tmp_path / "p", rows)
    assert code == 2
    assert "rows.jsonl cannot be used: you may not read" in err
    assert "Traceback" not in err


def test_a_device_is_no_dataset(dsbs: Dsbs, tmp_path: Path) -> None:
    dsbs("new", tmp_path / "p")
    code, _, err = dsbs("import", tmp_path / "p", "/dev/zero")
    assert code == 2
    assert "/dev/zero is a device or a pipe" in err


def test_a_damaged_database_is_told_with_its_remedy(dsbs: Dsbs, tmp_path: Path, rows: Path) -> None:
    project = tmp_path / "p"
    dsbs("new", project)
    raw = bytearray((project / "project.db").read_bytes())
    raw[4096 * 2 :] = b"\x7f" * (len(raw) - 4096 * 2)
    (project / "project.db").write_bytes(raw)
    for command in (["jobs", project], ["import", project, rows]):
        code, _, err = dsbs(*command)
        assert code == 2
        assert "damaged" in err
        assert "backups" in err
        assert "Traceback" not in err


def test_an_input_that_is_not_utf8_is_answered_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.TextIOWrapper(io.BytesIO("één\n".encode() + b"bad\xff\n\nlast"), encoding="latin-1")
    assert list(read_inputs(stream)) == ["één", "bad\ufffd", "", "last"]
    assert capsys.readouterr().err.startswith("Note: line 2 is not UTF-8")


def test_a_stopped_evaluation_is_no_mistake_and_tells_no_accuracy(
    dsbs: Dsbs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsbs("new", tmp_path / "p")
    module = "dsbs_gui.app.commands.evaluation"
    monkeypatch.setattr(f"{module}.student_folder", lambda *_: tmp_path)
    monkeypatch.setattr(f"{module}.plan.predict_request", lambda *_, **__: None)
    monkeypatch.setattr(f"{module}.follow", lambda *_: SimpleNamespace(state="stopped"))
    code, out, err = dsbs("evaluate", tmp_path / "p", "train-1")
    assert (code, out) == (1, {})
    assert err == "dsbs: Stopped. What was done is saved.\n"


def test_the_report_of_a_job_that_met_a_fault_stands_before_the_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project.create(tmp_path / "p", "math")
    try:
        run = SimpleNamespace(
            state="failed", live=False, summary={"error": "bug"}, reason="It broke.", hint="Send its report.",
            report="Traceback\n  token=abcdefgh12345678", id="train-1",
        )  # fmt: skip
        monkeypatch.setattr(project.jobs, "submit", lambda _: run)
        monkeypatch.setattr(project.jobs, "wait", lambda *_: run)
        with pytest.raises(ResourceError, match="It broke"):
            follow(project, cast("JobRequest", None))
    finally:
        project.close()
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "abcdefgh" not in err


def test_a_closed_standard_output_is_no_fault(dsbs: Dsbs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dsbs("new", tmp_path / "p")
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["jobs", str(tmp_path / "p")]) == 0


def test_a_bug_is_a_report_and_a_sentence(dsbs: Dsbs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Project:
        raise KeyError("oops")

    monkeypatch.setattr(Project, "open", broken)
    code, out, err = dsbs("jobs", tmp_path)
    assert (code, out) == (1, {})
    assert err.splitlines()[-1].startswith("dsbs: An unexpected error: KeyError")


def test_jobs_tell_the_order_of_the_queue_and_that_it_is_held(dsbs: Dsbs, tmp_path: Path) -> None:
    owner = Project.create(tmp_path / "p", "math")
    try:
        add = partial(runs.add, kind="train", title="t", lane="gpu", spec={}, context={"note": "mine"})
        for _ in range(2):
            owner.store.write_now(add)
        owner.store.write_now(lambda tx: runs.shift(tx, "train-2", -1))
        owner.jobs.hold("gpu", True)
        code, out, _ = dsbs("jobs", tmp_path / "p")
        assert (code, out["held"]) == (0, ["gpu"])
        assert [(row["run"], row["place"], row["note"]) for row in out["jobs"]] == [
            ("train-2", 1, "mine"), ("train-1", 2, "mine"),
        ]  # fmt: skip
    finally:
        owner.close()


def test_what_is_logged_does_not_reach_standard_output(dsbs: Dsbs, tmp_path: Path) -> None:
    dsbs("new", tmp_path / "p")
    run = tmp_path / "p" / "runs" / "x"
    run.mkdir(parents=True)
    (run / "events.jsonl").write_text("rubbish\n")
    Tail(run / "events.jsonl").read()
    assert dsbs("jobs", tmp_path / "p")[:2] == (0, {"jobs": []})


@pytest.mark.parametrize(
    "options",
    [
        *(["--limit", "-1"], ["--limit", "9" * 20], ["--temperature", "nan"], ["--temperature", "-1"]),
        *(["--seed", "-1"], ["--seed", "x"], ["--parallel", "0"], ["--max-tokens", "1.5"]),
    ],
)
def test_numbers_that_make_no_sense_are_refused_before_any_work(dsbs: Dsbs, tmp_path: Path, options: list[str]) -> None:
    code, _, err = dsbs("generate", tmp_path, "--teacher", "smollm2-135m", *options)
    assert code == 2
    assert f"Argument {options[0]}" in err
    assert "_" not in err, "no name of a function"


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name hold bytes that are no text")
@pytest.mark.parametrize(
    "options",
    [["--fraction", "0"], ["--fraction", "2"], ["--steps", "0"], ["--lambda", "-1"], ["--lambda", "nan"]],
)
def test_training_on_nothing_or_with_a_weight_below_zero_is_refused(
    dsbs: Dsbs, tmp_path: Path, options: list[str]
) -> None:
    code, _, err = dsbs("train", tmp_path, "--method", "finetune", "--student", "starter", *options)
    assert code == 2
    assert f"Argument {options[0]}: {options[1]} " in err


def test_an_encoding_can_be_given_and_one_that_is_none_is_refused(dsbs: Dsbs, tmp_path: Path) -> None:
    dsbs("new", tmp_path / "p")
    rows = tmp_path / "rows.csv"
    rows.write_bytes("input,label\nПять яблок,a\n".encode("koi8-r"))
    code, _, err = dsbs("import", tmp_path / "p", rows)
    assert (code, "--encoding" in err) == (2, True)
    code, _, err = dsbs("import", tmp_path / "p", rows, "--encoding", "klingon")
    assert (code, "klingon" in err) == (2, True)
    assert dsbs("import", tmp_path / "p", rows, "--encoding", "koi8-r")[1]["imported"] == 1
    project = Project.open(tmp_path / "p", read_only=True)
    assert next(examples.each(project.store.reader)).input == "Пять яблок"
    project.close()


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress("Opening", unit="rows"), "Opening"),
        (Progress("Predicting", 0, 60, "rows"), "Predicting: 0 of 60 rows"),
        (Progress("Reading", 40, 60, "rows", "1 rejected"), "Reading: 40 of 60 rows, 1 rejected"),
        (Progress("Writing", 12, None, "rows"), "Writing: 12 rows"),
    ],
)
def test_progress_says_only_what_is_known(progress: Progress, line: str) -> None:
    assert progress_line(progress) == line


def test_a_job_that_has_just_been_started_runs_and_one_that_never_came_to_life_does_not(
    dsbs: Dsbs, tmp_path: Path
) -> None:
    owner = Project.create(tmp_path / "p", "math")
    try:
        run = owner.store.write_now(
            lambda tx: runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context={}),
        )
        owner.jobs.folder(run.id).make("train", {}, {})
        owner.store.write_now(lambda tx: runs.set_state(tx, run.id, "running"))
        assert [job["state"] for job in dsbs("jobs", tmp_path / "p")[1]["jobs"]] == ["running"]
        assert dsbs("stop", tmp_path / "p", run.id)[1]["asked"]
        owner.store.write_now(lambda tx: tx.execute("UPDATE runs SET started = started - 60"))
        assert [job["state"] for job in dsbs("jobs", tmp_path / "p")[1]["jobs"]] == ["interrupted"]
        assert not dsbs("stop", tmp_path / "p", run.id)[1]["asked"]
        # It ended while nobody looked: its results are taken in when the project is next opened.
        channel = Channel(owner.jobs.folder(run.id))
        channel.emit(Finished("done"))
        channel.close()
        assert [job["state"] for job in dsbs("jobs", tmp_path / "p")[1]["jobs"]] == ["done"]
        assert dsbs("stop", tmp_path / "p", run.id)[1] == {"run": run.id, "state": "done", "asked": False}
    finally:
        owner.close()


@pytest.mark.parametrize("owned", [True, False], ids=["owned by another", "closed"])
def test_a_job_that_waits_is_taken_out_of_the_queue(dsbs: Dsbs, tmp_path: Path, owned: bool) -> None:
    owner = Project.create(tmp_path / "p", "math")
    owner.store.write_now(lambda tx: runs.hold(tx, "gpu", True))
    run = owner.store.write_now(
        lambda tx: runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context={}),
    )
    owner.jobs.folder(run.id).make("train", {}, {})
    if owned:
        owner.jobs.begin()
    else:
        owner.close()
    assert dsbs("stop", tmp_path / "p", run.id)[1] == {"run": run.id, "state": "stopped", "asked": True}
    if owned:
        assert owner.jobs.wait(run.id, 30).state == "stopped"
        owner.close()
    assert [job["state"] for job in dsbs("jobs", tmp_path / "p")[1]["jobs"]] == ["stopped"]


def test_a_run_that_waits_in_the_queue_is_not_waited_for_when_it_is_to_be_resumed(
    dsbs: Dsbs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.create(tmp_path / "p", "math")
    run = project.store.write_now(
        lambda tx: runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context={}),
    )
    project.jobs.folder(run.id).make("train", {}, {})
    project.close()
    monkeypatch.setattr(Jobs, "wait", lambda *_: pytest.fail("it waits for nothing"))
    code, _, said = dsbs("train", tmp_path / "p", "--resume", run.id)
    assert (code, f"{run.id} is queued." in said) == (2, True)


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no text"):
        Project.create(tmp_path / os.fsdecode(b"bad\xff"), "math")


def test_a_missing_column_is_named_with_those_that_are_there(dsbs: Dsbs, tmp_path: Path, rows: Path) -> None:
    dsbs("new", tmp_path / "p", "--task", "math")
    code, _, err = dsbs("import", tmp_path / "p", rows, "--map", "input=question")
    assert code == 2
    assert "question" in err
    assert "label" in err


def test_a_project_open_elsewhere_is_told_and_its_jobs_can_be_read(dsbs: Dsbs, tmp_path: Path, rows: Path) -> None:
    owner = Project.create(tmp_path / "p", "math")
    try:
        code, _, err = dsbs("import", tmp_path / "p", rows)
        assert code == 2
        assert "open in another" in err
        assert dsbs("jobs", tmp_path / "p")[:2] == (0, {"jobs": []})
        assert dsbs("stop", tmp_path / "p", "train-1")[0] == 2
    finally:
        owner.close()


def test_the_command_line_runs_where_qt_and_the_heavy_libraries_are_not(tmp_path: Path) -> None:
    """Blocked imports stand for packages that are not installed."""
    script = """
import sys
for name in ("PySide6", "shiboken6", "pyqtgraph", "torch", "transformers", "datasets", "llama_cpp", "pandas"):
    sys.modules[name] = None
from dsbs_gui.app.cli import main
project = sys.argv[1]
assert main(["new", project, "--task", "math"]) == 0
assert main(["jobs", project, "--json"]) == 0
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "p")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == '{"jobs": []}'


def test_doctor_looks_and_its_self_test_passes(dsbs: Dsbs) -> None:
    code, report, _ = dsbs("doctor")
    assert code == 0
    assert report["self_test"] == "passed"
    assert report["devices"][-1]["id"] == "cpu"
    assert report["devices"][-1]["gflops"] > 0
    assert report["sqlite_safe"]
    assert report["packages"]["torch"]
    assert report["models"]["starter"], "it is always there"


def test_doctor_says_what_it_found_also_where_its_self_test_cannot_begin(
    dsbs: Dsbs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise ResourceError("The disk is full.", "Free some space.")

    monkeypatch.setattr(doctor.Project, "create", full)
    monkeypatch.setattr(doctor, "_gpu", dict)
    code, report, _ = dsbs("doctor")
    assert (code, report["self_test"]) == (1, "failed: The disk is full. Free some space.")
    assert report["packages"]


def test_predict_from_a_folder_that_is_not_there_asks_no_hub(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "nowhere"
    assert cli.main(["predict", str(folder)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"dsbs: There is no folder {folder}. Name the folder of a training run or of an export.\n"


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    commands = "new import split generate check-teacher train evaluate compare predict export export-data jobs stop"
    for command in [*commands.split(), "doctor", "demo"]:
        with pytest.raises(SystemExit) as exit_:
            cli.main([command, "--help"])
        assert exit_.value.code == 0
        assert "usage: dsbs" in capsys.readouterr().out


def test_the_first_batch_is_printed_and_nothing_is_trained(dsbs: Dsbs, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({"input": f"a b {i}", "label": f"c {i}"}) + "\n" for i in range(30)))
    assert dsbs("new", tmp_path / "p", "--task", "text")[0] == 0
    assert dsbs("import", tmp_path / "p", file)[0] == 0
    code, found, _ = dsbs(
        "train", tmp_path / "p", "--method", "finetune", "--student", "starter", "--batch-size", "4", "--preview"
    )
    assert code == 0
    assert len(found["rows"]) == 4
    assert found["counts"]["tokens"] > 0
    task = found["rows"][0]["tasks"][0]
    assert "".join(piece["text"] for piece in task["input"]).strip().startswith("a b")
    assert not list((tmp_path / "p" / "runs").glob("preview-batch-*/input.*"))
    assert [job["kind"] for job in dsbs("jobs", tmp_path / "p")[1]["jobs"]].count("train") == 0
    code, _, err = dsbs(
        "train", tmp_path / "p", "--method", "finetune", "--student", "starter", "--preview", "--resume", "x"
    )
    assert code == 2
    assert "amid its batches" in err
