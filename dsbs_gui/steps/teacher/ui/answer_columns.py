"""The columns of the Answers table: the row, its gold label, and one column a teacher."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.words import UNKNOWN, count, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.teacher.side_by_side import Cell, Row

NARROWEST, WIDEST = 150, 230
MOST_TEACHERS = 4
"""More would leave no room for the question; the panel below the table shows all."""


def columns(teachers: Sequence[str]) -> list[Column]:
    """In the order shown."""
    return [
        Column("id", "№", lambda r: count(r.example.id), 60, tone=lambda r: "muted"),
        Column("input", "Input", lambda r: r.example.input, 220, lines=2, stretch=True),
        Column("gold", "Gold", lambda r: visible(r.example.label or UNKNOWN), 120, tone=lambda r: "muted"),
        *(_of_teacher(teacher) for teacher in teachers[:MOST_TEACHERS]),
    ]


def _of_teacher(teacher: str) -> Column:
    return Column(
        f"teacher:{teacher}",
        teacher,
        partial(_text, teacher),
        NARROWEST,
        decoration=partial(_marks, teacher),
        tone=partial(_tone, teacher),
    )


def _text(teacher: str, row: Row) -> str:
    cell = row.cells.get(teacher)
    if cell is None:
        return ""
    return votes(cell) + said(cell)


def said(cell: Cell) -> str:
    """What a teacher says, in a few words."""
    if cell.failed:
        return str(cell.shown.failure)
    return visible(cell.shown.label or "no label")


def votes(cell: Cell) -> str:
    """*3/5  * before the label of several samples, where a narrow column does not cut it off; empty for one."""
    return f"{cell.vote.parties[0].votes}/{cell.n}  " if cell.vote is not None and cell.vote.parties else ""


def verdict(cell: Cell) -> tuple[Tone, str, str]:
    """Tone, icon and meaning of a cell."""
    shown = cell.shown
    if cell.failed:
        return "bad", "warning-octagon", "failed"
    if shown.label is None:
        return "attention", "question", "no label was found"
    if shown.hinted:
        return "info", "key", "was told the gold label"
    if shown.agree is None:
        return "muted", "minus", "no gold label to compare with"
    return ("good", "check", "agrees with gold") if shown.agree else ("attention", "x", "differs from gold")


def _marks(teacher: str, row: Row) -> list[Mark]:
    cell = row.cells.get(teacher)
    if cell is None:
        return []
    marks = [Mark(*verdict(cell))]
    if cell.causes and not cell.failed:
        marks.append(Mark("bad", "warning-octagon", f"{len(cell.causes)} of {cell.n} samples failed"))
    if cell.tied:
        marks.append(Mark("attention", "scales", "as many votes for another label"))
    return marks


def _tone(teacher: str, row: Row) -> Tone:
    cell = row.cells.get(teacher)
    return "muted" if cell is None or cell.failed or cell.shown.label is None else "text"
