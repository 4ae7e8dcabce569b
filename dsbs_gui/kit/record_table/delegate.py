"""Paints a cell: ground, marks, one or two lines of text. Everything comes from the tokens.

A page of the table is some hundred cells, painted anew at each jump: what is the same for all is looked up once,
and of a long text only so much is laid out as can be seen.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from dsbs_gui.kit.record_table.column import Mark
from dsbs_gui.kit.record_table.model import ALIGNMENT, Painted, RecordTableModel
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.icons import paint_icon
from dsbs_gui.kit.theme.tokens import Tokens

_EDGE, _DOT, _ICON, _GAP = 8, 8, 16, 6
_SELECTED = QStyle.StateFlag.State_Selected
_SINGLE_LINE = Qt.TextFlag.TextSingleLine
_LINE = int(ALIGNMENT["left"] | _SINGLE_LINE)
_NARROWEST = 4.0
"""px; a text of so many of them as fill a line mostly fills it twice and more."""


@lru_cache(64)
def _colour(name: str) -> QColor:
    return QColor(name)


class RecordDelegate(QStyledItemDelegate):
    """One for the whole table."""

    def __init__(self, model: RecordTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        self._model = model
        self._columns = model.columns
        self._fonts = {"body": font("body"), "mono": font("mono")}
        self._metrics = {name: QFontMetricsF(used) for name, used in self._fonts.items()}

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        column = self._columns[index.column()]
        size = current().size
        return QSize(column.width, size.row_two_lines if column.lines == 2 else size.row)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, column, area, tokens = index.row(), index.column(), QRectF(option.rect), current()
        painter.save()
        try:
            self._paint_ground(painter, area, bool(option.state & _SELECTED), row, column, tokens)
            shown = self._model.painted(row, column)
            if shown is not None:
                self._paint_content(painter, area, shown, column, tokens)
        finally:
            # The next cell gets the same painter, also after a mistake in a column.
            painter.restore()

    def _paint_content(self, painter: QPainter, area: QRectF, shown: Painted, number: int, tokens: Tokens) -> None:
        inner = area.adjusted(_EDGE, 1, -_EDGE, -2)
        if shown.marks:
            inner.setLeft(_paint_marks(painter, inner, shown.marks, tokens))
        if not shown.text:
            return
        column = self._columns[number]
        name = "mono" if column.monospace else "body"
        used, metrics = self._fonts[name], self._metrics[name]
        painter.setFont(used)
        painter.setPen(_colour(tokens.meaning(shown.tone).text))
        if column.lines == 2:
            draw_two_lines(painter, inner, shown.text, used, metrics)
        else:
            text = elided(metrics, shown.text, inner.width())
            painter.drawText(inner, int(ALIGNMENT[column.align] | _SINGLE_LINE), text)

    def _paint_ground(
        self, painter: QPainter, area: QRectF, selected: bool, row: int, column: int, tokens: Tokens
    ) -> None:
        if selected:
            painter.fillRect(area, _colour(tokens.accent_soft))
        elif row == self.hovered_row:
            painter.fillRect(area, _colour(tokens.hover))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), _colour(tokens.line))
        if selected and column == 0:
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height() - 1), _colour(tokens.accent))


def _paint_marks(painter: QPainter, area: QRectF, marks: tuple[Mark, ...], tokens: Tokens) -> float:
    """Returns where the text begins."""
    x, middle = area.left(), area.center().y()
    for mark in marks:
        colour = tokens.meaning(mark.tone).shape
        if mark.icon:
            paint_icon(painter, mark.icon, QRectF(x, middle - _ICON / 2, _ICON, _ICON), colour)
            x += _ICON + _GAP
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_colour(colour))
            painter.drawEllipse(QRectF(x, middle - _DOT / 2, _DOT, _DOT))
            x += _DOT + _GAP
    return x


def elided(metrics: QFontMetricsF, text: str, width: float) -> str:
    """The text, shortened at the right if it does not fit; only as much of it is measured as decides that."""
    head = text[: int(width / _NARROWEST) + 8]
    if len(head) < len(text) and metrics.horizontalAdvance(head) <= width:
        head = text
    return metrics.elidedText(head, Qt.TextElideMode.ElideRight, width + 0.5)


def draw_two_lines(painter: QPainter, area: QRectF, text: str, used: QFont, metrics: QFontMetricsF) -> None:
    """Wrapped text on at most two lines, the second one shortened; one line stands in the middle.

    With the painter's font and pen.
    """
    head, rest = first_line(text, used, area.width())
    height = metrics.height()
    top = area.top() + (area.height() - (2 if rest else 1) * height) / 2
    painter.drawText(QRectF(area.left(), top, area.width(), height), _LINE, head)
    if rest:
        below = QRectF(area.left(), top + height, area.width(), height)
        painter.drawText(below, _LINE, elided(metrics, rest, area.width()))


def first_line(text: str, used: QFont, width: float) -> tuple[str, str]:
    """What of a text stands on its first line, and the rest."""
    # Lengths count UTF-16 units; cutting in that encoding keeps them right behind an emoji.
    units = text.encode("utf-16-le", "surrogatepass")
    measured = text[: int(width / _NARROWEST) + 8]
    length = _fitting(measured, used, width)
    if length >= len(measured) and len(measured) < len(text):  # narrower letters than one would think
        length = _fitting(text, used, width)
    head = units[: 2 * length].decode("utf-16-le", "replace").rstrip()
    return head, units[2 * length :].decode("utf-16-le", "replace").lstrip()


def _fitting(text: str, used: QFont, width: float) -> int:
    """How many UTF-16 units of a text its first line takes."""
    layout = QTextLayout(text, used)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    first = layout.createLine()
    first.setLineWidth(width)
    length = first.textLength()
    layout.endLayout()
    return length
