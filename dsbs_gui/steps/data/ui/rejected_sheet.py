"""The list of rows that were not taken: line, reason, and how the row begins."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.store.imports import RejectedRow


class RejectedSheet(Sheet):
    """Shows at most the rows given; ``total`` says how many there are."""

    def __init__(self, parent: QWidget | None, rows: Sequence[RejectedRow], total: int) -> None:
        more = f", the first {count(len(rows))} are listed" if total > len(rows) else ""
        super().__init__(
            parent,
            "Rejected rows",
            subtitle=f"{count(total)} rows were not taken{more}. Correct them in the file and import it again.",
            width="l",
            cancel="Close",
        )
        by_id = dict(enumerate(rows, 1))
        self.model = RecordTableModel(
            [
                Column("line", "Line", lambda r: count(r.line), 80, align="right"),
                Column("reason", "Reason", lambda r: r.reason, 420, lines=2),
                Column("excerpt", "The row begins", lambda r: r.excerpt, 360, lines=2, monospace=True, stretch=True),
            ],
            lambda ids: {i: by_id[i] for i in ids if i in by_id},
        )
        self.model.set_ids(array("q", by_id))
        self.table = RecordTable(self.model, "Rejected rows")
        self.table.setMinimumHeight(360)
        self.add(self.table, PlainLabel("In Parquet files and saved datasets lines are row numbers.", tone="muted"))
