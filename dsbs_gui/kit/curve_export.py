"""Curves as a file: a picture of twice the size, a drawing with real lines and text, or all numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QPoint, QRect
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.theme.apply import current

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintDevice

_SCALE, _EDGE = 2, 16


def save_picture(widget: QWidget, path: Path, title: str) -> None:
    """Save a widget as it looks: as SVG if the path ends so, else as PNG. Raises: OSError if it cannot be written."""
    body = _svg(widget, title) if path.suffix.lower() == ".svg" else _png(widget)
    path.write_bytes(body)


def _png(widget: QWidget) -> bytes:
    image = QImage(_area(widget).size() * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    _paint(widget, image)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"PNG")  # QImage.save takes no buffer: PySide6 6.10 refuses every format for it
    if not writer.write(image):
        raise OSError(f"the picture could not be made: {writer.errorString()}")
    return bytes(buffer.data().data())


def _svg(widget: QWidget, title: str) -> bytes:
    from PySide6.QtSvg import QSvgGenerator  # loaded when it is wanted

    body = QByteArray()
    buffer = QBuffer(body)
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(_area(widget).size())
    drawing.setViewBox(_area(widget))
    drawing.setTitle(title)
    drawing.setDescription(widget.accessibleDescription())
    _paint(widget, drawing)
    return bytes(body.data())


def _paint(widget: QWidget, device: QPaintDevice) -> None:
    painter = QPainter(device)
    painter.fillRect(_area(widget), QColor(current().surface))
    painter.translate(_EDGE, _EDGE)
    widget.render(painter, QPoint(0, 0), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()


def _area(widget: QWidget) -> QRect:
    """With an edge around it."""
    return QRect(0, 0, widget.width() + 2 * _EDGE, widget.height() + 2 * _EDGE)
