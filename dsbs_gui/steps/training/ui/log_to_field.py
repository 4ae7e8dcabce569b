"""Which experiment trackers a run logs to: TensorBoard, and what else is installed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from dsbs_gui.kit.layout import column
from dsbs_gui.kit.words import tooltip
from dsbs_gui.steps.training.trackers import TRACKERS, is_installed, names

_ALWAYS = "tensorboard"


class LogToField(QWidget):
    """A box each. Nothing is ticked by itself.

    Signals:
        changed: a tracker was chosen, or not any more.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[str, QCheckBox] = {}
        self._layout = column(gap="s", parent=self)
        for name in TRACKERS:
            if name == _ALWAYS or is_installed(name):
                self._add(name)

    def value(self) -> str:
        """What ``TrainSpec.log_to`` takes."""
        return ",".join(name for name, box in self.boxes.items() if box.isChecked())

    def set_value(self, log_to: str) -> None:
        """Tick these alone; one that is not installed here is listed as such."""
        wanted = [name for name in names(log_to) if name in TRACKERS]
        for name in wanted:
            if name not in self.boxes:
                self._add(name)
        for name, box in self.boxes.items():
            box.setChecked(name in wanted)

    def _add(self, name: str) -> None:
        tracker = TRACKERS[name]
        there = is_installed(name)
        box = self.boxes[name] = QCheckBox(tracker.title if there else f"{tracker.title} (not installed)")
        where = "Sends the settings and the curves to its server." if tracker.remote else "Files in the run's folder."
        box.setToolTip(tooltip(where if there else f"Install it with “pip install {tracker.package}”."))
        box.setEnabled(there)
        box.toggled.connect(self.changed)
        self._layout.addWidget(box)
