"""The import sheet: choose a dataset, look at its first rows, map its columns, import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from dsbs_gui.kit.buttons import PrimaryButton
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import count
from dsbs_gui.steps.data import plan

from .mapping_step import MappingStep
from .source_step import SourceStep

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge

_LOW, _HIGH = 360, 680


class ImportSheet(Sheet):
    """Stays open, with the reason, when a file cannot be read or imported.

    Signals:
        import_started(run_id): the job is queued; the sheet closes.
    """

    import_started = Signal(str)

    def __init__(self, parent: QWidget | None, project: Project, bridge: Bridge, split: str = "train") -> None:
        super().__init__(parent, "Import rows", subtitle="Step 1 of 2: choose a dataset.", width="l")
        self._project, self._bridge = project, bridge
        self.source = SourceStep(split)
        self.mapping = MappingStep(project.task)
        self.steps = QStackedWidget()
        self.steps.addWidget(self.source)
        self.steps.addWidget(self.mapping)
        self.add(self.steps)
        self.previous = self.add_side_button("Choose another")
        self.next = PrimaryButton("Look at the rows")
        self.footer.addWidget(self.next)
        self.resize(1_000, _LOW)
        self.source.changed.connect(self._show_buttons)
        self.source.path.returnPressed.connect(self.look)
        self.mapping.changed.connect(self._show_buttons)
        self.mapping.reread_asked.connect(self.look)
        self.previous.clicked.connect(self.go_back)
        self.next.clicked.connect(self._on_next)
        self._show_buttons()
        self.source.path.setFocus()

    @property
    def at_mapping(self) -> bool:
        return self.steps.currentWidget() is self.mapping

    # ------------------------------------------------------------ the two steps

    def look(self) -> None:
        """Read the first rows in a worker; go on to the mapping when they are there."""
        if not self.source.is_ready():
            return
        self.messages.clear()
        self._set_busy(True)
        source, choices = self.source.source(), {**self.source.choices(), **self.mapping.file_choices()}

        def read() -> dict[str, Any]:
            return plan.read_preview(self._project, plan.preview_request(self._project, source, **choices))

        self._bridge.run(read, self._on_read, self._on_refused, self)

    def start(self) -> None:
        """Queue the import; the sheet closes when the job is there."""
        self.messages.clear()
        self._set_busy(True)
        source, choices = self.source.source(), {**self.source.choices(), **self.mapping.choices()}

        def submit() -> Run:
            return self._project.jobs.submit(plan.import_request(self._project, source, **choices))

        self._bridge.run(submit, self._on_submitted, self._on_refused, self)

    def go_back(self) -> None:
        """Back to the choice of the dataset."""
        self.messages.clear()
        self.steps.setCurrentWidget(self.source)
        self._show_buttons()

    # ------------------------------------------------------------ handlers

    def _on_next(self) -> None:
        if self.at_mapping:
            self.start()
        else:
            self.look()

    def _on_read(self, preview: dict[str, Any]) -> None:
        self._set_busy(False)
        self.mapping.show_preview(preview)
        self.steps.setCurrentWidget(self.mapping)
        self.resize(self.width(), max(self.height(), _HIGH))
        for note in preview["notes"]:
            self.messages.show_message("info", note)
        if preview["guessed_task"] != self._project.task.name:
            self.messages.show_message(
                "info",
                f"By its columns this looks like the task “{preview['guessed_task']}”; the project's task is "
                f"“{self._project.task.name}”.",
                "A project has one task. For the other one make a new project.",
            )
        self._show_buttons()

    def _on_submitted(self, run: Run) -> None:
        self._set_busy(False)
        self.import_started.emit(run.id)
        self.accept()

    def _on_refused(self, error: DsbsError) -> None:
        self._set_busy(False)
        self.messages.show_message("bad", error.message, error.hint, dismissible=False)

    def _set_busy(self, busy: bool) -> None:
        self.source.set_busy(busy)
        self.mapping.setEnabled(not busy)
        if busy:
            self.next.setEnabled(False)
        else:
            self._show_buttons()

    def _show_buttons(self) -> None:
        at_mapping = self.at_mapping
        self.previous.setVisible(at_mapping)
        self.next.setEnabled(self.mapping.is_ready() if at_mapping else self.source.is_ready())
        self.next.setText(self._accept_text() if at_mapping else "Look at the rows")
        name = Path(self.source.source()).name
        self.subtitle.setText(
            f"Step 2 of 2: say what the columns of {name} are." if at_mapping else "Step 1 of 2: choose a dataset."
        )

    def _accept_text(self) -> str:
        preview = self.mapping.shown_preview()
        split = self.source.split.value()
        into = "" if split == "unsplit" else f" into {split}"
        known = preview.get("total") if preview.get("unit") == "rows" else None
        return f"Import {count(known)} rows{into}" if known else f"Import{into or ' rows'}"
