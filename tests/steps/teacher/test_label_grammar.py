"""What may follow once a label is announced: the grammars, as llama.cpp itself reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.teacher import exemplars
from dsbs_gui.steps.teacher.label_grammar import BEGUN, ROOT, cue, of_row
from dsbs_gui.steps.teacher.work.llama_grammar import Grammar
from dsbs_gui.steps.teacher.work.llama_model import LlamaModel

from .gguf_files import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

CHOICES = ("ice", "ice cream", 'a "café"', "back\\slash", "two\nlines", "U.S. army", "\ud800")


@pytest.fixture(scope="module")
def model() -> Iterator[LlamaModel]:
    loaded = LlamaModel(embedded())
    yield loaded
    loaded.close()


def follows(model: LlamaModel, grammar: str, text: str, root: str = ROOT) -> bool:
    """Whether the whole text, token by token, may follow and end there."""
    rules = Grammar(model, grammar, root)
    try:
        for token in model.tokens(text):
            if not rules.allows_one(token):
                return False
            rules.accept(token)
        return rules.complete
    finally:
        rules.close()


def grammar(task: str, **fields: Any) -> str:
    labels = ("1", "2") if task == "math" else ("1 + 2", "3 * 4") if task == "math-equation" else ()
    name = task.removesuffix("-equation")
    return of_row(exemplars.bundled(name, labels), task_named(name), fields, fields.get("classes", ()))


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        (" (a) ice", True),
        (" (b) ice cream.", True),
        (": (b) ice cream.", True),
        (' (c) a "café".', True),
        (" (d) back\\slash", True),
        (" (e) two\nlines", True),
        (" (f) U.S. army.", True),
        (" (f) U.", False),
        (" (a) ice cream", False),
        (" (b)", False),
        (" ice", False),
        ("", False),
    ],
)
def test_only_a_choice_with_its_letter_may_follow(model: LlamaModel, said: str, allowed: bool) -> None:
    assert follows(model, grammar("choice", choices=CHOICES), said) is allowed


@pytest.mark.parametrize(
    ("task", "said", "allowed"),
    [
        ("nli", " neutral.", True),
        ("nli", " neutrally", False),
        ("math", " 13.", True),
        ("math", " -3.5", True),
        ("math", " $1,000,000", True),
        ("math", " 12%", True),
        ("math", " thirteen", False),
        ("math", " 13 apples", False),
        ("math", " (84 / 2).", False),
        ("math-equation", " (84 / 2).", True),
        ("math-equation", " ((415 - 309) - 41)", True),
        ("math-equation", " (84 / 2", False),
        ("math-equation", " (some - 2)", False),
    ],
)
def test_only_a_label_of_the_task_may_follow(model: LlamaModel, task: str, said: str, allowed: bool) -> None:
    assert follows(model, grammar(task), said) is allowed


def test_only_a_class_of_the_project_may_follow_where_there_are_classes(model: LlamaModel) -> None:
    made = grammar("text", classes=("spam", "no spam"))
    assert follows(model, made, " no spam")
    assert not follows(model, made, " ham")
    assert grammar("text") == ""


def test_a_space_that_is_written_already_is_not_asked_for_again(model: LlamaModel) -> None:
    assert follows(model, grammar("nli"), "neutral", BEGUN)
    assert not follows(model, grammar("nli"), " neutral", BEGUN)


def test_what_is_not_allowed_is_refused_before_llama_would_end_the_process(model: LlamaModel) -> None:
    rules = Grammar(model, grammar("nli"), ROOT)
    with pytest.raises(ValueError, match="not allowed"):
        rules.accept(model.tokens("no")[0])
    every = rules.allows(np.arange(model.n_vocabulary, dtype=np.int32))
    assert 0 < every.sum() < 50
    rules.close()


def test_what_is_no_grammar_is_refused(model: LlamaModel) -> None:
    with pytest.raises(ValueError, match="cannot read the grammar"):
        Grammar(model, "root ::= unknown", ROOT)


@pytest.mark.parametrize(
    ("trigger", "text", "found"),
    [
        ("So the answer is", "Fish swim. So the answer is", True),
        ("So the answer is", "Fish swim, the final answer is", True),
        ("Hence we say", "Fish swim. hence\nwe say", True),
        ("Hence we say", "Fish swim. Hence we", False),
        ("Label:", "Fish swim. Label:", True),
        ("", "Fish swim.", False),
    ],
)
def test_a_label_is_announced_by_the_prompts_words_or_the_usual_ones(trigger: str, text: str, found: bool) -> None:
    assert (cue(trigger).search(text) is not None) is found
