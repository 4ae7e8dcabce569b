"""Which columns the table shows: those that the user has chosen, kept for all projects, or as many as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from typing_extensions import override

from dsbs_gui.kit.record_table.column_menu import ColumnMenu

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.core.settings import Settings
    from dsbs_gui.kit.record_table.view import RecordTable

    from .work_area import WorkArea

_FROM_WIDTH = {
    "teacher_label": 440, "label": 680, "id": 760, "rating": 800, "split": 900, "origin": 900, "tags": 1000,
    "note": 1200,
}  # fmt: skip
"""Columns that one can do without, and the width of the table from which on they are shown."""

_PASSING = "given"
"""How similar a row is: nobody chooses it, it is there while similar rows are listed."""


class ColumnChoice(QObject):
    """Shows and hides the columns of the table. The first column is always shown: see ``columns()``.

    A column that would say nothing now, such as the split where there is one only, is neither shown nor offered.
    """

    def __init__(self, area: WorkArea, settings: Settings) -> None:
        super().__init__(area)
        self._table: RecordTable = area.table
        self._titles = {column.key: column.title for column in area.model.columns}
        self._settings = settings
        self._idle = {"split", "rating", "tags", "note", _PASSING}  # until one knows better
        self.menu = ColumnMenu(area.table, lambda: (self._offered(), self._shown(), not settings.review_columns))
        self.menu.toggled.connect(self._on_toggled)
        self.menu.automatic_asked.connect(self._on_automatic_asked)
        self._table.installEventFilter(self)
        self.apply()

    def set_idle(self, key: str, idle: bool) -> None:
        """Whether a column would say nothing now."""
        if idle != (key in self._idle):
            self._idle ^= {key}
            self.apply()

    def apply(self) -> None:
        """Show and hide."""
        shown = self._shown()
        for index, key in enumerate(self._titles):
            if self._table.isColumnHidden(index) == (key in shown):
                self._table.setColumnHidden(index, key not in shown)

    def _first(self) -> str:
        return next(iter(self._titles))

    def _offered(self) -> Mapping[str, str]:
        return {k: title for k, title in self._titles.items() if k not in self._idle | {self._first(), _PASSING}}

    def _shown(self) -> set[str]:
        chosen = self._settings.review_columns
        if chosen:
            return {self._first(), *chosen, _PASSING} - self._idle
        width = self._table.width()
        return {key for key in self._titles if width >= _FROM_WIDTH.get(key, 0)} - self._idle

    def _on_toggled(self, key: str, shown: bool) -> None:
        chosen = self._shown() | {key} if shown else self._shown() - {key}
        # Those that are idle now stay as they were chosen.
        kept = self._idle & set(self._settings.review_columns or self._titles)
        self._settings.review_columns = [name for name in self._titles if name in chosen | kept | {self._first()}]
        self.apply()

    def _on_automatic_asked(self) -> None:
        self._settings.review_columns = []
        self.apply()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.apply()
        return False
