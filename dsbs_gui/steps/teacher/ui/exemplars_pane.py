"""The exemplars of a prompt: a list to add to, take from and put in order, and the current one in editors."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from dsbs_gui.core.tasks import task_named
from dsbs_gui.kit.buttons import IconButton, SecondaryButton
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.steps.teacher.prompts import Exemplar, spoken_label

from .exemplar_form import ExemplarForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.steps.teacher.exemplar_rules import Problem

_NONE = "Without exemplars the teacher is asked the bare question. Add one, or take a row of train with its rationale."


class _Row(NamedTuple):
    number: int
    input: str
    label: str
    problems: tuple[Problem, ...]


class ExemplarsPane(QWidget):
    """Signals:
    changed(tuple of Exemplar): they are these now.
    row_asked: the user wants to add a row of train.
    """

    changed = Signal(object)
    row_asked = Signal()

    def __init__(self, task: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task_named(task)
        self._exemplars: tuple[Exemplar, ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._classes: Sequence[str] = ()
        self._shown = -1
        self.model = RecordTableModel(_columns(), self._fetch)
        self.table = RecordTable(self.model, "Exemplars")
        self.form = ExemplarForm(task)
        self.add_button = SecondaryButton("Add", "plus", tooltip="Add an empty exemplar · Insert")
        self.row_button = SecondaryButton("From a row…", tooltip="Add a row of train with its rationale")
        self.up = IconButton("arrow-up", "Move up · Alt+Up")
        self.down = IconButton("arrow-down", "Move down · Alt+Down")
        self.remove_button = IconButton("trash", "Remove · Delete")
        self.none = PlainLabel(_NONE, tone="muted", wrap=True)
        self._build()
        self._connect()

    def _build(self) -> None:
        tools = row(self.add_button, self.row_button, None, self.up, self.down, self.remove_button, gap="xs")
        self._scroller = Scroller(self.form)
        layout = column(tools, self.none, self.table, self._scroller, gap="s", parent=self)
        layout.setStretch(2, 5 if len(self._task.fields) == 1 else 3)
        layout.setStretch(3, 7)
        self.none.hide()

    def _connect(self) -> None:
        self.add_button.clicked.connect(self.add_blank)
        self.row_button.clicked.connect(self.row_asked)
        self.remove_button.clicked.connect(self.remove)
        self.up.clicked.connect(lambda: self.move_by(-1))
        self.down.clicked.connect(lambda: self.move_by(1))
        self.table.current_changed.connect(self._on_current)
        self.table.row_activated.connect(lambda _: self.form.focus_first())
        self.form.edited.connect(self._on_edited)
        self._key("Insert", "Add an exemplar", self.add_blank)
        self._key("Delete", "Remove the exemplar", self.remove)
        self._key("Alt+Up", "Move the exemplar up", lambda: self.move_by(-1))
        self._key("Alt+Down", "Move the exemplar down", lambda: self.move_by(1))

    def _key(self, keys: str, meaning: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.setWhatsThis(meaning)
        shortcut.activated.connect(lambda: act())

    # ------------------------------------------------------------ what others call

    def show_exemplars(self, exemplars: Sequence[Exemplar]) -> None:
        """Show these; the place in the list is kept. Nothing happens if they are shown already."""
        if tuple(exemplars) == self._exemplars and self._shown >= 0:
            return
        place = max(0, self._shown)
        self._exemplars, self._problems = tuple(exemplars), ()
        self._show(min(place, len(self._exemplars) - 1))

    def show_problems(self, problems: Sequence[Problem], classes: Sequence[str] = ()) -> None:
        """Mark what is wrong, in the list and at the fields."""
        self._problems, self._classes = tuple(problems), classes
        self.model.refresh(range(1, len(self._exemplars) + 1))
        self.form.show_problems(self._of(self._shown))

    def add(self, exemplar: Exemplar) -> None:
        """Put an exemplar behind the current one and go to it."""
        place = self._shown + 1
        self._change((*self._exemplars[:place], exemplar, *self._exemplars[place:]), place)

    def add_blank(self) -> None:
        """Add an empty exemplar and begin to type."""
        empty = {name: [] if name in self._task.list_fields else "" for name in self._task.fields}
        self.add(Exemplar(empty, "", ""))
        self.form.focus_first()

    def remove(self) -> None:
        """Take the current exemplar out."""
        place = self._shown
        if place >= 0:
            self._change(self._exemplars[:place] + self._exemplars[place + 1 :], place)

    def move_by(self, step: int) -> None:
        """Move the current exemplar up (−1) or down (+1)."""
        place, other = self._shown, self._shown + step
        if place >= 0 and 0 <= other < len(self._exemplars):
            moved = list(self._exemplars)
            moved[place], moved[other] = moved[other], moved[place]
            self._change(tuple(moved), other)

    # ------------------------------------------------------------ inside

    def _change(self, exemplars: tuple[Exemplar, ...], place: int) -> None:
        self._exemplars, self._problems = exemplars, ()
        self._show(min(place, len(exemplars) - 1))
        self.changed.emit(exemplars)

    def _show(self, place: int) -> None:
        self._shown = -1  # what the table says on its way is not the user's
        self.model.set_ids(array("q", range(1, len(self._exemplars) + 1)))
        self._go_to(place)
        if place >= 0:
            self.table.set_current_id(place + 1)

    def _go_to(self, place: int) -> None:
        self._shown = place
        there = place >= 0
        self._scroller.setVisible(there)
        self.table.setVisible(there)
        self.none.setVisible(not there)
        self.remove_button.setEnabled(there)
        self.up.setEnabled(place > 0)
        self.down.setEnabled(there and place < len(self._exemplars) - 1)
        if there:
            self.form.show_exemplar(self._exemplars[place], self._classes)
            self.form.show_problems(self._of(place))

    def _on_current(self, number: int | None) -> None:
        if number is not None and self._shown >= 0 and number - 1 != self._shown:
            self._go_to(number - 1)

    def _on_edited(self) -> None:
        place = self._shown
        if place < 0:
            return
        now = self.form.exemplar()
        if now != self._exemplars[place]:
            self._exemplars = (*self._exemplars[:place], now, *self._exemplars[place + 1 :])
            self.model.refresh([place + 1])
            self.changed.emit(self._exemplars)

    def _of(self, place: int) -> tuple[Problem, ...]:
        return tuple(problem for problem in self._problems if problem.exemplar == place)

    def _fetch(self, numbers: Sequence[int]) -> dict[int, _Row]:
        return {number: self._row(number) for number in numbers if 0 < number <= len(self._exemplars)}

    def _row(self, number: int) -> _Row:
        exemplar = self._exemplars[number - 1]
        text = str(exemplar.fields.get(self._task.fields[0], "")).strip()
        label = spoken_label(self._task, exemplar.label, exemplar.fields)
        return _Row(number, text, label, self._of(number - 1))


def _columns() -> list[Column]:
    return [
        Column("number", "", lambda r: str(r.number), 36, align="right", tone=lambda r: "muted", tooltip=lambda r: ""),
        Column("input", "Exemplar", lambda r: r.input or "empty", stretch=True, decoration=_marks,
               tone=lambda r: "text" if r.input else "muted"),
        Column("label", "Label", lambda r: r.label, 110),
    ]  # fmt: skip


def _marks(row: _Row) -> list[Mark]:
    return [Mark("bad" if p.blocks else "attention", "warning-circle", p.text) for p in row.problems[:1]]
