"""Some of the answers that a changed ladder reads differently: label before, label after, raw answer."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.words import UNKNOWN, count, plural, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.teacher.rereading import Difference, Trial

_WORDS = {"gained": "label gained", "lost": "label lost", "changed": "label changed", "reworded": "other rationale"}
_TONES: dict[str, Tone] = {"gained": "good", "lost": "bad", "changed": "attention", "reworded": "muted"}
_ROWS = 9
_END = 80


class DifferencesSheet(Sheet):
    """Reads only; closes with Escape."""

    def __init__(self, parent: QWidget | None, trial: Trial) -> None:
        shown = {place: difference for place, difference in enumerate(trial.shown)}
        n = len(shown)
        all_of = "All" if n == trial.differs else f"{count(n)} of"
        super().__init__(
            parent,
            "What would be read differently",
            subtitle=f"{all_of} {plural(trial.differs, 'answer')}. Nothing is stored yet.",
            width="l",
            cancel="Close",
        )
        self.model = RecordTableModel(_columns(), lambda ids: {i: shown[i] for i in ids if i in shown}, self)
        self.model.set_ids(array("q", shown))
        self.table = RecordTable(self.model, "Answers that would be read differently")
        self.table.setMinimumHeight(_ROWS * current().size.row_two_lines)
        self.add(self.table)


def _columns() -> Sequence[Column]:
    return [
        Column("kind", "Change", lambda d: _WORDS[d.kind], 130, decoration=lambda d: [Mark(_TONES[d.kind])]),
        Column("before", "Before", lambda d: _label(d.before), 140, decoration=lambda d: _agrees(d.before)),
        Column("after", "After", lambda d: _label(d.after), 140, decoration=lambda d: _agrees(d.after)),
        Column("rung", "Read by", lambda d: d.after.rung or "", 120, tone=lambda d: "muted"),
        Column("raw", "End of the raw answer", _end, 300, lines=2, stretch=True, tooltip=lambda d: d.before.raw),
    ]


def _label(answer: Answer) -> str:
    return visible(answer.label or UNKNOWN)


def _agrees(answer: Answer) -> list[Mark]:
    if answer.agree is None:
        return []
    return [Mark("good", "check", "agrees with gold") if answer.agree else Mark("attention", "x", "differs from gold")]


def _end(difference: Difference) -> str:
    raw = difference.before.raw.strip()
    return raw if len(raw) <= _END else "…" + raw[-_END:]
