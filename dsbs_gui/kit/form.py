"""Forms: labels above the fields, one line of help below, the error at the field, at most 640 px wide."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.roles import set_property


class FormField(QWidget):
    """A label, its input widget, a help line and, when wrong, the error in place of the help."""

    def __init__(self, label: str, field: QWidget, help: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.label = PlainLabel(label, type="emphasis")
        self.label.setBuddy(field)
        self.help = PlainLabel(help, type="caption", tone="muted", wrap=True)
        if not help:  # never shown before it has a parent: it would be a window for a moment
            self.help.hide()
        self._error_text = PlainLabel("", type="caption", tone="bad", wrap=True)
        error_line = row(gap="xs")
        error_line.addWidget(IconLabel("warning-circle", 14, "bad"), 0, Qt.AlignmentFlag.AlignTop)
        error_line.addWidget(self._error_text, 1)
        self._error = boxed(error_line)
        self._error.hide()
        column(self.label, field, self.help, self._error, gap="xs", parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        field.setAccessibleName(label)
        field.setAccessibleDescription(help)

    def set_error(self, text: str) -> None:
        """Say at the field what is wrong with it; an empty text takes the error away."""
        self._error_text.setText(text)
        self._error.setVisible(bool(text))
        self.help.setVisible(bool(self.help.text()) and not text)
        set_property(self.field, "wrong", "true" if text else "false")
        self.field.setAccessibleDescription(text or self.help.text())

    def error(self) -> str:
        """The error shown, empty if none."""
        return self._error_text.text()

    def set_help(self, text: str) -> None:
        """Change the help line."""
        self.help.setText(text)
        self.help.setVisible(bool(text) and not self.error())


class Form(QWidget):
    """A column of fields. `add` returns the FormField so that errors can be set on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumWidth(current().size.form)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._layout: QVBoxLayout = column(gap="l", parent=self)
        self.fields: list[FormField] = []

    def add(self, label: str, field: QWidget, help: str = "") -> FormField:
        """Append one field over the whole width."""
        made = FormField(label, field, help)
        self._layout.addWidget(made)
        self.fields.append(made)
        return made

    def add_row(self, *fields: FormField) -> None:
        """Append several short fields side by side."""
        line = row(gap="l")
        for made in fields:
            line.addWidget(made, 1, Qt.AlignmentFlag.AlignTop)
            self.fields.append(made)
        self._layout.addLayout(line)

    def add_widget(self, widget: QWidget) -> None:
        """Append something that is no field: a sentence, a check box, a button row."""
        self._layout.addWidget(widget)

    def clear_errors(self) -> None:
        """Take all errors away."""
        for made in self.fields:
            made.set_error("")
