"""The theme on the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton

from dsbs_gui.kit.theme.apply import apply_theme, current, theme
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.icons import glyph, icon, set_icon
from dsbs_gui.kit.theme.tokens import DARK, LIGHT

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


def test_the_palette_is_replaced_in_all_groups(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window).name().upper() == DARK.window
    assert palette.color(QPalette.ColorRole.Accent).name().upper() == DARK.accent
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert disabled.name().upper() == DARK.disabled
    assert palette.color(QPalette.ColorRole.PlaceholderText).name().upper() == DARK.muted


def test_a_change_is_told_once_the_new_tokens_are_in_force(qapp: QApplication, qtbot: QtBot) -> None:
    seen = []
    theme().changed.connect(lambda: seen.append(current().name))
    apply_theme(qapp, "dark")
    apply_theme(qapp, "light")
    assert seen == ["dark", "light"]
    assert current() is LIGHT


def test_the_system_scheme_is_followed_only_when_asked(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    made = apply_theme(qapp, "system")
    monkeypatch.setattr(made, "_wanted", lambda: DARK)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert current() is DARK
    apply_theme(qapp, "dark")
    monkeypatch.setattr(made, "_wanted", lambda: LIGHT)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert current() is DARK
    monkeypatch.undo()


def test_the_style_sheet_has_no_unfilled_token(qapp: QApplication) -> None:
    assert "$" not in qapp.styleSheet()
    assert LIGHT.accent in qapp.styleSheet()


def test_fonts_have_the_sizes_of_the_tokens(qapp: QApplication) -> None:
    assert [font(role).pixelSize() for role in ("caption", "body", "section", "title", "big")] == [11, 13, 15, 20, 28]
    assert font("title").weight() > font("body").weight()


def ink(image: QImage) -> set[str]:
    """Colours of the opaque pixels."""
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return {image.pixelColor(x, y).name().upper() for x, y in points if image.pixelColor(x, y).alpha() == 255}


def test_icons_fill_their_square(qapp: QApplication) -> None:
    area = glyph("database").boundingRect()
    assert 0 <= area.left() < area.right() <= 64
    assert 0 <= area.top() < area.bottom() <= 64
    assert area.height() > 40


def test_an_unknown_icon_is_a_mistake(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icon("no-such-icon")


def test_an_icon_is_recoloured_with_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    set_icon(button, "database", 16, "accent")
    before = ink(button.icon().pixmap(QSize(16, 16), 2.0).toImage())
    apply_theme(qapp, "dark")
    after = ink(button.icon().pixmap(QSize(16, 16), 2.0).toImage())
    assert LIGHT.accent_text in before
    assert DARK.accent_text in after


def test_a_button_with_an_icon_can_be_deleted_before_the_theme_changes(qapp: QApplication, qtbot: QtBot) -> None:
    button = QPushButton()
    set_icon(button, "gear", 16)
    button.deleteLater()
    qtbot.wait(1)
    apply_theme(qapp, "dark")
    assert current() is DARK
