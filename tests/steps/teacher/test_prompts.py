from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher import exemplars
from dsbs_gui.steps.teacher.hints import hint, mentions_hint
from dsbs_gui.steps.teacher.prompts import (
    Exemplar,
    Prompt,
    prefix,
    render,
    spoken_label,
    stops_as_lines,
    stops_from_lines,
)

CHOICE = Prompt(
    task="choice",
    instruction="Answer the question.",
    question_prefix="Q:",
    answer_prefix="A:",
    trigger="So the answer is",
    stop=("\nQ:",),
    exemplars=(Exemplar({"question": "Where do fish live?", "choices": ["sky", "water"]}, "Fish swim.", "water"),),
)


def test_a_choice_prompt_has_the_format_of_the_released_outputs() -> None:
    row = {"question": "What flies?", "choices": ["bird", "stone"]}
    assert render(CHOICE, row) == (
        "Answer the question.\n\n"
        "Q: Where do fish live?\nAnswer Choices:\n(a) sky\n(b) water\n"
        "A: Fish swim. So the answer is (b) water.\n\n"
        "Q: What flies?\nAnswer Choices:\n(a) bird\n(b) stone\nA:"
    )


def test_the_exemplar_block_is_the_same_for_every_row() -> None:
    rows = [{"question": f"What is {n}?", "choices": ["x", "y"]} for n in range(3)]
    assert all(render(CHOICE, row).startswith(prefix(CHOICE)) for row in rows)


def test_an_inference_prompt_names_premise_and_hypothesis() -> None:
    nli = Prompt("nli", "", "Premise:", "Answer:", "So the answer is", ("Premise:",), ())
    assert render(nli, {"premise": "It rains.", "hypothesis": "It is wet."}) == (
        "Premise: It rains.\nHypothesis: It is wet.\nAnswer:"
    )


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("42", "42"),
        ("84 / 2", "(84 / 2)"),
        ("( 84.0 / 2.0 )", "( 84.0 / 2.0 )"),
        ("(1 + 2) * (3 + 4)", "((1 + 2) * (3 + 4))"),
    ],
)
def test_equations_stand_in_parentheses_and_numbers_do_not(label: str, written: str) -> None:
    assert spoken_label(TASKS["math"], label, {"input": "?"}) == written


def test_a_prompt_survives_json_and_its_hash_tells_versions_apart() -> None:
    again = Prompt.from_json(CHOICE.to_json())
    assert again == CHOICE
    assert again.hash == CHOICE.hash
    assert dataclasses.replace(CHOICE, trigger="The answer is").hash != CHOICE.hash


def test_a_hint_tells_the_gold_label_and_leaves_the_prefix_alone() -> None:
    row = {"question": "What flies?", "choices": ["bird", "stone"]}
    text = render(CHOICE, row, hint(TASKS["choice"], "bird", row))
    assert text.startswith(prefix(CHOICE))
    assert "Hint: the correct answer is (a) bird." in text
    assert text.endswith("\nA:")


@pytest.mark.parametrize(
    "rationale",
    [
        "As the hint says, it is a bird.",
        "I was told it is a bird.",
        "The correct answer is given as bird.",
        "Since it was stated, bird.",
        "According to the given answer it flies.",
    ],
)
def test_rationales_that_mention_being_told_are_recognised(rationale: str) -> None:
    assert mentions_hint(rationale)


@pytest.mark.parametrize(
    "rationale",
    ["Birds have wings, so they fly.", "The answer must be something with wings.", "She told him 3 jokes."],
)
def test_honest_rationales_are_not_refused(rationale: str) -> None:
    assert not mentions_hint(rationale)


@pytest.mark.parametrize("name", ["choice", "math", "math-equation", "nli", "text"])
def test_a_prompt_written_as_toml_is_read_back_the_same(name: str, tmp_path: Path) -> None:
    prompt = exemplars.bundled_named(name, name.partition("-")[0])
    file = tmp_path / "out.toml"
    file.write_text(exemplars.to_toml(prompt, "Made by a test.\nTwo lines."), "utf-8")
    assert file.read_text("utf-8").startswith("# Made by a test.\n# Two lines.\n")
    assert exemplars.from_file(file, prompt.task) == prompt


def test_any_text_survives_toml(tmp_path: Path) -> None:
    nasty = 'A "quoted" \\ line,\n\ttabs\u2028 and \'\'\' """ λ 🙂 =\n[[exemplar]]\n'
    prompt = dataclasses.replace(
        CHOICE,
        instruction=nasty.strip(),
        version="own: 01",
        stop=("\nQ:", "\r\n"),
        exemplars=(Exemplar({"question": nasty, "choices": ["a, b", nasty]}, "x\ry\r\nz", "a, b"),),
    )
    file = tmp_path / "out.toml"
    file.write_bytes(exemplars.to_toml(prompt).encode())
    assert exemplars.from_file(file, "choice") == prompt


@pytest.mark.parametrize("stop", [(), ("\nQ:",), ("\n\n", "a\\nb", "\\", "tab\t", "\r\n"), ("Premise:", "\\x")])
def test_stop_strings_are_edited_as_lines_without_loss(stop: tuple[str, ...]) -> None:
    assert stops_from_lines(stops_as_lines(stop)) == stop


def test_an_empty_line_is_no_stop_string_and_an_unknown_escape_stays() -> None:
    assert stops_from_lines("\n\\nQ:\n\n\\d\n") == ("\nQ:", "\\d")
