"""A sheet in which a row of train is chosen to become an exemplar."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.search_field import SearchField
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher.prompts import Exemplar

from .row_text import row_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.bridge import Bridge

_HEIGHT = 560
_ACCEPTED = ("accepted", "edited")
_NONE = {
    "accepted": "No rationale of train is accepted yet. Accept some in Review, or choose among all rows.",
    "all": "No row of train matches.",
}


class RowPicker(Sheet):
    """``exemplar()`` is what was chosen, once the sheet was accepted."""

    def __init__(self, parent: QWidget | None, project: Project, bridge: Bridge) -> None:
        subtitle = "Only rows of train are offered: valid and test stay unseen."
        super().__init__(parent, "Add a row of train as exemplar", subtitle=subtitle, width="l")
        self._project, self._bridge = project, bridge
        self._asked = 0
        self.which = SegmentedControl(
            [("accepted", "Accepted rationales"), ("all", "All rows")], "accepted", "Which rows"
        )
        self.search = SearchField("Search in input and rationale")
        self.model = RecordTableModel(_columns(), self._fetch)
        self.table = RecordTable(self.model, "Rows of train")
        self.found = PlainLabel(tone="muted", wrap=True)
        self.add(row(self.which, None, self.search), self.table, self.found)
        self.accept_button = self.add_accept("Add as exemplar")
        self.accept_button.setEnabled(False)
        self.resize(self.width(), _HEIGHT)
        self.which.chosen.connect(lambda _: self._read())
        self.search.text_settled.connect(lambda _: self._read())
        self.table.current_changed.connect(lambda i: self.accept_button.setEnabled(i is not None))
        self.table.row_activated.connect(lambda _: self.accept())
        self.search.setFocus()
        self._read()

    def exemplar(self) -> Exemplar | None:
        """The current row as an exemplar: its rationale under review, and its gold label if it has one."""
        current = self.table.current_id()
        found = examples.get(self._project.store.reader, current) if current is not None else None
        if found is None:
            return None
        return Exemplar(found.fields, (found.rationale or "").strip(), found.label or found.teacher_label or "")

    def _read(self) -> None:
        self._asked += 1
        asked, store, which = self._asked, self._project.store, self.which.value()
        states = _ACCEPTED if which == "accepted" else ()
        wanted = Filter(
            splits=("train",), states=states, text=self.search.text(), has_rationale=True if states else None
        )
        self._bridge.run(
            lambda: examples.ids(store.reader, wanted), lambda ids: self._on_ids(asked, which, ids), owner=self
        )

    def _on_ids(self, asked: int, which: str, ids: array[int]) -> None:
        if asked != self._asked:
            return
        self.model.set_ids(ids)
        if ids and self.table.current_id() is None:
            self.table.set_current_id(ids[0])
        self.accept_button.setEnabled(bool(ids))
        self.found.setText(plural(len(ids), "row") if ids else _NONE[which])

    def _fetch(self, ids: Sequence[int]) -> dict[int, Example]:
        return examples.page(self._project.store.reader, ids)


def _columns() -> list[Column]:
    return [
        Column("input", "Input", row_text, 320, lines=2, stretch=True),
        Column("rationale", "Rationale", lambda e: e.rationale or "–", 320, lines=2, stretch=True,
               tone=lambda e: "text" if e.rationale else "muted"),
        Column("label", "Label", lambda e: e.label or e.teacher_label or "–", 120),
    ]  # fmt: skip
