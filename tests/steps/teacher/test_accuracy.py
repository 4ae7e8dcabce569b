from __future__ import annotations

from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher.accuracy import Answered, check


def test_an_unparsed_answer_counts_as_wrong() -> None:
    fields = {"input": "How many?"}
    rows = [Answered("The answer is 2.", "2", fields), Answered("I do not know.", "2", fields)]
    found = check(rows, TASKS["math"])
    assert (found["n"], found["parsed"], found["accuracy"]) == (2, 1, 0.5)
    assert found["by_rung"] == {"value": 1, "unparsed": 1}
    assert found["ci"][0] < 0.5 < found["ci"][1]


def test_no_answers_give_no_accuracy_and_the_widest_interval() -> None:
    assert check([], TASKS["math"]) == {"n": 0, "parsed": 0, "accuracy": 0.0, "ci": [0.0, 1.0], "by_rung": {}}
