"""The chips over the Answers table: which rows are shown, with counts; kinds without rows are not offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.chips import FilterChip
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.words import visible
from dsbs_gui.steps.teacher.parse_rules import RUNGS
from dsbs_gui.steps.teacher.side_by_side import (
    ALL,
    CAUSE,
    DIFFERS,
    DISAGREE,
    FAILED,
    HINTED,
    KINDS,
    NO_LABEL,
    RUNG,
    TIED,
)

if TYPE_CHECKING:
    from dsbs_gui.steps.teacher.side_by_side import Survey

_WORDS = {
    ALL: ("All", "Every row that a teacher has answered"),
    FAILED: ("Failed", "Rows with an answer that is of no use: cut off, refused, never arrived"),
    NO_LABEL: ("No label", "Rows with an answer in which no rule finds a label"),
    DIFFERS: ("Differ from gold", "Rows with a label that is not the gold label"),
    DISAGREE: ("Teachers disagree", "Rows to which two teachers give different labels"),
    TIED: ("Tied votes", "Rows whose samples give two labels the same number of votes"),
    HINTED: ("Told the gold label", "Rows with an answer that was told the gold label; marked so for ever"),
}


class RowKinds(QWidget):
    """One kind at a time. A cause of failure or a rule gets a chip of its own while it is chosen.

    Signals:
        chosen(kind): the user chose another kind.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Rows shown")
        self._kind = ALL
        self._survey: Survey | None = None
        self.chips = {kind: FilterChip(kind, _WORDS[kind][0]) for kind in KINDS}
        self.special = FilterChip("", "")
        for kind, chip in self.chips.items():
            chip.setToolTip(_WORDS[kind][1])
            chip.clicked.connect(lambda _=False, kind=kind: self.chosen.emit(kind))
        self.special.clicked.connect(lambda: self.chosen.emit(ALL))
        self.special.setToolTip("Show all rows again")
        layout = row(*self.chips.values(), self.special, None, gap="xs", parent=self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._show()

    def kind(self) -> str:
        """The kind in force."""
        return self._kind

    def set_kind(self, kind: str) -> None:
        """Show another kind as chosen, without telling."""
        self._kind = kind
        self._show()

    def show_survey(self, survey: Survey) -> None:
        """Bring the counts up to date. A kind that has lost its last row stays while it is chosen."""
        self._survey = survey
        self._show()

    def _show(self) -> None:
        for kind, chip in self.chips.items():
            n = self._survey.count(kind) if self._survey else 0
            chip.set_count(n)
            chip.setChecked(kind == self._kind)
            chip.setVisible(bool(n) or kind in (ALL, self._kind))
        special = self._kind not in self.chips
        self.special.setVisible(special)
        self.special.setChecked(special)
        if special:
            n = self._survey.count(self._kind) if self._survey else 0
            self.special.setText(f"{_special(self._kind)}  {n}  ✕")


def _special(kind: str) -> str:
    if kind.startswith(CAUSE):
        return f"Failed: {visible(kind.removeprefix(CAUSE), 40)}"
    name = kind.removeprefix(RUNG)
    return f"Read by: {RUNGS[name].title if name in RUNGS else name}"
