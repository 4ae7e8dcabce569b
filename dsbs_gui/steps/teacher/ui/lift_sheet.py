"""Choosing the teacher on this machine that measures what the rationales are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, grow, row
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.steps.teacher.catalogue import teachers

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_FILE = ""


class LiftSheet(Sheet):
    """``teacher()`` is an id of the catalogue or the path of a GGUF file."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(
            parent,
            "Measure what the rationales are worth",
            subtitle="A teacher on this machine reads each example with and without its rationale. Where the gold label"
            " does not become more probable, the example gets the signal “Does not help”. Only what has changed since"
            " the last time is measured.",
        )
        self.box = QComboBox()
        for entry in teachers():
            if entry.local_path() is not None:
                self.box.addItem(entry.title, entry.id)
        self.box.addItem("A GGUF file…", _FILE)
        self.path = QLineEdit()
        self.path.setPlaceholderText("Path of a .gguf file")
        self.path.setAccessibleName("GGUF file")
        browse = SecondaryButton("Choose…")
        self._file = boxed(row(grow(self.path), browse, gap="s"))
        self.add(FormField("Teacher", self.box, "A larger one judges better, and takes longer"), self._file)
        self.accept_button = self.add_accept("Measure")
        self.box.currentIndexChanged.connect(lambda _: self._show())
        self.path.textChanged.connect(lambda _: self._show())
        browse.clicked.connect(self._on_browse)
        self._show()

    def teacher(self) -> str:
        """Empty if none is chosen."""
        return str(self.box.currentData()) or self.path.text().strip()

    def _show(self) -> None:
        self._file.setVisible(self.box.currentData() == _FILE)
        self.accept_button.setEnabled(bool(self.teacher()))

    def _on_browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a GGUF file", filter="GGUF files (*.gguf)")
        if path:
            self.path.setText(path)


def ask(parent: QWidget | None) -> str:
    """The teacher that was chosen; empty if none. Tests replace this function."""
    sheet = LiftSheet(parent)
    try:
        return sheet.teacher() if sheet.ask() else ""
    finally:
        sheet.deleteLater()
