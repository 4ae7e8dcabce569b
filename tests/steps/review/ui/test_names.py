"""Whoever does not see the page is told what has the focus: every control of it has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QKeySequenceEdit, QWidget

from dsbs_gui.core.store import guidelines
from dsbs_gui.steps.review.ui.keys_sheet import KeysSheet
from tests.steps.review.making import add_answer, apples

from .test_long_texts_on_the_page import MILLION
from .test_signals import find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

_MADE_OF_PARTS = (QAbstractSpinBox, QKeySequenceEdit, QComboBox)
"""Qt's own composed controls: the focus is told of the whole."""


def focusable(root: QWidget) -> Iterator[QWidget]:
    for widget in [root, *root.findChildren(QWidget)]:
        inside = isinstance(widget.parent(), _MADE_OF_PARTS) or widget.objectName().startswith("qt_")
        seen = widget.isVisibleTo(root) and not widget.isWindow()
        if seen and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not inside:
            yield widget


def name(widget: QWidget) -> str:
    """What a screen reader says."""
    told = QAccessible.queryAccessibleInterface(widget)
    return str(told.text(QAccessible.Text.Name)).strip() if told is not None else ""


def nameless(root: QWidget) -> list[str]:
    return [f"{type(w).__name__} in {type(w.parent()).__name__}" for w in focusable(root) if not name(w)]


def test_no_control_of_the_page_is_without_a_name_in_either_view(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    add_answer(project, 1, MILLION, "2", sample=1)
    find(project, 2, ("arithmetic", "2 + 2 = 5 (it is 4)"))
    project.store.write_now(lambda tx: guidelines.save(tx, "# One\n[link](https://example.org)"))
    desk = open_desk(project)
    detail = desk.page.area.detail
    desk.press("G")
    for fold in (detail.answers, detail.raw, detail.history):
        fold.set_open(True)
    desk.settle()
    assert len(list(focusable(desk.page))) > 40
    assert nameless(desk.page) == []
    desk.press("V")
    desk.click(desk.page.area.guidelines.edit)
    desk.settle()
    assert nameless(desk.page) == []
    desk.page.area.table.setFocus()
    desk.press("Esc")
    desk.page.views.show("table")
    desk.choose(2, 4)
    desk.settle()
    assert nameless(desk.page) == []


def test_no_control_of_the_sheet_of_keys_is_without_a_name(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.page.keys.ask()
    (sheet,) = desk.page.findChildren(KeysSheet)
    assert nameless(sheet) == []
    sheet.reject()


def test_a_control_without_a_name_is_found(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.page.area.table.setAccessibleName("")
    assert nameless(desk.page) != []
