"""Where an export goes: a line for the path and a button to choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.layout import row

if TYPE_CHECKING:
    from pathlib import Path


class Target(QWidget):
    """Proposes a path until the user gives one.

    Signals:
        changed: the path is another one.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = QLineEdit()
        self.path.setAccessibleName(name)
        self.choose = SecondaryButton("Choose")
        self._proposed = ""
        layout = row(gap="s", parent=self)
        layout.addWidget(self.path, 1)
        layout.addWidget(self.choose)
        self.choose.clicked.connect(self._choose)
        self.path.textChanged.connect(lambda _: self.changed.emit())

    def propose(self, path: Path) -> None:
        """Fill in a path unless the user has typed one."""
        if self.path.text() in ("", self._proposed):
            self._proposed = str(path)
            self.path.setText(self._proposed)
            self.path.setCursorPosition(0)

    def text(self) -> str:
        return self.path.text().strip()

    def _choose(self) -> None:
        options = QFileDialog.Option.DontConfirmOverwrite  # the export itself refuses to overwrite
        path, _ = QFileDialog.getSaveFileName(self, "Choose a name for the export", self.text(), options=options)
        if path:
            self.path.setText(path)
