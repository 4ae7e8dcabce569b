"""A user at the Review page: keys, clicks, and what can be seen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, examples
from dsbs_gui.core.store.examples import Example
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.review.ui.page import ReviewPage


class Desk:
    """Times of the page's clock are given by ``now``."""

    def __init__(self, qtbot: Any, project: Project) -> None:
        self.qtbot, self.project = qtbot, project
        self.now = 0.0
        self.closed = False
        self.problems: list[object] = []
        self.bridge = Bridge(project)
        self.bridge.failed.connect(self.problems.append)
        self.bridge.message.connect(lambda *said: self.problems.append(said))
        self.page = ReviewPage(project, self.bridge, clock=lambda: self.now)
        qtbot.addWidget(self.page)
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
            modifiers |= {
                "Ctrl": Qt.KeyboardModifier.ControlModifier, "Shift": Qt.KeyboardModifier.ShiftModifier,
            }[name]  # fmt: skip
        target = QApplication.focusWidget() or self.page
        named = {"Return": Qt.Key.Key_Return, "Esc": Qt.Key.Key_Escape, "Down": Qt.Key.Key_Down, "Up": Qt.Key.Key_Up,
                 "Tab": Qt.Key.Key_Tab, "End": Qt.Key.Key_End, "Home": Qt.Key.Key_Home, "F5": Qt.Key.Key_F5}  # fmt: skip
        QTest.keyClick(target, named.get(last, last), modifiers)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        QTest.keyClicks(QApplication.focusWidget(), text)

    def click(self, button: QWidget) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def settle(self) -> None:
        """Wait until everything that was asked for in the background is stored and shown."""
        pool = self.bridge._pool
        for _ in range(3):
            if not self.project.store.read_only:
                self.project.store.write_now(lambda tx: None)
            pool.submit(lambda: None).result()
            QCoreApplication.processEvents()
            if self.page._settling.isActive():
                self.page._settling.stop()
                self.page._count()
        self.qtbot.waitUntil(lambda: pool._work_queue.empty())
        for _ in range(3):
            for _ in range(3):
                pool.submit(lambda: None).result()
            QCoreApplication.processEvents()

    def choose(self, *ids: int) -> None:
        """Select rows as with Ctrl+click."""
        table = self.page.area.table
        table.set_current_id(ids[0])
        for example_id in ids[1:]:
            row = self.page.area.model.row_of(example_id)
            assert row is not None
            index = self.page.area.model.index(row, 1)
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
        self.page.hide()
        self.settle()
        self.bridge.close()
        self.project.close()
        assert not self.problems
