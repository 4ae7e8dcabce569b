"""What a person calls a run and writes about it."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from dsbs_gui.core.store.runs import Run
from dsbs_gui.kit.form import Form
from dsbs_gui.kit.sheet import Sheet

_NOTE_HEIGHT = 96


class DescribeSheet(Sheet):
    """Asks for a name and a note."""

    def __init__(self, parent: QWidget | None, run: Run) -> None:
        super().__init__(parent, f"Name and note of {run.id}", width="s")
        self.name = QLineEdit(run.title)
        self.note = QPlainTextEdit(run.note)
        self.note.setFixedHeight(_NOTE_HEIGHT)
        self.note.setTabChangesFocus(True)
        form = Form()
        form.add("Name", self.name, "In all lists; empty leaves it as it is")
        form.add("Note", self.note, "Its first line stands beside the run")
        self.add(form)
        self.add_accept("Save")
        self.name.selectAll()
