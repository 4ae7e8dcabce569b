"""Messages survive the way through a line of JSON; what is no event is told apart."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.protocol import (
    TYPES,
    Evaluated,
    Event,
    Finished,
    Predicted,
    StepMetrics,
    TeacherAnswer,
    Unknown,
    decode,
    encode,
)

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(raw=texts, seconds=st.floats(allow_nan=False, allow_infinity=False), hinted=st.booleans())
def test_an_answer_with_any_text_survives(raw: str, seconds: float, hinted: bool) -> None:
    answer = TeacherAnswer(7, 0, raw, "stop", seconds=seconds, hinted=hinted)
    line = encode(Event(3, 1.5, answer))
    assert "\n" not in line
    assert decode(line) == Event(3, 1.5, answer)


def test_rows_come_back_as_tuples_so_that_messages_stay_frozen() -> None:
    message = Predicted("test", ({"example_id": 1, "prediction": "a", "rationale": None},))
    assert decode(encode(Event(1, 0.0, message))).message == message


def test_a_loss_that_is_not_a_number_is_told_and_not_hidden() -> None:
    read = decode(encode(Event(1, 0.0, StepMetrics(2, {"loss": math.nan, "lr": math.inf})))).message
    assert isinstance(read, StepMetrics)
    assert math.isnan(read.values["loss"])
    assert read.values["lr"] == math.inf


def test_nan_elsewhere_is_refused_because_it_is_not_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode(Event(1, 0.0, Finished("done", {"accuracy": math.nan})))


def test_an_unknown_type_is_kept_whole() -> None:
    event = decode('{"seq": 4, "t": 2, "type": "FromTheFuture", "x": [1]}')
    assert event == Event(4, 2.0, Unknown("FromTheFuture", {"x": [1]}))


def test_a_new_field_of_a_known_message_is_passed_over() -> None:
    body = json.loads(encode(Event(1, 0.0, Evaluated(5, "valid", 10, 7)))) | {"later": True}
    assert decode(json.dumps(body)).message == Evaluated(5, "valid", 10, 7)


@pytest.mark.parametrize(
    "line",
    [
        *("", "[]", "3", "{}", '{"seq": 1}', '{"seq": Infinity, "t": 0, "type": "Finished"}'),
        *('{"seq": 1, "t": 0, "type": "Finished"}', '{"seq": 1, "t": 0, "type": "Finis'),
        '{"seq": 1, "t": 0, "type": "StepMetrics", "step": 1}',
        '{"seq": 1, "t": 0, "type": "StepMetrics", "step": 1, "values": [0.5]}',
        '{"seq": 1, "t": 0, "type": "StepMetrics", "step": 1, "values": {"loss": null}}',
    ],
)
def test_a_line_that_is_no_whole_event_raises_value_error(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(line)


def test_every_message_that_costs_money_or_time_is_durable() -> None:
    durable = {name for name, cls in TYPES.items() if cls.durable}
    assert {"TeacherAnswer", "Predicted", "CheckpointSaved", "Finished", "Failed", "RowsRead"} <= durable
    assert not durable & {"Progress", "StepMetrics"}
