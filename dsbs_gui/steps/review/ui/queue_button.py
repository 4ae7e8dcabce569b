"""The compact choice of a queue: a button with a menu that says how many rows wait in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review.queueing import NONE, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget


class QueueButton(SecondaryButton):
    """Digits choose in the menu; the counts come when it is opened, since counting a million rows takes a moment.

    Signals:
        opened: the menu is shown, with the counts of the last time.
        chosen(name): a queue of ``core.store.queues``; empty = all rows.
    """

    opened = Signal()
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self._key = ""
        self.menu_shown = QMenu(self)
        self.menu_shown.setToolTipsVisible(True)
        self.set_menu(self.menu_shown)
        group = QActionGroup(self)
        self.actions_by_name: dict[str, QAction] = {}
        for place, (name, wording) in enumerate({"": NONE, **WORDS}.items()):
            action = self.menu_shown.addAction(f"&{place}  {wording.title}")
            action.setToolTip(wording.meaning)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, name=name: self.chosen.emit(name))
            group.addAction(action)
            self.actions_by_name[name] = action
            if not name:
                self.menu_shown.addSeparator()
        self.menu_shown.aboutToShow.connect(self.opened)
        self.set_value("")

    def set_value(self, name: str) -> None:
        """Show which queue is chosen, without telling."""
        wording = WORDS.get(name, NONE)
        self.actions_by_name[name].setChecked(True)
        self.setText(f"Queue: {wording.title}" if name else "Queue")
        self.setAccessibleName(f"Queue: {wording.title}")
        self._meaning = wording.meaning if name else "The rows that deserve a look first"
        self.set_key(self._key)

    def set_key(self, key: str) -> None:
        """Say by which key the menu opens."""
        self._key = key
        self.set_tooltip(" · ".join(part for part in (self._meaning, key) if part))

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """So many rows wait in each queue."""
        for name, n in counts.items():
            action = self.actions_by_name[name]
            action.setText(f"{action.text().partition(chr(9))[0]}\t{count(n)}")

    def open(self) -> None:
        """Show the menu under the button, without waiting for it."""
        self.menu_shown.popup(self.mapToGlobal(QPoint(0, self.height())))
