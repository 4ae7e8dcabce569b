"""A night's run: what failed, what was approved, what was spent, and that its size does not matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Message, ShouldStop, TeacherAnswer
from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import answers, decisions, examples, runs, tally
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.steps.teacher import intake, ledger, overview, plan, prices, spending
from dsbs_gui.steps.teacher.prices import Price
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work import generating
from dsbs_gui.steps.teacher.work.asking import Reply, Request

from .fault_server import answer, serving, status
from .working import SERVER, Adder, rows_of, sums, work

GOOD = answer("It is 2. The answer is 2.", tokens=(20, 7))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = sums(tmp_path / "sums", 40)
    yield opened
    opened.close()


def request(project: Project, **choices: Any) -> JobRequest:
    return plan.generate_request(project, **{"teacher": SERVER, **choices})


# ---------------------------------------------------------------- what failed


def test_only_what_failed_is_asked_again_and_counts_no_longer_once_it_is_answered(project: Project) -> None:
    faults = [GOOD, status(400, "no"), answer("", tokens=(20, 0)), GOOD]
    with serving(*faults) as server:
        choices = {"teacher": server.address, "parallel": 1}
        work(project, request(project, limit=10, **choices))
        assert list(answers.failing(project.store.reader, "train")) == [2, 3]
        wanted = request(project, only_failed=True, **choices)
        assert [row["example_id"] for row in rows_of(wanted)] == [2, 3]
        work(project, wanted)
        assert len(server.asked) == 12
        with pytest.raises(UserError, match="has failed"):
            request(project, only_failed=True, **choices)


def test_what_would_fail_again_is_asked_again_only_by_name(project: Project) -> None:
    with serving(answer("Let me", "length")) as server:
        choices = {"teacher": server.address, "limit": 3}
        work(project, request(project, **choices))
        assert plan.pending(project, request(project, **choices)) == 0
        assert plan.pending(project, request(project, only_failed=True, **choices)) == 3
        assert plan.pending(project, request(project, teacher=server.address, ids=[2])) == 1
        assert plan.pending(project, request(project, max_tokens=300, **choices)) == 3


# ---------------------------------------------------------------- what was approved


def test_another_teachers_answers_replace_nothing_that_a_person_decided_or_wrote(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(project, request(project, limit=4), Adder(), monkey=monkeypatch)

    def decide(tx: Any) -> None:
        decisions.set_state(tx, Selection.of([1]), "accepted")
        decisions.set_state(tx, Selection.of([2]), "rejected")
        decisions.edit(tx, 3, rationale="Mine.")

    project.store.write_now(decide)
    before = examples.page(project.store.reader, [1, 2, 3])
    other = Adder(lambda _: "Other words. The answer is 1.")
    change = {"teacher": "http://localhost:8080/v1#other", "temperature": 0.7, "ids": [1, 2, 3, 4]}
    work(project, request(project, **change), other, monkey=monkeypatch)
    assert len(other.asked) == 4
    assert examples.page(project.store.reader, [1, 2, 3]) == before
    four = examples.get(project.store.reader, 4)
    assert four is not None
    assert four.rationale == "Other words."
    assert {a.teacher for a in answers.of_example(project.store.reader, 1)} == {"large", "other"}, "both are there"


def test_answers_that_were_asked_for_to_compare_stand_beside_what_is_there(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(project, request(project, limit=2), Adder(), monkey=monkeypatch)
    before = examples.page(project.store.reader, [1, 2])
    other = Adder(lambda asked: "Other words. The answer is 1.")
    change = {"teacher": "http://localhost:8080/v1#other", "ids": [1, 2, 3]}
    work(project, request(project, **change, aside=True), other, monkey=monkeypatch)
    now = examples.page(project.store.reader, [1, 2, 3])
    assert [now[i].rationale for i in (1, 2)] == [before[i].rationale for i in (1, 2)]
    assert now[1].offered is not None
    assert (now[3].rationale, now[3].offered) == ("Other words.", None), "there was nothing to compare with"
    assert plan.pending(project, request(project, **change)) == 0, "the same is not asked twice"


# ---------------------------------------------------------------- what was spent


def test_a_budget_in_tokens_is_not_spent_twice_whatever_ended_the_run(project: Project) -> None:
    with serving(GOOD) as server:
        choices = {"teacher": server.address, "parallel": 1, "max_tokens": 30, "budget_tokens": 2_000}
        first = work(project, request(project, **choices), stop_after=5)
        assert spending.of_teacher(project, str(first.context["teacher"])).tokens == 5 * 27
        work(project, request(project, **choices), stop_after=3, end="interrupted")
        last = work(project, request(project, **choices))
        assert last.summary["done"] == 32
        spent = spending.of_teacher(project, str(first.context["teacher"]))
        assert spent.tokens == 27 * len(server.asked) == 27 * 40
        small = request(project, **choices | {"budget_tokens": 1_000, "temperature": 0.5})
        assert work(project, small).summary["stopped_by"] == "budget"
        assert len(server.asked) == 40, "all of it was spent before"


def test_what_a_killed_worker_was_asking_counts_at_the_most_that_it_may_have_cost(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    price = Price(10.0, 100.0)
    choices = {"budget_money": 1.0, "price": price, "limit": 2}
    run = work(project, request(project, **choices), Adder(), stop_after=0, end="interrupted", monkey=monkeypatch)
    book = ledger.Ledger(project.run_folder(run.id))
    book.ask((1, 0), ledger.Usage(200, 30))
    book.settle((1, 0), ledger.Usage(20, 7))
    book.ask((2, 0), ledger.Usage(200, 30))
    book.close()
    with (project.run_folder(run.id) / ledger.FILE).open("a") as file:
        file.write('["ask", 3, 0, 2')  # cut in half by the kill
    spent = spending.of_teacher(project, "large")
    assert spent.tokens == 27 + 230
    assert spent.money == pytest.approx((220 * 10 + 37 * 100) / 1e6)
    made = request(project, **choices)
    assert (made.spec.to_json()["spent_tokens"], made.spec.to_json()["budget_money"]) == (257, 1.0)
    assert spending.of_teacher(project, "other") == spending.Spent()


def test_money_without_prices_and_two_runs_on_one_budget_are_refused(project: Project) -> None:
    with pytest.raises(UserError, match="needs prices"):
        request(project, budget_money=1.0)
    wanted = request(project, budget_tokens=1_000)
    project.store.write_now(
        lambda tx: runs.add(
            tx, kind="generate", title="T", lane="network", spec=wanted.spec.to_json(), context=wanted.context
        )
    )
    with pytest.raises(UserError, match="spends from this budget"):
        request(project, budget_tokens=1_000, limit=1)


def test_prices_are_kept_by_teacher_in_the_settings_and_nowhere_in_a_project(tmp_path: Path, project: Project) -> None:
    settings = Settings(tmp_path / "settings.toml")
    prices.keep(settings, "org/model = 2", Price(0.15, 0.6))
    prices.keep(settings, "other", Price(3, 15))
    prices.keep(settings, "other", prices.FREE)
    assert prices.kept(Settings(tmp_path / "settings.toml"), "org/model = 2") == Price(0.15, 0.6)
    assert prices.kept(settings, "other") == prices.FREE
    assert [prices.money(x) for x in (0, 4.2, 0.0123, 1234.5, 0.00001)] == [
        "0.00\u00a0$", "4.20\u00a0$", "0.012\u00a0$", "1\u2009234.50\u00a0$", "below 0.0001\u00a0$",
    ]  # fmt: skip
    settings.prices = ["broken = x / y", "other"]
    assert prices.kept(settings, "broken") == prices.FREE


def test_a_pilot_says_what_all_will_take(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    price = Price(1.0, 10.0)
    made = request(project, limit=20)
    run = work(project, made, Adder(), monkey=monkeypatch)
    project.store.write_now(lambda tx: runs.set_summary(tx, run.id, {**run.summary, "seconds": 10.0}))
    found = overview.evidence(project.store.reader, "large", str(made.context["cache_key"]), price)
    assert found is not None
    assert (found.n, found.same, found.agreement is not None) == (20, True, True)
    assert (found.seconds_for(40), found.tokens_for(40)) == (20.0, 1_080.0)
    assert found.cost_for(40) == pytest.approx((800 * 1 + 280 * 10) / 1e6)
    other = overview.evidence(project.store.reader, "large", "other settings", price)
    assert other is not None
    assert not other.same


# ---------------------------------------------------------------- the size of a run


class Counted:
    """Passes a transaction on and counts its statements."""

    def __init__(self, tx: Any) -> None:
        self._tx = tx
        self.n = 0

    def execute(self, *arguments: Any) -> Any:
        self.n += 1
        return self._tx.execute(*arguments)

    def insert(self, *arguments: Any, **values: Any) -> Any:
        self.n += 1
        return self._tx.insert(*arguments, **values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)


def test_taking_in_an_answer_costs_the_same_however_many_there_are(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = work(project, request(project, limit=1), Adder(), monkey=monkeypatch)
    costs: dict[int, int] = {}

    def take(tx: Any) -> None:
        for i in range(2, 40):
            counted = Counted(tx)
            message = TeacherAnswer(i, 0, "So. The answer is 1.", "stop")
            intake.take(counted, runs.get(tx, run.id), Event(i, 0.0, message))  # type: ignore[arg-type]
            costs[i] = counted.n

    project.store.write_now(take)
    assert len(set(costs.values())) == 1
    assert costs[2] < 20


def test_counting_a_run_reads_only_what_is_new(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run = work(project, request(project, limit=30), Adder(), monkey=monkeypatch)
    db = project.store.reader
    half = tally.go_on(db, run.id)
    assert (half.answers, half.done, half.parsed, half.agree, half.compared) == (30, 30, 30, 30, 30)
    assert (half.tokens_in, half.tokens_out, dict(half.rungs)) == (600, 210, {"value": 30})
    plan_of = db.execute(
        "EXPLAIN QUERY PLAN SELECT count(*) FROM answers WHERE id > ? AND +run_id = ?", (half.last_id, run.id)
    ).fetchall()
    assert "USING INTEGER PRIMARY KEY (rowid>?)" in plan_of[0][3]
    assert tally.go_on(db, run.id, half) is half


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_memory_of_a_row_is_the_same_for_a_hundred_thousand_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Owner and job in one process; the engine keeps nothing."""
    monkeypatch.setattr(generating, "open_engine", lambda *_: Forgetful())
    grown: dict[int, float] = {}
    for n in (10_000, 100_000):
        project, folder = sums(tmp_path / str(n), n), RunFolder(tmp_path / f"job-{n}")
        try:
            before = psutil.Process().memory_info().rss
            wanted = request(project)
            folder.make("generate", wanted.spec.to_json(), wanted.inputs)
            said: Counter[str] = Counter()
            spec = GenerateSpec.from_json({**wanted.spec.to_json(), "run_dir": str(folder.path)})
            generating.run(spec, partial(count, said), lambda: False)
            grown[n] = (psutil.Process().memory_info().rss - before) / 1024 / n
            assert said["TeacherAnswer"] == n
        finally:
            project.close()
    print({n: f"{kib:.2f} KiB a row" for n, kib in grown.items()})
    assert grown[100_000] < 1.0, "of a row, less than a kibibyte stays in memory"


class Forgetful(Adder):
    """As its base, but it does not remember what it was asked."""

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        for reply in super().answer(requests, should_stop):
            self.asked.clear()
            yield reply


def count(said: Counter[str], message: Message) -> None:
    said[type(message).__name__] += 1
