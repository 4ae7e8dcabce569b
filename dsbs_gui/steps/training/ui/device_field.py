"""Where a run computes, and whether it fits there: a choice of devices, and what the plan needs of the memory."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import NBSP, figure, size
from dsbs_gui.steps.training.devices import AUTO, Device, chosen
from dsbs_gui.steps.training.fit import Fit
from dsbs_gui.steps.training.memory import Verdict

_TONES: dict[Verdict, Tone] = {"fits": "good", "tight": "attention", "does not fit": "bad"}


class DeviceField(QWidget):
    """Signals:
    changed: another device was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox()
        self.box.setAccessibleName("Device")
        self.problem = PlainLabel(type="caption", tone="attention", wrap=True)
        self.problem.hide()
        self._known: tuple[Device, ...] = ()
        column(self.box, self.problem, gap="s", parent=self)
        self.box.addItem("Automatic", AUTO)
        self.box.currentIndexChanged.connect(lambda _: self.changed.emit())

    def device(self) -> str:
        """What ``TrainSpec.device`` takes."""
        return str(self.box.currentData())

    def set_device(self, device: str) -> None:
        """Choose one; a device that is not here is listed as such."""
        if self.box.findData(device) < 0:
            self.box.addItem(f"{device} · not on this machine", device)
        self.box.setCurrentIndex(self.box.findData(device))

    def show_fit(self, found: Fit) -> None:
        """List the devices that there are; the choice stays."""
        self.problem.setText(found.problem)
        self.problem.setVisible(bool(found.problem))
        if tuple(found.devices) != self._known:
            self._known = tuple(found.devices)
            self._list(found.devices)

    def _list(self, devices: Sequence[Device]) -> None:
        wanted = self.device()
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItem(f"Automatic: {chosen(devices).name}", AUTO)
        for device in devices:
            self.box.addItem(f"{device.name} · {size(device.free)} free", device.id)
        self.set_device(wanted)
        self.box.blockSignals(False)


class MemoryLine(QWidget):
    """``60.5 M weights · about 1.6 GB of 22 GB free``, the verdict, and what to change where it is no good one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.need = PlainLabel(type="caption", tone="muted", wrap=True)
        self.chip = Chip("fits", "good")
        self.advice = PlainLabel(type="caption", tone="muted", wrap=True)
        line = row(gap="s")
        line.addWidget(self.need, 1)
        line.addWidget(self.chip)
        column(line, self.advice, gap="xs", parent=self)
        self.hide()

    def show_fit(self, found: Fit) -> None:
        """Say what a plan needs; nothing where that cannot be told before the student is loaded."""
        needed, verdict = found.needed, found.verdict
        self.setVisible(needed is not None)
        if needed is None or verdict is None or found.parameters is None:
            return
        weights = f"{figure(found.parameters / 1e6)}{NBSP}M weights"
        self.need.setText(f"{weights} · about {size(needed.total)} of {size(found.device.free)} free")
        self.chip.set_state(verdict, _TONES[verdict])
        self.advice.setText(found.advice())
        self.advice.setVisible(bool(found.advice()))
