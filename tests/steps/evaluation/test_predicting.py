from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Finished, Message, Predicted, Started, encode
from dsbs_gui.core.store import predictions, runs
from dsbs_gui.steps.evaluation import intake, metrics, plan
from dsbs_gui.steps.evaluation.specs import PredictSpec
from dsbs_gui.steps.evaluation.work import predicting
from dsbs_gui.steps.evaluation.work.serving import predict_lines
from dsbs_gui.students.answering import answers
from dsbs_gui.students.saving import save_student
from dsbs_gui.students.student import Student
from tests.students.tiny import talkative, tiny_t5


@pytest.fixture(scope="module")
def student() -> Student:
    return talkative(tiny_t5(seed=1, max_label=6, max_target=6))


@pytest.fixture
def folder(student: Student, tmp_path: Path) -> Path:
    save_student(student, tmp_path / "student", student.meta)
    return tmp_path / "student"


def _run(spec: PredictSpec, stop_after: int = 10_000) -> list[Message]:
    said: list[Message] = []
    asked = iter(range(1, 20_000))
    predicting.run(spec, said.append, lambda: next(asked) >= stop_after)
    return said


def test_predictions_go_through_job_intake_and_report(project: Project, folder: Path, student: Student) -> None:
    request = plan.predict_request(project, "train-1", student_dir=folder, rationales=True)
    assert all(set(row) == {"example_id", "input"} for row in request.inputs["input.jsonl"])  # no labels go out
    run_dir = folder.parent / "run"
    run_dir.mkdir()
    (run_dir / "input.jsonl").write_text("".join(json.dumps(row) + "\n" for row in request.inputs["input.jsonl"]))
    said = _run(PredictSpec(**(request.spec.to_json() | {"run_dir": str(run_dir), "batch_size": 4})))
    assert said[-1] == Finished("done", said[-1].summary)
    assert said[-1].summary["n"] == 10

    _take(project, request.context, said)
    stored = predictions.of_run(project.store.reader, "train-1", "test")
    direct = answers(student, [f"q{i}" for i in range(10)], explain=True)
    assert [p.prediction for p in stored] == [a.prediction for a in direct]
    assert [p.rationale for p in stored] == [a.rationale for a in direct]
    assert metrics.report(project.store.reader, project.task, "train-1")["n"] == 10
    assert [opening.run_id for opening in predictions.openings(project.store.reader)] == ["train-1"]


def test_a_stopped_prediction_says_so_and_half_a_split_is_not_kept(project: Project, folder: Path) -> None:
    run_dir = folder.parent / "run"
    run_dir.mkdir()
    (run_dir / "input.jsonl").write_text('{"example_id": 1, "input": "a"}\n{"example_id": 2, "input": "b"}\n')
    said = _run(PredictSpec(run_dir=str(run_dir), student_dir=str(folder), batch_size=1), stop_after=1)
    assert said[-1].status == "stopped"
    assert sum(len(m.rows) for m in said if isinstance(m, Predicted)) == 1

    context = {"student": "train-1", "split": "valid"}
    _take(project, context, said)
    assert predictions.of_run(project.store.reader, "train-1", "valid") == []
    assert predictions.openings(project.store.reader) == []


@pytest.mark.parametrize("end", [[], [Finished("stopped", {})]], ids=["killed", "stopped"])
def test_what_stood_before_stands_until_the_whole_split_is_predicted_again(project: Project, end: list) -> None:
    context = {"student": "train-1", "split": "test"}
    rows = [{"example_id": i, "prediction": "yes", "rationale": None} for i in (1, 2)]
    _take(project, context, [Predicted("test", tuple(rows)), Finished("done", {})])
    assert [p.example_id for p in predictions.of_run(project.store.reader, "train-1", "test")] == [1, 2]
    _take(project, context, [Predicted("test", (rows[0] | {"prediction": "no"},)), *end])
    stored = predictions.of_run(project.store.reader, "train-1", "test")
    assert [(p.example_id, p.prediction) for p in stored] == [(1, "yes"), (2, "yes")]


def _take(project: Project, context: dict, said: list[Message]) -> None:
    """What the owner does with what a worker says: it stands in the run's folder and goes through the intake."""
    made = project.store.write_now(
        lambda tx: runs.add(tx, kind="predict", title="", lane="gpu", spec={}, context=context)
    )
    events = [Event(seq, 0.0, message) for seq, message in enumerate([Started("predict", 1), *said], start=1)]
    folder = project.run_folder(made.id)
    folder.mkdir(parents=True)
    (folder / "events.jsonl").write_text("".join(encode(event) + "\n" for event in events))
    project.store.write_now(lambda tx: [intake.take(tx, made, event) for event in events])


def test_an_empty_split_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="split valid has no examples"):
        plan.predict_request(project, "train-1", student_dir=tmp_path, split="valid")


def test_predict_lines_answers_in_order_with_nothing_but_the_folder(
    folder: Path, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    lines = ["Mia has 4 pens.", "", "red", '{"input": "blue"}', "{no json"]
    found = list(predict_lines(folder, iter(lines), explain=True))
    assert [row["input"] for row in found] == ["Mia has 4 pens.", "", "red", "blue", "{no json"]
    direct = answers(student, [row["input"] for row in found], explain=True)
    assert [(row["prediction"], row["rationale"]) for row in found] == [(a.prediction, a.rationale) for a in direct]
    assert "rationale" not in next(predict_lines(folder, iter(["red"])))


def test_a_line_that_only_looks_like_json_is_an_input_like_any_other(folder: Path) -> None:
    lines = ['{"a":' * 100_000, '{"input": 5}']
    assert [row["input"] for row in predict_lines(folder, iter(lines))] == lines


def test_an_answer_never_waits_for_a_line_that_has_not_come(folder: Path) -> None:
    answered = threading.Event()

    def lines():
        yield "red"
        assert answered.wait(60), "the second line was read before the first was answered"
        yield "blue"

    found = predict_lines(folder, lines())
    next(found)
    answered.set()
    assert next(found)["input"] == "blue"
    assert list(found) == []
