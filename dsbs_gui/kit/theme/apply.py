"""Put the theme on the application, follow the system's light or dark scheme, tell who asks.

GUI thread only. `current()` is safe to call before `apply_theme` and then gives the light tokens.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QStyleFactory

from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.palette import palette_of
from dsbs_gui.kit.theme.sheet import ART_FOLDER, style_sheet
from dsbs_gui.kit.theme.tokens import DARK, LIGHT, Tokens

Mode = Literal["system", "light", "dark"]


class Theme(QObject):
    """The theme of the running application; one child of it.

    Signals:
        changed: after palette and style sheet were replaced; custom-painted things are repainted by Qt itself,
            only things with own colours (icons, curves) need it.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("theme")
        self.mode: Mode = "system"
        self.tokens: Tokens = LIGHT
        self._app = app
        QDir.addSearchPath("kitart", str(ART_FOLDER))
        app.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)

    def apply(self, mode: Mode) -> None:
        """Use the given mode from now on."""
        self.mode = mode
        hints = self._app.styleHints()
        # Also asks the platform for matching title bars; a no-op where it cannot.
        scheme = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        hints.setColorScheme(scheme[mode])
        self._put(self._wanted())

    def _wanted(self) -> Tokens:
        if self.mode == "system":
            return DARK if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self.mode == "dark" else LIGHT

    def _put(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._app.setPalette(palette_of(tokens))
        self._app.setStyleSheet(style_sheet(tokens))
        self.changed.emit()

    def _on_scheme_changed(self) -> None:
        if self.mode == "system" and self._wanted() is not self.tokens:
            self._put(self._wanted())


def apply_theme(app: QApplication, mode: Mode = "system") -> Theme:
    """Set style, font, palette and style sheet; call again to change the mode. Returns the application's theme."""
    made = _find(app)
    if made is None:
        # Fusion looks the same everywhere and takes the palette as it is.
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(font("body"))
        made = Theme(app)
    made.apply(mode)
    return made


def theme() -> Theme:
    """The application's theme object, made without changing the look if `apply_theme` was not called yet.

    Raises: RuntimeError if there is no QApplication.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("the theme needs a QApplication")
    return _find(app) or Theme(app)


def current() -> Tokens:
    """The tokens in force."""
    app = QApplication.instance()
    found = _find(app) if isinstance(app, QApplication) else None
    return found.tokens if found is not None else LIGHT


_cached: Theme | None = None


def _find(app: QApplication) -> Theme | None:
    # findChild on each paint would be slow; the cache is only trusted while it belongs to this application.
    global _cached
    if _cached is not None and _cached._app is app:
        return _cached
    _cached = app.findChild(Theme, "theme", Qt.FindChildOption.FindDirectChildrenOnly)
    return _cached
