"""Take a picture of every page in both themes: `python docs/pictures.py [--out DIR] [--project DIR]`.

The project is copied first and never changed. Without `--project` one is made by `dsbs demo`, which trains two
students for real and takes some minutes. Runs offscreen, in a home of its own. A page that cannot be built, or any
other fault that nobody caught, makes it fail with exit code 1.

Files: `PAGE-THEME.png` and `PAGE-VIEW-THEME.png` at 1280×800, which the README shows, and `PAGE-THEME-1920x1080.png`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel

from dsbs_gui.app.crash import CrashReporter
from dsbs_gui.app.pages import STEPS
from dsbs_gui.app.window import SETTINGS, Window
from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import predictions
from dsbs_gui.kit.theme.apply import apply_theme

ROOT = Path(__file__).resolve().parent.parent
SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")
START = "start"
_BEAT_MS = 250
_STILL_BEATS = 3
_LONGEST_S = 90.0  # a busy machine draws slowly
_LONGEST_RUN_S = 300.0
_ROWS_COMPARED = 24
_TOAST_MS = 5_000
_SMALLEST = 0  # Qt's "quality" of a PNG: 0 compresses most


def wait(milliseconds: int) -> None:
    """Let the window work."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def still(window: Window) -> QImage:
    """The window as it looks once nothing has changed for a while. Raises TimeoutError if it never rests."""
    began, beats = time.monotonic(), 0
    last = window.grab().toImage()
    while beats < _STILL_BEATS:
        wait(_BEAT_MS)
        now = window.grab().toImage()
        beats = beats + 1 if now == last and not reading(window) else 0
        last = now
        if time.monotonic() - began > _LONGEST_S:
            raise TimeoutError(f"{window.windowTitle()} never rests")
    return last


def reading(window: Window) -> bool:
    """Whether a page still says that it reads."""
    return any(label.isVisible() and label.text().startswith("Reading ") for label in window.findChildren(QLabel))


def small(image: QImage) -> QImage:
    """The same picture with a palette: the 256 commonest colours, and for the few others the nearest of them."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    width, height = image.width(), image.height()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(height, width) & 0xFFFFFF
    colours, place, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    chosen = np.argsort(-counts)[:256]
    parts = np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=1).astype(np.int32)
    nearest = np.concatenate(
        [np.square(some[:, None] - parts[chosen]).sum(-1).argmin(1) for some in np.array_split(parts, 64)]
    )
    lines = np.zeros((height, (width + 3) // 4 * 4), np.uint8)  # a line of a QImage fills whole words
    lines[:, :width] = nearest[place].reshape(height, width)
    made = QImage(lines.tobytes(), width, height, lines.shape[1], QImage.Format.Format_Indexed8)
    made.setColorTable([int(colour) | 0xFF000000 for colour in colours[chosen]])
    return made.copy()


def take(window: Window, out: Path, pages: Iterable[str]) -> None:
    """All pictures of these pages."""
    for page in pages:
        if page == START:
            window.close_project()
        else:
            window.go_to(page)
            show_most(window)
        shoot(window, out, page)
        for view, prepare in VIEWS.get(page, {}).items():
            prepare(window.stack.currentWidget())
            shoot(window, out, f"{page}-{view}")


def shoot(window: Window, out: Path, name: str) -> None:
    """The window as it is, in both themes and sizes."""
    for theme in THEMES:
        apply_theme(_app(), theme)  # type: ignore[arg-type]
        for width, height in SIZES:
            window.resize(width, height)
            suffix = "" if (width, height) == SIZES[0] else f"-{width}x{height}"
            file = out / f"{name}-{theme}{suffix}.png"
            small(still(window)).save(str(file), "PNG", _SMALLEST)
            print(f"{file.name:<36} {file.stat().st_size / 1000:6.0f} kB", flush=True)


def until(done: Callable[[], bool], what: str) -> None:
    """Let the window work until something is so. Raises TimeoutError if it takes more than some minutes."""
    began = time.monotonic()
    while not done():
        wait(_BEAT_MS)
        if time.monotonic() - began > _LONGEST_RUN_S:
            raise TimeoutError(f"{what} takes too long")


def show_prompts(page: Any) -> None:
    """The workshop with a version of one's own beside the program's."""
    page.show_view("prompts")
    view = page.view("prompts")
    until(lambda: view.draft.prompt is not None, "reading the versions")
    view.wording.instruction.setPlainText("Solve the problem step by step, in one or two short sentences.")
    until(lambda: view.draft.entry.version_id is not None and not view.draft.is_dirty, "keeping a version")


def show_comparison(page: Any) -> None:
    """Two versions compared for real, by the embedded teacher."""
    view = page.view("prompts")
    view.show_mode("try")
    view.trial.rows.setValue(_ROWS_COMPARED)
    view.trial.compare_with(view.trial.against.itemData(1))
    until(lambda: view.trying.trial is not None and len(view.trying.trial.sides) == 2, "looking for answers")
    until(view.try_button.isEnabled, "the teacher")
    view.try_button.click()
    until(lambda: not view.trying.trial.missing and view.trying.run is None, "the comparison")
    wait(_TOAST_MS)


VIEWS: dict[str, dict[str, Callable[[Any], None]]] = {
    "teacher": {"prompts": show_prompts, "compare": show_comparison, "answers": lambda page: page.show_view("answers")},
    "review": {"focus": lambda page: page.views.show("focus")},
}
"""Further views of a page, and how to get there."""


def show_most(window: Window) -> None:
    """A worked project was measured on the test rows: unlock them on the Evaluation page, as a person would."""
    page: Any = window.stack.currentWidget()
    assert window.session is not None
    if window.nav.current_key() == "evaluation" and predictions.evaluated(window.session.project.store.reader, "test"):
        page.split.set_value("test")
        with patch(f"{type(page).__module__}.confirm", return_value=True):
            page.unlock()


def open_project(window: Window, project: Path) -> None:
    """Open it and wait. Raises RuntimeError if it cannot be opened."""
    loop = QEventLoop()
    window.opened.connect(loop.quit)
    window.idle.connect(loop.quit)
    window.open_folder(project)
    loop.exec()
    if window.session is None:
        raise RuntimeError(f"{project} could not be opened")


def worked_project(home: Path) -> Path:
    """The sample project, worked all the way by the command line."""
    print("dsbs demo makes a project; that takes some minutes", flush=True)
    subprocess.run([sys.executable, "-m", "dsbs_gui", "demo", str(home / "made")], cwd=ROOT, check=True)
    return home / "made"


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def main() -> int:
    """Exit code 0 if every page was drawn without a fault."""
    parser = argparse.ArgumentParser(description="Take a picture of every page in both themes.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--project", type=Path, help="a project to show; it is copied, not changed")
    parser.add_argument("--pages", nargs="*", default=[*(step.key for step in STEPS), SETTINGS, START])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ["HOME"] = name  # pictures show “~”
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = str(home / variable.lower())
        project = home / "word-problems"
        shutil.copytree(options.project or worked_project(home), project)
        app = QApplication([])
        apply_theme(app, "light")
        reporter = CrashReporter(home / "log", app)
        reporter.reported.connect(faults.append)
        reporter.install()
        window = Window(Settings(home / "settings.toml"), reporter)
        window.move(100, 100)  # away from the pointer, so that nothing is drawn as if it were under it
        window.show()
        open_project(window, project)
        take(window, options.out, options.pages)
        window.close()
        reporter.remove()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
