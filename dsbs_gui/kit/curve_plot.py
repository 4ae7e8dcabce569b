"""The plot of a curve panel: curves, reference lines, crosshair, zoom. It imports pyqtgraph (0.6 s).

pyqtgraph is used as measured: solid opaque pens, no antialiasing, one timer for all curves, and only the points that
the view needs (`curve_envelope`). It draws names as HTML, so no name is given to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

# PySide6 comes first: pyqtgraph takes the Qt binding that is already loaded.
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip
from dataclasses import replace

from typing_extensions import override

from dsbs_gui.kit.curve_data import Floats, SeriesKey, nearest
from dsbs_gui.kit.curve_group import CurveGroup
from dsbs_gui.kit.curve_items import Axis, Curve, Grid, PlotView, StepBox, pen
from dsbs_gui.kit.curve_readout import Reading, Readout
from dsbs_gui.kit.curve_swatch import Swatch
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.apply import current, theme
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.words import figure, place, plural

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent

_REFRESH_MS = 100
_LEAST_BINS, _LEAST_HEIGHT, _WIDTH = 64, 140, 480
_DENSITY = 2.0  # figures of the y axis: pyqtgraph's own are few where a plot is low
_ZOOM, _PAN = 0.7, 0.1
_NEAR = 0.02
"""A reading this share of the view away from the crosshair says its own step; beyond the ends of a run is none."""
_LOST = "lost"
_ABOVE_FLOOR = 0.03
_CACHED, _UNCACHED = pg.GraphicsObject.CacheMode.DeviceCoordinateCache, pg.GraphicsObject.CacheMode.NoCache


class CurvePlot(PlotView):
    """Draws at most ten times a second, and not while it is hidden. GUI thread only.

    Signals:
        drawn: the curves are up to date.
        remark_changed(str): what is to be said about the scale.
        log_asked: the key of the logarithmic scale.

    Attributes:
        curves, references: what is there.
        hidden: names of quantities and reference lines that are not shown.
        said: how a value is said; `x_name` what the steps are called.
    """

    drawn = Signal()
    remark_changed = Signal(str)
    log_asked = Signal()

    def __init__(self, group: CurveGroup, x_name: str, height: int) -> None:
        self._height = height
        self._box, self._axis = StepBox(), Axis("left")
        super().__init__(viewBox=self._box, axisItems={"left": self._axis, "bottom": Axis("bottom")})
        self.group, self.x_name = group, x_name
        self.curves: dict[SeriesKey, Curve] = {}
        self.references: dict[str, tuple[pg.InfiniteLine, Swatch]] = {}
        self.hidden: set[str] = set()
        self.log_y = self.clip = False
        self.said: Callable[[float], str] = figure
        self.y_range: tuple[float, float] | None = None
        self._moving = self._drawing = False
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._build()
        self._connect()
        self._colour()

    def _build(self) -> None:
        plot: pg.PlotItem = self.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.addItem(Grid(self._box, self._axis), ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # a cached background is a raster image in a drawing
        self.setMinimumHeight(min(self._height, _LEAST_HEIGHT))
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        plot.addItem(self._cross, ignoreBounds=True)
        for side in ("left", "bottom"):
            plot.getAxis(side).setCacheMode(_CACHED)
            plot.getAxis(side).setStyle(tickFont=font("caption"), tickLength=0, tickTextOffset=6, maxTickLevel=0)
        self._axis.setWidth(52)
        self._axis.setTickDensity(_DENSITY)
        self.readout = Readout(self)
        self.nothing = PlainLabel("", tone="muted", parent=self)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _connect(self) -> None:
        self._timer.timeout.connect(self.draw)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self._box.sigRangeChangedManually.connect(self._on_moved_by_hand)
        self._box.sigResized.connect(self._on_resized)
        self._box.fit_asked.connect(self.fit)
        self.group.join(self._extent)
        self.group.range_changed.connect(self._on_range_changed)
        self.group.cursor_changed.connect(self._show_cursor)
        self.group.runs_changed.connect(self.look_again)
        theme().changed.connect(self._colour)

    # ------------------------------------------------------------ what is there

    def add(self, key: SeriesKey, curve: Curve) -> None:
        """Take a curve in that was made for this plot."""
        curve.set_log_y(self.log_y)
        self.curves[key] = curve
        self.look_again()

    def remove(self, key: SeriesKey) -> None:
        """Take a curve away. Raises: KeyError."""
        for item in self.curves.pop(key).items():
            self.removeItem(item)

    def add_reference(self, name: str, y: float, swatch: Swatch) -> None:
        """Draw a horizontal line."""
        line = pg.InfiniteLine(y, angle=0)
        self.addItem(line, ignoreBounds=True)
        self.references[name] = (line, swatch)
        self._colour()

    def remove_reference(self, name: str) -> None:
        """Take a horizontal line away. Raises: KeyError."""
        self.removeItem(self.references.pop(name)[0])

    def set_percent(self, percent: bool) -> None:
        """Figures at the axis are fractions, said in percent."""
        self._axis.set_percent(percent)

    def set_log_y(self, log_y: bool) -> None:
        """Logarithmic y axis; values at or below zero become gaps."""
        self.log_y = log_y
        self._axis.setLogMode(log_y)
        for curve in self.curves.values():
            curve.set_log_y(log_y)
        self.redraw()

    def set_clip(self, clip: bool) -> None:
        """Let the y axis end at the 99th percentile."""
        self.clip = clip
        self.redraw()

    def name_of(self, key: SeriesKey) -> str:
        """The name shown: with the run where there are several."""
        look = self.group.runs.get(key.run)
        return f"{look.name if look else key.run} · {key.name}" if self.group.several else key.name

    def set_exporting(self, exporting: bool) -> None:
        """True lines, symbols and texts for a file; on screen what looks like them is drawn faster."""
        for curve in self.curves.values():
            for item in curve.items():
                item.setExportMode(exporting, {"antialias": True})
        for side in ("left", "bottom"):
            self.getPlotItem().getAxis(side).setCacheMode(_UNCACHED if exporting else _CACHED)

    def look_again(self) -> None:
        """Colours and symbols follow the runs."""
        for key, curve in self.curves.items():
            look = self.group.runs.get(key.run)
            run_place = look.place if look is not None and self.group.several else None
            curve.swatch = replace(curve.swatch, place=run_place)
            curve.colour()
        self.touch()

    # ------------------------------------------------------------ drawing

    def touch(self) -> None:
        """Draw soon."""
        if not self._timer.isActive():
            self._timer.start()

    def draw(self) -> None:
        """Draw what is there now."""
        self._timer.stop()
        if not self.isVisible():
            return
        self._drawing = True
        self.group.follow()
        self._drawing = False
        self._cut()
        if self.group.following:
            self._fit_y()
        else:
            self._place_lost()
        self._show_cursor()
        self.nothing.setVisible(not self._shown())
        self.drawn.emit()

    def redraw(self) -> None:
        """After the scale has changed: the steps stay, y is fitted anew."""
        self.draw()
        self._fit_y()

    def fit(self) -> None:
        """Show everything and follow new points again."""
        self.group.fit()
        self.redraw()

    def _cut(self) -> None:
        """Draw what the view needs."""
        self._box.setXRange(self.group.low, self.group.high, padding=0)
        bins = max(_LEAST_BINS, int(self._box.width()))
        for key, curve in self.curves.items():
            curve.shown = self._is_shown(key)
            curve.draw(self.group.low, self.group.high, bins)
        for name, (line, _) in self.references.items():
            line.setVisible(name not in self.hidden and not self.log_y)

    def _is_shown(self, key: SeriesKey) -> bool:
        look = self.group.runs.get(key.run)
        return look is not None and look.shown and key.name not in self.hidden

    def _shown(self) -> list[Curve]:
        return [curve for key, curve in self.curves.items() if self._is_shown(key) and curve.data.x.size]

    def _extent(self) -> tuple[float, ...]:
        return tuple(float(x) for curve in self._shown() for x in curve.data.x[[0, -1]])

    def _fit_y(self) -> None:
        low, high = self.group.low, self.group.high
        shown = self._shown()
        heights = [v for curve in shown for v in curve.bounds(low, high, clip=self.clip)]
        heights += [float(line.value()) for line, _ in self.references.values() if line.isVisible()]
        if self.y_range is not None and not self.log_y:
            self._box.setYRange(*self.y_range, padding=0.06)
        elif heights:
            bottom, top = min(heights), max(heights)
            if top <= bottom:
                edge = abs(bottom) / 2 or 0.5
                bottom, top = bottom - edge, top + edge
            self._box.setYRange(bottom, top, padding=0.06)
        self._say_what_is_cut(shown)
        self._place_lost()

    def _place_lost(self) -> None:
        """Where a series has no number yet, the marks of what it lost stand on the lower edge."""
        bottom, top = self._box.viewRange()[1]
        for curve in self._shown():
            curve.place_lost(bottom + _ABOVE_FLOOR * (top - bottom))

    def _say_what_is_cut(self, shown: list[Curve]) -> None:
        if not self.clip:
            self.remark_changed.emit("")
            return
        bottom, top = self._box.viewRange()[1]
        found = [curve.outside(self.group.low, self.group.high, bottom, top) for curve in shown]
        below, above = (np.concatenate([pair[side] for pair in found] or [np.empty(0)]) for side in (0, 1))
        reach = [f", down to {self.said(float(below.min()))}"] if below.size else []
        reach += [f", up to {self.said(float(above.max()))}"] if above.size else []
        self.remark_changed.emit(f"{plural(below.size + above.size, 'outlier')} left out of the scale{''.join(reach)}")

    # ------------------------------------------------------------ the crosshair

    def _show_cursor(self) -> None:
        at = self.group.cursor
        self._cross.setVisible(at is not None)
        if at is None:
            self.readout.hide()
            return
        self._cross.setPos(at)
        area = self._box.mapRectToScene(self._box.rect())
        x = self._box.mapViewToScene(pg.Point(at, 0)).x()
        readings = [r for key, curve in self.curves.items() if (r := self._reading(key, curve, at)) is not None]
        self.readout.show_readings(f"{self.x_name} {place(at)}", readings, round(x), QRectF(area).toAlignedRect())

    def _reading(self, key: SeriesKey, curve: Curve, at: float) -> Reading | None:
        x = curve.data.x
        if not (self._is_shown(key) and x.size):
            return None
        near = _NEAR * (self.group.high - self.group.low)
        if not x[0] - near <= at <= x[-1] + near:
            return None
        i = nearest(x, at)
        said = self.said_of(curve.values()[i])
        away = f" at {place(float(x[i]))}" if abs(float(x[i]) - at) > near else ""
        name = f"{key.run} · {key.name}" if self.group.several else key.name  # the short way: there is little room
        return Reading(name, said + away, curve.swatch)

    def said_of(self, value: float) -> str:
        """A value, or that it was lost."""
        return self.said(float(value)) if np.isfinite(value) else _LOST

    def _longest(self) -> Floats:
        """x of the shown curve with the most points."""
        return max((curve.data.x for curve in self._shown()), key=len, default=np.empty(0))

    def _step_crosshair(self, step: int) -> None:
        longest = self._longest()
        if not longest.size:
            return
        start, end = np.searchsorted(longest, (self.group.low, self.group.high))
        # Never less than a pixel: a million points would keep one walking.
        step *= max(1, int((end - start) / max(1.0, self._box.width())))
        here = self.group.cursor
        i = longest.size - 1 if here is None else nearest(longest, here) + step
        self.group.set_cursor(float(longest[max(0, min(longest.size - 1, i))]))

    # ------------------------------------------------------------ handlers

    def _on_mouse_moved(self, place: Any) -> None:
        inside, longest = self._box.sceneBoundingRect().contains(place), self._longest()
        if inside and longest.size:
            at = self._box.mapSceneToView(place).x()
            self.group.set_cursor(float(longest[nearest(longest, at)]))
        else:
            self.group.set_cursor(None)

    def _on_moved_by_hand(self, axes: Any) -> None:
        """The wheel has changed the steps alone: then y is fitted to them."""
        self._moving = bool(list(axes)[1])
        self.group.choose(*self._box.viewRange()[0])
        self._moving = False

    def _on_range_changed(self) -> None:
        if self._drawing or not self.isVisible():
            return
        self._cut()
        if not self._moving:
            self._fit_y()
        self._show_cursor()

    def _on_resized(self) -> None:
        self.nothing.setGeometry(self.rect())
        self.touch()

    def _on_key(self, event: QKeyEvent) -> bool:
        """Whether the key was one of ours."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            side = 1 if key == Qt.Key.Key_Right else -1
            if shift:
                self.group.pan(side * _PAN)
            else:
                self._step_crosshair(side)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.group.zoom(_ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.group.zoom(1 / _ZOOM)
        elif key == Qt.Key.Key_F:
            self.fit()
        elif key == Qt.Key.Key_L:
            self.log_asked.emit()
        else:
            return False
        return True

    def _colour(self) -> None:
        tokens = current()
        self.setBackground(tokens.surface)
        for side in ("left", "bottom"):  # the axes tell who has the keys and the wheel
            self.getPlotItem().getAxis(side).setPen(tokens.accent if self.hasFocus() else tokens.border)
            self.getPlotItem().getAxis(side).setTextPen(tokens.muted)
        for curve in self.curves.values():
            curve.colour()
        for line, swatch in self.references.values():
            line.setPen(pen(swatch.colour, swatch.width, swatch.style))
        self._cross.setPen(pen(tokens.control, 1))

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, self._height)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._on_key(event):
            super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._colour()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._colour()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.group.set_cursor(None)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.touch()
