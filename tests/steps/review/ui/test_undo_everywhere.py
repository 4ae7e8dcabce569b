"""Ctrl+Z takes back the last act wherever the focus is; only typing that is not saved yet goes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6

from dsbs_gui.core.store import decisions, guidelines
from dsbs_gui.core.store.filters import Selection
from tests.steps.review.making import apples

from .test_names import focusable, name

if TYPE_CHECKING:
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def undoes_from_everywhere(desk: Desk) -> list[str]:
    """Names of the controls from which Ctrl+Z does nothing."""
    deaf = []
    for widget in list(focusable(desk.page)):
        if not shiboken6.isValid(widget) or not widget.isEnabled():
            continue
        desk.project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([9]), "rejected"))
        desk.settle()
        widget.setFocus()
        desk.press("Ctrl+Z")
        desk.settle()
        if desk.stored(9).state != "unreviewed":
            deaf.append(f"{type(widget).__name__} {name(widget)}")
            desk.project.store.write_now(decisions.undo)
    return deaf


def test_the_last_act_is_taken_back_from_every_control(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: guidelines.save(tx, "one"))
    desk = open_desk(project)
    desk.press("G")
    desk.page.area.detail.raw.set_open(True)
    desk.settle()
    assert undoes_from_everywhere(desk) == []


def test_typing_in_the_search_line_goes_first(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("R", "/")
    desk.type("x")
    desk.press("Ctrl+Z")
    desk.settle()
    assert (desk.page.area.search.text(), desk.stored(1).state) == ("", "rejected")
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(1).state == "unreviewed"
