"""Icons of the Phosphor set, drawn as paths from the font file that the `qtawesome` package carries.

The package itself is not imported: that costs 0.3 s at start (it loads eleven fonts), reading its Phosphor
file 10 ms. Names are Phosphor's (https://phosphoricons.com), e.g. `database`, `caret-down`, `play-fill`.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPainterPath, QPixmap, QRawFont, QTransform
from PySide6.QtWidgets import QAbstractButton, QPushButton

from dsbs_gui.kit.theme.apply import current, theme
from dsbs_gui.kit.theme.tokens import Tokens

_EM = 64
_TEXT_GAP = 4
_RATIOS = (1.0, 1.5, 2.0)


@functools.cache
def _fonts_folder() -> Path:
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package qtawesome, which carries the icons, is not installed")
    return Path(spec.submodule_search_locations[0]) / "fonts"


@functools.cache
def _font() -> QRawFont:
    return QRawFont(str(next(_fonts_folder().glob("phosphor-[0-9]*.ttf"))), _EM)


@functools.cache
def _codes() -> dict[str, str]:
    text = next(_fonts_folder().glob("phosphor-charmap-*.json")).read_text(encoding="utf-8")
    return dict(json.loads(text))


@functools.cache
def glyph(name: str) -> QPainterPath:
    """The outline of an icon in a square of 64 units. Raises: KeyError if Phosphor has no such name."""
    raw = _font()
    indexes = raw.glyphIndexesForString(chr(int(_codes()[name], 16)))
    # Glyph outlines stand on the base line, which is the lower edge of Phosphor's square.
    return QTransform.fromTranslate(0, raw.ascent()).map(raw.pathForGlyph(indexes[0]))


def paint_icon(painter: QPainter, name: str, rect: QRectF, colour: str) -> None:
    """Draw an icon into a rectangle with a colour of the tokens."""
    outline = glyph(name)
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / _EM, side / _EM)
    painter.fillPath(outline, QColor(colour))
    painter.restore()


def icon(name: str, size: int = 16, role: str = "text") -> QIcon:
    """An icon in the colours of the theme in force; use `set_icon` where it must follow a change.

    Args:
        name: Phosphor's name.
        size: px at 100 %; pixmaps for 100, 150 and 200 % are made.
        role: `text`, `muted`, `accent`, `on_accent`, `good`, `attention`, `bad` or `info`.
    """
    tokens = current()
    return _icon(name, size, 0, _colour(tokens, role), tokens.disabled)


def set_icon(target: QAbstractButton | QAction, name: str, size: int = 16, role: str = "text") -> None:
    """Give a button or action an icon that is recoloured when the theme changes."""
    # Qt sets icon and text too close to each other; the pixmap brings the missing px.
    gap = _TEXT_GAP if isinstance(target, QPushButton) and target.text() else 0
    if isinstance(target, QAbstractButton):
        target.setIconSize(QSize(size + gap, size))
    found = target.findChild(_Recolour, options=Qt.FindChildOption.FindDirectChildrenOnly)
    keeper = found if isinstance(found, _Recolour) else _Recolour(target)
    keeper.use(name, size, role, gap)


class _Recolour(QObject):
    """Lives and dies with the button or action whose icon it keeps in the theme's colour."""

    def __init__(self, target: QAbstractButton | QAction) -> None:
        super().__init__(target)
        self._target = target
        self._wanted = ("", 16, "text", 0)
        theme().changed.connect(self._put)

    def use(self, name: str, size: int, role: str, gap: int) -> None:
        if self._wanted != (name, size, role, gap):
            self._wanted = (name, size, role, gap)
            self._put()

    def _put(self) -> None:
        name, size, role, gap = self._wanted
        tokens = current()
        self._target.setIcon(_icon(name, size, gap, _colour(tokens, role), tokens.disabled))


def _colour(tokens: Tokens, role: str) -> str:
    if role == "on_accent":
        return tokens.on_accent
    return tokens.meaning(role).text  # type: ignore[arg-type]  # a wrong role is a KeyError there


@functools.lru_cache(maxsize=512)
def _icon(name: str, size: int, gap: int, colour: str, disabled: str) -> QIcon:
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        for ratio in _RATIOS:
            made.addPixmap(_pixmap(name, size, gap, ratio, tint), mode)
    return made


def _pixmap(name: str, size: int, gap: int, ratio: float, colour: str) -> QPixmap:
    glyph(name)  # an unknown name must fail before a painter is open: Qt crashes when a painted pixmap goes
    side = round(size * ratio)
    pixmap = QPixmap(round((size + gap) * ratio), side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_icon(painter, name, QRectF(0, 0, side, side), colour)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
