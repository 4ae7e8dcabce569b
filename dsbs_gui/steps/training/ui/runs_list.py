"""The card with all training runs: what works, what waits in its order, what has ended; and the switch of the queue."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from dsbs_gui.core.store.runs import Run
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.layout import boxed, column
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.words import about, plural
from dsbs_gui.steps.training import queueing
from dsbs_gui.steps.training.overview import RunView

from .run_row import RunRow

_ROWS_IN_SIGHT = 4
_FORWARDED = ("shown_changed", "stop_asked", "resume_asked", "move_asked", "clone_asked", "command_asked",
              "describe_asked", "delete_asked")  # fmt: skip


class RunsList(Card):
    """Signals: those of :class:`RunRow`, and
    hold_asked(bool): nothing that waits shall begin, or it shall go on.

    Attributes:
        order: ids of the runs, from the top.
    """

    shown_changed = Signal(str, bool)
    stop_asked = Signal(str)
    resume_asked = Signal(str)
    move_asked = Signal(str, int)
    clone_asked = Signal(str)
    command_asked = Signal(str)
    describe_asked = Signal(str)
    delete_asked = Signal(str)
    hold_asked = Signal(bool)

    def __init__(self, may_act: bool, parent: QWidget | None = None) -> None:
        hold = QCheckBox("Hold the queue")
        super().__init__("Runs", note=" ", action=hold, parent=parent)
        self.hold = hold
        self._may_act = may_act
        self.order: list[str] = []
        self.rows: dict[str, RunRow] = {}
        self._list = column(gap="s")
        self._list.addStretch(1)
        self._scroller = Scroller(boxed(self._list))
        self.add(self._scroller)
        self.hold.setToolTip("What works goes on; nothing that waits begins")
        self.hold.setEnabled(may_act)
        self.hold.toggled.connect(self.hold_asked)

    def show_runs(self, views: Sequence[RunView], shown: set[str], queue: Sequence[str], held: bool) -> None:
        """Bring all lines up to date and into their order.

        Args:
            shown: runs whose curves are drawn.
            queue: ids of all that waits for the GPU, teachers too, the next one first.
            held: nothing that waits begins.
        """
        by_id = {view.id: view for view in views}
        order = queueing.in_order([view.run for view in views])
        self.order = [run.id for run in order]
        places = {run_id: place for place, run_id in enumerate(queue, 1)}
        for key in self.rows.keys() - by_id.keys():
            gone = self.rows.pop(key)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for index, run in enumerate(order):
            row = self._row(by_id[run.id])
            row.show_view(by_id[run.id], self._may_act, places.get(run.id, 0), len(places))
            row.set_shown(run.id in shown)
            row.set_line(index > 0)
            if self._list.indexOf(row) != index:
                self._list.insertWidget(index, row)
        self._set_height()
        self._say(order, sum(run.state == "queued" for run in order), held)

    def look_at(self, run_id: str) -> None:
        """Scroll to a run, once the list has been laid out."""
        row = self.rows[run_id]
        QTimer.singleShot(0, row, lambda: self._scroller.ensureWidgetVisible(row, 0, 0))

    def _row(self, view: RunView) -> RunRow:
        found = self.rows.get(view.id)
        if found is None:
            found = self.rows[view.id] = RunRow(view)
            for name in _FORWARDED:
                getattr(found, name).connect(getattr(self, name))
        return found

    def _set_height(self) -> None:
        a_row = max((row.sizeHint().height() for row in self.rows.values()), default=0) + self._list.spacing()
        self._scroller.setFixedHeight(min(len(self.rows), _ROWS_IN_SIGHT) * a_row)

    def _say(self, order: Sequence[Run], waiting: int, held: bool) -> None:
        self.hold.blockSignals(True)
        self.hold.setChecked(held)
        self.hold.blockSignals(False)
        self.hold.setVisible(bool(waiting) or held)
        parts = [plural(len(order), "run")]
        if waiting:
            left = queueing.waiting_seconds(order)
            parts.append(f"{waiting} {'wait' if waiting > 1 else 'waits'}{f', {about(left)}' if left else ''}")
        if held:
            parts.append("the queue is held")
        self.set_note(" · ".join(parts))
