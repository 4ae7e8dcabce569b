from __future__ import annotations

import pytest

from dsbs_gui.core.store.answers import Answer
from dsbs_gui.core.store.decisions import Batch, Change
from dsbs_gui.core.store.filters import STATES, Filter
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.facets import Facets

NBSP, THIN = "\u00a0", "\u2009"


@pytest.mark.parametrize(
    ("total", "seconds", "said"),
    [
        ({"unreviewed": 287, "accepted": 3}, None, "287 left to review"),
        (
            {"unreviewed": 1287, "skipped": 12},
            2400.0,
            f"1{THIN}287 left to review · 12 skipped · about 40{NBSP}min at your pace",
        ),
        ({"accepted": 5}, 100.0, "Everything is reviewed"),
        ({"edited": 5, "skipped": 1}, None, "Everything is reviewed · 1 skipped"),
        ({"empty": 5}, None, "Nothing to review yet"),
    ],
)
def test_progress_says_what_is_left_and_how_long(total: dict[str, int], seconds: float | None, said: str) -> None:
    assert sentences.progress(Facets(total=total), seconds) == said


def test_a_question_names_the_number_what_matches_and_what_is_passed_over() -> None:
    chosen = Filter(states=("unreviewed", "empty"), agreement=("conflict",), splits=("train",), text="apples")
    asked = sentences.question("accepted", 1200, {"unreviewed": 1190, "empty": 10}, chosen)
    assert asked.action == f"Accept 1{THIN}200"
    assert asked.text == (
        f"This will accept all 1{THIN}200 examples that match (unreviewed or no rationale · differs from gold · train ·"
        " “apples”). 10 of them have no rationale and are passed over. One undo takes all of it back, also after a"
        " restart."
    )


def test_a_question_about_selected_rows_says_selected() -> None:
    asked = sentences.question("rejected", 25, {"unreviewed": 25}, None)
    assert asked.text.startswith(f"This will reject 25{NBSP}selected examples. One undo")


def test_a_long_search_text_is_shortened_in_a_question() -> None:
    assert sentences.filter_words(Filter(text="x" * 500)) == f"“{'x' * 39}…”"


def test_every_state_has_a_word() -> None:
    assert set(sentences.STATES) == set(STATES)


def test_states_of_a_selection_are_listed_without_those_that_are_not_there() -> None:
    assert sentences.state_list({"accepted": 2, "unreviewed": 5, "edited": 0}) == "5 unreviewed, 2 accepted"


@pytest.mark.parametrize(
    ("agree", "label", "gold", "said"),
    [
        (True, "4", "4", "Means the same as the gold label."),
        (False, "5", "4", "Differs from gold."),
        (None, None, "4", "There is no label to compare."),
        (None, "4", " ", "There is no gold label to compare with."),
    ],
)
def test_the_verdict_on_a_label(agree: bool | None, label: str | None, gold: str | None, said: str) -> None:
    assert sentences.verdict(agree, label, gold) == said


def test_an_undo_says_what_it_took_back_and_what_it_left() -> None:
    done = Batch(1, 0.0, "me", "Accept 312 rationales", undone=True)
    assert sentences.undone(done) == ("Undone: Accept 312 rationales", "")
    text, hint = sentences.undone(Batch(1, 0.0, "me", "Skip 1 rationale", undone=False, passed_over=2))
    assert text == "Redone: Skip 1 rationale"
    assert hint == f"2{NBSP}examples left as they are: the teacher has answered them anew since."
    assert sentences.undone(None) == ("", "")


def test_a_change_is_told_in_words_and_what_only_the_program_keeps_is_not() -> None:
    def change(field: str, before: str | int | None, after: str | int | None) -> str:
        return sentences.change(Change(0.0, "me", "Edit", field, before, after, False))

    assert change("state", "unreviewed", "edited") == "State: unreviewed → edited"
    assert change("teacher_label", "5", None) == "Label: “5” → none"
    assert change("rationale", "a\n b", "x" * 300) == f"Rationale: “a b” → “{'x' * 159}…”"
    assert change("agree", 0, 1) == ""


def test_the_signals_of_an_answer_are_short_phrases() -> None:
    answer = Answer(
        1, "generate-1", "teacher", "t", "raw", rung="letter", flags=("several-letters",), hinted=True,
        finish_reason="length", tokens_out=92, seconds=1.25, label_logprob=-0.5,
    )  # fmt: skip
    assert sentences.signals(answer) == [
        "label from the choice’s letter", f"label probability 61{NBSP}%", "several letters", "was told the gold label",
        "stopped at the token limit",
        f"92{NBSP}tokens", f"1.2{NBSP}s",
    ]  # fmt: skip
