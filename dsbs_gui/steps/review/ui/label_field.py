"""The label under review: a line that gives back exactly what it was given unless the user changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from dsbs_gui.kit.chips import FilterChip
from dsbs_gui.kit.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Sequence


class LabelLine(QLineEdit):
    """Qt rewrites some characters of a text that passes through it; an untouched line answers None."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._original = self._shown = ""

    def set_text(self, text: str) -> None:
        """Start editing another label."""
        self._original = text
        self.setText(text)
        self._shown = self.text()

    def text_if_modified(self) -> str | None:
        """The new label, or None if the user changed nothing."""
        return None if self.text() == self._shown else self.text()

    def present(self) -> str:
        """The label as it would be saved."""
        changed = self.text_if_modified()
        return self._original if changed is None else changed

    def mark_saved(self) -> None:
        """Take the present text as the original."""
        self._original, self._shown = self.present(), self.text()


class LabelField(QObject):
    """Two widgets to be laid out by others: ``line``, and ``choices``, the possible labels as chips with number keys.

    Signals:
        text_changed: the line shows another text.
        submitted: Return was pressed in the line.
    """

    text_changed = Signal()
    submitted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.line = LabelLine("Label")
        self.options: tuple[str, ...] = ()
        self._chips: list[FilterChip] = []
        self.choices = Flow()
        self.line.textChanged.connect(self._on_text_changed)
        self.line.returnPressed.connect(self.submitted)

    def set_label(self, text: str, options: Sequence[str]) -> None:
        """Show a label and the labels that are possible."""
        self.line.set_text(text)
        if tuple(options) != self.options:
            self._set_options(tuple(options))
        self._on_text_changed()

    def choose(self, number: int) -> bool:
        """Take the option of that number, from 0; False if there is none."""
        if not 0 <= number < len(self.options) or self.line.isReadOnly():
            return False
        self.line.setText(self.options[number])
        return True

    def _set_options(self, options: tuple[str, ...]) -> None:
        self.options = options
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [FilterChip(option, f"{i + 1}  {_short(option)}") for i, option in enumerate(options)]
        for number, chip in enumerate(self._chips):
            self.choices.add(chip)
            chip.setAccessibleName(f"Label {options[number]}")
            chip.clicked.connect(lambda _=False, n=number: self._on_chip_clicked(n))
        self.choices.setVisible(bool(options))

    def _on_chip_clicked(self, number: int) -> None:
        self.choose(number)
        self._on_text_changed()  # a chip that was on already has switched itself off

    def _on_text_changed(self) -> None:
        present = self.line.present()
        for chip in self._chips:
            chip.setChecked(chip.key == present)
        self.text_changed.emit()


def _short(text: str, longest: int = 28) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
