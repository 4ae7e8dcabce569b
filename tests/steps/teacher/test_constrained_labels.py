"""Labels kept to those of the row: the embedded model, really run, where left alone it gives none."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.arithmetic import evaluate
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.teacher import label_grammar, parsing, plan
from dsbs_gui.steps.teacher.failures import CUT_OFF
from dsbs_gui.steps.teacher.prompts import Exemplar, Prompt
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work.asking import Reply, Request
from dsbs_gui.steps.teacher.work.llama_engine import LlamaEngine
from tests.core.store.filling import add_examples

from . import test_llama_lanes
from .gguf_files import embedded
from .test_generating import PROMPT, job
from .test_generating import answers as answers_of
from .working import SERVER

if TYPE_CHECKING:
    from pathlib import Path

TASK = task_named("choice")
STOPS = ("\nQ:",)
# Exemplars whose labels are no choices: what follows them are none either.
HEAD = (
    "Q: Where do fish live?\nAnswer Choices:\n(a) car\n(b) pond\n"
    "A: Fish swim. So the answer is somewhere wet and cold.\n\n"
    "Q: What is ice?\nAnswer Choices:\n(a) warm\n(b) cold\n"
    "A: Ice is frozen. So the answer is well known to everybody.\n\n"
)
FIELDS = [
    {"question": question, "choices": choices}
    for question, choices in [
        ("Where do birds sleep?", ["a nest", "the oven"]),
        ("What is red?", ["a tomato", "the sea"]),
        ("Who bakes bread?", ["a baker", "a café owner", 'a "thief"']),
        ("What flies?", ["a plane", "a house"]),
    ]
]
BARE = Prompt("choice", "", "Q:", "A:", "So the answer is", STOPS, ())
FREE = [Request(i, 0, f"{HEAD}Q: {TASK.student_input(fields)}\nA:") for i, fields in enumerate(FIELDS)]
KEPT = [
    replace(request, grammar=label_grammar.of_row(BARE, TASK, fields))
    for request, fields in zip(FREE, FIELDS, strict=True)
]
SPEC = GenerateSpec(model=str(embedded()), max_tokens=32, parallel=4, weights="given", prompt=BARE.to_json())


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def ask(engine: LlamaEngine, requests: list[Request]) -> list[Reply]:
    return sorted(engine.answer(iter(requests), lambda: False), key=lambda reply: reply.request.example_id)


def labels(replies: list[Reply]) -> list[str | None]:
    return [parsing.parse(r.raw, TASK, FIELDS[r.request.example_id], stop=STOPS).label for r in replies]


@pytest.mark.parametrize("n_lanes", [1, 2])
def test_rows_that_get_no_label_get_one_of_their_own(n_lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsbs_gui.steps.teacher.work.llama_layout.threads", lambda: 2)
    monkeypatch.setattr(test_llama_lanes, "PREFIX", HEAD)
    monkeypatch.setattr(test_llama_lanes, "REQUESTS", FREE)
    with closing(test_llama_lanes.with_lanes(n_lanes, SPEC)) as engine:
        assert len(engine.layout.shapes) == n_lanes
        free, kept, again = (ask(engine, requests) for requests in (FREE, KEPT, FREE))
    assert None in labels(free)
    assert all(label in fields["choices"] for label, fields in zip(labels(kept), FIELDS, strict=True))
    assert {reply.finish_reason for reply in kept} == {"stop"}
    for one, other in zip(free, kept, strict=True):  # up to where the label is announced the teacher was free
        found = label_grammar.cue(BARE.trigger).search(other.raw)
        assert found is not None
        assert one.raw.startswith(other.raw[: found.end()])
    assert [reply.raw for reply in again] == [reply.raw for reply in free], "a rule leaves nothing behind"


def test_sampled_labels_are_of_the_row_too_and_the_same_again() -> None:
    requests = [replace(KEPT[1], sample=sample) for sample in range(4)]
    spec = replace(SPEC, temperature=0.7, seed=1)
    first: list[Reply] = []
    second: list[Reply] = []
    for replies in (first, second):
        with closing(LlamaEngine(spec, HEAD, STOPS, [request.prompt for request in FREE])) as engine:
            replies += sorted(engine.answer(iter(requests), lambda: False), key=lambda r: r.request.sample)
    assert [reply.raw for reply in first] == [reply.raw for reply in second]
    announced = [reply for reply in first if reply.finish_reason == "stop"]
    assert announced
    assert set(labels(announced)) <= set(FIELDS[1]["choices"])


def test_a_label_that_comes_by_itself_is_left_as_it_is() -> None:
    """The figures too: they are those of the free model either way."""
    head = HEAD.replace("somewhere wet and cold", "(b) pond").replace("well known to everybody", "(b) cold")
    fields = {"question": "Where do birds sleep?", "choices": ["nest", "oven"]}
    free = Request(0, 0, f"{head}Q: {TASK.student_input(fields)}\nA:")
    with closing(LlamaEngine(replace(SPEC, parallel=1), head, STOPS, [free.prompt])) as engine:
        (alone,), (kept,) = (
            ask(engine, [free]),
            ask(engine, [replace(free, grammar=label_grammar.of_row(BARE, TASK, fields))]),
        )
    assert parsing.parse(alone.raw, TASK, fields, stop=STOPS).label in fields["choices"]
    assert alone.raw.startswith(kept.raw)
    for one, other in zip(kept.pieces, alone.pieces, strict=False):
        assert (one.start, one.end) == (other.start, other.end)
        assert one.logprob == pytest.approx(other.logprob, abs=0.01)


def test_an_abandoned_answer_gives_its_grammar_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from dsbs_gui.steps.teacher.work.llama_grammar import Grammar

    held: set[int] = set()
    opened: list[Grammar] = []
    init, close = Grammar.__init__, Grammar.close

    def noting_init(self: Grammar, *arguments: object) -> None:
        init(self, *arguments)  # type: ignore[arg-type]
        held.add(id(self))
        opened.append(self)

    def noting_close(self: Grammar) -> None:
        held.discard(id(self))
        close(self)

    monkeypatch.setattr(Grammar, "__init__", noting_init)
    monkeypatch.setattr(Grammar, "close", noting_close)
    with closing(LlamaEngine(SPEC, HEAD, STOPS, [request.prompt for request in FREE])) as engine:
        assert len(list(engine.answer(iter(KEPT), lambda: False))) == len(KEPT)
        assert not held
        assert len(opened) == len(KEPT)
        list(engine.answer(iter(KEPT), lambda: bool(held)))
        assert not held
        assert len(opened) > len(KEPT)


# ------------------------------------------------------------ the job and what asks for it


def test_the_job_keeps_each_row_to_numbers_and_a_cut_off_answer_is_still_a_failure(tmp_path: Path) -> None:
    wordy = replace(PROMPT, exemplars=(Exemplar({"input": "What is 2 + 3?"}, "2 + 3 = 5.", "5 of course, as ever"),))
    settings: dict[str, Any] = {"model": str(embedded()), "weights": "given", "prompt": wordy.to_json()}
    found = answers_of(job(tmp_path, n=2, constrain_label=True, **settings))
    for answer in found:
        announced = label_grammar.cue(PROMPT.trigger).search(answer.raw)
        if announced is None or answer.finish_reason == "length":
            assert answer.failure in ("", CUT_OFF)
        else:
            assert evaluate(answer.raw[announced.end() :].strip(" .$%").replace(",", "")) is not None
            assert answer.label_logprob is not None
    (short,) = answers_of(job(tmp_path, n=1, max_tokens=3, constrain_label=True, **settings))
    assert short.failure == CUT_OFF


def test_a_server_is_asked_as_before(tmp_path: Path) -> None:
    with closing(Project.create(tmp_path / "project", "nli")) as project:
        add_examples(project.store, ["x"], ["neutral"])
        plain, wanted = (
            plan.generate_request(project, teacher=SERVER, constrain_label=keep).spec.to_json()
            for keep in (False, True)
        )
        assert plain == wanted


def test_classes_are_those_of_the_project_and_open_labels_are_said_to_be_so(tmp_path: Path) -> None:
    with closing(Project.create(tmp_path / "project", "text")) as project:
        add_examples(project.store, [f"mail {i}" for i in range(6)], ["spam", "ham"] * 3)
        asked = [plan.generate_request(project, teacher="smollm2-135m", constrain_label=keep) for keep in (False, True)]
        assert [request.spec.to_json()["classes"] for request in asked] == [(), ("ham", "spam")]
        assert asked[0].context["cache_key"] != asked[1].context["cache_key"]
        add_examples(project.store, [f"letter {i}" for i in range(60)], [f"label {i}" for i in range(60)])
        with pytest.raises(UserError, match="are no classes"):
            plan.generate_request(project, teacher="smollm2-135m", constrain_label=True)
