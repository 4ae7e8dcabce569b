"""Second step of an import: columns to fields, with the example that comes out of each row beside it."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from dsbs_gui.core.errors import UserError
from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, column, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.data import mapping
from dsbs_gui.steps.data.cells import Problem
from dsbs_gui.steps.data.shaping import shape
from dsbs_gui.steps.data.specs import ENCODINGS

from .example_card import ExampleCard
from .mapping_form import MappingForm

if TYPE_CHECKING:
    from dsbs_gui.core.tasks import Task
    from dsbs_gui.kit.theme.tokens import Tone

MOST_COLUMNS = 10
_DELIMITERS = [("", "Found by itself"), (",", "Comma"), ("\t", "Tab"), (";", "Semicolon"), ("|", "Bar")]


class MappingStep(QWidget):
    """Signals:
    changed: ``is_ready`` may have changed.
    reread_asked: encoding or delimiter was changed by hand; the file has to be read again.
    """

    changed = Signal()
    reread_asked = Signal()

    def __init__(self, task: Task, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task
        self._preview: dict[str, Any] = {"columns": [], "rows": [], "problems": []}
        self._at = 0
        self._ready = False
        self.form = MappingForm(task)
        self.author = QLineEdit()
        self.author.setPlaceholderText("for example PaLM 540B")
        self._author_field = FormField("Who wrote them", self.author, "Shown as the teacher of these answers.")
        self.strict = QCheckBox("Import nothing if a row is bad")
        self.encoding, self.delimiter = QComboBox(), QComboBox()
        self._file_fields = self._build_file_fields()
        self.card = ExampleCard("Row")
        self.verdict = PlainLabel(wrap=True)
        self.back = IconButton("caret-left", "Previous row")
        self.forth = IconButton("caret-right", "Next row")
        self.table_box = column(gap="none")
        self.model: RecordTableModel | None = None
        self._build()
        self._connect()

    def _build_file_fields(self) -> QWidget:
        self.encoding.addItem("Found by itself", "")
        for name in ENCODINGS:
            self.encoding.addItem(name, name)
        for key, text in _DELIMITERS:
            self.delimiter.addItem(text, key)
        fields = row(FormField("Encoding", self.encoding), FormField("Delimiter", self.delimiter), gap="m")
        return boxed(fields)

    def _build(self) -> None:
        fields = column(self.form, self._author_field, self._file_fields, self.strict, None, gap="l")
        scroller = Scroller(boxed(fields))
        fields.setContentsMargins(0, 0, px("m"), 0)
        scroller.setFixedWidth(340)
        steps = row(gap="xs")
        steps.addWidget(self.verdict, 1)
        steps.addWidget(self.back)
        steps.addWidget(self.forth)
        right = column(steps, gap="s")
        right.addWidget(self.card, 3)
        right.addLayout(self.table_box, 2)
        both = row(scroller, gap="xl", parent=self)
        both.addLayout(right, 1)

    def _connect(self) -> None:
        self.form.changed.connect(self._on_mapping_changed)
        self.back.clicked.connect(lambda: self.show_row(self._at - 1))
        self.forth.clicked.connect(lambda: self.show_row(self._at + 1))
        self.encoding.activated.connect(lambda _: self.reread_asked.emit())
        self.delimiter.activated.connect(lambda _: self.reread_asked.emit())

    # ------------------------------------------------------------ what the sheet calls

    def show_preview(self, preview: dict[str, Any]) -> None:
        """Show a new ``preview.json``; the mapping is the one guessed in it."""
        self._preview, self._at = preview, 0
        self.form.show_columns(preview["columns"], preview["mapping"])
        self._file_fields.setVisible(preview["format"] in ("csv", "tsv"))
        self._show_table()
        self._on_mapping_changed()

    def shown_preview(self) -> dict[str, Any]:
        return self._preview

    def is_ready(self) -> bool:
        """Whether the mapping makes an example of at least one row shown."""
        return self._ready

    def choices(self) -> dict[str, Any]:
        """Arguments of ``plan.import_request`` that are chosen here."""
        return {
            "mapping": self.form.mapping(),
            "on_error": "stop" if self.strict.isChecked() else "report",
            "author": self.author.text().strip(),
            **self.file_choices(),
        }

    def file_choices(self) -> dict[str, str]:
        shown = self._file_fields.isVisibleTo(self)
        return {
            "encoding": self.encoding.currentData() if shown else "",
            "delimiter": self.delimiter.currentData() if shown else "",
        }

    def show_row(self, at: int) -> None:
        """Show the example that comes of a row of the preview."""
        rows = self._preview["rows"]
        if not rows:
            self.card.show_nothing("There is no row that could be read.")
            return
        self._at = max(0, min(len(rows) - 1, at))
        self.back.setEnabled(self._at > 0)
        self.forth.setEnabled(self._at < len(rows) - 1)
        shown = rows[self._at]
        note = f"line {count(shown['line'])}, as the student will read it"
        columns = self._columns()
        if columns is None:
            self.card.show_problem("Map the columns first.", _raw(shown["values"]), note)
            return
        example = shape(shown["values"], columns, self._task)
        if isinstance(example, Problem):
            self.card.show_problem(f"This row would be rejected: {example.reason}", _raw(shown["values"]), note)
            return
        name = "Raw teacher answer" if example.teacher else "Rationale"
        why = example.teacher or example.rationale
        self.card.show_example(example.input, example.label, why, note=note, rationale_name=name)

    # ------------------------------------------------------------ handlers

    def _on_mapping_changed(self) -> None:
        self._author_field.setVisible(bool(self.form.mapping()["teacher"] or self.form.mapping()["rationale"]))
        self._judge()
        self.show_row(self._at)
        self.changed.emit()

    def _columns(self) -> dict[str, list[str]] | None:
        try:
            return mapping.resolve(self._task, self.form.mapping(), self._preview["columns"])
        except UserError:
            return None

    def _judge(self) -> None:
        try:
            columns = mapping.resolve(self._task, self.form.mapping(), self._preview["columns"])
        except UserError as error:
            self._ready = False
            at_field = self.form.set_error(f"{error.message} {error.hint}")
            self.verdict.show_text("Map the columns that the task needs." if at_field else error.message, "bad")
            return
        self.form.set_error("")
        rows = self._preview["rows"]
        fine = sum(not isinstance(shape(r["values"], columns, self._task), Problem) for r in rows)
        bad = len(rows) - fine + len(self._preview["problems"])
        self._ready = fine > 0
        tone: Tone = "good" if not bad else "attention" if fine else "bad"
        shown = plural(len(rows) + len(self._preview["problems"]), "row")
        self.verdict.show_text(
            f"The first {shown} are in order." if not bad else f"{count(bad)} of the first {shown} would be rejected.",
            tone,
        )

    def _show_table(self) -> None:
        while (item := self.table_box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        names = self._preview["columns"][:MOST_COLUMNS]
        rows = dict(enumerate(self._preview["rows"]))
        columns = [Column("line", "Line", lambda r: count(r["line"]), 64, align="right")]
        columns += [_column(name, index == len(names) - 1) for index, name in enumerate(names)]
        self.model = RecordTableModel(columns, lambda ids: {i: rows[i] for i in ids if i in rows}, self)
        self.model.set_ids(array("q", rows))
        table = RecordTable(self.model, "First rows of the file")
        table.setMinimumHeight(120)
        table.current_changed.connect(lambda at: self.show_row(at) if at is not None else None)
        self.table_box.addWidget(table)


def _column(name: str, last: bool) -> Column:
    return Column(name, name, lambda r, name=name: _text(r["values"].get(name)), 150, stretch=last)  # type: ignore[misc]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _raw(values: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {_text(value)}" for name, value in values.items())
