"""The real window with its real pages, on a sample project of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app import sample
from dsbs_gui.app.crash import CrashReporter
from dsbs_gui.app.window import Window
from dsbs_gui.core.settings import Settings

OpenWindow = Callable[[Path], Window]


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    sample.create(tmp_path / "sample")
    return tmp_path / "sample"


@pytest.fixture
def open_window(qtbot: Any, tmp_path: Path) -> Iterator[OpenWindow]:
    """Opens windows on a project; all are closed at the end, and no exception may have been met."""
    reporter = CrashReporter(tmp_path / "log")
    met: list[str] = []
    reporter.reported.connect(met.append)
    made: list[Window] = []

    def make(folder: Path) -> Window:
        window = Window(Settings(tmp_path / "config" / "settings.toml"), reporter)
        made.append(window)
        window.setProperty("unasked", True)
        window.show()
        window.open_folder(folder)
        qtbot.waitUntil(lambda: window.session is not None, timeout=20_000)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()
    reporter.close_sheet()
    reporter.deleteLater()
    assert met == []
