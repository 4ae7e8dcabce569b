"""The sheet of keys: the window's own and those that the page in front offers."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QWidget

from dsbs_gui.kit.layout import px
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.sheet import Sheet

Keys = tuple[str, str]
"""Key and what it does."""

WINDOW: tuple[Keys, ...] = (
    ("Ctrl+1 … Ctrl+6", "Go to a step"),
    ("Ctrl+,", "Settings"),
    ("Ctrl+B", "Fold or unfold the navigation"),
    ("Ctrl+J", "Show or hide the jobs"),
    ("Ctrl+N", "New project"),
    ("Ctrl+O", "Open a project"),
    ("Ctrl+W", "Close the project"),
    ("Ctrl+Q", "Quit"),
    ("F1 or ?", "This list"),
)


def of_page(page: QWidget) -> list[Keys]:
    """The keys that a page offers: of its buttons, its actions, and its shortcuts that say what they do."""
    found: dict[str, str] = {}
    for button in page.findChildren(QAbstractButton):
        _note(found, button.shortcut(), button.text() or button.accessibleName())
    for action in page.findChildren(QAction):
        _note(found, action.shortcut(), action.text())
    for shortcut in page.findChildren(QShortcut):
        _note(found, shortcut.key(), shortcut.whatsThis())
    return sorted(found.items())


def groups_of(page: QWidget) -> list[tuple[str, list[Keys]]]:
    """The same under headings: a page that has a table of its keys (``keys``) says them itself."""
    table = getattr(page, "keys", None)
    if table is not None:
        return list(table.shown())
    return [(page.accessibleName() or "This page", of_page(page))]


def _note(found: dict[str, str], keys: QKeySequence, meaning: str) -> None:
    text = keys.toString(QKeySequence.SequenceFormat.NativeText)
    if text and meaning:
        found[text] = meaning.replace("&", "")


_TALLEST = 640


class ShortcutSheet(Sheet):
    """Two columns: key, what it does; groups of the page, then those of the window."""

    def __init__(self, parent: QWidget | None, groups: Iterable[tuple[str, list[Keys]]]) -> None:
        super().__init__(parent, "Keys", width="m", cancel="Close")
        self.keys: list[Keys] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(px("xl"))
        grid.setVerticalSpacing(px("s"))
        grid.setColumnStretch(1, 1)
        for name, keys in groups:
            self._add_group(grid, name, keys)
        self._add_group(grid, "Everywhere", list(WINDOW))
        content = QWidget()
        content.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setRowStretch(grid.rowCount(), 1)
        scroller = Scroller(content)
        self.add(scroller)
        around = self.sizeHint().height() - scroller.sizeHint().height()
        self.resize(self.width(), min(_TALLEST, around + grid.sizeHint().height()))

    def _add_group(self, grid: QGridLayout, name: str, keys: list[Keys]) -> None:
        if not keys:
            return
        if grid.count():
            grid.setRowMinimumHeight(grid.rowCount(), px("s"))
        grid.addWidget(PlainLabel(name, type="emphasis"), grid.rowCount(), 0, 1, 2)
        for key, meaning in keys:
            line = grid.rowCount()
            grid.addWidget(PlainLabel(key, type="mono"), line, 0)
            grid.addWidget(PlainLabel(meaning), line, 1)
            self.keys.append((key, meaning))
