from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.steps.review.hidden import reveal, warning


def marked(text: str) -> list[str]:
    revealed = reveal(text)
    return [revealed.text[start:end] for start, end in revealed.marks]


@pytest.mark.parametrize(
    ("text", "shown", "marks"),
    [
        ("plain\ntext", "plain\ntext", []),
        ("a\u202eb", "a⟨U+202E⟩b", ["⟨U+202E⟩"]),
        ("a\u200bb\u2066", "a⟨U+200B⟩b⟨U+2066⟩", ["⟨U+200B⟩", "⟨U+2066⟩"]),
        ("a\u00a0b", "a␣b", ["␣"]),
        ("a\tb", "a→\tb", ["→"]),
        ("a\r\nb", "a␍\nb", ["␍"]),
        ("a\rb", "a␍b", ["␍"]),
        ("a\0b\x7f", "a␀b␡", ["␀", "␡"]),
        ("a\u2028b", "a↵\nb", ["↵"]),
        ("\ufeffa", "⟨U+FEFF⟩a", ["⟨U+FEFF⟩"]),
        ("tag\U000e0041", "tag⟨U+E0041⟩", ["⟨U+E0041⟩"]),
        ("<b>x</b>", "<b>x</b>", []),
    ],
)
def test_hidden_characters_are_shown_by_signs(text: str, shown: str, marks: list[str]) -> None:
    assert reveal(text).text == shown
    assert marked(text) == marks


@pytest.mark.parametrize("text", ["👩\u200d👩\u200d👧", "❤\ufe0f", "می\u200cخواهم", "naïve café", "日本語"])
def test_joiners_that_belong_to_a_script_or_an_emoji_are_left_alone(text: str) -> None:
    assert reveal(text).text == text
    assert warning(text) == ""


def test_a_joiner_between_ascii_letters_is_odd() -> None:
    assert reveal("ad\u200dmin").text == "ad⟨U+200D⟩min"


@given(st.text())
def test_what_is_revealed_holds_no_hidden_character_but_line_ends_tabs_and_joiners(text: str) -> None:
    shown = reveal(text)
    assert all(c.isprintable() or c in "\n\t\u200c\u200d" for c in shown.text)
    assert all(0 <= start < end <= len(shown.text) for start, end in shown.marks)


def test_a_warning_names_what_is_there_and_how_often() -> None:
    assert warning("a\u200bb\u200bc\u202e") == (
        "Hidden characters: zero width space (U+200B) × 2, right-to-left override (U+202E)."
    )
    assert warning("a\0\x01\x02\x03") == "Hidden characters: U+0000, U+0001, U+0002 and 1 more kind."


@pytest.mark.parametrize("text", ["", "a\nb", "a\tb", "a\u00a0b", "a\r\nb"])
def test_common_white_space_is_no_warning(text: str) -> None:
    assert warning(text) == ""
