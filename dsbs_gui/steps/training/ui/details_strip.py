"""The facts of one run in a line: phase, step, pace, time, GPU, best student, data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.kit.flow import Flow
from dsbs_gui.kit.layout import column, px
from dsbs_gui.kit.painting import draw_text, smooth_painter
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.words import NBSP, about, count, duration, percent, plural, rate, size, tooltip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QPaintEvent

    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.training.details import Facts

_MEGA = 1_000_000
_FROZEN = (
    "Rows to learn from; later changes of the data do not reach this run. "
    "Runs with the same hash behind it learnt from the very same rows and rationales"
)
_HEIGHT = 38


class Cell(NamedTuple):
    """A caption, what is said under it, and what a hover explains."""

    caption: str
    text: str
    hint: str = ""
    tone: Tone = "text"


def cells(facts: Facts) -> Iterator[Cell]:
    """What is known, in the order in which one asks for it."""
    yield Cell("Phase", facts.phase, tone=facts.tone)
    if facts.steps:
        yield Cell("Step", f"{count(facts.step)} of {count(facts.steps)}")
    elif facts.step:
        yield Cell("Steps", count(facts.step))
    if facts.left_s is not None:
        yield Cell("Time left", about(facts.left_s), "At the pace of the last half minute")
    if facts.elapsed_s is not None:
        yield Cell("Elapsed", duration(facts.elapsed_s))
    pace = [rate(facts.examples_per_s or 0, "examples"), rate(facts.tokens_per_s or 0, "tokens")]
    if said := " · ".join(part for part in pace if part):
        yield Cell("Pace", said, "While it trains, without validations")
    if facts.gpu_mb:
        use = f" · {facts.gpu_percent:.0f}{NBSP}% in use" if facts.gpu_percent is not None else ""
        yield Cell("GPU memory", f"{size(round(facts.gpu_mb * _MEGA))}{use}", "Taken by this run")
    if facts.peak_bytes:
        said = f"{size(facts.peak_bytes)} · {plural(facts.at_once, 'row')} at a time"
        yield Cell("Memory", said, "The most that an ended run took; before, of its longest rows, tried at the start")
    if facts.precision == "bf16":
        yield Cell("Precision", "bf16", "Matrix products in bf16; weights, losses and the optimiser stay in fp32")
    if facts.teacher_freed:
        yield Cell("GPU", "The teacher's memory is free again", "Asked of the driver when this run began")
    if facts.checkpoint:
        again = f", {plural(facts.lost_steps, 'step')} to do again" if facts.lost_steps else ""
        yield Cell(
            "Checkpoint", f"step {count(facts.checkpoint)}{again}", "What is safe on the disk: it goes on from here"
        )
    if facts.best_accuracy is not None:
        at = f" at step {count(facts.best_step)}" if facts.best_step else ""
        over = f"Of {plural(facts.best_n, 'validation row')}; the student of this step is kept"
        yield Cell("Best", f"{percent(facts.best_accuracy)}{at}", over)
    if facts.train is not None:
        valid = f" + {count(facts.valid)} to validate" if facts.valid else ""
        same = f" · {facts.data_hash}" if facts.data_hash else ""
        yield Cell("Data frozen", f"{count(facts.train)}{valid}{same}", _FROZEN)
    if facts.early:
        yield Cell("Stopped early", f"after {plural(facts.early, 'validation')} without gain", tone="attention")


class DetailsStrip(QWidget):
    """Shows one run; the bar is there while it works."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: list[_Fact] = []
        self._flow = Flow()
        self.reason = PlainLabel(wrap=True)
        self.reason.hide()
        self.bar = ProgressBar("How far the run is")
        column(self._flow, self.reason, self.bar, gap="s", parent=self)

    def show_facts(self, facts: Facts) -> None:
        """Bring the strip up to date."""
        wanted = list(cells(facts))
        while len(self._facts) < len(wanted):
            self._facts.append(_Fact())
            self._flow.add(self._facts[-1])
        for place, fact in enumerate(self._facts):
            fact.setVisible(place < len(wanted))
            if place < len(wanted):
                fact.show_cell(wanted[place])
        self.reason.show_text(facts.reason, facts.tone)
        self.bar.setVisible(facts.is_working)
        if facts.is_working:
            self.bar.set_fraction(min(1.0, facts.step / facts.steps) if facts.steps else None)
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """All that it says."""
        return " · ".join(fact.accessibleName() for fact in self._facts if not fact.isHidden())


class _Fact(QWidget):
    """Painted, and as wide as it has ever been: the page is not laid out anew at each second that passes."""

    def __init__(self) -> None:
        super().__init__()
        self._cell: Cell | None = None
        self._width = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_cell(self, cell: Cell) -> None:
        if cell == self._cell:
            return
        if self._cell is None or cell.caption != self._cell.caption:
            self._width = 0
        self._cell = cell
        self.setToolTip(tooltip(cell.hint))
        self.setAccessibleName(f"{cell.caption}: {cell.text}")
        self.setAccessibleDescription(cell.hint)
        caption = QFontMetricsF(font("caption")).horizontalAdvance(cell.caption)
        text = QFontMetricsF(font("body")).horizontalAdvance(cell.text)
        if (needed := round(max(caption, text)) + px("l")) > self._width:
            self._width = needed
            self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._width, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._cell is None:
            return
        tokens, painter, half = current(), smooth_painter(self), _HEIGHT // 2
        area = QRectF(0, 0, self.width(), half)
        draw_text(painter, area, self._cell.caption, tokens.muted, font("caption"))
        draw_text(
            painter, area.translated(0, half), self._cell.text, tokens.meaning(self._cell.tone).text, font("body")
        )
