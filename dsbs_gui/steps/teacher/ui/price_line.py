"""What a million tokens of a server cost: entered once, kept in the settings of this machine."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from dsbs_gui.core.settings import user_settings
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.steps.teacher import prices
from dsbs_gui.steps.teacher.prices import Price


class PriceLine(QWidget):
    """Signals:
    changed: another price; it is kept already.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._teacher = ""
        self.of_prompts, self.of_answers = _spin("prompts"), _spin("answers")
        self.note = ElidedLabel(tone="muted", type="caption")
        title = PlainLabel("Price of a million tokens", type="emphasis")
        line = row(title, PlainLabel("in", tone="muted"), self.of_prompts, PlainLabel("out", tone="muted"), gap="s")
        row(line, self.of_answers, gap="s", parent=self).addWidget(self.note, 1)
        for spin in (self.of_prompts, self.of_answers):
            spin.valueChanged.connect(lambda _: self._on_changed())

    def set_teacher(self, name: str) -> None:
        """Show the price kept for a teacher; an empty name hides the line."""
        self._teacher = name
        self.setVisible(bool(name))
        if name:
            price = prices.kept(user_settings(), name)
            with QSignalBlocker(self.of_prompts), QSignalBlocker(self.of_answers):
                self.of_prompts.setValue(price.million_in)
                self.of_answers.setValue(price.million_out)
            for spin in (self.of_prompts, self.of_answers):
                spin.setSuffix(f"\u00a0{user_settings().currency}")
            self.note.show_text(f"for {name}; kept on this machine, not in the project", "muted")

    def _on_changed(self) -> None:
        prices.keep(user_settings(), self._teacher, Price(self.of_prompts.value(), self.of_answers.value()))
        self.changed.emit()


def _spin(what: str) -> QDoubleSpinBox:
    spin = QDoubleSpinBox(minimum=0, maximum=10_000, decimals=3, singleStep=0.1)
    spin.setSpecialValueText("not known")
    spin.setAccessibleName(f"Price of a million tokens of {what}")
    return spin
