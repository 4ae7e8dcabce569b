"""Rows with several samples: what a student learns from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import percent, plural

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.steps.teacher.side_by_side import Survey

_HELP = {
    "one": "A student learns the most probable rationale of the label that most samples give.",
    "all": "Each epoch draws one of the rationales that give this label. What was reviewed stays one text.",
}


class SamplesCard(Card):
    """``choice`` is the control; the view stores what is chosen."""

    def __init__(self, read_only: bool, parent: QWidget | None = None) -> None:
        super().__init__("Several samples", note=" ", parent=parent)
        self.choice = SegmentedControl(
            [("one", "Learn the best one"), ("all", "Learn all that agree")], name="What a student learns from samples"
        )
        self.help = PlainLabel(_HELP["one"], type="caption", tone="muted", wrap=True)
        self.choice.setEnabled(not read_only)
        self.choice.chosen.connect(self.show_kept)
        self.add(self.choice, self.help)
        self.hide()

    def show_survey(self, survey: Survey) -> None:
        """Hidden while no row has several samples."""
        self.setVisible(bool(survey.voted))
        share = percent(survey.unanimous / survey.voted, 0) if survey.voted else ""
        self.set_note(f"{plural(survey.voted, 'row')}, {share} unanimous")

    def show_kept(self, choice: str) -> None:
        """Show the project's choice."""
        self.choice.set_value(choice)
        self.help.setText(_HELP[choice])
