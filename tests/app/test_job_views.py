"""What the strip and the sheet say about a run, in every state."""

from __future__ import annotations

from typing import Any

import pytest

from dsbs_gui.app import job_views
from dsbs_gui.app.job_sheet import facts, report
from dsbs_gui.app.resuming import can_resume
from dsbs_gui.core.rates import Rate
from dsbs_gui.core.store.runs import Run

NOW = 1_000_000.0


def run(**changes: Any) -> Run:
    values: dict[str, Any] = {
        "id": "generate-1", "number": 1, "kind": "generate", "title": "Generate 1 000 rationales", "lane": "gpu",
        "state": "running", "position": 1.0, "spec": {}, "context": {}, "created": NOW - 100, "started": NOW - 90,
        "ended": None, "phase": "Generating", "done": 412, "total": 1000, "unit": "rows", "summary": {}, "reason": "",
        "hint": "", "report": "", "last_seq": 7,
    }  # fmt: skip
    return Run(**(values | changes))


def plain(text: str) -> str:
    return text.replace("\u2009", " ").replace("\u00a0", " ")


def sentence(of: Run, rate: Rate | None = None, ahead: int = 0) -> str:
    return plain(job_views.view(of, rate, ahead, NOW).sentence)


def paced() -> Rate:
    rate = Rate()
    for second in range(11):
        rate.note(NOW - 10 + second, "Generating", 402 + second)
    return rate


def test_a_running_job_tells_phase_count_rate_and_time_left() -> None:
    assert sentence(run(), paced()) == "Generating · 412 of 1 000 · 1.0 rows/s · about 10 min"
    assert job_views.view(run(), None, 0, NOW).fraction == pytest.approx(0.412)


def test_before_the_first_report_it_says_that_it_starts() -> None:
    assert sentence(run(phase="", done=0, total=None)) == "Starting"
    assert job_views.view(run(total=None), None, 0, NOW).fraction is None


def test_a_paused_job_has_no_pace() -> None:
    assert sentence(run(state="paused"), paced()) == "Paused · Generating · 412 of 1 000"


def test_a_stopping_job_says_so() -> None:
    assert sentence(run(state="stopping")).startswith("Stopping at the next step · Generating")


def test_a_waiting_job_says_for_how_many_it_waits() -> None:
    waiting = run(state="queued", started=None)
    assert sentence(waiting) == "Starts next"
    assert sentence(waiting, ahead=1) == "Waits for 1 other job"
    assert sentence(waiting, ahead=3) == "Waits for 3 other jobs"


def test_an_ended_job_says_how_and_when() -> None:
    done = run(state="done", ended=NOW - 78)
    assert sentence(done) == "Done · 1 minute ago · took 12 s"
    failed = run(state="failed", ended=NOW - 10, reason="The disk is full.")
    assert sentence(failed) == "Failed · just now · The disk is full."


def test_the_list_begins_with_what_works_then_the_queue_then_the_newest() -> None:
    runs = [
        run(id="old", state="done", ended=NOW - 900),
        run(id="new", state="failed", ended=NOW - 9),
        run(id="second", state="queued", position=7.0),
        run(id="first", state="queued", position=3.0),
        run(id="working"),
    ]
    assert [r.id for r in job_views.in_order(runs)] == ["working", "first", "second", "new", "old"]
    said = {view.key: plain(view.sentence) for view in job_views.views(runs, {}, NOW)}
    assert said["first"] == "Waits for 1 other job"
    assert said["second"] == "Waits for 2 other jobs"


def test_a_lane_with_room_for_several_is_waited_for_when_it_is_full() -> None:
    network = [run(id=str(i), lane="network", state="queued" if i > 1 else "running", position=i) for i in range(5)]
    said = [plain(view.sentence) for view in job_views.views(network, {}, NOW)[2:]]
    assert said == ["Starts next", "Waits for 1 other job", "Waits for 2 other jobs"]


def test_lanes_do_not_wait_for_each_other() -> None:
    runs = [run(id="a"), run(id="b", lane="disk", state="queued")]
    assert job_views.views(runs, {}, NOW)[1].sentence == "Starts next"


def test_only_what_left_something_behind_can_be_resumed() -> None:
    assert can_resume(run(state="interrupted", kind="train"))
    assert can_resume(run(state="stopped", kind="train"))
    assert not can_resume(run(state="running", kind="train"))
    assert not can_resume(run(state="done", kind="train"))
    assert not can_resume(run(state="failed", kind="import"))
    assert not can_resume(run(state="stopped", kind="train", started=None)), "it never began"


def test_facts_leave_out_what_is_not_known() -> None:
    names = [name for name, _ in facts(run(started=None, done=0))]
    assert names == ["Name"]
    assert ("Took", "12\u00a0s") in facts(run(state="done", ended=NOW - 78))


def test_the_report_has_the_reason_and_the_log_but_no_prompt_and_no_key() -> None:
    text = report(
        run(
            state="failed",
            reason="The server refused.",
            spec={"model": "m.gguf", "prompt": {"exemplars": ["secret text of the data"]}, "hint": ""},
            report="Traceback …",
        ),
        "line 1\nkey sk-canary0123456789\n",
    )
    for wanted in ("generate-1 · generate · failed", "The server refused.", "m.gguf", "Traceback", "line 1"):
        assert wanted in text
    assert "secret text" not in text
    assert "canary" not in text
