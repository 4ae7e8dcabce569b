"""One exemplar in editors: the fields of its task, the rationale, the label."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from dsbs_gui.core.tasks import task_named
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.steps.teacher.prompts import Exemplar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.steps.teacher.exemplar_rules import Problem

_HINTS = {
    "choices": "One a line; the prompt puts the letters before them",
    "rationale": "Ends before the label: the trigger and the label follow it",
}
_LEAST_HEIGHT = 52


class ExemplarForm(QWidget):
    """What the user did not touch is given back to the byte.

    Signals:
        edited: ``exemplar()`` is another one now.
    """

    edited = Signal()

    def __init__(self, task: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task_named(task)
        self._exemplar = Exemplar({}, "", "")
        self._showing = False
        self._label_shown = ""
        self.fields = {name: self._editor(name) for name in (*self._task.fields, "rationale")}
        self.label: QLineEdit | QComboBox = QComboBox() if self._is_closed() else QLineEdit()
        self._places = {name: self._field(name, editor) for name, editor in self.fields.items()}
        self._places["label"] = FormField("Label", self.label)
        column(*self._places.values(), gap="s", parent=self)
        if isinstance(self.label, QComboBox):
            self.label.setEditable(True)
            self.label.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self.label.editTextChanged.connect(self._on_edited)
        else:
            self.label.textEdited.connect(self._on_edited)

    def show_exemplar(self, exemplar: Exemplar, classes: Sequence[str] = ()) -> None:
        """Edit another exemplar. ``classes``: the labels to choose from where the task has none of its own."""
        self._showing, self._exemplar = True, exemplar
        for name, editor in self.fields.items():
            editor.set_text(_text(exemplar.rationale if name == "rationale" else exemplar.fields.get(name, "")))
        if isinstance(self.label, QComboBox):
            self._fill(self._options(exemplar, classes), exemplar.label)
        else:
            self.label.setText(exemplar.label)
        self._label_shown = self._label()
        self._showing = False

    def exemplar(self) -> Exemplar:
        """The exemplar as it stands in the editors."""
        fields: dict[str, Any] = dict(self._exemplar.fields)
        made = self._exemplar
        for name, editor in self.fields.items():
            text = editor.text_if_modified()
            if text is None:
                continue
            if name == "rationale":
                made = replace(made, rationale=text)
            else:
                lines = [line.strip() for line in text.split("\n") if line.strip()]
                fields[name] = lines if name in self._task.list_fields else text
        label = self._label()
        return replace(made, fields=fields, label=made.label if label == self._label_shown else label)

    def _label(self) -> str:
        return self.label.currentText() if isinstance(self.label, QComboBox) else self.label.text()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say at the fields what is wrong."""
        wrong = {problem.field: problem.text for problem in problems}
        for name, place in self._places.items():
            place.set_error(wrong.get(name, ""))
            layout = place.layout()
            assert layout is not None
            # Qt forgets the wrapped line below a field that would take any height, and lets them overlap.
            place.setMinimumHeight(layout.totalMinimumSize().height() if name in wrong else 0)

    def focus_first(self) -> None:
        """Begin to type in the first field."""
        next(iter(self.fields.values())).setFocus()

    def _is_closed(self) -> bool:
        return bool(self._task.list_fields or self._task.label_set(())) or self._task.name == "text"

    def _options(self, exemplar: Exemplar, classes: Sequence[str]) -> list[str]:
        own = [str(text) for name in self._task.list_fields for text in exemplar.fields.get(name, ())]
        return own or list(self._task.label_set(()) or classes)

    def _fill(self, options: Sequence[str], label: str) -> None:
        assert isinstance(self.label, QComboBox)
        blocked = self.label.blockSignals(True)
        self.label.clear()
        self.label.addItems(list(options))
        self.label.setCurrentIndex(self.label.findText(label))
        self.label.setEditText(label)
        self.label.blockSignals(blocked)

    def _editor(self, name: str) -> TextEditor:
        editor = TextEditor(name.capitalize())
        editor.setPlaceholderText(_HINTS.get(name, ""))
        editor.setMinimumHeight(_LEAST_HEIGHT)
        # As high as there is room, not as high as such editors like to be.
        editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        editor.textChanged.connect(self._on_edited)
        return editor

    def _field(self, name: str, editor: TextEditor) -> FormField:
        field = FormField(name.capitalize(), editor)
        editor.setAccessibleDescription(_HINTS.get(name, ""))
        field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        layout = field.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setStretchFactor(editor, 1)
        return field

    def _on_edited(self) -> None:
        if self._showing:
            return
        if self._task.list_fields and self.sender() is self.fields[self._task.list_fields[0]]:
            self._fill(self._options(self.exemplar(), ()), self.label.currentText())  # type: ignore[union-attr]
        self.edited.emit()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "\n".join(str(part) for part in value)
