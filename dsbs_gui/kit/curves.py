"""Curves over steps, live. It imports pyqtgraph (0.6 s): import it when a page needs it.

pyqtgraph is used as measured: PlotDataItem with a solid opaque pen, no antialiasing, peak downsampling, clipped to
the view, one timer for all curves. It draws names as HTML, so no name is given to it: the legend is a widget of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

# PySide6 comes first: pyqtgraph takes the Qt binding that is already loaded.
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QImageWriter, QKeyEvent, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip
from typing_extensions import override

from dsbs_gui.kit.curve_data import (
    Floats,
    SeriesKey,
    Smoothing,
    bounds,
    drawable,
    to_csv,
    value_at,
)
from dsbs_gui.kit.curve_items import Axis, Curve, pen
from dsbs_gui.kit.curve_tools import CurveTools
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.theme.apply import current, theme
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.tokens import DataRole
from dsbs_gui.kit.words import figure, place
from dsbs_gui.kit.words import percent as percent_text

_REFRESH_MS = 100
_PICTURE_SCALE = 2
# How much of the role's colour a run keeps, the rest is that of the text. Dashes would tell runs apart too, but
# Qt took 6 s to draw one noisy dashed curve that it draws solid in 30 ms.
_SHADES = (1.0, 0.6, 0.35, 0.8, 0.45)


class CurvePanel(QWidget):
    """Curves with legend, crosshair, log scale, smoothing and export. GUI thread only.

    A series is named by (run, name); several runs are told apart by the shade of their lines. New points are drawn
    at most ten times a second. Left and Right move the crosshair while the plot has the focus, F fits the view.

    Args:
        title: e.g. `Loss`.
        x_name: e.g. `step`.
        y_range: fixed limits of the y axis, e.g. (0, 1) for accuracies; by default they follow the data.
    """

    def __init__(
        self,
        title: str,
        x_name: str = "step",
        *,
        y_range: tuple[float, float] | None = None,
        percent: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._x_name, self._y_range = title, x_name, y_range
        self._said = percent_text if percent else figure
        self._curves: dict[SeriesKey, Curve] = {}
        self._references: dict[str, tuple[pg.InfiniteLine, DataRole]] = {}
        self._weight, self._log_y, self._following = 0.0, False, True
        self._at: float | None = None
        self._fellow: CurvePanel | None = None
        self._tools = CurveTools(title, self)
        self._build_plot(percent)
        layout: QVBoxLayout = column(self._tools, self._view, gap="xs", parent=self)
        layout.setStretch(1, 1)
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._connect()
        self._colour()

    def _build_plot(self, percent: bool) -> None:
        self._view = pg.PlotWidget(axisItems={"left": Axis("left", percent), "bottom": Axis("bottom", False)})
        self._plot: pg.PlotItem = self._view.getPlotItem()
        self._plot.hideButtons()
        self._plot.setMenuEnabled(False)
        self._plot.showGrid(y=True, alpha=0.6)
        self._plot.getViewBox().disableAutoRange()
        self._view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._view.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self._view.setMinimumHeight(160)
        self._view.installEventFilter(self)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self._plot.addItem(self._cross, ignoreBounds=True)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setStyle(tickFont=font("caption"), tickLength=0, tickTextOffset=6, maxTickLevel=1)
        self._plot.getAxis("left").setWidth(52)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._draw)
        self._view.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self._plot.getViewBox().sigRangeChangedManually.connect(self._on_moved_by_hand)
        self._tools.log_changed.connect(self.set_log_y)
        self._tools.smoothing_changed.connect(self.set_smoothing)
        self._tools.fit_asked.connect(self.fit)
        self._tools.shown_changed.connect(self._on_shown_changed)
        self._tools.picture_asked.connect(self.export_png)
        self._tools.numbers_asked.connect(self.export_csv)
        theme().changed.connect(self._colour)

    def add_series(self, run: str, name: str, role: DataRole) -> SeriesKey:
        """Make a series known before its first point; returns its key. Known ones are kept as they are."""
        key = SeriesKey(run, name)
        if key not in self._curves:
            curve = Curve(self._plot, role, self._shade_of(run))
            curve.smoothing = Smoothing(self._weight) if self._weight else None
            self._curves[key] = curve
            self._tools.add_entry(key, role, curve.shade)
            curve.colour()
        return key

    def _shade_of(self, run: str) -> float:
        """The shade a run has, else the first one that no other run has."""
        used = {key.run: curve.shade for key, curve in self._curves.items()}
        free = (shade for shade in _SHADES if shade not in used.values())
        return used[run] if run in used else next(free, _SHADES[len(used) % len(_SHADES)])

    def append(self, key: SeriesKey, x: float | Iterable[float], y: float | Iterable[float]) -> None:
        """Append one point or several (x ascending). Raises: KeyError without `add_series`, ValueError on lengths."""
        self._curves[key].data.append(x, y)
        if not self._timer.isActive():
            self._timer.start()

    def remove_run(self, run: str) -> None:
        """Take all series of a run away."""
        for key in [k for k in self._curves if k.run == run]:
            curve = self._curves.pop(key)
            for item in (curve.raw, curve.smooth, curve.lost):
                self._plot.removeItem(item)
            self._tools.remove_entry(key)
        self._draw()

    def set_reference(self, name: str, y: float | None, role: DataRole = "teacher") -> None:
        """Draw a labelled horizontal line, e.g. the teacher's accuracy; None takes it away."""
        if name in self._references:
            self._plot.removeItem(self._references.pop(name)[0])
        if y is not None:
            # The label goes through str.format: braces in a name must not be read as fields.
            label = name.replace("{", "{{").replace("}", "}}")
            line = pg.InfiniteLine(y, angle=0, label=label, labelOpts={"position": 0.02, "anchors": [(0, 1), (0, 1)]})
            line.label.setFont(font("caption"))
            self._plot.addItem(line, ignoreBounds=True)
            self._references[name] = (line, role)
        self._colour()
        self._draw()

    def share_x(self, other: CurvePanel) -> None:
        """Have one x axis with another panel: what one shows, pans or zooms, the other does too."""
        self._fellow, other._fellow = other, self
        self._plot.setXLink(other._plot)

    def set_log_y(self, log_y: bool) -> None:
        """Logarithmic y axis; values at or below zero become gaps."""
        self._log_y = log_y
        self._tools.show_log(log_y)
        self._plot.getAxis("left").setLogMode(log_y)
        for line, _ in self._references.values():
            line.setVisible(not log_y)
        self.fit()

    def set_smoothing(self, weight: float) -> None:
        """Exponential smoothing, 0 (none) to below 1; the raw values stay visible, faint."""
        self._weight = weight
        self._tools.show_smoothing(weight)
        for curve in self._curves.values():
            curve.smoothing = Smoothing(weight) if weight else None
            curve.colour()
        self._draw()

    def fit(self) -> None:
        """Show everything and follow new points again."""
        self._following = True
        self._draw()

    def summary(self) -> str:
        """The last values in words, for screen readers and tests."""
        parts = []
        for key, curve in self._curves.items():
            last = curve.data.last_finite()
            said = f"{self._said(last[1])} at {self._x_name} {place(last[0])}" if last else "no values yet"
            parts.append(f"{self._tools.name_of(key)} {said}")
        return "; ".join(parts) or "no curves yet"

    def export_png(self, path: str | Path) -> None:
        """Save legend and plot as a picture of twice the size on screen. Raises: OSError if it cannot be written."""
        size = self.size() * _PICTURE_SCALE
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(QColor(current().surface))
        image.setDevicePixelRatio(_PICTURE_SCALE)
        painter = QPainter(image)
        self.render(painter, QPointF(0, 0).toPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
        painter.end()
        writer = QImageWriter(str(path), b"PNG")
        if not writer.write(image):
            raise OSError(f"the picture could not be written to {path}: {writer.errorString()}")

    def export_csv(self, path: str | Path) -> None:
        """Save all points with all digits, one a line. Raises: OSError."""
        series = {key: curve.data for key, curve in self._curves.items()}
        Path(path).write_text(to_csv(series, self._x_name), encoding="utf-8", newline="")

    def _draw(self) -> None:
        self._timer.stop()
        for key, curve in self._curves.items():
            curve.draw(self._log_y)
            last = curve.data.last_finite()
            self._tools.show_value(key, self._said(last[1]) if last else "")
        if self._following:
            self._fit_range()
        self._show_readout()
        self.setAccessibleName(self._title)
        self.setAccessibleDescription(self.summary())
        self._view.setAccessibleDescription(self.summary())

    def _fit_range(self) -> None:
        shown = [curve for curve in self._curves.values() if curve.shown and curve.data.x.size]
        if not shown:
            return
        beside = self._fellow._curves.values() if self._fellow is not None else ()
        both = [*shown, *(curve for curve in beside if curve.shown and curve.data.x.size)]
        right = max(float(c.data.x[-1]) for c in both)
        left = min(float(c.data.x[0]) for c in both)
        heights = [v for c in shown for v in bounds(drawable(c.data.y, self._log_y))]
        if not self._log_y:
            heights += [float(line.value()) for line, _ in self._references.values()]
        box = self._plot.getViewBox()
        box.setXRange(left, max(right, left + 1), padding=0.02)
        if self._y_range is not None and not self._log_y:
            box.setYRange(*self._y_range, padding=0.06)
        elif heights:
            low, high = min(heights), max(heights)
            box.setYRange(low, high if high > low else low + 1, padding=0.06)

    def _colour(self) -> None:
        tokens = current()
        self._view.setBackground(tokens.surface)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setPen(tokens.border)
            self._plot.getAxis(side).setTextPen(tokens.muted)
        for curve in self._curves.values():
            curve.colour()
        for line, role in self._references.values():
            line.setPen(pen(tokens.data[role], 1, Qt.PenStyle.DashLine))
            line.label.setColor(tokens.muted)
        self._cross.setPen(pen(tokens.control, 1))

    def _show_readout(self) -> None:
        if self._at is None:
            self._tools.show_readout("")
            return
        parts = [f"{self._x_name} {place(self._at)}"]
        for key, curve in self._curves.items():
            value = value_at(curve.data.x, curve.values(), self._at) if curve.shown else None
            if value is not None:
                parts.append(f"{self._tools.name_of(key)} {self._said(value)}")
        self._tools.show_readout(" · ".join(parts))

    def _set_crosshair(self, at: float | None) -> None:
        """Move the crosshair to the nearest x that has a point."""
        longest = self._longest()
        if at is None or not longest.size:
            self._at = None
        else:
            self._at = float(longest[int(np.argmin(np.abs(longest - at)))])
            self._cross.setPos(self._at)
        self._cross.setVisible(self._at is not None)
        self._show_readout()

    def _longest(self) -> Floats:
        """x of the shown curve with the most points."""
        return max((c.data.x for c in self._curves.values() if c.shown), key=len, default=np.empty(0))

    def _step_crosshair(self, step: int) -> None:
        longest = self._longest()
        if longest.size:
            here = longest.size - 1 if self._at is None else int(np.searchsorted(longest, self._at)) + step
            self._set_crosshair(float(longest[max(0, min(longest.size - 1, here))]))

    def _on_mouse_moved(self, place: Any) -> None:
        box = self._plot.getViewBox()
        inside = box.sceneBoundingRect().contains(place)
        self._set_crosshair(box.mapSceneToView(place).x() if inside else None)

    def _on_moved_by_hand(self) -> None:
        self._following = False

    def _on_shown_changed(self, key: SeriesKey, shown: bool) -> None:
        self._curves[key].shown = shown
        self._draw()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
            if step is not None:
                self._step_crosshair(step)
                return True
            if event.key() == Qt.Key.Key_F:
                self.fit()
                return True
        if event.type() == QEvent.Type.Leave:
            self._set_crosshair(None)
        return super().eventFilter(watched, event)
