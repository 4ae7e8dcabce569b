"""Twenty rows are reviewed in the real window without a mouse: nothing but key events to whatever has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from dsbs_gui.app.shortcuts import ShortcutSheet
from dsbs_gui.core.store import examples, search
from dsbs_gui.steps.review.ui import page as review_page
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dsbs_gui.app.window import Window
    from dsbs_gui.core.store.examples import Example

    from .conftest import OpenWindow

_HELD = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
}
_KEYS: dict[str, Any] = {
    "Return": Qt.Key.Key_Return, "Esc": Qt.Key.Key_Escape, "Tab": Qt.Key.Key_Tab, "Space": Qt.Key.Key_Space,
    "End": Qt.Key.Key_End, "Home": Qt.Key.Key_Home, "Down": Qt.Key.Key_Down, "Up": Qt.Key.Key_Up, "F5": Qt.Key.Key_F5,
}  # fmt: skip
_MOST_TABS = 40


class Hands:
    """Somebody at the keyboard, looking at the screen."""

    def __init__(self, qtbot: Any, window: Window) -> None:
        self.qtbot, self.window = qtbot, window
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        self.press("Ctrl+3")
        assert window.session is not None
        self.project = window.session.project
        self.page: Any = window.session.page("review")
        self.until(lambda: self.page.area.table.current_id() == 1)

    def press(self, *keys: str) -> None:
        for key in keys:
            *held, last = key.split("+") if len(key) > 1 else [key]
            modifiers = Qt.KeyboardModifier.NoModifier
            for name in held:
                modifiers |= _HELD[name]
            QTest.keyClick(QApplication.focusWidget() or self.window, _KEYS.get(last, last), modifiers)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def tab_to(self, name: str) -> None:
        """Tab until the control of that name has the focus."""
        for _ in range(_MOST_TABS):
            focused = QApplication.focusWidget()
            if isinstance(focused, QAbstractButton) and focused.text().startswith(name):
                return
            self.press("Tab")
        raise AssertionError(f"Tab never reached {name}")

    def until(self, done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(done, timeout=20_000)

    def example(self, number: int) -> Example:
        found = examples.get(self.project.store.reader, number)
        assert found is not None
        return found

    def until_state(self, number: int, state: str) -> None:
        self.until(lambda: self.example(number).state == state)

    def at(self, number: int) -> bool:
        return bool(self.page.area.detail.example.id == number == self.page.area.table.current_id())

    def shown(self) -> list[int]:
        return list(self.page.area.model.ids())


@pytest.fixture
def hands(qtbot: Any, open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hands:
    apples(tmp_path / "apples", 27).close()
    window = open_window(tmp_path / "apples")
    monkeypatch.setattr(review_page, "user_settings", lambda: window._settings)
    return Hands(qtbot, window)


def test_twenty_rows_are_reviewed_in_both_views_without_a_mouse(hands: Hands) -> None:
    area = hands.page.area

    # The table: accept, accept, reject, skip.
    hands.press("A", "A", "R", "S")
    assert hands.at(5)
    # Edit a rationale; what is typed decides nothing.
    hands.press("E", "Ctrl+End")
    hands.type(" So says Ana: RASUJK 123.")
    hands.press("Ctrl+Return")
    hands.until_state(5, "edited")
    hands.press("J")
    # Change a label, then accept what stands.
    hands.press("L")
    hands.type("12")
    hands.press("Return", "A")
    hands.until_state(6, "edited")
    assert hands.at(7)
    # Decide, take it back, do it again, go on.
    hands.press("R")
    hands.until_state(7, "rejected")
    hands.press("Ctrl+Z")
    hands.until_state(7, "unreviewed")
    hands.until(lambda: hands.at(7))
    hands.press("Ctrl+Shift+Z")
    hands.until_state(7, "rejected")
    hands.press("J", "A", "K", "R", "S")
    hands.until_state(9, "skipped")
    assert hands.example(8).state == "rejected"
    assert hands.at(10)

    # One example alone.
    hands.press("V")
    assert not area.table.isVisible()
    hands.press("A", "R", "S")
    hands.until_state(12, "skipped")
    hands.press("E", "Ctrl+End")
    hands.type(" Checked.")
    hands.press("Alt+Down")  # saves and goes on, without leaving the editor
    hands.until_state(13, "edited")
    hands.press("Esc", "L")
    hands.type("28")
    hands.press("Return", "A")
    hands.until_state(14, "edited")
    hands.press("J", "K", "R", "A")
    hands.until_state(16, "accepted")
    hands.press("Ctrl+Z")
    hands.until_state(16, "unreviewed")
    hands.press("Ctrl+Y")
    hands.until_state(16, "accepted")

    # Search for one row, decide it, and come back to all.
    hands.press("/")
    hands.type('"has 20 apples"')
    hands.press("Return")
    hands.until(lambda: hands.shown() == [20])
    hands.press("Esc", "Esc")
    hands.until(lambda: len(hands.shown()) > 5)
    hands.until(lambda: area.detail.panes.hasFocus())

    # Filter: those that differ from the gold label and wait.
    hands.press("F")
    hands.tab_to("Differs from gold")
    hands.press("Space")
    hands.until(lambda: hands.shown() == [18, 21, 24])
    hands.press("Esc")
    hands.until(lambda: area.detail.example is not None and area.detail.example.id in (18, 21, 24))
    hands.press("V")
    assert area.table.isVisible()
    hands.press("Home", "R", "S", "R")
    hands.until_state(24, "rejected")
    hands.press("F5")
    hands.until(lambda: area.none.isVisible())

    decided = [n for n in range(1, 27) if hands.example(n).state != "unreviewed"]
    assert decided == [*range(1, 17), 18, 21, 24]
    hands.press("F")
    hands.tab_to("Clear filters")
    hands.press("Space")
    hands.until(lambda: len(hands.shown()) == 27)
    hands.until(lambda: area.table.isVisible())
    hands.press("Esc")
    hands.until(lambda: area.table.hasFocus())
    hands.press("End", "K", "A")
    hands.until_state(26, "accepted")

    states = {n: hands.example(n).state for n in (*range(1, 17), 18, 21, 24, 26)}
    assert len(states) == 20
    assert states == {
        1: "accepted", 2: "accepted", 3: "rejected", 4: "skipped", 5: "edited", 6: "edited", 7: "rejected",
        8: "rejected", 9: "skipped", 10: "accepted", 11: "rejected", 12: "skipped", 13: "edited", 14: "edited",
        15: "rejected", 16: "accepted", 18: "rejected", 21: "skipped", 24: "rejected", 26: "accepted",
    }  # fmt: skip
    assert (hands.example(5).rationale or "").endswith("so 5 + 5. So says Ana: RASUJK 123.")
    assert (hands.example(6).teacher_label, hands.example(14).teacher_label) == ("12", "28")
    assert search.recent(hands.project.store.reader)[0].text == '"has 20 apples"'


def test_the_keys_are_listed_and_changed_without_a_mouse(hands: Hands) -> None:
    hands.press("?")
    (sheet,) = hands.window.findChildren(ShortcutSheet)
    hands.until(sheet.isActiveWindow)
    assert ("A", "Accept") in sheet.keys
    assert ("F1 or ?", "This list") in sheet.keys
    hands.press("Esc")
    hands.until(lambda: not sheet.isVisible())
    hands.window.activateWindow()
    hands.until(hands.window.isActiveWindow)
    hands.press("A")
    hands.until_state(1, "accepted")
