"""The keys of the page. Letters are off while one types: the editors take them first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.editing import MOST_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QLineEdit, QWidget

    from .page import ReviewPage

DECISIONS = {"A": "accepted", "R": "rejected", "S": "skipped", "U": "unreviewed"}


def install_keys(page: ReviewPage) -> None:
    """Put the shortcuts on the page; they work while it is in front, wherever in the window the focus is.

    Focus may be nowhere: a button that was just pressed may have gone.
    """
    area = page.area
    detail = area.detail
    for key, state in DECISIONS.items():
        _key(page, key, sentences.VERBS[state], partial(page.deciding.decide, state))
    _key(page, "J", "Next example", partial(area.table.move_current, 1), repeats=True)
    _key(page, "K", "Previous example", partial(area.table.move_current, -1), repeats=True)
    _key(page, "E", "Edit the rationale", detail.rationale.setFocus)
    _key(page, "L", "Edit the label", partial(_edit_line, detail.label.line))
    for number in range(MOST_OPTIONS):
        _key(page, str(number + 1), f"Take label {number + 1}", partial(detail.label.choose, number))
    _key(page, "Ctrl+S", "Save", page.deciding.save)
    _key(page, "Ctrl+Z", "Undo", page.deciding.undo)
    _key(page, "Ctrl+Shift+Z", "Redo", page.deciding.redo)
    _key(page, "Ctrl+Y", "Redo", page.deciding.redo)
    _key(page, "Ctrl+F", "Search", partial(_edit_line, area.search))
    _key(page, "/", "Search", partial(_edit_line, area.search))
    _key(page, "F5", "Update the list", page.listing.reload)
    escape = _key(area.splitter, "Esc", "Back to the table and to one row", area.select_current)
    escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    select_all = _key(area.table, "Ctrl+A", "Select all that match", page.select_all)
    select_all.setContext(Qt.ShortcutContext.WidgetShortcut)


def _edit_line(line: QLineEdit) -> None:
    line.setFocus()
    line.selectAll()


def _key(owner: QWidget, keys: str, meaning: str, act: Callable[[], object], *, repeats: bool = False) -> QShortcut:
    shortcut = QShortcut(QKeySequence(keys), owner)
    shortcut.setAutoRepeat(repeats)
    shortcut.setWhatsThis(meaning)
    shortcut.activated.connect(lambda: act())
    return shortcut
