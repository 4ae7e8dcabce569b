"""The small widgets: what they tell, what they say to a screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from dsbs_gui.kit.buttons import DangerButton, IconButton, PrimaryButton, SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.chips import Chip, ChipRow
from dsbs_gui.kit.choice_card import ChoiceCard
from dsbs_gui.kit.choice_list import ChoiceList
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.message_bar import MessageArea, MessageBar
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.search_field import SearchField
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.sheet import Sheet, confirmation
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.theme.tokens import LIGHT
from dsbs_gui.kit.toast import Toast, show_toast

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    """The widget on the (offscreen) screen."""
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_an_icon_button_has_a_name_and_a_size_one_can_hit(qtbot: QtBot) -> None:
    button = IconButton("pause", "Pause <all>")
    shown(qtbot, button)
    assert button.accessibleName() == "Pause <all>"
    assert button.toolTip() == "<qt>Pause &lt;all&gt;</qt>"
    assert min(button.width(), button.height()) >= LIGHT.size.target
    button.set_icon("play", "Resume")
    assert button.accessibleName() == "Resume"


def test_a_shortcut_is_told_in_the_tooltip(qtbot: QtBot) -> None:
    button = PrimaryButton("Accept", shortcut="A", tooltip="Keep this rationale")
    qtbot.addWidget(button)
    assert button.toolTip() == "<qt>Keep this rationale · A</qt>"


def test_a_menu_button_keeps_its_menu(qtbot: QtBot) -> None:
    button = SecondaryButton("Export")
    qtbot.addWidget(button)
    button.set_menu(QMenu())
    assert button.menu() is not None


def test_the_ring_shows_for_the_keyboard_only(qtbot: QtBot) -> None:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    first, second = PrimaryButton("One"), SecondaryButton("Two")
    layout.addWidget(first)
    layout.addWidget(second)
    with qtbot.waitActive(holder):
        shown(qtbot, holder)
        holder.activateWindow()
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not first.has_ring()
    first.clearFocus()
    second.setFocus(Qt.FocusReason.TabFocusReason)
    assert second.has_ring()
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not second.has_ring()


def test_a_page_takes_turns_between_content_and_empty_state(qtbot: QtBot) -> None:
    page = Page("Review", "nothing yet")
    shown(qtbot, page)
    state = EmptyState("table", "No rows", "Nothing was imported yet.", "Import", "What can be imported")
    page.show_empty(state)
    assert page.is_empty()
    assert state.button is not None
    assert state.button.isVisible()
    page.show_content()
    assert not state.isVisible()


def test_an_empty_state_shows_its_whole_sentence(qtbot: QtBot) -> None:
    state = EmptyState("table", "No rows", "A sentence that is so long that it needs more than one line. " * 3)
    shown(qtbot, state).resize(800, 500)
    assert state.why.height() >= state.why.heightForWidth(state.why.width())


def test_header_actions_are_replaced_and_old_ones_go(qtbot: QtBot) -> None:
    page = Page("Teacher")
    shown(qtbot, page)
    first, second = PrimaryButton("Generate"), SecondaryButton("Pilot 20")
    page.header.set_actions(first, second)
    qtbot.waitUntil(first.isVisible)
    assert second.x() < first.x()
    page.header.set_actions(first)
    assert first.isVisible()
    assert not second.isVisible()


def test_a_message_is_plain_and_asks_for_its_action(qtbot: QtBot) -> None:
    bar = MessageBar("bad", "<b>It broke</b>", "Try again.", "Try again")
    shown(qtbot, bar)
    assert bar.accessibleName() == "Error: <b>It broke</b>"
    assert bar.button is not None
    with qtbot.waitSignal(bar.action_asked):
        bar.button.click()


def test_a_newer_message_of_the_same_key_replaces_the_older(qtbot: QtBot) -> None:
    area = MessageArea()
    shown(qtbot, area)
    area.show_message("bad", "first", key="teacher")
    area.show_message("bad", "second", key="teacher")
    area.show_message("info", "other")
    assert sorted(bar.text.text() for bar in area.bars()) == ["other", "second"]
    area.clear("teacher")
    area.bars()[0].dismissed.emit()
    assert area.bars() == []
    assert area.isHidden()


def test_a_toast_goes_and_only_one_is_shown(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(600, 400)
    shown(qtbot, window)
    first = show_toast(window, "One accepted")
    second = show_toast(window, "Two accepted")
    assert first.isHidden()
    assert second.isVisible()
    second.close_now()
    qtbot.waitUntil(lambda: not window.findChildren(Toast))


def test_an_error_stands_at_its_field(qtbot: QtBot) -> None:
    form = Form()
    line = QLineEdit()
    made = form.add("Context length", line, "Tokens.")
    shown(qtbot, form)
    assert line.accessibleName() == "Context length"
    made.set_error("Too short.")
    assert not made.help.isVisible()
    assert line.accessibleDescription() == "Too short."
    assert line.property("wrong") == "true"
    form.clear_errors()
    assert made.help.isVisible()
    assert line.accessibleDescription() == "Tokens."
    assert form.maximumWidth() == LIGHT.size.form


def test_segments_tell_the_choice_of_the_user_only(qtbot: QtBot) -> None:
    control = SegmentedControl([("a", "All"), ("b", "Some"), ("c", "None")], "b")
    shown(qtbot, control)
    told: list[str] = []
    control.chosen.connect(told.append)
    control.set_value("c")
    assert (control.value(), told) == ("c", [])
    control.set_option_enabled("a", False, "no rows")
    buttons = control.findChildren(QPushButton)
    QTest.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert (control.value(), told) == ("b", ["b"])


def test_chips_tell_which_are_on(qtbot: QtBot) -> None:
    chips = ChipRow([("new", "New"), ("old", "Old")], exclusive=True)
    shown(qtbot, chips)
    told: list[frozenset[str]] = []
    chips.changed.connect(told.append)
    chips.set_counts({"new": 1200})
    first, second = (chips._chips[key] for key in ("new", "old"))
    assert "1\u2009200" in first.text()
    for chip in (first, second, second):
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert told == [frozenset({"new"}), frozenset({"old"}), frozenset()]


def test_a_search_tells_only_the_settled_text(qtbot: QtBot) -> None:
    field = SearchField()
    shown(qtbot, field)
    told: list[str] = []
    field.text_settled.connect(told.append)
    with qtbot.waitSignal(field.text_settled):
        QTest.keyClicks(field, "pens")
    assert told == ["pens"]
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    field.set_text_silently("again")
    assert told == ["pens", ""]


def test_a_sheet_is_refused_by_escape_and_accepted_by_return(qtbot: QtBot) -> None:
    for key, wanted in ((Qt.Key.Key_Escape, 0), (Qt.Key.Key_Return, 1)):
        sheet = Sheet(None, "New run")
        sheet.add_accept("Train 800 steps")
        shown(qtbot, sheet)
        QTest.keyClick(sheet, key)
        assert sheet.result() == wanted


def test_return_does_not_destroy_by_habit(qtbot: QtBot) -> None:
    sheet = confirmation(None, "Delete run 4?", "Its checkpoints are deleted.", "Delete run", danger=True)
    shown(qtbot, sheet)
    assert sheet.findChildren(DangerButton)[0].text() == "Delete run"
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert sheet.result() == 0


def test_a_splitter_comes_back_where_it_was_put(qtbot: QtBot) -> None:
    first = Splitter("review", QWidget(), QWidget(), shares=(1, 1))
    shown(qtbot, first).resize(800, 300)
    first.moveSplitter(200, 1)
    again = Splitter("review", QWidget(), QWidget(), shares=(1, 1))
    shown(qtbot, again).resize(800, 300)
    assert again.sizes()[0] == pytest.approx(first.sizes()[0], abs=20)


def test_choice_cards_say_what_they_are(qtbot: QtBot) -> None:
    card = ChoiceCard("Distilling step-by-step", "Label loss and rationale loss.", "graduation-cap", badge="fits")
    shown(qtbot, card)
    assert card.accessibleDescription() == "Label loss and rationale loss."
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert card.isChecked()


def test_no_label_of_the_kit_guesses_at_markup(qtbot: QtBot) -> None:
    page = Page("Teacher", "x")
    page.show_message("bad", "text", "hint", "button")
    page.body.addWidget(Card("Title", Form(), Chip("New"), note="note"))
    page.show_empty(EmptyState("table", "title", "why", "button", "link"))
    shown(qtbot, page)
    labels = page.findChildren(QLabel)
    assert len(labels) > 6
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


def test_a_wrong_icon_name_fails_where_it_is_written(qtbot: QtBot) -> None:
    with pytest.raises(KeyError):
        IconLabel("no-such-icon")


def test_a_list_keeps_its_choice_over_new_options(qtbot: QtBot) -> None:
    choices = ChoiceList("Prompt versions", [("1", "Version 1"), ("2", "<b>Version 2</b>")])
    shown(qtbot, choices)
    told: list[str] = []
    choices.chosen.connect(told.append)
    choices.set_current_key("2")
    choices.set_options([("2", "Version 2"), ("3", "Version 3")], "chat-text")
    assert (choices.current_key(), told) == ("2", [])
    QTest.keyClick(choices, Qt.Key.Key_Down)
    assert told == ["3"]
    with qtbot.waitSignal(choices.key_activated, check_params_cb=lambda key: key == "3"):
        QTest.keyClick(choices, Qt.Key.Key_Return)
    assert choices.sizeHintForRow(0) >= LIGHT.size.target


def test_an_ampersand_in_a_label_is_no_key(qtbot: QtBot) -> None:
    chips = ChipRow([("qa", "Q&A")])
    qtbot.addWidget(chips)
    chips.set_counts({"qa": 3})
    assert chips._chips["qa"].text() == "Q&&A  3"
    assert chips._chips["qa"].shortcut().isEmpty()


def test_fields_side_by_side_stand_on_one_line(qtbot: QtBot) -> None:
    form = Form()
    first, second = FormField("λ", QLineEdit(), "α = 0.50"), FormField("Seed", QLineEdit())
    form.add_row(first, second)
    shown(qtbot, form).resize(500, 300)
    first.set_error("A long sentence about what is wrong with this field and what one can do about it. " * 2)
    qtbot.waitUntil(lambda: first.height() > second.height())
    assert first.mapTo(form, first.field.pos()).y() == second.mapTo(form, second.field.pos()).y()
