from __future__ import annotations

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher.parsing import Parsed, cut_off, parse, same_label

CHOICE, MATH, NLI, TEXT = (TASKS[name] for name in ("choice", "math", "nli", "text"))
POND = {"question": "Where do fish live?", "choices": ["aquarium", "desert", "tree", "the moon", "pond"]}
SUM = {"input": "How many?"}
PAIR = {"premise": "It rains.", "hypothesis": "It is wet."}


def robust(raw: str, task: str = "choice") -> Parsed:
    return parse(raw, TASKS[task], {"choice": POND, "math": SUM, "nli": PAIR, "text": SUM}[task])


def test_a_released_choice_answer_is_cut_at_the_next_question() -> None:
    parsed = robust("Fish swim. So the answer is (e) pond.\n\nQ: What?\nA: So the answer is (a) aquarium.")
    assert parsed == Parsed("Fish swim.", "pond", "letter")


def test_the_first_of_several_letters_counts_and_is_flagged() -> None:
    parsed = robust("Fish swim. So the answer is either (a) aquarium or (e) pond.")
    assert (parsed.label, parsed.rung) == ("aquarium", "letter")
    assert "several-letters" in parsed.flags


def test_the_letter_wins_over_the_text_and_is_flagged() -> None:
    parsed = robust("Dry. So the answer is (b) pond.")
    assert (parsed.label, parsed.flags) == ("desert", ("letter-text-disagree",))


def test_the_paper_parser_takes_the_words_between_two_letters() -> None:
    raw = "Fish swim. So the answer is either (a) aquarium or (e) pond."
    assert parse(raw, CHOICE, POND, "paper").label == "aquarium or"


@pytest.mark.parametrize(
    ("raw", "label", "rung"),
    [
        ("Fish swim, so the answer is (e) pond.", "pond", "letter"),
        ("So the answer is (b) desert. Wait. So the answer is (e) pond.", "pond", "letter"),
        ("So the answer is E.", "pond", "letter"),
        ("So the answer is a pond.", "pond", "text"),
        ("So the answer is “The Moon”.", "the moon", "text"),
        ("So the answer is surely some pond nearby.", "pond", "contained"),
        ("The final answer is: **(e) pond**", "pond", "letter"),
        ("Fish swim.\nAnswer: pond", "pond", "text"),
        ('{"rationale": "Fish swim.", "label": "pond"}', "pond", "json"),
        ('```json\n{"reasoning": "Fish swim.", "answer": "(e)"}\n```', "pond", "json"),
        ("<think>So the answer is (a)</think>Fish swim. So the answer is (e).", "pond", "letter"),
    ],
)
def test_each_rung_of_the_ladder_finds_a_choice(raw: str, label: str, rung: str) -> None:
    parsed = robust(raw)
    assert (parsed.label, parsed.rung) == (label, rung)


@pytest.mark.parametrize(
    "raw", ["", "   ", "So the answer is", "So the answer is one of these four.", "So the answer is (z)."]
)
def test_what_names_no_choice_is_unparsed_and_never_blank(raw: str) -> None:
    parsed = robust(raw)
    assert parsed.label is None
    assert parsed.rung == "unparsed"


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("10 * 45 is 450. The answer is (10 * 45).", "(10 * 45)"),
        ("They shared, so the answer is (84 / 2).", "(84 / 2)"),
        ("The answer is (3 * 8) + 9.", "(3 * 8) + 9"),
        ("The answer is 1,024 apples.", "1,024"),
        ("The answer is $3.50.", "3.50"),
        ("The answer is 4 x 5.", "4 * 5"),
        ("The answer is 42 (forty-two).", "42"),
        ("The answer is -3.", "-3"),
    ],
)
def test_values_are_read_as_the_teacher_wrote_them(raw: str, label: str) -> None:
    assert robust(raw, "math").label == label


@pytest.mark.parametrize(
    "tail",
    [
        "(some - 8).",
        "(54 - (some - 28)).",
        "((415 - 309) - (41",
        "(2 * x).",
        "(14, 21).",
        "unknown.",
        "(1 / 0).",
    ],
)
def test_equations_without_a_value_are_unparsed(tail: str) -> None:
    assert robust(f"The answer is {tail}", "math").label is None


def test_the_paper_parser_keeps_equations_that_have_no_value_and_they_are_wrong() -> None:
    parsed = parse("The answer is (some - 8).", MATH, SUM, "paper")
    assert parsed.label == "(some - 8)"
    assert not same_label(MATH, parsed.label, "( 6 + 8 )", SUM, "paper")


def test_the_paper_parser_has_no_label_for_two_triggers() -> None:
    raw = "The answer is (1 + 2). No. The answer is (3 + 4)."
    assert parse(raw, MATH, SUM, "paper").label is None
    assert robust(raw, "math").label == "(3 + 4)"


def test_an_answer_without_trigger_is_guessed_from_its_last_sentence_and_flagged() -> None:
    parsed = robust("He had 16. So he has 16 - 7 = 9 peaches.", "math")
    assert (parsed.label, parsed.flags[0]) == ("9", "no-trigger")
    assert robust("He had 16. So he has 16 - 7", "math").label is None


@pytest.mark.parametrize(
    ("tail", "label"),
    [
        ("neutral.", "neutral"),
        ("Contradictory.", "contradiction"),
        ("yes.", "entailment"),
        ("it is not possible to tell.", "neutral"),
        ("that the premise entails it.", "entailment"),
        ("not entailment.", None),
        ("neutral or contradiction.", None),
    ],
)
def test_inference_labels_and_their_aliases(tail: str, label: str | None) -> None:
    assert robust(f"Rain is wet. So the answer is {tail}", "nli").label == label


def test_the_paper_parser_reads_both_inference_formats() -> None:
    assert parse("Wet. So the answer is neutral.\n\nPremise: x", NLI, PAIR, "paper").label == "neutral"
    assert parse("Wet.\nAnswer: entailment\n\nPremise: x", NLI, PAIR, "paper").label == "entailment"


def test_free_text_needs_the_trigger() -> None:
    assert robust("Kind words. So the answer is positive.", "text") == Parsed("Kind words.", "positive", "text")
    assert robust("positive", "text").label is None


@pytest.mark.parametrize(
    ("raw", "lost"),
    [
        ("Fish swim because", True),
        ("Fish swim. The answer is 4", True),
        ("Fish swim. The answer is 4.", True),
        ("Fish swim. The answer is 42 fish. Also", False),
        ("Fish swim. The answer is 42.\n\nQ: Wha", False),
        ("Fish swim. The answer is", True),
    ],
)
def test_a_length_cut_answer_counts_only_with_its_label_complete(raw: str, lost: bool) -> None:
    assert cut_off(raw, MATH) is lost


def test_a_prompts_own_stop_strings_cut_too() -> None:
    assert parse("The answer is 4.\nTask: The answer is 9.", MATH, SUM, stop=("Task:",)).label == "4"


def test_an_unknown_parser_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="no parser"):
        parse("x", TEXT, SUM, "best")
