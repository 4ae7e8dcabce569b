"""The curves of the chosen runs: losses above, validation accuracy below, on one step axis."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.curves import CurvePanel
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.theme.tokens import DataRole
from dsbs_gui.kit.words import percent
from dsbs_gui.steps.training.overview import LOSSES, Points, TeacherLine

_ROLES: dict[str, DataRole] = {"label_loss": "label_loss", "rationale_loss": "rationale_loss"}
_ACCURACY: dict[str, DataRole] = {"finetune": "baseline_1", "distill": "baseline_2", "shuffled-rationale": "total"}
ACCURACY = "validation accuracy"


class Curves(QWidget):
    """Two panels. Importing this module imports pyqtgraph."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.losses = CurvePanel("Loss, nats per token")
        self.accuracy = CurvePanel("Accuracy", y_range=(0, 1), percent=True)
        self.losses.share_x(self.accuracy)
        layout = column(self.losses, self.accuracy, gap="m", parent=self)
        layout.setStretch(0, 3)
        layout.setStretch(1, 2)
        self._last: dict[str, dict[str, float]] = {}
        self._teacher = ""

    def last(self) -> dict[str, dict[str, float]]:
        """Run → curve → last step drawn."""
        return {run: dict(steps) for run, steps in self._last.items()}

    def append(self, run: str, method: str, points: Mapping[str, Points]) -> None:
        """Draw new points of a run; points that are drawn already are passed over."""
        drawn = self._last.setdefault(run, {})
        for name, (steps, values) in points.items():
            fresh = [(x, y) for x, y in zip(steps, values, strict=True) if x > drawn.get(name, -1)]
            if not fresh:
                continue
            if name in LOSSES:
                panel, key = self.losses, self.losses.add_series(run, LOSSES[name], _ROLES[name])
            else:
                panel = self.accuracy
                key = panel.add_series(run, ACCURACY, _ACCURACY.get(method, "accuracy"))
            panel.append(key, [x for x, _ in fresh], [y for _, y in fresh])
            drawn[name] = fresh[-1][0]

    def keep_only(self, runs: set[str]) -> None:
        """Take the curves of other runs away."""
        for run in [run for run in self._last if run not in runs]:
            del self._last[run]
            self.losses.remove_run(run)
            self.accuracy.remove_run(run)

    def set_teacher(self, line: TeacherLine | None) -> None:
        """Draw the teacher's accuracy as a line, named with its split."""
        if self._teacher:
            self.accuracy.set_reference(self._teacher, None)
        self._teacher = f"teacher on {line.split} {percent(line.accuracy)}" if line else ""
        if line:
            self.accuracy.set_reference(self._teacher, line.accuracy)
