"""A real window on real projects with small pages; no worker is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Signal

from dsbs_gui.app import opening
from dsbs_gui.app.crash import CrashReporter
from dsbs_gui.app.pages import Step
from dsbs_gui.app.window import Window
from dsbs_gui.core.project import Project
from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import examples, imports
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.kit.page import Page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class SmallPage(Page):
    """Notes how it was treated."""

    go_to = Signal(str)

    def __init__(self, project: Project, bridge: Any, parent: QWidget | None = None) -> None:
        super().__init__(type(self).__name__, parent=parent)
        self.project, self.bridge = project, bridge
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1


class FirstPage(SmallPage):
    """Has rows for the teacher."""

    ask_teacher = Signal(object, str, str, bool)


class SecondPage(SmallPage):
    """May say itself how runs end, and is handed rows."""

    says_ends = False
    asked: tuple[Any, ...] = ()

    def ask_about(self, *given: Any) -> None:
        self.asked = given

    def tells_end(self, run: Run) -> bool:
        return self.says_ends and self.isVisible()


class BrokenPage(SmallPage):
    healthy = False

    def __init__(self, project: Project, bridge: Any, parent: QWidget | None = None) -> None:
        if not self.healthy:
            raise RuntimeError("a fault of this page")
        super().__init__(project, bridge, parent)


STEPS = (
    Step("data", "Data", "database", FirstPage, ("import",)),
    Step("teacher", "Teacher", "chalkboard-teacher", SecondPage, ("generate",)),
    Step("training", "Training", "chart-line", BrokenPage, ("train",)),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "config" / "settings.toml")


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Path]:
    """Makes a closed project with some rows; returns its folder."""

    def make(name: str = "first", rows: int = 12) -> Path:
        project = Project.create(tmp_path / "projects" / name, "math", name)

        def fill(tx: Transaction) -> None:
            import_id = imports.start(tx, "import-0", "x.csv", "train", {}, "0")
            made = [
                {"line": i, "id": None, "fields": {"input": f"q{i}"}, "input": f"q{i}", "label": "1"}
                for i in range(rows)
            ]
            examples.add(tx, made, split="train", import_id=import_id)

        project.store.write_now(fill)
        project.close()
        return project.folder

    return make


@pytest.fixture
def reporter(tmp_path: Path, qtbot: Any) -> Iterator[CrashReporter]:
    made = CrashReporter(tmp_path / "log")
    yield made
    made.close_sheet()
    made.deleteLater()


@pytest.fixture
def make_window(
    qtbot: Any, settings: Settings, reporter: CrashReporter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[], Window]]:
    """Makes windows with the small pages; all are closed at the end, whatever runs."""
    monkeypatch.setattr(opening, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(opening, "_intakes", dict)
    made: list[Window] = []

    def make() -> Window:
        window = Window(settings, reporter, STEPS)
        made.append(window)
        if len(made) > 1:
            window.show()
            return window
        with qtbot.waitActive(window):  # keys only go to the active window
            window.show()
            window.activateWindow()
        return window

    yield make
    for window in made:
        window.setProperty("unasked", True)
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make_window: Callable[[], Window]) -> Window:
    return make_window()


@pytest.fixture
def opened(window: Window, make_project: Callable[..., Path], qtbot: Any) -> Window:
    """A window with an open project."""
    with qtbot.waitSignal(window.opened, timeout=10_000):
        window.open_folder(make_project())
    qtbot.waitUntil(lambda: window.session is not None and bool(window.session.counted))
    return window
