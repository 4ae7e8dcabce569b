"""A text that is too long to be laid out in one is edited part by part, and comes back to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from dsbs_gui.kit.text_changes import merged
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.kit.text_parts import PART, WHOLE, cut
from dsbs_gui.kit.text_positions import shown_text

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ODD = "a\u00a0b\u2028c\u2029d\r\ne\rf\ng\0h\ttab 🙂👩\u200d👩\u200d👧 e\u0301 \u202ebidi\u202c王芳"
MILLION = (ODD + " one long line without an end " * 400)[:10_000] * 100


def editor_with(qtbot: QtBot, text: str) -> TextEditor:
    editor = TextEditor("Rationale", text)
    qtbot.addWidget(editor)
    editor.resize(600, 300)
    editor.show()
    editor.setFocus()
    return editor


# ------------------------------------------------------------ parts


@pytest.mark.parametrize(
    "text", ["", "x" * PART, "x" * (PART + 1), "x\n" * (WHOLE // 2), "\r\n" * WHOLE, ODD * 3_000, "🙂\u200d" * WHOLE]
)
def test_parts_joined_are_the_text(text: str) -> None:
    parts = cut(text)
    assert "".join(parts) == text
    assert (len(parts) > 1) == (len(text) > WHOLE or max(map(len, text.split("\n"))) > PART)
    assert max(map(len, parts)) <= (WHOLE if len(parts) == 1 else PART)


def test_no_part_ends_within_a_line_end_or_a_cluster() -> None:
    for unit in ("\r\n", "e\u0301", "👍\U0001f3fd", "☺\ufe0f"):
        for shift in ("", "x"):
            for part in cut(shift + unit * WHOLE):
                assert not part.startswith(unit[1:])


def test_a_part_ends_behind_a_line_or_a_word_where_one_ends() -> None:
    lines = cut(("word " * 40 + "\n") * 1_000)
    assert all(part.endswith("\n") for part in lines)
    assert all(part.endswith(" ") for part in cut("word " * 20_000))


# ------------------------------------------------------------ changes

_TEXT = st.text(st.sampled_from("ab\r\n\u2028\0🙂\u00a0\ufeff"), max_size=12)


@given(_TEXT, _TEXT, _TEXT, _TEXT)
@settings(max_examples=300, deadline=None)
def test_only_the_change_is_carried_over(head: str, old: str, new: str, tail: str) -> None:
    source, shown = head + old + tail, shown_text(head + old + tail)
    if shown_text(head) + shown_text(old) + shown_text(tail) != shown:
        return  # the change would part a CRLF
    result = merged(source, shown, shown_text(head) + shown_text(new) + shown_text(tail))
    assert shown_text(result) == shown_text(head) + shown_text(new) + shown_text(tail)
    assert merged(source, shown, shown) == source


def test_what_is_beside_a_change_stays_to_the_byte() -> None:
    source = "\ufeffone\rtwo\r\nthree\u2029four\nfive"
    shown = "one\ntwo\nthree\nfour\nfive"
    assert merged(source, shown, shown.replace("three", "3\n3")) == "\ufeffone\rtwo\r\n3\n3\u2029four\nfive"
    assert merged("a\r\nb\r\n", "a\nb\n", "a\nx\nb\n") == "a\r\nx\r\nb\r\n"


# ------------------------------------------------------------ the editor


def test_the_long_text_is_as_long_as_it_is_called() -> None:
    assert len(MILLION) == 1_000_000


def test_a_million_characters_that_were_only_looked_at_have_nothing_to_save(qtbot: QtBot) -> None:
    editor = editor_with(qtbot, MILLION)
    _, parts = editor.part()
    assert parts > 40
    assert editor.part_bar.isVisible()
    for _ in range(parts):
        QTest.keyClick(editor, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert editor.part() == (parts - 1, parts)
    QTest.keyClick(editor, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    assert editor.part() == (0, parts)
    assert editor.text_if_modified() is None
    assert editor.original() == MILLION


def test_a_million_characters_are_edited_in_two_parts_and_nothing_else_changes(qtbot: QtBot) -> None:
    editor = editor_with(qtbot, MILLION)
    told: list[bool] = []
    editor.modified_changed.connect(told.append)
    QTest.keyClicks(editor, "first ")
    editor.part_bar.number.setValue(3)
    assert editor.part()[0] == 2
    QTest.keyClicks(editor, "third ")
    third = sum(map(len, cut(MILLION)[:2]))
    assert editor.text_if_modified() == "first " + MILLION[:third] + "third " + MILLION[third:]
    editor.undo()
    assert editor.text_if_modified() == "first " + MILLION
    QTest.keyClick(editor, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, "!")
    assert editor.text_if_modified() == "first " + MILLION + "!"
    editor.mark_saved()
    assert editor.text_if_modified() is None
    assert editor.original() == "first " + MILLION + "!"
    assert told == [True, False]


def test_the_document_never_holds_more_than_a_part(qtbot: QtBot) -> None:
    editor = editor_with(qtbot, "x" * 10_000_000)
    assert editor.document().characterCount() <= PART + 1
    QTest.keyClicks(editor, "y")
    assert editor.text_if_modified() == "y" + "x" * 10_000_000


def test_arrows_lead_over_the_ends_of_a_part(qtbot: QtBot) -> None:
    editor = editor_with(qtbot, "word " * 20_000)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(editor, Qt.Key.Key_Right)
    assert editor.part()[0] == 1
    assert editor.textCursor().position() == 0
    QTest.keyClick(editor, Qt.Key.Key_Left)
    assert editor.part()[0] == 0
    assert editor.textCursor().atEnd()
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Up)
    assert editor.part()[0] == 0


def test_a_giant_that_is_pasted_comes_in_as_parts(qtbot: QtBot) -> None:
    editor = editor_with(qtbot, "head\r\ntail\r\n")
    editor.moveCursor(QTextCursor.MoveOperation.Down)
    giant = QMimeData()
    giant.setText("line\r\n" * 20_000)
    editor.insertFromMimeData(giant)
    assert editor.part()[1] > 1
    assert editor.text_if_modified() == "head\r\n" + "line\r\n" * 20_000 + "tail\r\n"


def test_a_giant_is_put_in_place_of_what_was_there(qtbot: QtBot) -> None:
    editor = editor_with(qtbot, "short")
    editor.put_text(MILLION)
    assert editor.text_if_modified() == MILLION
    assert editor.original() == "short"
    editor.put_text("short")
    assert editor.text_if_modified() is None
    assert not editor.part_bar.isVisible()
