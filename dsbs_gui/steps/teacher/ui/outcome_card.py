"""What came of the answers: each teacher against the gold labels, and why answers failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from dsbs_gui.kit.bar_list import Bar, BarList
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import clear, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import percent_interval, plural
from dsbs_gui.steps.teacher.side_by_side import CAUSE

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from dsbs_gui.steps.teacher.side_by_side import Standing, Survey


class OutcomeCard(Card):
    """Signals:
    cause_chosen(kind): show the rows that failed so.
    """

    cause_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Agreement with gold", note=" ", parent=parent)
        self._teachers: QVBoxLayout = column(gap="s")
        self.why = PlainLabel("Failed, by cause", type="emphasis")
        self.causes = BarList("Failed, by cause", active=True)
        self.add(self._teachers, self.why, self.causes)
        self.causes.bar_activated.connect(self.cause_chosen)

    def show_survey(self, survey: Survey) -> None:
        """Bring the figures up to date."""
        clear(self._teachers)
        for teacher, standing in survey.teachers.items():
            self._teachers.addLayout(_line(teacher, standing))
        self.set_note("95 % intervals" if any(s.accuracy for s in survey.teachers.values()) else "")
        bars = [Bar(reason, n, "bad", CAUSE + reason) for reason, n in survey.causes.most_common()]
        self.causes.set_bars(bars)
        for widget in (self.why, self.causes):
            widget.setVisible(bool(bars))


def _line(teacher: str, standing: Standing) -> QVBoxLayout:
    accuracy = standing.accuracy
    figure = "no gold label" if accuracy is None else percent_interval(*accuracy)
    said = [plural(standing.rows, "row")]
    if standing.labelled < standing.rows:
        said.append(f"{plural(standing.rows - standing.labelled, 'row')} without a label")
    name = ElidedLabel(teacher)
    return column(
        row(name, None, PlainLabel(figure, type="emphasis")),
        PlainLabel(" · ".join(said), type="caption", tone="muted"),
        gap="none",
    )
