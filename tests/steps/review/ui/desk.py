"""A user at the Review page: keys, clicks, and what can be seen."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from typing_extensions import override

from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import decisions, examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.review.ui.page import ReviewPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.examples import Example

_MODIFIERS = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
}
_KEYS: dict[str, Any] = {
    "Return": Qt.Key.Key_Return,
    "Esc": Qt.Key.Key_Escape,
    "Down": Qt.Key.Key_Down,
    "Up": Qt.Key.Key_Up,
    "Tab": Qt.Key.Key_Tab,
    "Space": Qt.Key.Key_Space,
    "Home": Qt.Key.Key_Home,
    "PgDown": Qt.Key.Key_PageDown,
    "PgUp": Qt.Key.Key_PageUp,
    "End": Qt.Key.Key_End,
    "F5": Qt.Key.Key_F5,
    "Left": Qt.Key.Key_Left,
    "Backspace": Qt.Key.Key_Backspace,
}


class WatchedBridge(Bridge):
    """Knows how much is under way, so that a test need not guess how long to wait."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.under_way = 0
        self._counting = threading.Lock()
        self.failed.connect(lambda error: self._count(-1))

    def _count(self, by: int) -> None:
        with self._counting:
            self.under_way += by

    @override
    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object] | None = None,
        on_error: Callable[[DsbsError], object] | None = None,
        owner: QObject | None = None,
    ) -> None:
        def finish(then: Callable[[Any], object] | None, value: Any) -> None:
            if then is not None:
                then(value)
            self._count(-1)

        self._count(+1)
        super().run(work, partial(finish, on_done), partial(finish, on_error or self.show_error), owner)


class Desk:
    """Times of the page's clock are given by ``now``."""

    def __init__(self, qtbot: Any, project: Project) -> None:
        self.qtbot, self.project = qtbot, project
        self.now = 0.0
        self.closed = False
        self.problems: list[object] = []
        self.bridge = WatchedBridge(project)
        self.bridge.failed.connect(self.problems.append)
        self.bridge.message.connect(lambda *said: self.problems.append(said))
        self.settings = Settings(project.folder.parent / "settings.toml")
        self.page = ReviewPage(project, self.bridge, clock=lambda: self.now, settings=self.settings)
        self.page.resize(1200, 800)
        self.page.show()
        self.page.activateWindow()
        with qtbot.waitExposed(self.page):
            pass
        qtbot.waitUntil(self.page.isActiveWindow)
        self.page.refresh()
        self.settle()

    # ------------------------------------------------------------ doing

    def press(self, *keys: str) -> None:
        """Keys one after the other, to whatever has the focus; e.g. ``"A"``, ``"Ctrl+Z"``."""
        for key in keys:
            self._press(key)

    def _press(self, key: str) -> None:
        modifiers = Qt.KeyboardModifier.NoModifier
        *held, last = key.split("+") if len(key) > 1 else [key]
        for name in held:
            modifiers |= _MODIFIERS[name]
        target = QApplication.focusWidget() or self.page
        QTest.keyClick(target, _KEYS.get(last, last), modifiers)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        QTest.keyClicks(QApplication.focusWidget(), text)

    def click(self, button: QWidget) -> None:
        """Scroll there if need be, and click."""
        QCoreApplication.processEvents()  # what was just shown is laid out
        parent = button.parentWidget()
        while parent is not None:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(button)
            parent = parent.parentWidget()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def settle(self) -> None:
        """Wait until everything that was asked for in the background is stored and shown."""
        quiet = 0
        while quiet < 2:
            if not self.project.store.read_only:
                self.project.store.write_now(lambda tx: None)
            self.qtbot.waitUntil(lambda: self.bridge.under_way == 0)
            QCoreApplication.processEvents()
            waiting = self.page.counting.settling.isActive()
            if waiting:
                self.page.counting.settling.stop()
                self.page.counting.count()
            quiet = 0 if waiting or self.bridge.under_way else quiet + 1

    def choose(self, *ids: int) -> None:
        """Select rows as with Ctrl+click."""
        table = self.page.area.table
        table.set_current_id(ids[0])
        for example_id in ids[1:]:
            row = self.page.area.model.row_of(example_id)
            assert row is not None
            index = self.page.area.model.index(row, 0)
            QTest.mouseClick(
                table.viewport(),
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.ControlModifier,
                table.visualRect(index).center(),
            )

    # ------------------------------------------------------------ seeing

    @property
    def shown(self) -> list[int]:
        """Ids in the table."""
        return list(self.page.area.model.ids())

    @property
    def current(self) -> int | None:
        return self.page.area.table.current_id()

    def stored(self, example_id: int) -> Example:
        """The example as another program would read it."""
        found = examples.get(self.project.store.reader, example_id)
        assert found is not None
        return found

    def states(self) -> list[str]:
        return [e.state for e in examples.each(self.project.store.reader, Filter())]

    def written_acts(self) -> int:
        return int(self.project.store.reader.execute("SELECT count(*) FROM batches").fetchone()[0])

    def last_act(self) -> str | None:
        batch = decisions.undoable(self.project.store.reader)
        return batch.action if batch else None

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.page.close()
        self.settle()
        self.page.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.bridge.close()
        self.project.close()
        assert not self.problems, self.problems
