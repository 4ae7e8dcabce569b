"""A few alternatives side by side, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QSizePolicy, QWidget

from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.words import without_mnemonic


class _Segment(KeyRing, QPushButton):
    """One of the alternatives."""


class SegmentedControl(QFrame):
    """`options` are (key, text) pairs; arrow keys move the choice.

    Signals:
        chosen(key): the user chose another segment (not emitted by `set_value`).
    """

    chosen = Signal(str)

    def __init__(
        self, options: Sequence[tuple[str, str]], value: str = "", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        layout = row(gap="none", parent=self)
        layout.setContentsMargins(1, 1, 1, 1)
        for key, text in options:
            button = _Segment(without_mnemonic(text))
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setAutoDefault(False)
            self._buttons[key] = button
            self._group.addButton(button)
            layout.addWidget(button)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
        self.set_value(value or options[0][0])

    def value(self) -> str:
        """The key of the chosen segment."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def set_value(self, key: str) -> None:
        """Choose a segment without telling."""
        self._buttons[key].setChecked(True)

    def set_option_enabled(self, key: str, enabled: bool, why: str = "") -> None:
        """Switch one segment off, with the reason as its tooltip."""
        self._buttons[key].setEnabled(enabled)
        self._buttons[key].setToolTip("" if enabled else why)
