"""Which columns a table shows: a menu on its titles, which stays open while one ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu
from typing_extensions import override

from dsbs_gui.kit.words import without_mnemonic

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from dsbs_gui.kit.record_table.view import RecordTable

_PRESSING = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ColumnMenu(QMenu):
    """A right click on a title opens it, or ``open``.

    Args:
        state: the columns to offer (key → title), those that are shown, and whether they are chosen automatically;
            asked whenever the menu opens.

    Signals:
        toggled(key, shown): a column was ticked or unticked.
        automatic_asked: the program shall choose.
    """

    toggled = Signal(str, bool)
    automatic_asked = Signal()

    def __init__(
        self, table: RecordTable, state: Callable[[], tuple[Mapping[str, str], Collection[str], bool]]
    ) -> None:
        super().__init__("Columns", table)
        self._table, self._state = table, state
        self.entries: dict[str, QAction] = {}
        self.automatic = QAction("As many as fit", self, checkable=True)
        self.automatic.triggered.connect(self._on_automatic)
        titles = table.horizontalHeader()
        titles.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        titles.customContextMenuRequested.connect(lambda point: self._open_at(titles.mapToGlobal(point)))

    def open(self) -> None:
        """Open it under the titles, for somebody who uses the keyboard."""
        titles = self._table.horizontalHeader()
        self._open_at(titles.mapToGlobal(QPoint(0, titles.height())))
        self.setActiveAction(next(iter(self.entries.values()), self.automatic))

    def _open_at(self, place: QPoint) -> None:
        self.fill()
        self.popup(place)

    def fill(self) -> None:
        """Show the columns as they are now."""
        offered, shown, automatic = self._state()
        self.clear()
        self.entries = {key: QAction(without_mnemonic(title), self, checkable=True) for key, title in offered.items()}
        for key, entry in self.entries.items():
            entry.setChecked(key in shown)
            entry.triggered.connect(lambda on, key=key: self._on_toggled(key, on))
            self.addAction(entry)
        self.addSeparator()
        self.addAction(self.automatic)
        self.automatic.setChecked(automatic)

    def _on_toggled(self, key: str, shown: bool) -> None:
        self.automatic.setChecked(False)
        self.toggled.emit(key, shown)

    def _on_automatic(self) -> None:
        self.automatic.setChecked(True)
        self.automatic_asked.emit()
        _, shown, _ = self._state()
        for key, entry in self.entries.items():
            entry.setChecked(key in shown)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if event.key() in _PRESSING and action is not None and action.isCheckable():
            action.trigger()
        else:
            super().keyPressEvent(event)
