"""Texts come back to the byte, whatever Qt makes of them on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import ReadingText, Span
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.kit.text_positions import document_position

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

AWKWARD = [
    "no\u00a0break",
    "line\u2028separator",
    "paragraph\u2029separator",
    "windows\r\nends\r\n",
    "mixed\r\nand\nold\rends",
    "\ufeffmark",
    "emoji 🙂 and 王芳",
    "<b>not bold</b> &amp; <img src='x.png'>",
    "",
    "\n\n",
    "tab\tand\x00zero",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_an_editor_that_was_only_opened_has_nothing_to_save(text: str, qtbot: QtBot) -> None:
    editor = TextEditor("Rationale", text)
    qtbot.addWidget(editor)
    assert editor.text_if_modified() is None
    assert editor.original() == text


def test_what_is_locked_stays_locked_after_a_giant(qtbot: QtBot) -> None:
    editor = TextEditor("Rationale")
    qtbot.addWidget(editor)
    editor.setReadOnly(True)
    editor.set_text("x" * 300_000)
    QTest.keyClicks(editor, "x")
    assert editor.text_if_modified() is None
    editor.set_text("short")
    assert editor.isReadOnly()


@pytest.mark.parametrize("text", AWKWARD)
def test_readers_keep_their_source(text: str, qtbot: QtBot) -> None:
    for reader in (ReadingText("Rationale", text), CodeText("Raw answer", text)):
        qtbot.addWidget(reader)
        assert reader.source() == text


def test_an_edit_keeps_the_characters_it_did_not_touch(qtbot: QtBot) -> None:
    editor = TextEditor("Rationale", "no\u00a0break\r\nline\u2028separator\r\n")
    qtbot.addWidget(editor)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor, "x")
    assert editor.text_if_modified() == "no\u00a0break\r\nline\u2028separator\r\nx"


@pytest.mark.parametrize("text", AWKWARD)
def test_an_edit_at_the_end_changes_nothing_else(text: str, qtbot: QtBot) -> None:
    editor = TextEditor("Rationale", text)
    qtbot.addWidget(editor)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor, "x")
    assert editor.text_if_modified() == text + "x"
    editor.mark_saved()
    QTest.keyClicks(editor, "y")
    assert editor.text_if_modified() == text + "xy"
    editor.undo()
    assert editor.text_if_modified() in (None, text)


def test_undoing_everything_is_no_edit(qtbot: QtBot) -> None:
    editor = TextEditor("Rationale", "a")
    qtbot.addWidget(editor)
    told: list[bool] = []
    editor.modified_changed.connect(told.append)
    QTest.keyClicks(editor, "b")
    assert editor.text_if_modified() == "ba"
    editor.undo()
    assert editor.text_if_modified() is None
    assert told == [True, False]


def test_typing_back_the_same_text_is_no_edit(qtbot: QtBot) -> None:
    editor = TextEditor("Rationale", "ab")
    qtbot.addWidget(editor)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, "a")
    assert editor.document().isModified()
    assert editor.text_if_modified() is None


def test_a_saved_text_is_the_new_original(qtbot: QtBot) -> None:
    editor = TextEditor("Rationale", "a")
    qtbot.addWidget(editor)
    QTest.keyClicks(editor, "b")
    editor.mark_saved()
    assert editor.original() == "ba"
    assert editor.text_if_modified() is None


def test_control_return_submits_and_tab_moves_on(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    editor, after = TextEditor("Rationale", "a", parent=holder), QLineEdit(holder)
    after.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    with qtbot.waitActive(holder):
        holder.show()
        holder.activateWindow()
    with qtbot.waitSignal(editor.submitted):
        QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text_if_modified() is None
    assert after.hasFocus()


@pytest.mark.parametrize("reader_class", [ReadingText, CodeText])
def test_copying_all_copies_the_source(reader_class: type[ReadingText] | type[CodeText], qtbot: QtBot) -> None:
    source = "no\u00a0break\r\n<b>x</b>"
    reader = reader_class("Text", source)
    qtbot.addWidget(reader)
    reader.selectAll()
    reader.copy()
    assert QApplication.clipboard().text() == source


def test_a_giant_is_shown_in_part_and_kept_whole(qtbot: QtBot) -> None:
    source = "x" * 3_000_000
    reader = ReadingText("Rationale", source)
    qtbot.addWidget(reader)
    assert reader.document().characterCount() < 110_000
    assert "2,900,000 more characters" in reader.toPlainText()
    assert reader.source() == source


def test_positions_count_what_qt_counts() -> None:
    source = "a🙂\r\nb"
    assert [document_position(source, i) for i in range(len(source) + 1)] == [0, 1, 3, 3, 4, 5]


def test_marks_fall_on_their_words_behind_emoji_and_line_ends(qtbot: QtBot) -> None:
    source = "🙂🙂\r\nTom has 4\r\nAna has 5"
    reader = ReadingText("Rationale", source)
    qtbot.addWidget(reader)
    start = source.index("Ana")
    reader.mark([Span(start, start + 3, "good")])
    (selection,) = reader.extraSelections()
    assert selection.cursor.selectedText() == "Ana"


def test_labels_show_markup_as_it_is(qtbot: QtBot) -> None:
    for label in (PlainLabel("<b>x</b>"), ElidedLabel("<b>x</b>")):
        qtbot.addWidget(label)
        assert label.textFormat() == Qt.TextFormat.PlainText
        assert label.text() == "<b>x</b>"


def test_a_shortened_label_tells_the_whole_text_on_hover(qtbot: QtBot) -> None:
    label = ElidedLabel("a <b>long</b> text that does not fit")
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.show()
    assert label.shown_text().endswith("…")
    assert label.toolTip() == "<qt>a &lt;b&gt;long&lt;/b&gt; text that does not fit</qt>"
    label.resize(900, 20)
    assert label.toolTip() == ""
