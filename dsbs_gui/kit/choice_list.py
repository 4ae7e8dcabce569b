"""A short list of named things, one of them chosen: prompt versions, recent projects, sections of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from dsbs_gui.kit.theme.icons import icon as themed_icon
from dsbs_gui.kit.words import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY = Qt.ItemDataRole.UserRole


class ChoiceList(QListWidget):
    """For up to some hundred items; a RecordTable for more.

    Signals:
        chosen(key): another item became the current one by the user.
        key_activated(key): Return or a double click.
    """

    chosen = Signal(str)
    key_activated = Signal(str)

    def __init__(self, name: str, options: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "list")
        self.setAccessibleName(name)
        # A list that lays out before the style sheet is on it keeps rows of the wrong height.
        self.ensurePolished()
        self.set_options(options)
        self.currentItemChanged.connect(self._on_current_changed)
        self.itemActivated.connect(lambda item: self.key_activated.emit(item.data(_KEY)))

    def set_options(self, options: Sequence[tuple[str, str]], icon: str = "") -> None:
        """Replace the items, (key, text) pairs; the current key is kept if it is still there."""
        kept = self.current_key()
        self.blockSignals(True)
        self.clear()
        for key, text in options:
            item = QListWidgetItem(visible(text))
            item.setData(_KEY, key)
            if icon:
                item.setIcon(themed_icon(icon, 16, "muted"))
            self.addItem(item)
        self.set_current_key(kept)
        self.blockSignals(False)

    def current_key(self) -> str:
        """The key of the current item, empty if there is none."""
        item = self.currentItem()
        return str(item.data(_KEY)) if item is not None else ""

    def set_current_key(self, key: str) -> None:
        """Choose an item without telling."""
        blocked = self.blockSignals(True)
        for row in range(self.count()):
            if self.item(row).data(_KEY) == key:
                self.setCurrentRow(row)
        self.blockSignals(blocked)

    def _on_current_changed(self, current: QListWidgetItem | None) -> None:
        if current is not None:
            self.chosen.emit(current.data(_KEY))
