"""``dsbs-gui [PROJECT]``: opens the window.

What is slow (the log, the store, the bridge, the project itself) is loaded beside the window after it is
shown; nothing heavy (torch and its friends) is ever loaded in this process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dsbs_gui import __version__

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from dsbs_gui.app.window import Window
    from dsbs_gui.core.settings import Settings
    from dsbs_gui.kit.theme.apply import Mode

HEAVY = ("torch", "transformers", "datasets", "pandas", "pyarrow", "llama_cpp", "pyqtgraph", "sqlite_utils", "scipy")
"""Modules that the started window must not have loaded."""

_UNSEEN_MS = 1_000
_ICON = "icons/studio.dsbs.Studio.svg"


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="dsbs-gui", description="Open the window of DSBS Studio.")
    parser.add_argument("project", nargs="?", metavar="PROJECT", help="folder of the project to open")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="for this time only")
    parser.add_argument("--version", action="version", version=f"DSBS Studio {__version__}")
    parser.add_argument("--exit-when-shown", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window until it is closed. Exit code 0, or 2 if there is no display."""
    options = read_arguments(argv)
    if problem := display_problem():
        print(problem, file=sys.stderr)
        return 2
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from dsbs_gui.app.crash import CrashReporter
    from dsbs_gui.app.quitting import quit_on_signals
    from dsbs_gui.app.window import Window
    from dsbs_gui.core.settings import log_folder, user_settings
    from dsbs_gui.kit import clipboard
    from dsbs_gui.kit.theme.apply import apply_theme

    app = QApplication(sys.argv[:1])
    _name(app)
    settings = user_settings()
    apply_theme(app, cast("Mode", options.theme or settings.theme))
    reporter = CrashReporter(log_folder(), app)
    reporter.install()
    reporter.watch_native_crashes()
    window = Window(settings, reporter)
    quit_on_signals(window)
    if options.exit_when_shown:
        _exit_when_shown(window)
    start = Once(lambda: begin(window, settings, options.project))
    window.painted.connect(start)
    QTimer.singleShot(_UNSEEN_MS, window, start)  # a window that starts minimised is not painted
    window.show()
    try:
        return app.exec()
    finally:
        clipboard.settle()
        reporter.remove()


class Once:
    """A call that is made the first time only."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act: Callable[[], object] | None = act

    def __call__(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


def begin(window: Window, settings: Settings, project: str | None) -> None:
    """After the window is shown: what workers inherit, the log, the project that was asked for or was open last."""
    from PySide6.QtGui import QIcon

    from dsbs_gui.core import resources
    from dsbs_gui.core.settings import put_into_environment

    put_into_environment(settings)
    window.setWindowIcon(QIcon(str(resources.path(_ICON))))
    window.start_log()
    if project:
        window.open_folder(Path(project))
    elif settings.last:
        window.open_folder(Path(settings.last))
    elif not settings.recent:
        window.open_sample()
    else:
        window.idle.emit()


def display_problem() -> str:
    """Why no window can be opened; empty if it can. Without this Qt would abort the process."""
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not shown:
        return "There is no display here, so the window cannot be opened. “dsbs” works without one; try “dsbs demo”."
    return ""


def _name(app: QApplication) -> None:
    from dsbs_gui.core.settings import APP

    app.setOrganizationName(APP)
    app.setApplicationName(APP)
    app.setApplicationDisplayName("DSBS Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("studio.dsbs.Studio")


def _exit_when_shown(window: Window) -> None:
    """Say when the window was painted, and when its first page was there, as lines of JSON; then end.

    Times are Unix seconds: only who started the process knows when that was.
    """
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    seen: dict[str, float] = {}

    def note(what: str) -> None:
        seen.setdefault(what, time.time())
        heavy = sorted(name for name in HEAVY if name in sys.modules)
        print(json.dumps({**seen, "page": window.nav.current_key() or "start", "heavy": heavy}), flush=True)
        if len(seen) == 2:
            window.close()
            QApplication.quit()  # also where a report is still open

    window.painted.connect(lambda: note("window_at"))
    window.opened.connect(lambda: QTimer.singleShot(0, lambda: note("page_at")))
    window.idle.connect(lambda: QTimer.singleShot(0, lambda: note("page_at")))


if __name__ == "__main__":
    sys.exit(main())
