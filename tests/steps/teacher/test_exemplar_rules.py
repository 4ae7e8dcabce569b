"""What makes an exemplar unfit is said at its field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher import exemplars, held_out
from dsbs_gui.steps.teacher.exemplar_rules import Problem, classes, problems
from dsbs_gui.steps.teacher.held_out import Row, identity
from dsbs_gui.steps.teacher.prompts import Exemplar, Prompt

from .workshop import PROMPT, import_rows


def with_one(task: str, fields: dict, rationale: str = "So.", label: str = "4") -> Prompt:
    return Prompt(task, "", "Q:", "A:", "So", (), (Exemplar(fields, rationale, label),))


@pytest.mark.parametrize("task", TASKS)
def test_our_own_exemplars_are_fit(task: str) -> None:
    assert problems(exemplars.bundled(task), {}) == []


FISH = {"question": "Where do fish live?", "choices": ["sky", "water"]}


@pytest.mark.parametrize(
    ("prompt", "field", "text"),
    [
        (with_one("math", {"input": " "}), "input", "The input is empty."),
        (with_one("math", {"input": "x"}, rationale=" "), "rationale", "The rationale is empty."),
        (with_one("math", {"input": "x"}, label=""), "label", "The label is empty."),
        (with_one("math", {"input": "x"}, label="four"), "label", "The label “four” is neither a number nor"),
        (with_one("choice", FISH, label="tree"), "label", "The label “tree” is none of the choices."),
        (with_one("choice", FISH | {"question": ""}, label="sky"), "question", "The question is empty."),
        (with_one("choice", FISH | {"choices": ["sky"]}, label="sky"), "choices", "There are fewer than two choices."),
        (with_one("choice", FISH | {"choices": ["sky", " "]}, label="sky"), "choices", "A choice is empty."),
        (with_one("nli", {"premise": "a", "hypothesis": ""}), "hypothesis", "The hypothesis is empty."),
        (with_one("nli", {"premise": "a", "hypothesis": "b"}, label="perhaps"), "label", "The label “perhaps” is none"),
    ],
)
def test_each_fault_is_found_at_its_field(prompt: Prompt, field: str, text: str) -> None:
    (found,) = problems(prompt, {})
    assert (found.exemplar, found.field) == (0, field)
    assert found.text.startswith(text)


def test_the_wording_must_not_be_blank() -> None:
    assert problems(replace(PROMPT, trigger=" ", question_prefix=""), {}) == [
        Problem(None, "question_prefix", "The question prefix is empty."),
        Problem(None, "trigger", "The trigger is empty."),
    ]


def test_a_label_outside_the_classes_of_the_project_is_told() -> None:
    prompt = with_one("text", {"input": "Nice"}, label="Positive")
    assert problems(prompt, {}, ("negative", "positive")) == []
    (found,) = problems(prompt, {}, ("bad", "good"))
    assert found.text == "The label “Positive” is none of this project’s: bad, good."
    assert not found.blocks


def test_classes_are_few_labels_that_recur() -> None:
    text, math = TASKS["text"], TASKS["math"]
    assert classes(text, {"a": 3, "b": 9, "": 4}) == ("a", "b")
    assert classes(text, {"a": 1, "b": 1}) == ()
    assert classes(math, {"1": 9}) == ()


def test_an_exemplar_that_stands_there_twice_is_named() -> None:
    prompt = replace(PROMPT, exemplars=(*PROMPT.exemplars, Exemplar({"input": "two  and TWO"}, "x", "4")))
    (found,) = problems(prompt, {})
    assert str(found) == "Exemplar 3: This is exemplar 1 again."
    assert not found.blocks


def test_an_exemplar_from_test_is_named_with_its_row() -> None:
    task = TASKS["choice"]
    rows = {identity(task, {"question": "where do FISH live", "choices": ["the water", "Sky."]}): Row(8, "test", 3)}
    (found,) = problems(with_one("choice", FISH, label="sky"), rows)
    assert found.field == "question"
    assert found.text == "This is row 8 of test, line 3 of its file: an exemplar must not come from valid or test."
    unfinished = problems(with_one("choice", FISH, label=""), rows)
    assert [problem.field for problem in unfinished] == ["label", "question"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "toys", "math")
    yield made
    made.close()


def test_rows_of_valid_and_test_are_known_and_known_anew_after_a_split(project: Project) -> None:
    (train,) = import_rows(project, ["Ann has 1."])
    (valid,) = import_rows(project, ["Bob has 2."], split="valid")
    task = project.task
    assert [row.id for row in held_out.rows(project).values()] == [valid]
    project.store.write_now(lambda tx: examples.set_splits(tx, {train: "test", valid: "train"}))
    found = held_out.rows(project)
    assert found == {identity(task, {"input": "ann has 1"}): Row(train, "test", 1)}
    assert held_out.rows(project) is found
