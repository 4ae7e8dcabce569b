"""One contestant of ``curves.py`` draws long series and is zoomed, moved and appended to; prints one line of JSON.

``python benchmarks/curves_drawing.py NAME SERIES POINTS ACTS``. Times go from the act to the painted picture.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from PySide6.QtWidgets import QApplication

from dsbs_gui.core.memory import peak_resident_bytes

WIDTH, HEIGHT = 900, 400
NEW_POINTS = 5
"""So many come to each series at once: what five steps a second bring in a second."""


class Contestant(Protocol):
    """What is asked of each."""

    def show_steps(self, low: float, high: float) -> None:
        """Show these steps."""

    def append(self, x: Any, ys: list[Any]) -> None:
        """Append points to each series; all steps are shown then."""

    def paint(self) -> None:
        """Paint it now."""


class Ours:
    """A panel of ``dsbs_gui.kit.curves``."""

    def __init__(self, x: Any, ys: list[Any]) -> None:
        from dsbs_gui.kit.curves import CurvePanel

        self.panel = CurvePanel("Loss")
        roles = ("label_loss", "rationale_loss", "total", "accuracy")
        self.keys = [self.panel.add_series("run", f"series {i}", role) for i, role in zip(range(len(ys)), roles)]  # type: ignore[arg-type]  # noqa: B905
        self.panel.resize(WIDTH, HEIGHT)
        self.panel.show()
        self.append(x, ys)

    def show_steps(self, low: float, high: float) -> None:
        self.panel.group.choose(low, high)

    def append(self, x: Any, ys: list[Any]) -> None:
        for key, y in zip(self.keys, ys, strict=True):
            self.panel.append(key, x, y)
        self.panel.group.following = True
        self.panel.plot.draw()

    def paint(self) -> None:
        self.panel.plot.viewport().repaint()


class PlainPyqtgraph:
    """``pyqtgraph.PlotWidget`` with ``PlotDataItem`` as they come, lines of the same width."""

    def __init__(self, x: Any, ys: list[Any]) -> None:
        import pyqtgraph as pg

        self.widget = pg.PlotWidget()
        self.x, self.ys = x, ys
        self.items = [self.widget.plot(x, y, pen=pg.mkPen(colour, width=2)) for y, colour in zip(ys, "bygr")]  # noqa: B905
        self.widget.resize(WIDTH, HEIGHT)
        self.widget.show()

    def show_steps(self, low: float, high: float) -> None:
        self.widget.setXRange(low, high, padding=0)

    def append(self, x: Any, ys: list[Any]) -> None:
        self.x = np.concatenate((self.x, x))
        self.ys = [np.concatenate(pair) for pair in zip(self.ys, ys, strict=True)]
        for item, y in zip(self.items, self.ys, strict=True):
            item.setData(self.x, y)
        self.widget.getPlotItem().autoRange()

    def paint(self) -> None:
        self.widget.viewport().repaint()


class PlainMatplotlib:
    """A ``FigureCanvasQTAgg``, lines of the same width."""

    def __init__(self, x: Any, ys: list[Any]) -> None:
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
        from matplotlib.figure import Figure

        self.canvas = FigureCanvasQTAgg(Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100))
        self.axes = self.canvas.figure.add_subplot()
        self.x, self.ys = x, ys
        self.lines = [self.axes.plot(x, y, linewidth=1.44)[0] for y in ys]  # points: 2 px
        self.canvas.resize(WIDTH, HEIGHT)
        self.canvas.show()

    def show_steps(self, low: float, high: float) -> None:
        self.axes.set_xlim(low, high)

    def append(self, x: Any, ys: list[Any]) -> None:
        self.x = np.concatenate((self.x, x))
        self.ys = [np.concatenate(pair) for pair in zip(self.ys, ys, strict=True)]
        for line, y in zip(self.lines, self.ys, strict=True):
            line.set_data(self.x, y)
        self.axes.relim()
        self.axes.autoscale()

    def paint(self) -> None:
        self.canvas.draw()


CONTESTANTS: dict[str, Callable[[Any, list[Any]], Contestant]] = {
    "ours": Ours,
    "pyqtgraph": PlainPyqtgraph,
    "matplotlib": PlainMatplotlib,
}


def series(number: int, points: int, first: int = 0) -> tuple[Any, list[Any]]:
    """Steps, and losses that fall and are noisy: the shape that real ones have."""
    x = np.arange(first, first + points, dtype=np.float64)
    noise = np.random.default_rng(first)
    fall = np.exp(-x / 50_000)
    return x, [(i + 1) * fall + 0.1 + 0.3 * noise.random(points) for i in range(number)]


def acts(contestant: Contestant, number: int, points: int) -> Iterator[Callable[[], None]]:
    """Zooms into a place that wanders, pans, and all of it again."""
    for i in range(number):
        width = points / (2 ** (i % 12))
        low = (points - width) * ((i * 0.37) % 1)
        if i % 3 == 1:
            low += width / 10
        if i % 12 == 11:
            low, width = 0.0, float(points)
        yield lambda low=low, width=width: contestant.show_steps(low, low + width)  # type: ignore[misc]


def timed(contestant: Contestant, act: Callable[[], None]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    contestant.paint()
    return 1000 * (time.perf_counter() - began)


def main(name: str, number: int, points: int, times: int) -> dict[str, float]:
    """All figures of one contestant."""
    app = QApplication([])
    if name == "ours":
        from dsbs_gui.kit.theme.apply import apply_theme

        apply_theme(app, "light")
    contestant = CONTESTANTS[name](*series(number, points))
    app.processEvents()
    contestant.paint()
    moved = [timed(contestant, act) for act in acts(contestant, times, points)]
    grown = []
    for i in range(max(4, times // 4)):
        new = series(number, NEW_POINTS, points + i * NEW_POINTS)
        grown.append(timed(contestant, lambda new=new: contestant.append(*new)))  # type: ignore[misc]
    both = moved + grown
    return {
        "redraw_median_ms": statistics.median(both),
        "redraw_p95_ms": statistics.quantiles(both, n=20)[-1],
        "append_ms": statistics.median(grown),
        "rss_mb": (peak_resident_bytes() or math.nan) / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:5]))))
