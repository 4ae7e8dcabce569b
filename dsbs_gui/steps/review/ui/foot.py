"""The line below the table: how much is left, and what can be done with all rationales or with the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import grow, row
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import sentences

if TYPE_CHECKING:
    from dsbs_gui.steps.review.facets import Facets


class Foot(QWidget):
    """Progress at the left, what is done with all rationales beside it, the list at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = ProgressBar("Reviewed")
        self.bar.setFixedWidth(self.bar.fontMetrics().averageCharWidth() * 16)
        self.sentence = ElidedLabel("", tone="muted")
        self.check = LinkButton(
            "Check rationales",
            tooltip="Looks for wrong arithmetic, labels that are not concluded, near-duplicates and more;"
            " only what has changed is read again",
        )
        self.measure = LinkButton(
            "Measure their worth…",
            tooltip="How much more probable a local teacher finds the gold label with the rationale than without",
        )
        self.rules = LinkButton(
            "Rules for training…", tooltip="What becomes of doubtful rationales when a student learns"
        )
        self.update_list = LinkButton("Update the list")
        self.select_all = LinkButton("")
        of_all, of_list = (self.check, self.measure, self.rules), (self.update_list, self.select_all)
        row(self.bar, grow(self.sentence), *of_all, *of_list, gap="m", parent=self)
        self._told: tuple[Facets, float | None] | None = None
        self._focus = self._several = False
        self.set_outdated(False)

    def set_focus_view(self, focus: bool) -> None:
        """Whether one example is shown alone: then how far one is comes first."""
        self._focus = focus
        self.select_all.setVisible(self._several and not focus)
        if self._told is not None:
            self.show_progress(*self._told)

    def show_progress(self, facets: Facets, seconds_left: float | None) -> None:
        """How much of the project is reviewed."""
        self._told = (facets, seconds_left)
        done, left = facets.decided, facets.left + facets.skipped
        self.bar.setVisible(bool(done + left))
        self.bar.set_fraction(done / (done + left) if done + left else 0)
        say = sentences.reviewed if self._focus else sentences.progress
        self.sentence.setText(say(facets, seconds_left))

    def show_rows(self, n: int) -> None:
        """How many rows the list has."""
        self.select_all.setText(f"Select all {count(n)}")
        self._several = n > 1
        self.select_all.setVisible(self._several and not self._focus)

    def set_outdated(self, outdated: bool) -> None:
        """Whether the filter matches other rows than those shown."""
        self.update_list.setVisible(outdated)
