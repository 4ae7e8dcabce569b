"""From a row to an example, for each task; and the guess of task and columns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.data.cells import Problem
from dsbs_gui.steps.data.mapping import guess, parse_map, resolve
from dsbs_gui.steps.data.shaping import Shaped, shape, shaper


def shaped(values: dict[str, Any], task: str, **mapping: str) -> Shaped:
    result = shape(values, resolve(task_named(task), mapping, list(values)), task_named(task))
    assert isinstance(result, Shaped), result
    return result


def problem(values: dict[str, Any], task: str, **mapping: str) -> str:
    result = shape(values, resolve(task_named(task), mapping, list(values)), task_named(task))
    assert isinstance(result, Problem), result
    return result.reason


@pytest.mark.parametrize(
    "values",
    [
        {"question": "Q?", "choices": ["park", "zoo"], "answer": "zoo"},
        {"question": "Q?", "choices": ["park", "zoo"], "answer": "B"},
        {"question": "Q?", "choices": ["park", "zoo"], "answer": "(b)"},
        {"question": "Q?", "choices": ["park", "zoo"], "answer": "1"},
        {"question": "Q?", "choices": '["park", "zoo"]', "answer": "zoo"},
        {"question": "Q?", "choices": {"label": ["A", "B"], "text": ["park", "zoo"]}, "answerKey": "B"},
        {"question": "Q?", "choices": {"label": ["1", "2"], "text": ["park", "zoo"]}, "answerKey": "2"},
        {
            "question": "Q?",
            "choices": [{"label": "A", "text": "park"}, {"label": "B", "text": "zoo"}],
            "answer": "B",
        },
        {"question": "Q?", "choices": "(a) park\n(b) zoo", "answer": "b"},
        {"question": "Q?", "choice_a": "park", "choice_b": "zoo", "answer": "B"},
        {"input": "Q?\nAnswer Choices:\n(a) park\n(b) zoo", "answer": "zoo"},
    ],
)
def test_choices_come_in_many_shapes_and_labels_become_their_text(values: dict[str, Any]) -> None:
    example = shaped(values, "choice")
    assert example.fields == {"question": "Q?", "choices": ["park", "zoo"]}
    assert example.label == "zoo"
    assert example.input == "Q?\nAnswer Choices:\n(a) park\n(b) zoo"


def test_a_choice_that_is_a_number_is_its_text_before_it_is_an_index() -> None:
    assert shaped({"question": "Q?", "choices": ["2", "1"], "answer": "1"}, "choice").label == "1"


@pytest.mark.parametrize(
    ("columns", "label", "meant"),
    [
        ("option1 option2 option3", "1", "park"),
        ("option1 option2 option3", "3", "lake"),
        ("option1 option2 option3", "B", "zoo"),
        ("ending0 ending1 ending2", "1", "zoo"),
        ("choice_a choice_b choice_c", "1", "zoo"),
        ("right wrong other", "0", "park"),
        ("right wrong other", "(c)", "lake"),
    ],
)
def test_a_label_means_the_column_of_its_letter_or_number(columns: str, label: str, meant: str) -> None:
    names = columns.split()
    values = {"q": "Q?", **dict(zip(names, ("park", "zoo", "lake"), strict=True)), "answer": label}
    assert shaped(values, "choice", question="q", choices=",".join(names)).label == meant
    values[names[1]] = ""  # a blank choice shifts no label to its neighbour
    if meant == "zoo":
        assert "none of the choices" in problem(values, "choice", question="q", choices=",".join(names))
    else:
        assert shaped(values, "choice", question="q", choices=",".join(names)).label == meant


def test_a_label_that_is_none_of_the_choices_is_a_bad_row() -> None:
    assert "none of the choices" in problem({"question": "Q?", "choices": ["a b", "c"], "answer": "x y"}, "choice")
    assert "fewer than two" in problem({"question": "Q?", "choices": ["a b"], "answer": "a b"}, "choice")


def test_choice_columns_can_be_listed() -> None:
    values = {"q": "Q?", "x": "park", "y": "zoo", "answer": "park"}
    assert shaped(values, "choice", question="q", choices="x,y").fields["choices"] == ["park", "zoo"]


def test_body_and_question_are_joined_as_the_reference_code_does() -> None:
    values = {"Body": "Tom has 3 pens.", "Question": "How many?", "Equation": "( 3.0 )"}
    assert guess(list(values), [values]).task == "math"
    example = shaped(values, "math")
    assert example.fields == {"input": "Tom has 3 pens.\nHow many?"}
    assert example.label == "( 3.0 )"


@pytest.mark.parametrize(
    ("label", "meant"),
    [("0", "entailment"), ("c", "contradiction"), ("Neutral", "neutral"), ("-1", None), ("", None)],
)
def test_nli_labels_become_their_names(label: str, meant: str | None) -> None:
    example = shaped({"premise": "p", "hypothesis": "h", "label": label}, "nli")
    assert example.label == meant
    assert example.input == "p</s>h"
    assert (example.respelt is not None) == (label not in ("", meant))


def test_an_empty_label_is_an_example_without_one() -> None:
    assert shaped({"input": "x", "label": "  "}, "math").label is None
    assert shaped({"input": "x", "label": None}, "text").label is None
    assert "neither a number" in problem({"input": "x", "label": "many"}, "math")


def test_values_that_are_no_text_are_named() -> None:
    assert "holds a list" in problem({"input": ["a", "b"], "label": "x"}, "text")
    assert shaped({"input": ["a"], "label": True}, "text").label == "true"


@pytest.mark.parametrize(
    ("row", "task"),
    [
        ({"input": "x", "label": "( 84.0 / 2.0 )", "teacher_output": "…"}, "math"),
        ({"question": "x", "choices": ["a", "b"], "answer": "a"}, "choice"),
        ({"premise": "a", "hypothesis": "b", "label": "neutral"}, "nli"),
        ({"sentence1": "a", "sentence2": "b", "gold_label": "neutral"}, "nli"),
        ({"text": "great film", "label": "positive"}, "text"),
        ({"question": "q", "option_a": "1", "option_b": "2", "option_c": "3", "answer": "A"}, "choice"),
    ],
)
def test_the_task_is_guessed_from_names_and_labels(row: dict[str, Any], task: str) -> None:
    assert guess(list(row), [row]).task == task


def test_a_field_mapped_to_nothing_is_left_out() -> None:
    columns = ["input", "label", "rationale"]
    assert resolve(task_named("text"), {"rationale": ""}, columns) == {"input": ["input"], "label": ["label"]}


def test_a_column_name_with_a_plus_is_a_column() -> None:
    assert resolve(task_named("text"), {"input": "a+b"}, ["a+b", "a", "b"])["input"] == ["a+b"]
    assert resolve(task_named("text"), {"input": "a+b"}, ["a", "b"])["input"] == ["a", "b"]


def test_mistakes_in_the_mapping_are_named() -> None:
    with pytest.raises(UserError, match="FIELD=COLUMN") as caught:
        parse_map(["label"])
    assert "label=answer" in caught.value.hint
    with pytest.raises(UserError, match="no field"):
        parse_map(["colour=red"])
    with pytest.raises(UserError, match="twice"):
        parse_map(["label=a", "label=b"])
    assert parse_map(["label=a=b", "id="]) == {"label": "a=b", "id": ""}
    with pytest.raises(UserError, match="premise and hypothesis"):
        resolve(task_named("nli"), {}, ["text", "label"])
    with pytest.raises(UserError, match="has no field “premise”"):
        resolve(task_named("text"), {"premise": "text"}, ["text", "label"])


CELLS = st.one_of(
    st.none(), st.just(""), st.just("  "), st.sampled_from(["0", "e", "entailment", "7", "x"]), st.text(max_size=5)
)


@pytest.mark.parametrize("task", ["nli", "math", "text", "choice"])
@given(data=st.data())
def test_many_rows_are_shaped_as_one_is(task: str, data: st.DataObject) -> None:
    kind = task_named(task)
    names = [*kind.fields, "id", "label", "rationale", "teacher"]
    columns = {name: [name] for name in names if name in kind.fields or data.draw(st.booleans())}
    quick = shaper(columns, kind)
    for _ in range(4):
        values = {name: data.draw(st.one_of(CELLS, st.integers(0, 3), st.just(["a", "b"]))) for name in names}
        assert quick(values) == shape(values, columns, kind)
