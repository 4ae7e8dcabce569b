"""Several runs at once: some values for method, λ, seed and share; says how many runs that are and about how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from dsbs_gui.core.store.runs import Run
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.layout import boxed, column
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import about, plural
from dsbs_gui.steps.training import queueing, sweep
from dsbs_gui.steps.training.methods import METHODS
from dsbs_gui.steps.training.options import said

_LINES = {
    "rationale_weight": ("Rationale weights λ", "For example 0, 0.5, 1"),
    "seed": ("Seeds", "For example 0-4, or 0, 1, 2"),
    "fraction": ("Shares of the rows", "For example 12.5 %, 25 %, 50 %, 100 %"),
}


class SweepSheet(Sheet):
    """Begins with the one run that the form describes.

    Args:
        base: complete choices of that run.
        earlier: runs by whose rate the time is told.
        rows: training rows, for runs that count epochs.
    """

    def __init__(self, parent: QWidget | None, base: Mapping[str, Any], earlier: Sequence[Run], rows: int) -> None:
        super().__init__(
            parent, "Several runs", subtitle="Each combination becomes a run in the queue; all else is as in the form."
        )
        self._base, self._earlier, self._rows = base, earlier, rows
        self._chosen: list[dict[str, Any]] = []
        self.methods = {name: QCheckBox(method.title) for name, method in METHODS.items()}
        self.methods[base["method"]].setChecked(True)
        self.lines: dict[str, QLineEdit] = {}
        self._fields: dict[str, FormField] = {}
        form = Form()
        form.add("Methods", boxed(column(*self.methods.values(), gap="s")))
        for name, (title, help) in _LINES.items():
            value = f"{100 * base[name]:g} %" if name == "fraction" else said(base[name])
            self.lines[name] = QLineEdit(value)
            self._fields[name] = form.add(title, self.lines[name], help)
        self.told = PlainLabel(type="emphasis", wrap=True)
        self.add(form, self.told)
        self.accept_button = self.add_accept("Queue")
        for box in self.methods.values():
            box.toggled.connect(self._count)
        for line in self.lines.values():
            line.textChanged.connect(self._count)
        self._count()

    def chosen(self) -> list[dict[str, Any]]:
        """Choices of each run."""
        return list(self._chosen)

    def _count(self) -> None:
        values: dict[str, list[Any]] = {"method": [name for name, box in self.methods.items() if box.isChecked()]}
        wrong = not values["method"]
        for name, line in self.lines.items():
            values[name], problem = sweep.read(line.text(), name)
            self._fields[name].set_error(problem)
            wrong = wrong or bool(problem)
        self._chosen = [] if wrong else sweep.runs_of(self._base, values)
        n = len(self._chosen)
        self.told.show_text(self._sentence(wrong, not values["method"]), "bad" if wrong or n > sweep.MOST else "text")
        self.accept_button.setEnabled(0 < n <= sweep.MOST)
        self.accept_button.setText(f"Queue {plural(n, 'run')}" if n else "Queue")

    def _sentence(self, wrong: bool, no_method: bool) -> str:
        if wrong:
            return "Choose at least one method." if no_method else "Correct what is marked."
        n = len(self._chosen)
        if n > sweep.MOST:
            return f"{n} runs are too many at once: at most {sweep.MOST}. Give fewer values."
        times = [queueing.seconds(self._earlier, one, self._rows) for one in self._chosen]
        known = [time for time in times if time is not None]
        if len(known) < n:
            return f"{plural(n, 'run')}. How long they take is not known before a run of this student has ended."
        return f"{plural(n, 'run')}, {about(sum(known))} in all by the rate of earlier runs."
