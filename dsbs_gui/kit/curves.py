"""Curves over steps, live, with all that one does with them. It imports pyqtgraph (0.6 s): import it when a page needs
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dsbs_gui.kit.curve_data import GrowingSeries, SeriesKey, to_csv
from dsbs_gui.kit.curve_export import save_picture
from dsbs_gui.kit.curve_group import CurveGroup
from dsbs_gui.kit.curve_items import Curve
from dsbs_gui.kit.curve_legend import Legend
from dsbs_gui.kit.curve_plot import CurvePlot
from dsbs_gui.kit.curve_swatch import LineKind, Swatch
from dsbs_gui.kit.curve_tools import CurveTools
from dsbs_gui.kit.focus import chain
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.theme.tokens import DataRole
from dsbs_gui.kit.words import figure, place
from dsbs_gui.kit.words import percent as percent_text

_NAMED_RUNS = 6
"""Runs that have their whole names in the legend; of more it would be higher than the plot."""
_DASH = Qt.PenStyle.DashLine


class CurvePanel(QWidget):
    """Curves with legend, crosshair, zoom, log scale, outlier clip, smoothing and export. GUI thread only.

    A series is named by (run, name). One run alone has the colours of its quantities; several have a colour and a
    symbol each, and quantities are told apart by their kind of line. A view that was zoomed or moved stays until `fit`.

    Signals:
        settings_changed: the user changed scale, clip, smoothing or what is hidden.
        exported(path), export_failed(path, reason)

    Args:
        title: e.g. `Loss`.
        x_name: e.g. `step`.
        y_range: fixed limits of the y axis, e.g. (0, 1) for accuracies; by default they follow the data.
        lead: stands where else the title does.
        group: what panels above each other share; by default one of its own.
        names_runs: whether the legend has the runs, too.
        height: of the plot, px at 100 %, where there is no more room.
    """

    settings_changed = Signal()
    exported = Signal(str)
    export_failed = Signal(str, str)

    def __init__(
        self,
        title: str,
        x_name: str = "step",
        *,
        y_range: tuple[float, float] | None = None,
        percent: bool = False,
        lead: QWidget | None = None,
        group: CurveGroup | None = None,
        names_runs: bool = True,
        height: int = 240,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._names_runs, self._exporting, self.smoothing = names_runs, False, 0.0
        self.group = group or CurveGroup(self)
        self.plot = CurvePlot(self.group, x_name, height)
        self._tools, self._legend = CurveTools(title, lead, self), Legend(f"Legend of {title}")
        layout: QVBoxLayout = column(self._tools, self._legend, self.plot, gap="none", parent=self)
        layout.setStretch(2, 1)
        self._connect()
        self.set_quantity(title, y_range=y_range, percent=percent)

    def _connect(self) -> None:
        self.plot.drawn.connect(self._on_drawn)
        self.plot.remark_changed.connect(self._tools.show_remark)
        self.plot.log_asked.connect(self._on_log_key)
        self._tools.log_changed.connect(self._on_log_changed)
        self._tools.clip_changed.connect(self._on_clip_changed)
        self._tools.smoothing_changed.connect(self._on_smoothing_changed)
        self._tools.fit_asked.connect(self.fit)
        self._tools.picture_asked.connect(lambda path: self._export(self.export_picture, path))
        self._tools.numbers_asked.connect(lambda path: self._export(self.export_csv, path))
        self._legend.toggled.connect(self._on_toggled)

    # ------------------------------------------------------------ series

    def set_quantity(
        self,
        title: str,
        *,
        y_range: tuple[float, float] | None = None,
        percent: bool = False,
        scalable: bool = True,
        nothing: str = "Nothing to draw yet",
    ) -> None:
        """Show something else: another name, y axis and, without series, another sentence. Series stay."""
        self._title, plot = title, self.plot
        plot.y_range, plot.said = y_range, percent_text if percent else figure
        plot.set_percent(percent)
        plot.nothing.setText(nothing)
        self._tools.set_title(title)
        self._tools.set_scalable(scalable)
        plot.touch()

    def add_series(
        self,
        run: str,
        name: str,
        role: DataRole,
        *,
        kind: LineKind = "line",
        data: GrowingSeries | None = None,
        run_name: str = "",
    ) -> SeriesKey:
        """Make a series known before its first point; returns its key. Known ones are kept as they are.

        Args:
            data: a series that others fill; they call `touch` afterwards.
        """
        key = SeriesKey(run, name)
        self.group.add_run(run, run_name)
        if key not in self.plot.curves:
            curve = Curve(self.plot, data if data is not None else GrowingSeries(), Swatch(role, kind))
            curve.set_smoothing(self.smoothing)
            self.plot.add(key, curve)
        return key

    def append(self, key: SeriesKey, x: float | Iterable[float], y: float | Iterable[float]) -> None:
        """Append one point or several (x ascending). Raises: KeyError without `add_series`, ValueError on lengths."""
        self.plot.curves[key].data.append(x, y)
        self.plot.touch()

    def touch(self) -> None:
        """Somebody else has appended points: draw soon."""
        self.plot.touch()

    def remove_run(self, run: str) -> None:
        """Take all series of a run away, and the run itself."""
        self.remove_series(run)
        self.group.remove_run(run)
        self.plot.draw()

    def remove_series(self, run: str) -> None:
        """Take all series of a run away; its colour stays its own."""
        for key in [key for key in self.plot.curves if key.run == run]:
            self.plot.remove(key)

    def clear(self) -> None:
        """Take all series away; the runs stay known to the other panels."""
        for key in list(self.plot.curves):
            self.plot.remove(key)
        self.plot.draw()

    def set_reference(self, name: str, y: float | None, role: DataRole = "teacher", dash: Qt.PenStyle = _DASH) -> None:
        """Draw a horizontal line with an entry in the legend, e.g. the teacher's accuracy; None takes it away."""
        known = self.plot.references.get(name)
        if known is not None and y == known[0].value():
            return
        if known is not None:
            self.plot.remove_reference(name)
        if y is not None:
            self.plot.add_reference(name, y, Swatch(role, "thin", dash=dash))
        self.plot.touch()

    def references(self) -> set[str]:
        """Names of the horizontal lines."""
        return set(self.plot.references)

    # ------------------------------------------------------------ what is shown

    @property
    def log_y(self) -> bool:
        return self.plot.log_y

    @property
    def clip(self) -> bool:
        return self.plot.clip

    @property
    def hidden(self) -> set[str]:
        """Quantities and reference lines that are not shown."""
        return set(self.plot.hidden)

    def set_log_y(self, log_y: bool) -> None:
        """Logarithmic y axis; values at or below zero become gaps."""
        self._tools.show_log(log_y)
        self.plot.set_log_y(log_y)

    def set_clip(self, clip: bool) -> None:
        """Let the y axis end at the 99th percentile; how much lies beyond is said above the plot."""
        self._tools.show_clip(clip)
        self.plot.set_clip(clip)

    def set_smoothing(self, weight: float) -> None:
        """Exponential smoothing, 0 (none) to below 1; the raw values stay visible, faint."""
        self.smoothing = weight
        self._tools.show_smoothing(weight)
        for curve in self.plot.curves.values():
            curve.set_smoothing(weight)
        self.plot.redraw()

    def set_hidden(self, names: Iterable[str]) -> None:
        """Hide just these quantities and reference lines."""
        self.plot.hidden = set(names)
        self.plot.redraw()

    def fit(self) -> None:
        """Show everything and follow new points again."""
        self.plot.fit()

    def summary(self) -> str:
        """The last values in words, for screen readers and tests."""
        parts = []
        for key, curve in self.plot.curves.items():
            last = curve.data.last_finite()
            said = f"{self.plot.said(last[1])} at {self.plot.x_name} {place(last[0])}" if last else "no values yet"
            parts.append(f"{self.plot.name_of(key)} {said}")
        return "; ".join(parts) or "no curves yet"

    def readout(self) -> str:
        """What stands beside the crosshair, as one line; empty without one."""
        return self.plot.readout.text()

    def remark(self) -> str:
        """What is said about the scale."""
        return self._tools.remark()

    # ------------------------------------------------------------ files

    def export_picture(self, path: str | Path) -> None:
        """Save title, legend and plot: SVG with lines and text if the path ends so, else PNG. Raises: OSError."""
        named, cursor = self._names_runs, self.group.cursor
        self.group.set_cursor(None)
        self._tools.set_bare(True)
        self._names_runs = self._exporting = True
        self._lay_out()
        self.plot.set_exporting(True)
        try:
            save_picture(self, Path(path), self._title)
        finally:
            self.plot.set_exporting(False)
            self._names_runs, self._exporting = named, False
            self._tools.set_bare(False)
            self.group.set_cursor(cursor)
            self._lay_out()

    def export_csv(self, path: str | Path) -> None:
        """Save all points with all digits, one a line. Raises: OSError."""
        series = {key: curve.data for key, curve in self.plot.curves.items()}
        names = {run: look.name for run, look in self.group.runs.items()}
        Path(path).write_text(to_csv(series, self.plot.x_name, names), encoding="utf-8", newline="")

    def _lay_out(self) -> None:
        """At once: the legend may need another height, and the plot is drawn for what is left."""
        self._show_legend()
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.plot.draw()

    def _export(self, save: Callable[[str], None], path: str) -> None:
        try:
            save(path)
        except OSError as error:
            self.export_failed.emit(path, error.strerror or str(error))
        else:
            self.exported.emit(path)

    # ------------------------------------------------------------ the legend

    def _show_legend(self) -> None:
        entries: dict[str, tuple[str, Swatch, bool]] = {}
        several, hidden = self.group.several, self.plot.hidden
        for key, curve in self.plot.curves.items():
            # Where runs have the colours, a quantity as such has none.
            swatch = replace(curve.swatch, place=None, any_run=True) if several else curve.swatch
            entries.setdefault(f"quantity {key.name}", (key.name, swatch, key.name not in hidden))
        if several and len(entries) == 1:
            entries = {}
        if several and self._names_runs:
            few = len(self.group.runs) <= _NAMED_RUNS
            for run, look in self.group.runs.items():
                entries[f"run {run}"] = (look.name if few else run, Swatch("total", place=look.place), look.shown)
        for name, (_, swatch) in self.plot.references.items():
            entries[f"line {name}"] = (name, swatch, name not in hidden)
        if self._exporting:
            entries = {key: entry for key, entry in entries.items() if entry[2]}
        known = list(self._legend.entries)
        self._legend.show_entries(entries)
        if list(entries) != known:
            chain(self)
        for run, look in self.group.runs.items():
            if (entry := self._legend.entries.get(f"run {run}")) is not None:
                entry.set_hint(look.name)
        for key, curve in self.plot.curves.items():
            if (entry := self._legend.entries.get(f"quantity {key.name}")) is not None:
                entry.set_value("" if several or not curve.data.y.size else self.plot.said_of(curve.data.y[-1]))

    # ------------------------------------------------------------ handlers

    def _on_drawn(self) -> None:
        self._show_legend()
        said = self.summary()
        self.setAccessibleName(self._title)
        self.setAccessibleDescription(said)
        self.plot.setAccessibleName(self._title)
        self.plot.setAccessibleDescription(said)

    def _on_toggled(self, entry: str, shown: bool) -> None:
        kind, _, name = entry.partition(" ")
        if kind == "run":
            self.group.show_run(name, shown)
        else:
            self.plot.hidden ^= {name}
            self.settings_changed.emit()
        self.plot.draw()

    def _on_log_key(self) -> None:
        if self._tools.is_scalable():
            self._on_log_changed(not self.log_y)

    def _on_log_changed(self, log_y: bool) -> None:
        self.set_log_y(log_y)
        self.settings_changed.emit()

    def _on_clip_changed(self, clip: bool) -> None:
        self.set_clip(clip)
        self.settings_changed.emit()

    def _on_smoothing_changed(self, weight: float) -> None:
        self.set_smoothing(weight)
        self.settings_changed.emit()
