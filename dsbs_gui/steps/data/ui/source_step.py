"""First step of an import: which file, folder or hub dataset, and which split it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget
from typing_extensions import override

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.steps.data.sources import SUFFIXES, is_hub_id

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

_SPLITS = [("train", "Train"), ("valid", "Valid"), ("test", "Test"), ("unsplit", "Not split yet")]


class SourceStep(QWidget):
    """Signals:
    changed: something was chosen; ``is_ready`` may have changed.
    """

    changed = Signal()

    def __init__(self, split: str = "train", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = QLineEdit()
        self.path.setPlaceholderText("/data/train.csv, a folder from save_to_disk, or owner/name on the hub")
        self.split = SegmentedControl(_SPLITS, split, "Split")
        self.hub_config, self.hub_split = QLineEdit(), QLineEdit()
        self.busy = ProgressBar("Reading the first rows")
        self.busy.set_fraction(None)
        self._busy_line = boxed(column(PlainLabel("Reading the first rows…", tone="muted"), self.busy, gap="s"))
        self._busy_line.hide()
        self._build()
        self.setAcceptDrops(True)
        self.path.textChanged.connect(self._on_path_changed)
        self._on_path_changed()

    def _build(self) -> None:
        file, folder = SecondaryButton("Choose file", "file"), SecondaryButton("Choose folder", "folder")
        file.clicked.connect(self._choose_file)
        folder.clicked.connect(self._choose_folder)
        line = row(gap="s")
        line.addWidget(self.path, 1)
        line.addWidget(file)
        line.addWidget(folder)
        form = Form()
        form.setMaximumWidth(16_777_215)
        source = FormField("Dataset", boxed(line), "CSV, TSV, JSON, JSON lines, Parquet, Arrow, or a saved dataset.")
        source.label.setBuddy(self.path)
        self.path.setAccessibleName("Dataset")
        form.add_row(source)
        form.add("Rows go to", self.split, "Rows of train can be split later; valid and test stay what they are.")
        self._hub = boxed(
            row(
                FormField("Configuration on the hub", self.hub_config, "Only where the dataset has several."),
                FormField("Split on the hub", self.hub_split, "Empty: the one that answers to the choice above."),
                gap="l",
            )
        )
        form.add_widget(self._hub)
        column(form, self._busy_line, None, gap="l", parent=self)

    def is_ready(self) -> bool:
        return bool(self.source())

    def source(self) -> str:
        return self.path.text().strip()

    def set_source(self, text: str) -> None:
        self.path.setText(text)

    def set_busy(self, busy: bool) -> None:
        """While the first rows are read nothing can be changed."""
        self._busy_line.setVisible(busy)
        for widget in (self.path, self.split, self.hub_config, self.hub_split):
            widget.setEnabled(not busy)

    def choices(self) -> dict[str, Any]:
        """Arguments of ``plan.preview_request`` and ``plan.import_request``, but for the source."""
        hub = self._hub.isVisibleTo(self)
        return {
            "split": self.split.value(),
            "hub_config": self.hub_config.text().strip() if hub else "",
            "hub_split": self.hub_split.text().strip() if hub else "",
        }

    def _on_path_changed(self) -> None:
        text = self.source()
        self._hub.setVisible(is_hub_id(text) and not Path(text).exists())
        self.changed.emit()

    def _choose_file(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        path, _ = QFileDialog.getOpenFileName(self, "Choose a dataset", "", f"Datasets ({kinds});;All files (*)")
        if path:
            self.set_source(path)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Choose a saved dataset")
        if path:
            self.set_source(path)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self.set_source(event.mimeData().urls()[0].toLocalFile())
