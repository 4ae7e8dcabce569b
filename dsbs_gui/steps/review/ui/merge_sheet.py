"""Making one rationale of two answers: both side by side, and the text that is to stand below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.steps.review import answer_words

from .label_field import LabelLine
from .side_by_side import SideBySide

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.examples import Example

_STARTS = (("left", "What stands"), ("right", "The other one"), ("both", "Both, one after the other"))


class MergeSheet(Sheet):
    """``rationale()`` and ``label()`` are what is to stand."""

    def __init__(self, parent: QWidget | None, example: Example, other: Answer) -> None:
        super().__init__(
            parent,
            "Merge two answers",
            subtitle="The example remembers of which two answers the text was made; undo takes it back.",
            width="l",
        )
        self._starts = {"left": example.rationale or "", "right": other.rationale or ""}
        self._starts["both"] = "\n\n".join(self._starts.values())
        self._labels = {"left": example.teacher_label or "", "right": other.label or ""}
        self.texts = SideBySide("As it stands", answer_words.answer_name(other), most_lines=10)
        self.texts.show_texts(self._starts["left"], self._starts["right"])
        self.texts.show_remarks(
            (f"Label {answer_words.shown_label(self._labels['left'])}", "muted"),
            (f"Label {answer_words.shown_label(self._labels['right'])}", "muted"),
        )
        self.start = SegmentedControl(_STARTS, "left", "Begin with")
        self.text = TextEditor("Merged rationale")
        self.text.setMinimumHeight(self.text.fontMetrics().lineSpacing() * 8)
        self.line = LabelLine("Label")
        self.add(
            self.texts,
            row(PlainLabel("Begin with", type="emphasis"), self.start, None),
            self.text,
            FormField("Label", self.line),
        )
        self.accept_button = self.add_accept("Keep this text")
        self.start.chosen.connect(self._begin)
        self.text.textChanged.connect(lambda: self.accept_button.setEnabled(bool(self.rationale().strip())))
        self.text.submitted.connect(self.accept_button.click)
        self._begin("left")

    def rationale(self) -> str:
        """The text as it is to be saved."""
        changed = self.text.text_if_modified()
        return self.text.original() if changed is None else changed

    def label(self) -> str:
        return self.line.present()

    def _begin(self, key: str) -> None:
        """Start over from one of the texts, with its label."""
        self.text.set_text(self._starts[key])
        self.line.set_text(self._labels["left" if key == "both" else key])
        self.text.setFocus()


def ask(parent: QWidget | None, example: Example, other: Answer) -> tuple[str, str] | None:
    """The merged rationale and label; None if nothing is to change. Tests replace this function."""
    sheet = MergeSheet(parent, example, other)
    try:
        return (sheet.rationale(), sheet.label()) if sheet.ask() else None
    finally:
        sheet.deleteLater()
