from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsbs_gui.steps.review import diff
from dsbs_gui.steps.review.diff import condensed, word_diff


def said(before: str, after: str) -> str:
    """The diff as one line: [-removed-] {+added+}."""
    marks = {"kept": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("same words", "same words", "same words"),
        ("Ann has 2 apples.", "Ann has 3 apples.", "Ann has [-2-]{+3+} apples."),
        ("Ann has 12 apples.", "Ann has 13 apples.", "Ann has [-12-]{+13+} apples."),
        ("Ann has apples.", "Ann has red apples.", "Ann has {+red +}apples."),
        ("So it is 4. So it is 4.", "So it is 4.", "So it is 4.[- So it is 4.-]"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
    ],
)
def test_whole_words_are_marked(before: str, after: str, expected: str) -> None:
    assert said(before, after) == expected


TEXTS = st.text(st.sampled_from("ab \n.\u00a0é😀\r"), max_size=60)


@settings(max_examples=200, deadline=None)
@given(before=TEXTS, after=TEXTS, limits=st.sampled_from([(100_000, 20_000), (5, 20_000), (5, 2)]))
def test_the_pieces_make_both_texts_to_the_character(before: str, after: str, limits: tuple[int, int]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(diff, "_MOST_CHARACTERS", limits[0])
        patched.setattr(diff, "_MOST_LINES", limits[1])
        pieces = word_diff(before, after)
    assert "".join(p.text for p in pieces if p.kind != "added") == before
    assert "".join(p.text for p in pieces if p.kind != "removed") == after
    assert all(p.text for p in pieces)


@pytest.mark.parametrize("shape", ["one word", "both ends", "another text", "one endless line"])
def test_ten_megabytes_are_compared_in_half_a_second(shape: str) -> None:
    line = "Ann has 12 apples and gives 5 of them away, so she keeps 7 of them.\n"
    before = line * (10_000_000 // len(line))
    half = len(before) // 2
    after = {
        "one word": before[:half] + " new " + before[half:],
        "both ends": "New. " + before + " End.",
        "another text": before.upper(),
        "one endless line": ("x" * 5_000_000) + "y" * 5_000_000,
    }[shape]
    began = time.perf_counter()
    pieces = word_diff(before, after)
    assert time.perf_counter() - began < 2.0  # a busy machine; 0.1 s where it is idle
    assert sum(len(p.text) for p in pieces if p.kind != "removed") == len(after)


def test_what_is_kept_is_cut_down_to_the_neighbourhood_of_the_changes() -> None:
    pieces = condensed(word_diff("a " * 500 + "old" + " b" * 500, "a " * 500 + "new" + " b" * 500), around=4)
    assert [piece.text for piece in pieces] == [" … a ", "old", "new", " b … "]
