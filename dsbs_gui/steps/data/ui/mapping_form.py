"""Which column is which field: one editable list a field, guessed to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from dsbs_gui.kit.form import Form
from dsbs_gui.kit.layout import column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsbs_gui.core.tasks import Task
    from dsbs_gui.kit.form import FormField

ABSENT = "Not in this file"

TITLES = {
    "input": ("Input", "What the student reads. Two columns: Body+Question."),
    "premise": ("Premise", ""),
    "hypothesis": ("Hypothesis", ""),
    "question": ("Question", ""),
    "choices": ("Choices", "A list, lettered lines, or several columns: a,b,c."),
    "label": ("Gold label", "May be missing: then the teacher's label is used."),
    "rationale": ("Rationale", "Only if the file has some already."),
    "teacher": ("Raw teacher answer", "Kept as it is; rationale and label are read from it."),
    "id": ("Id", ""),
}


def fields_of(task: Task) -> tuple[str, ...]:
    """The fields that can be mapped for a task, in reading order."""
    return (*task.fields, "label", "rationale", "teacher", "id")


class MappingForm(QWidget):
    """Signals:
    changed: the user mapped something else.
    """

    changed = Signal()

    def __init__(self, task: Task, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = Form()
        column(self._form, gap="none", parent=self)
        self.boxes: dict[str, QComboBox] = {}
        self._fields: dict[str, FormField] = {}
        for name in fields_of(task):
            box = QComboBox()
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.setMinimumContentsLength(12)
            self.boxes[name] = box
            self._fields[name] = self._form.add(TITLES[name][0], box, TITLES[name][1])
            box.editTextChanged.connect(lambda _: self.changed.emit())

    def show_columns(self, columns: Sequence[str], mapping: Mapping[str, str]) -> None:
        """Offer these columns and choose those of ``mapping``; does not tell."""
        for name, box in self.boxes.items():
            box.blockSignals(True)
            box.clear()
            box.addItem(ABSENT)
            box.addItems(list(columns))
            box.setEditText(mapping.get(name) or ABSENT)
            box.blockSignals(False)

    def mapping(self) -> dict[str, str]:
        """Field to column for every field; empty where the file has none."""
        chosen = {name: box.currentText().strip() for name, box in self.boxes.items()}
        return {name: "" if text == ABSENT else text for name, text in chosen.items()}

    def set_error(self, message: str) -> bool:
        """Show ``message`` at the field that it is about; True if there is one. Empty: clear all."""
        self._form.clear_errors()
        for name, field in self._fields.items():
            text = self.boxes[name].currentText().strip()
            if message and (f"for {name}" in message or (not text and name in message)):
                field.set_error(message)
                return True
        return False
