"""The Data page: the examples by split at the left with one of them below, figures at the right.

What may take more than a moment is counted in the background; a newer question overtakes an older answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal

from dsbs_gui.core.protocol import Finished
from dsbs_gui.core.store import examples, imports, runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.buttons import PrimaryButton, SecondaryButton
from dsbs_gui.kit.chips import ChipRow
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.search_field import SearchField
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.data import plan
from dsbs_gui.steps.data.figures import Figures, figures

from .cards import Cards
from .example_card import ExampleCard
from .import_sheet import ImportSheet
from .rejected_sheet import RejectedSheet
from .split_sheet import SplitSheet
from .table import SPLIT_NAMES, columns

if TYPE_CHECKING:
    from array import array

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.protocol import Event
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.imports import RejectedRow
    from dsbs_gui.kit.bridge import Bridge

_SETTLE_MS = 300
MOST_REJECTED = 10_000


class DataPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    """

    go_to = Signal(str)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Data", parent=parent)
        self._project, self._bridge = project, bridge
        self._figures: Figures | None = None
        self._generation = 0
        self._sort = ("id", False)
        self.import_button = PrimaryButton("Import rows", "upload-simple", shortcut="Ctrl+I")
        self.split_button = SecondaryButton("Split", "arrows-out-line-horizontal")
        names = [(name, SPLIT_NAMES[name]) for name in ("train", "valid", "test")]
        self.chips = ChipRow(names, exclusive=True, name="Split")
        self.search = SearchField("Search in the rows")
        self.model = RecordTableModel(columns(), self._fetch, self)
        self.table = RecordTable(self.model, "Examples")
        self.card = ExampleCard()
        self.cards = Cards()
        self.sheet: ImportSheet | SplitSheet | RejectedSheet | None = None
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.header.tools.addWidget(self.chips)
        self.header.tools.addWidget(self.search)
        self.header.set_actions(self.import_button, self.split_button)
        scroller = Scroller(self.cards)
        scroller.setMinimumWidth(300)
        left = Splitter("data-rows", self.table, self.card, shares=(3, 2), vertical=True)
        self.body.addWidget(Splitter("data", left, scroller, shares=(13, 6)))
        if self._project.store.read_only:
            for button in (self.import_button, self.split_button):
                button.setEnabled(False)
                button.set_tooltip("The project is open for reading only")

    def _connect(self) -> None:
        self._settling.timeout.connect(self.refresh)
        self._bridge.changed.connect(self._on_changed)
        self._bridge.job_event.connect(self._on_job_event)
        self.import_button.clicked.connect(lambda: self.open_import())
        self.split_button.clicked.connect(self.open_split)
        self.chips.changed.connect(lambda _: self.refresh())
        self.search.text_settled.connect(lambda _: self.refresh())
        self.table.current_changed.connect(self._show_example)
        self.table.sort_asked.connect(self._on_sort_asked)
        self.cards.rejected_asked.connect(self.open_rejected)
        self.cards.split_asked.connect(self.open_split)
        self.cards.split_chosen.connect(self.show_split)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date in the background; what the user has chosen stays."""
        self._generation += 1
        generation, chosen, (order, descending) = self._generation, self._filter(), self._sort
        db = self._project.store

        def ask() -> tuple[array[int], Figures]:
            return examples.ids(db.reader, chosen, order, descending), figures(db.reader, chosen)

        self._bridge.run(ask, lambda answer: self._show(generation, *answer), owner=self)

    def show_split(self, name: str) -> None:
        """Show the rows of one split; the same one again: all."""
        if name in SPLIT_NAMES and name != "unsplit":
            self.chips.set_value([] if name in self.chips.value() else [name])
            self.refresh()

    def open_import(self, source: str = "") -> ImportSheet:
        """Open the import sheet, with a dataset already chosen if given."""
        sheet = ImportSheet(self, self._project, self._bridge)
        sheet.source.set_source(source)
        sheet.import_started.connect(lambda _: self.messages.clear())
        return self._open(sheet)

    def open_split(self) -> None:
        """Open the sheet that draws valid and test."""
        db = self._project.store

        def ask() -> tuple[int, dict[str, int], int]:
            trained = runs.all_runs(db.reader, "train", ("done", "stopped"))
            return examples.count(db.reader), plan.kept_splits(db.reader), len(trained)

        self._bridge.run(ask, lambda answer: self._on_split_known(*answer), owner=self)

    def open_rejected(self) -> None:
        """List the rows that were not taken."""
        db = self._project.store
        self._bridge.run(lambda: imports.rejected(db.reader, limit=MOST_REJECTED), self._on_rejected, owner=self)

    # ------------------------------------------------------------ showing

    def _filter(self) -> Filter:
        return Filter(splits=tuple(self.chips.value()), text=self.search.text().strip())

    def _fetch(self, ids: Any) -> dict[int, Any]:
        return examples.page(self._project.store.reader, ids)

    def _show(self, generation: int, ids: array[int], found: Figures) -> None:
        if generation != self._generation:
            return
        self._figures = found
        self.split_button.setEnabled(found.total > 0 and not self._project.store.read_only)
        if not found.total:
            self._show_nothing()
            return
        self.show_content()
        shown = f" · {count(len(ids))} shown" if len(ids) != found.total else ""
        self.header.set_subtitle(f"{plural(found.total, 'example')} · {self._project.task.title}{shown}")
        if self.model.ids() != ids:
            self.model.set_ids(ids)
        else:
            self.model.refresh(ids[:1_000])
        self.table.set_sort_shown(*self._sort)
        if ids and self.table.current_id() is None:
            self.table.set_current_id(ids[0])
        self._show_example(self.table.current_id())
        self.cards.show_figures(found, "of the rows shown" if shown else "")
        self._count_twins(generation)

    def _count_twins(self, generation: int) -> None:
        db = self._project.store

        def show(twins: dict[str, int]) -> None:
            if generation == self._generation and self._figures is not None:
                self.cards.show_near_duplicates(twins, self._figures.splits)

        self._bridge.run(lambda: plan.near_duplicates(db.reader), show, owner=self)

    def _show_nothing(self) -> None:
        self.header.set_subtitle(self._project.task.title)
        empty = EmptyState(
            "database",
            "No rows yet",
            f"{self._project.task.summary} Rows come from CSV, JSON or Parquet files, saved datasets or the hub.",
            "" if self._project.store.read_only else "Import rows",
            button_icon="upload-simple",
        )
        if empty.button is not None:
            empty.button.clicked.connect(lambda: self.open_import())
        self.show_empty(empty)

    def _show_example(self, example_id: int | None) -> None:
        example = None if example_id is None else examples.get(self._project.store.reader, example_id)
        if example is None:
            self.card.show_nothing("Choose a row to read it here.")
            return
        where = f"{example.key or example.id} · {SPLIT_NAMES[example.split]}"
        where += f" · line {count(example.line)}" if example.line else ""
        self.card.show_example(example.input, example.label, example.rationale, example.origin or "", where)

    # ------------------------------------------------------------ handlers

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("examples") and not self._settling.isActive():
            self._settling.start()

    def _on_sort_asked(self, key: str, descending: bool) -> None:
        self._sort = (key, descending)
        self.refresh()

    def _on_job_event(self, run_id: str, event: Event) -> None:
        if not run_id.startswith("import-"):
            return
        message = event.message
        if isinstance(message, Finished):
            self._say_imported(run_id, message)

    def _say_imported(self, run_id: str, message: Finished) -> None:
        imported, rejected = message.summary.get("imported", 0), message.summary.get("rejected", 0)
        warnings = [w.text for w in runs.warnings(self._project.store.reader, run_id)]
        verb = "Imported" if message.status == "done" else "The import was stopped; it took"
        text = f"{verb} {plural(imported, 'row')}"
        if rejected:
            bar = self.show_message(
                "attention",
                f"{text}; {plural(rejected, 'row was', 'rows were')} rejected.",
                "They are listed with line and reason.",
                "Show rejected rows",
                key=run_id,
            )
            bar.action_asked.connect(self.open_rejected)
        elif not warnings:
            show_toast(self, f"{text}.")
        for number, warning in enumerate(warnings):
            self.show_message("info", warning, key=f"{run_id}-{number}")

    def _on_split_known(self, total: int, kept: dict[str, int], students: int) -> None:
        sheet = SplitSheet(self, self._project, self._bridge, total, kept, students)
        sheet.split_done.connect(self._on_split)
        self._open(sheet)

    def _on_split(self, result: dict[str, Any]) -> None:
        parts = ", ".join(f"{count(result[name])} {name}" for name in ("train", "valid", "test"))
        show_toast(self, f"Split into {parts}.")

    def _on_rejected(self, rows: list[RejectedRow]) -> None:
        total = self._figures.rejected if self._figures is not None else len(rows)
        self._open(RejectedSheet(self, rows, total))

    def _open(self, sheet: Any) -> Any:
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sheet = sheet
        sheet.finished.connect(self._on_closed)
        sheet.open()
        return sheet

    def _on_closed(self) -> None:
        self.sheet = None
