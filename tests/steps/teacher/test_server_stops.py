"""T1: a stop does not wait for the server, whatever that is doing. Seconds are measured in ``journeys/test_gaps.py``.

Here it is asserted that the job ends long before any deadline of a request, with what had come until then.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.protocol import Finished, Message, TeacherAnswer
from dsbs_gui.steps.teacher.work import generating

from . import fault_server as fault
from .fault_server import Handler, Mode, answer, raw, serving, status
from .test_generating import PROMPT

PATIENCE_S = 120.0  # of one request, as the program has it
IN_TIME_S = 30.0  # a second on an idle machine
GOOD_FIRST = 2


def chunks_for_ever(handler: Handler, _: dict[str, Any]) -> None:
    """A reply that goes on and on in small chunks, each of which comes soon."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while not handler.server.hanging.wait(0.02):
        handler.wfile.write(b"1\r\n \r\n")
        handler.wfile.flush()
    handler.close_connection = True


HINDRANCES: dict[str, Mode] = {
    "silence": fault.never,
    "slow drip": fault.drip,
    "chunks for ever": chunks_for_ever,
    "an endless body": fault.endless,
    "429, wait two minutes": status(429, Retry_After="120"),
    "503, wait two minutes": status(503, Retry_After="120"),
    "500 again and again": status(500),
    "half a body of JSON": raw(b'{"choices": [{"fin'),
}


def run_until_hindered(tmp_path: Path, mode: Mode, models_s: float = 0.0, **settings: Any) -> tuple[list[Message], int]:
    """Generate until ``mode`` has been met, then stop: what was said, and how many requests came after the stop."""
    rows = [
        {"example_id": i, "fields": {"input": f"What is {i} + 1?"}, "samples": [0], "gold": None} for i in range(99)
    ]
    (tmp_path / "input.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said: list[Message] = []
    stopped_at: list[float] = []
    n_before: list[int] = []

    with serving(*[answer()] * GOOD_FIRST, mode) as server:
        server.slow_models_s = models_s

        def should_stop() -> bool:
            n_good = sum(isinstance(message, TeacherAnswer) and not message.failure for message in said)
            met = (len(server.asked) > GOOD_FIRST and n_good >= GOOD_FIRST) or bool(models_s)
            if met and not stopped_at:
                stopped_at.append(time.monotonic())
                n_before.append(len(server.asked))
            return bool(stopped_at)

        spec = generating.GenerateSpec(
            run_dir=str(tmp_path), task="math", prompt=PROMPT.to_json(), teacher_kind="server", model=server.address,
            **({"model_name": "only", "parallel": 4} if not models_s else {}), **settings,
        )  # fmt: skip
        generating.run(spec, said.append, should_stop)
        took = time.monotonic() - stopped_at[0]
        assert took < IN_TIME_S < PATIENCE_S
        print(f"stopped after {took:.2f} s")
        return said, len(server.asked) - n_before[0]


@pytest.mark.parametrize("mode", HINDRANCES.values(), ids=HINDRANCES)
def test_a_stop_does_not_wait_for_a_server(tmp_path: Path, mode: Mode) -> None:
    said, n_after = run_until_hindered(tmp_path, mode)
    (end,) = [message for message in said if isinstance(message, Finished)]
    assert end.status == "stopped"
    given = [message for message in said if isinstance(message, TeacherAnswer)]
    assert sum(not message.failure for message in given) == GOOD_FIRST, "what came is kept, no more"
    assert n_after <= 4, "no more than was on its way"


def test_a_stop_does_not_wait_for_the_list_of_models(tmp_path: Path) -> None:
    said, n_after = run_until_hindered(tmp_path, answer(), models_s=60)
    assert [message.status for message in said if isinstance(message, Finished)] == ["stopped"]
    assert n_after == 0


@pytest.mark.parametrize(
    "settings", [{"requests_per_minute": 3}, {"tokens_per_minute": 700}], ids=["requests", "tokens"]
)
def test_a_stop_does_not_wait_for_the_users_own_pace(tmp_path: Path, settings: dict[str, int]) -> None:
    said, n_after = run_until_hindered(tmp_path, answer(), **settings)
    assert [message.status for message in said if isinstance(message, Finished)] == ["stopped"]
    assert n_after <= 4, "no more than was on its way"
