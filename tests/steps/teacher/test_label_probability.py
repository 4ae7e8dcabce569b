"""How probable a label is: the figure of the real model, and what the project keeps of it when rules change."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dsbs_gui.core.store import answers
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.teacher import parse_rules, parsing, plan, rereading
from dsbs_gui.steps.teacher.marking import label_place
from dsbs_gui.steps.teacher.parse_rules import DEFAULT, Rule
from dsbs_gui.steps.teacher.work.asking import Piece, Reply
from dsbs_gui.steps.teacher.work.llama_answer import Answer
from dsbs_gui.steps.teacher.work.transcript import Transcript

from .gguf_files import embedded
from .test_generating import PROMPT, job
from .test_generating import answers as answers_of
from .working import SERVER, Adder, sums, work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.protocol import ShouldStop
    from dsbs_gui.steps.teacher.work.asking import Request

LABEL_LOGPROB = -0.14


@pytest.fixture(autouse=True)
def _nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_figure_is_that_of_the_models_own_logits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against ``llama_cpp.Llama``, which is given the same tokens: log-softmax of those that the label consists of."""
    from llama_cpp import Llama

    asked: list[str] = []
    tokens: list[int] = []
    write = Answer._write

    def recording(self: Answer, token: int, piece: bytes, logprob: float) -> None:
        asked[:] = [self.request.prompt]
        tokens.append(token)
        write(self, token, piece, logprob)

    monkeypatch.setattr(Answer, "_write", recording)
    (said,) = answers_of(job(tmp_path, n=1, model=str(embedded()), weights="given", parallel=1))
    peer = Llama(str(embedded()), n_ctx=256, logits_all=True, verbose=False)
    try:
        before = peer.tokenize(asked[0].encode())
        peer.eval(before + tokens)
        scores = np.array(peer.scores[len(before) - 1 : len(before) - 1 + len(tokens)], np.float64)
        ends = [len(peer.detokenize(tokens[: n + 1]).decode()) for n in range(len(tokens))]
    finally:
        peer.close()
    logprobs = [
        row[t] - row.max() - np.log(np.exp(row - row.max()).sum()) for row, t in zip(scores, tokens, strict=True)
    ]
    task = task_named("math")
    read = parsing.parse(said.raw, task, {"input": ""}, stop=PROMPT.stop)
    place = label_place(said.raw, read.rationale, read.label, read.rung, task, PROMPT.stop)
    assert place is not None
    assert said.raw[slice(*place)] == read.label
    starts = [0, *ends[:-1]]
    of_label = [p for p, start, end in zip(logprobs, starts, ends, strict=True) if start < place[1] and end > place[0]]
    assert 0 < len(of_label) < len(tokens)
    assert said.label_logprob == pytest.approx(sum(of_label), abs=0.05)
    assert said.label_logprob > sum(logprobs)


def test_a_character_of_several_tokens_belongs_to_all_of_them() -> None:
    transcript = Transcript(())
    places = []
    for piece in (b"a ", "é".encode()[:1], "é".encode()[1:], b"!"):
        start = len(transcript.text)
        transcript.feed(piece)
        places.append((start, transcript.reach))
    assert transcript.text == "a é!"
    assert places == [(0, 2), (2, 3), (2, 3), (3, 4)]


# ------------------------------------------------------------ what the project keeps


class Sure(Adder):
    """Every character is a token, the less probable the later it comes; the label is the one at place 14."""

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        for reply in super().answer(requests, should_stop):
            pieces = tuple(Piece(-place / 100, place, place + 1) for place in range(len(reply.raw)))
            yield replace(reply, pieces=pieces)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = sums(tmp_path / "project", 3)
    work(made, plan.generate_request(made, teacher=SERVER), Sure(_with_hashes), monkey=monkeypatch)
    yield made
    made.close()


def _with_hashes(request: Request) -> str:
    number = int(request.prompt.rsplit("What is ", 1)[1].split()[0])
    return f"The answer is {number + 1}.\n#### 9"


def kept(project: Project) -> list[float | None]:
    return [answer.label_logprob for answer in answers.each(project.store.reader)]


def test_the_figure_is_kept_with_the_answer(project: Project) -> None:
    assert kept(project) == [LABEL_LOGPROB] * 3


def test_an_answer_without_a_label_or_of_a_teacher_that_does_not_say_has_no_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sums(tmp_path / "other", 1)) as made:
        work(made, plan.generate_request(made, teacher=SERVER), Sure(lambda _: "No idea at all"), monkey=monkeypatch)
        work(made, plan.generate_request(made, teacher=SERVER, seed=1, temperature=1), Adder(), monkey=monkeypatch)
        assert [answer.label for answer in answers.each(made.store.reader)] == [None, "1"]
        assert kept(made) == [None, None]


def test_rules_that_find_the_label_in_the_same_place_keep_its_figure(project: Project) -> None:
    again = Rule("sentence", r"^The answer is (?P<label>\d+)\.")
    assert rereading.read_again(project.store, project.task, DEFAULT.added(again)) == 3
    assert {answer.rung for answer in answers.each(project.store.reader)} == {"sentence"}
    assert kept(project) == [LABEL_LOGPROB] * 3


def test_rules_that_find_the_label_elsewhere_leave_no_stale_figure(project: Project) -> None:
    hashes = Rule("hashes", r"^#### (?P<label>.+)$")
    assert rereading.read_again(project.store, project.task, DEFAULT.added(hashes)) == 3
    assert {answer.label for answer in answers.each(project.store.reader)} == {"9"}
    assert kept(project) == [None] * 3
    rereading.read_again(project.store, project.task, DEFAULT)
    assert kept(project) == [None] * 3


@pytest.mark.parametrize(
    ("pattern", "expected"), [(r"^#### (?P<label>.+)$", None), (r"^The answer is (?P<label>\d+)", LABEL_LOGPROB)]
)
def test_rules_that_changed_while_the_job_ran_decide_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, expected: float | None
) -> None:
    with closing(sums(tmp_path / "other", 1)) as made:
        request = plan.generate_request(made, teacher=SERVER)
        made.store.write_now(lambda tx: parse_rules.put(tx, DEFAULT.added(Rule("own", pattern))))
        work(made, request, Sure(_with_hashes), monkey=monkeypatch)
        assert kept(made) == [expected]


def test_an_equal_row_takes_the_figure_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = Sure(_with_hashes)
    with closing(sums(tmp_path / "twins", 2, text=lambda i: "What is 1 + 1?")) as made:
        for limit in (1, 2):
            work(made, plan.generate_request(made, teacher=SERVER, limit=limit), teacher, monkey=monkeypatch)
        assert len(teacher.asked) == 1
        assert kept(made) == [LABEL_LOGPROB] * 2
