"""What came of a run's answers as small bars: against gold, how the label was read, how far samples agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.bar_list import Bar, BarList
from dsbs_gui.kit.layout import boxed, column, px
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller

if TYPE_CHECKING:
    from dsbs_gui.core.store.tally import Tally
    from dsbs_gui.steps.teacher.overview import RunState

RUNGS = {
    "json": "JSON",
    "letter": "letter",
    "text": "words",
    "contained": "only one named",
    "value": "number",
    "last-sentence": "guessed",
    "unparsed": "none found",
}
"""A rung in a word; a rule of the user's own goes by its name."""
_WIDTH = 260
_MOST_RUNGS = 5


class Breakdown(QWidget):
    """Bars under small headings; those without anything to show are hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdicts = BarList("Answers against the gold labels")
        self.votes_title = PlainLabel("Samples of a row that agree", type="caption", tone="muted")
        self.votes = BarList("How far the samples of a row agree")
        self.rungs_title = PlainLabel("How the label was read", type="caption", tone="muted")
        self.rungs = BarList("How the label was read")
        parts = (self.verdicts, self.votes_title, self.votes, self.rungs_title, self.rungs)
        content = boxed(column(*parts, None, gap="xs"))
        content.layout().setContentsMargins(0, 0, px("l"), 0)  # type: ignore[union-attr]  # room for the scroll bar
        column(Scroller(content), parent=self)
        self.setFixedWidth(_WIDTH)

    def show_run(self, state: RunState) -> None:
        """Bring the bars up to date."""
        self.verdicts.set_bars(_verdicts(state.tally))
        votes = [
            Bar(f"{n} of {k}", rows, "good" if n == k else "info") for (n, k), rows in sorted(state.votes.items())[::-1]
        ]
        rungs = [Bar(RUNGS.get(name, name), n) for name, n in list(state.tally.rungs.items())[:_MOST_RUNGS] if name]
        for title, bars, shown in ((self.votes_title, self.votes, votes), (self.rungs_title, self.rungs, rungs)):
            bars.set_bars(shown)
            title.setVisible(bool(shown))
            bars.setVisible(bool(shown))


def _verdicts(tally: Tally) -> list[Bar]:
    """Every answer in just one bar."""
    bars = [
        Bar("agree", tally.agree, "good"),
        Bar("differ", tally.compared - tally.agree, "attention"),
        Bar("no label", tally.done - tally.parsed, "attention"),
        Bar("not compared", tally.parsed - tally.compared, "muted"),
        Bar("failed", tally.n_failed, "bad"),
    ]
    return [bar for bar in bars if bar.number > 0] or [Bar("no answers yet", 0)]
