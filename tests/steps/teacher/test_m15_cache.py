"""M15: nothing is paid for twice, an answer that was cut off is none, and the cap holds before it is crossed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.core.store import answers, examples, imports
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher import exemplars, parse_rules, plan, rereading
from dsbs_gui.steps.teacher.failures import CUT_OFF
from dsbs_gui.steps.teacher.parse_rules import DEFAULT, Rule
from dsbs_gui.steps.teacher.prompts import Prompt
from dsbs_gui.steps.teacher.work.asking import Reply, Request

from .working import SERVER, Adder, sums, work

BARE = Prompt("math", "", "Q:", "A:", "The answer is", ("\nQ:",), ())
FIELDS = {
    "nli": {"premise": "It rains.", "hypothesis": "It is wet."},
    "choice": {"question": "Where do fish live?", "choices": ["desert", "pond"]},
    "math": {"input": "What is 1 + 1?"},
    "text": {"input": "What a day."},
}
BROKEN_OFF = {
    "nli": "Rain makes things wet. So the answer is entail",
    "choice": "Fish swim. So the answer is (b) po",
    "math": "One and one. The answer is 1",
    "text": "Kind words. So the answer is posi",
}


class Cutting(Adder):
    """Every answer reaches the token limit."""

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        for request in requests:
            self.asked.append(request)
            yield Reply(request, self._says(request), "length", tokens_in=20, tokens_out=7)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = sums(tmp_path / "sums")
    yield opened
    opened.close()


def test_m15_a_second_run_makes_no_request_and_an_interruption_at_37_of_100_exactly_63_more(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = Adder()
    for stop_after, asked in ((37, 37), (None, 100), (None, 100)):
        wanted = plan.generate_request(project, teacher=SERVER, prompt=BARE)
        work(project, wanted, teacher, stop_after, monkey=monkeypatch)
        assert len(teacher.asked) == asked
    assert answers.tally(project.store.reader, "generate-3")["answers"] == 0


def test_m15_other_rules_for_reading_make_no_request(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = Adder()
    work(project, plan.generate_request(project, teacher=SERVER, prompt=BARE), teacher, monkey=monkeypatch)
    ladder = DEFAULT.added(Rule("sum", r"(?P<label>\d+) and one"))
    assert rereading.read_again(project.store, project.task, ladder) == 100
    assert parse_rules.of_project(project.store.reader) == ladder
    wanted = plan.generate_request(project, teacher=SERVER, prompt=BARE)
    assert plan.pending(project, wanted) == 0
    assert len(teacher.asked) == 100


@pytest.mark.parametrize("task", sorted(TASKS))
def test_m15_an_answer_cut_off_at_the_limit_is_a_failure_and_no_rationale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    project = Project.create(tmp_path / task, task)
    fields = FIELDS[task]
    row = {"line": 1, "id": None, "fields": fields, "input": TASKS[task].student_input(fields), "label": None}

    def fill(tx: Transaction) -> None:
        examples.add(tx, [row], split="train", import_id=imports.start(tx, "import-0", "x", "train", {}, None))

    try:
        project.store.write_now(fill)
        wanted = plan.generate_request(project, teacher=SERVER, prompt=exemplars.bundled(task, []))
        run = work(project, wanted, Cutting(lambda _: BROKEN_OFF[task]), monkey=monkeypatch)
        assert run.summary["failed"] == {CUT_OFF: 1}
        [answer] = answers.of_example(project.store.reader, 1)
        assert (answer.failure, answer.rationale, answer.label) == (CUT_OFF, None, None)
        assert answer.raw == BROKEN_OFF[task]
        example = examples.get(project.store.reader, 1)
        assert example is not None
        assert (example.state, example.rationale, example.teacher_label) == ("empty", None, None)
    finally:
        project.close()


def test_m15_the_cap_stops_before_the_request_that_would_cross_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = Adder()
    wanted = plan.generate_request(project, teacher=SERVER, prompt=BARE, budget_tokens=200)
    run = work(project, wanted, teacher, monkey=monkeypatch)
    used = run.summary["tokens_in"] + run.summary["tokens_out"]
    assert run.summary["stopped_by"] == "budget"
    assert used <= 200 < used + teacher.cost(teacher.asked[0])
