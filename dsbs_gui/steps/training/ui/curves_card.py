"""The curves of the chosen runs: losses above, and below one of accuracy, learning rate and gradient norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.curve_data import GrowingSeries
from dsbs_gui.kit.curve_group import CurveGroup
from dsbs_gui.kit.curves import CurvePanel
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import percent
from dsbs_gui.steps.training.methods import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dsbs_gui.core.settings import Settings
    from dsbs_gui.kit.curve_swatch import LineKind
    from dsbs_gui.kit.theme.tokens import DataRole
    from dsbs_gui.steps.training.overview import Baseline, TeacherLine
    from dsbs_gui.steps.training.points import Points


@dataclass(frozen=True)
class Line:
    """How a metric is called and drawn."""

    name: str
    role: DataRole
    kind: LineKind = "line"


LOSSES = {
    "label_loss": Line("label loss", "label_loss"),
    "rationale_loss": Line("rationale loss", "rationale_loss", "second"),
    "loss": Line("weighted sum", "total", "thin"),
    "valid_label_loss": Line("validation label loss", "accuracy", "dashed"),
}
BELOW = {
    "accuracy": Line("validation accuracy", "accuracy", "points"),
    "lr": Line("learning rate", "learning_rate"),
    "grad_norm": Line("gradient norm", "learning_rate"),
}
_HEIGHT, _HEIGHT_BELOW = 210, 150
_CHOICES = (("accuracy", "Accuracy"), ("lr", "Learning rate"), ("grad_norm", "Gradient norm"))
_NOTHING = {
    "accuracy": "No validation so far",
    "lr": "Nothing was told of the learning rate",
    "grad_norm": "Nothing was told of the gradient norm",
}
_METHOD_ROLES: dict[str, DataRole] = {
    "finetune": "baseline_1",
    "distill": "baseline_2",
    "shuffled-rationale": "total",
}
_DASHES = {"finetune": Qt.PenStyle.DotLine, "distill": Qt.PenStyle.DashDotLine}


@dataclass
class _Drawn:
    """What is known of a run: its method, its points by metric, and whether they are an outline only."""

    method: str
    series: dict[str, GrowingSeries]
    coarse: bool


class Curves(QWidget):
    """Two panels on one step axis; what the user chooses is remembered. Importing this module imports pyqtgraph.

    Signals:
        exported(path), export_failed(path, reason)
    """

    exported = Signal(str)
    export_failed = Signal(str, str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._runs: dict[str, _Drawn] = {}
        self.group = CurveGroup(self)
        self.choice = SegmentedControl(_CHOICES, settings.curves_below, "Shown below")
        self.losses = CurvePanel("Loss, nats per token", group=self.group, height=_HEIGHT)
        self.below = CurvePanel("Accuracy", lead=self.choice, group=self.group, names_runs=False, height=_HEIGHT_BELOW)
        layout = column(self.losses, self.below, gap="s", parent=self)
        layout.setStretch(0, 3)
        layout.setStretch(1, 2)
        self._several: bool | None = None
        self._lines: dict[str, tuple[float, DataRole, Qt.PenStyle]] = {}
        self._take_settings()
        self._show_below()
        self._connect()

    def _connect(self) -> None:
        self.choice.chosen.connect(self.show_below)
        self.losses.settings_changed.connect(self._keep_settings)
        self.group.runs_changed.connect(self._on_runs_changed)
        for panel in (self.losses, self.below):
            panel.exported.connect(self.exported)
            panel.export_failed.connect(self.export_failed)

    # ------------------------------------------------------------ what others call

    def last(self) -> dict[str, dict[str, float]]:
        """Run → metric → last step drawn; of a run whose outline is drawn nothing counts."""
        return {
            run: {} if drawn.coarse else {name: float(s.x[-1]) for name, s in drawn.series.items()}
            for run, drawn in self._runs.items()
        }

    def is_coarse(self, run: str) -> bool:
        """Only an outline of the run is drawn."""
        return run in self._runs and self._runs[run].coarse

    def accuracies(self, run: str) -> list[tuple[int, float]]:
        """Step and accuracy of each validation that is known, ascending."""
        series = self._runs[run].series.get("accuracy") if run in self._runs else None
        return [] if series is None else [(int(x), float(y)) for x, y in zip(series.x, series.y, strict=True)]

    def append(
        self, run: str, points: Mapping[str, Points], *, name: str = "", method: str = "", coarse: bool = False
    ) -> None:
        """Draw new points of a run; points that are drawn already are passed over.

        Args:
            coarse: they are an outline, which the next ones replace.
        """
        drawn = self._runs.get(run)
        if drawn is None or drawn.coarse:
            self._forget(run)
            drawn = self._runs[run] = _Drawn(method, {}, coarse)
        self.group.add_run(run, name)
        for metric, (steps, values) in points.items():
            series = drawn.series.setdefault(metric, GrowingSeries())
            fresh = steps > series.x[-1] if series.x.size and not coarse else slice(None)
            series.append(steps[fresh], values[fresh])
        self._add_series(run, drawn)

    def keep_only(self, runs: Iterable[str]) -> None:
        """Take the curves of other runs away."""
        for run in set(self._runs) - set(runs):
            del self._runs[run]
            self.losses.remove_run(run)
            self.below.remove_run(run)

    def set_lines(self, teacher: TeacherLine | None, baselines: Sequence[Baseline]) -> None:
        """What accuracies are to be compared with."""
        self._lines = {}
        if teacher is not None:
            name = f"teacher on {teacher.split} {percent(teacher.accuracy)}"
            self._lines[name] = (teacher.accuracy, "teacher", Qt.PenStyle.DashLine)
        for baseline in baselines:
            name = f"{METHODS[baseline.method].title.lower()} {percent(baseline.accuracy)} ({baseline.run_id})"
            role, dash = _METHOD_ROLES[baseline.method], _DASHES[baseline.method]
            self._lines[name] = (baseline.accuracy, role, dash)
        self._show_lines()

    def show_below(self, metric: str) -> None:
        """Show another quantity below, from now on."""
        self._settings.curves_below = metric
        self.choice.set_value(metric)
        self._show_below()

    # ------------------------------------------------------------ drawing

    def _add_series(self, run: str, drawn: _Drawn) -> None:
        for metric, series in drawn.series.items():
            if metric in LOSSES and (metric != "loss" or "rationale_loss" in drawn.series):  # else it is the label's
                line = LOSSES[metric]
                self.losses.add_series(run, line.name, line.role, kind=line.kind, data=series)
            elif metric == self.choice.value():
                line, role = BELOW[metric], _METHOD_ROLES.get(drawn.method, "accuracy")
                role = role if metric == "accuracy" else line.role
                self.below.add_series(run, line.name, role, kind=line.kind, data=series)
        self.losses.touch()
        self.below.touch()

    def _forget(self, run: str) -> None:
        """Of a run that is drawn anew: its colour stays."""
        self._runs.pop(run, None)
        for panel in (self.losses, self.below):
            panel.remove_series(run)

    def _show_below(self) -> None:
        metric = self.choice.value()
        self.below.clear()
        self.below.set_quantity(
            BELOW[metric].name.capitalize(),
            y_range=(0, 1) if metric == "accuracy" else None,
            percent=metric == "accuracy",
            scalable=metric != "accuracy",
            nothing=_NOTHING[metric],
        )
        for reset in (self.below.set_log_y, self.below.set_clip):
            reset(False)
        self.below.set_smoothing(0)
        for run, drawn in self._runs.items():
            self._add_series(run, drawn)
        self._show_lines()

    def _show_lines(self) -> None:
        wanted = self._lines if self.choice.value() == "accuracy" else {}
        for name in self.below.references() - set(wanted):
            self.below.set_reference(name, None)
        for name, (accuracy, role, dash) in wanted.items():
            self.below.set_reference(name, accuracy, role, dash)

    # ------------------------------------------------------------ what is remembered

    def _take_settings(self) -> None:
        self.losses.set_log_y(self._settings.curves_log)
        self.losses.set_clip(self._settings.curves_clip)
        self.losses.set_smoothing(float(self._settings.curves_smoothing))

    def _keep_settings(self) -> None:
        self._settings.curves_log = self.losses.log_y
        self._settings.curves_clip = self.losses.clip
        self._settings.curves_smoothing = f"{self.losses.smoothing:g}"
        if self.group.several:
            self._settings.curves_hidden_of_several = sorted(self.losses.hidden)
        else:
            self._settings.curves_hidden = sorted(self.losses.hidden)

    def _on_runs_changed(self) -> None:
        """One run shows all that it says, several would crowd: what is hidden is chosen for each."""
        if self.group.several != self._several:
            self._several = self.group.several
            hidden = self._settings.curves_hidden_of_several if self._several else self._settings.curves_hidden
            self.losses.set_hidden(hidden)
