"""What was taken away so far, newest first."""

from __future__ import annotations

from array import array
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.words import age, plural, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.store.exports import Export


class ExportList(Card):
    """A double click, or Return, opens the folder of an export."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Exports so far", parent=parent)
        self._by_id: dict[int, Export] = {}
        self.model = RecordTableModel(
            [
                Column("what", "What", _what, 210, decoration=_mark),
                Column("size", "Size", lambda e: size(e.bytes), 96, align="right"),
                Column("when", "When", lambda e: age(datetime.fromtimestamp(e.created)), 110),
                Column("path", "Where", lambda e: e.path, 300, stretch=True),
            ],
            lambda ids: {i: self._by_id[i] for i in ids if i in self._by_id},
            self,
        )
        self.table = RecordTable(self.model, "Exports so far")
        self.nothing = PlainLabel("Nothing has been exported yet.", tone="muted")
        self.add(self.nothing, self.table)
        self.table.row_activated.connect(self._open)

    def show_exports(self, exports: Sequence[Export]) -> None:
        self._by_id = {export.id: export for export in exports}
        self.model.set_ids(array("q", self._by_id))
        self.nothing.setVisible(not exports)
        self.table.setVisible(bool(exports))

    def _open(self, export_id: int) -> None:
        path = Path(self._by_id[export_id].path)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))


def _what(export: Export) -> str:
    if export.student_run:
        return f"{export.student_run} as {export.format}"
    return f"{plural(int(export.summary.get('rows', 0)), 'row')} as {export.format}"


def _mark(export: Export) -> tuple[Mark, ...]:
    if not Path(export.path).exists():
        return (Mark("muted", "question", "no longer there"),)
    if export.verified:
        return (Mark("good", "check-circle", "verified in a fresh process"),)
    return ()
