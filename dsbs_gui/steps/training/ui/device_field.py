"""Where a run computes, and whether it fits there: a choice of devices, and what the plan needs of the memory."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import NBSP, figure, size
from dsbs_gui.steps.training.devices import AUTO, Device, chosen
from dsbs_gui.steps.training.fit import Fit
from dsbs_gui.steps.training.memory import Verdict

_UNMEASURED = "Its speed has not been measured yet"
_TONES: dict[Verdict, Tone] = {"fits": "good", "tight": "attention", "does not fit": "bad"}


class DeviceField(QWidget):
    """Signals:
    changed: another device was chosen.
    measure_asked: the self-test is wanted.
    """

    changed = Signal()
    measure_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox()
        self.box.setAccessibleName("Device")
        self.problem = PlainLabel(type="caption", tone="attention", wrap=True)
        self.problem.hide()
        self.speed = PlainLabel(_UNMEASURED, type="caption", tone="muted", wrap=True)
        self.measure = LinkButton("Measure")
        self.measure.set_tooltip("A second of matrix products and copies on each device")
        self._may_measure = True
        self._known: tuple[tuple[Device, ...], str] = ((), "")
        self.is_measuring = False
        line = row(gap="s")
        line.addWidget(self.speed, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.measure, 0, Qt.AlignmentFlag.AlignVCenter)
        column(self.box, line, self.problem, gap="s", parent=self)
        self.measure.clicked.connect(self.measure_asked)
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

    def forbid_measuring(self) -> None:
        """Where jobs cannot be started."""
        self._may_measure = False
        self.measure.setEnabled(False)

    def show_fit(self, found: Fit) -> None:
        """List the devices that there are; the choice stays."""
        self.problem.setText(found.problem)
        self.problem.setVisible(bool(found.problem))
        self.is_measuring = found.measuring
        self.measure.setEnabled(not found.measuring and self._may_measure)
        self.measure.setText("Measuring…" if found.measuring else "Measure")
        said = found.speeds.get(found.device.id, "")
        self.speed.setText(f"{said[:1].upper()}{said[1:]}" if said else _UNMEASURED)
        if (known := (tuple(found.devices), found.problem)) != self._known:
            self._known = known
            self._list(found.devices, found.problem)

    def _list(self, devices: Sequence[Device], problem: str) -> None:
        wanted = self.device()
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItem(f"Automatic: {chosen(devices, problem=problem).name}", AUTO)
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
        line.addWidget(self.need, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
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
