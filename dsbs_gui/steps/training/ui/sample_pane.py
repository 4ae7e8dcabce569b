"""One sample prediction to be read: the whole input and the whole rationale, with the words that are new in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import ReadingText, Span
from dsbs_gui.steps.training.predictions import changed_words

if TYPE_CHECKING:
    from dsbs_gui.steps.training.predictions import Sample

_HEIGHT = 84


class SamplePane(QWidget):
    """Hidden while there is nothing to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input, self.rationale = ReadingText("Input"), ReadingText("Rationale of the student")
        self._said = PlainLabel(type="caption", tone="muted")
        left = column(PlainLabel("Input", type="caption", tone="muted"), self.input, gap="xs")
        right = column(self._said, self.rationale, gap="xs")
        line = row(gap="l", parent=self)
        line.addLayout(left, 1)
        line.addLayout(right, 1)
        for text in (self.input, self.rationale):
            text.setFixedHeight(_HEIGHT)
        self.hide()

    def show_sample(self, sample: Sample | None) -> None:
        """Show a sample, or nothing."""
        self.setVisible(sample is not None)
        if sample is None:
            return
        self.input.set_source(sample.input)
        self.rationale.set_source(sample.rationale or "The student was not taught to explain.")
        before = sample.before_rationale
        marks = changed_words(before, sample.rationale) if before and sample.rationale else []
        self.rationale.mark([Span(start, end, "accent") for start, end in marks])
        new = " · marked: new since the validation before" if marks else ""
        self._said.setText(f"Rationale of the student{new}")
