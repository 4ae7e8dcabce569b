"""Paints a cell: ground, marks, one or two lines of text. Everything comes from the tokens."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from dsbs_gui.kit.painting import draw_text
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import COLUMN_ROLE, MARKS_ROLE, TONE_ROLE
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.icons import paint_icon

_EDGE, _DOT, _ICON, _GAP = 8, 8, 16, 6
_SELECTED = QStyle.StateFlag.State_Selected


class RecordDelegate(QStyledItemDelegate):
    """One for the whole table; the column that an index carries says how to paint."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        self._fonts = {"body": font("body"), "mono": font("mono")}

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        column: Column = index.data(COLUMN_ROLE)
        size = current().size
        return QSize(column.width, size.row_two_lines if column.lines == 2 else size.row)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        try:
            self._paint_ground(painter, QRectF(option.rect), bool(option.state & _SELECTED), index)
            self._paint_content(painter, QRectF(option.rect), index)
        finally:
            # The next cell gets the same painter, also after a mistake in a column.
            painter.restore()

    def _paint_content(self, painter: QPainter, area: QRectF, index: QModelIndex | QPersistentModelIndex) -> None:
        column: Column = index.data(COLUMN_ROLE)
        inner = area.adjusted(_EDGE, 1, -_EDGE, -2)
        marks = index.data(MARKS_ROLE) or ()
        inner.setLeft(self._paint_marks(painter, inner, marks))
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if text:
            colour = current().meaning(index.data(TONE_ROLE) or "text").text
            self._paint_text(painter, inner, text, colour, column, index)

    def _paint_ground(
        self, painter: QPainter, area: QRectF, selected: bool, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = current()
        if selected:
            painter.fillRect(area, QColor(tokens.accent_soft))
        elif index.row() == self.hovered_row:
            painter.fillRect(area, QColor(tokens.hover))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(tokens.line))
        if selected and index.column() == 0:
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height() - 1), QColor(tokens.accent))

    def _paint_marks(self, painter: QPainter, area: QRectF, marks: tuple[Mark, ...]) -> float:
        """Returns where the text begins."""
        x, middle = area.left(), area.center().y()
        for mark in marks:
            colour = current().meaning(mark.tone).shape
            if mark.icon:
                paint_icon(painter, mark.icon, QRectF(x, middle - _ICON / 2, _ICON, _ICON), colour)
                x += _ICON + _GAP
            else:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colour))
                painter.drawEllipse(QRectF(x, middle - _DOT / 2, _DOT, _DOT))
                x += _DOT + _GAP
        return x

    def _paint_text(
        self,
        painter: QPainter,
        area: QRectF,
        text: str,
        colour: str,
        column: Column,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        used = self._fonts["mono" if column.monospace else "body"]
        if column.lines == 2:
            draw_two_lines(painter, area, text, colour, used)
        else:
            alignment = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
            draw_text(painter, area, text, colour, used, alignment)


def draw_two_lines(painter: QPainter, area: QRectF, text: str, colour: str, used: QFont) -> None:
    """Wrapped text on at most two lines, the second one shortened; one line stands in the middle."""
    metrics = QFontMetricsF(used)
    layout = QTextLayout(text, used)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    first = layout.createLine()
    first.setLineWidth(area.width())
    length = first.textLength()
    layout.endLayout()
    # Lengths count UTF-16 units; cutting in that encoding keeps them right behind an emoji.
    units = text.encode("utf-16-le", "surrogatepass")
    head = units[: 2 * length].decode("utf-16-le", "replace").rstrip()
    rest = units[2 * length :].decode("utf-16-le", "replace").lstrip()
    height = metrics.height()
    top = area.top() + (area.height() - (2 if rest else 1) * height) / 2
    draw_text(painter, QRectF(area.left(), top, area.width(), height), head, colour, used)
    if rest:
        draw_text(painter, QRectF(area.left(), top + height, area.width(), height), rest, colour, used)
