from __future__ import annotations

import pytest

from dsbs_gui.core.arithmetic import evaluate
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import answers, examples, predictions
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.evaluation import comparison, metrics
from dsbs_gui.steps.evaluation.metrics import Judged


def _judged(task_name: str, rows: list[tuple[str, str]], fields: dict | None = None) -> list[Judged]:
    task = task_named(task_name)
    found = fields or {}
    return [Judged(i, said, gold, found, task.same(said, gold, found)) for i, (said, gold) in enumerate(rows)]


def test_accuracy_macro_f1_and_invalid_rate_by_hand() -> None:
    task = task_named("nli")
    rows = _judged(
        "nli",
        [
            ("entailment", "entailment"),
            ("yes", "entailment"),
            ("neutral", "entailment"),
            ("neutral", "neutral"),
            ("banana", "contradiction"),
            ("", "contradiction"),
        ],
    )
    found = metrics.summary(rows, task)
    assert found["accuracy"] == pytest.approx(3 / 6)
    assert found["ci"] == list(wilson(3, 6))
    assert found["invalid"] == pytest.approx(2 / 6)
    # entailment: 2 hits, 3 gold, 2 said; neutral: 1 hit, 1 gold, 2 said; contradiction: none.
    assert found["macro_f1"] == pytest.approx((2 * 2 / 5 + 2 * 1 / 3 + 0) / 3)


def test_macro_f1_is_that_of_scikit_learn_for_plain_classes() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    pairs = [("red", "red"), ("blue", "red"), ("blue", "blue"), ("green", "green"), ("red", "green"), ("red", "red")]
    rows = _judged("text", pairs)
    expected = sklearn.f1_score([gold for _, gold in pairs], [said for said, _ in pairs], average="macro")
    assert metrics.macro_f1(rows, task_named("text")) == pytest.approx(expected)


def test_equations_of_the_same_value_count_as_right_and_text_as_invalid() -> None:
    rows = _judged("math", [("( 84.0 / 2.0 )", "42"), ("(1,2)", "3"), ("43", "42")])
    found = metrics.summary(rows, task_named("math"))
    assert evaluate("(1,2)") is None
    assert (found["accuracy"], found["invalid"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_the_majority_line_is_the_commonest_gold_label() -> None:
    rows = _judged("text", [("x", "red"), ("x", "Red "), ("x", "blue")])
    assert metrics.majority(rows, task_named("text")) == pytest.approx(2 / 3)


def _predict(project: Project, run_id: str, wrong: set[int]) -> None:
    known = examples.page(project.store.reader, list(examples.ids(project.store.reader)))
    rows = [
        predictions.Prediction(run_id, "test", e.id, e.label if e.id not in wrong else "maybe", None, e.id not in wrong)
        for e in known.values()
    ]
    project.store.write_now(lambda tx: predictions.put(tx, rows))


def test_students_and_teacher_stand_side_by_side_with_a_verdict(project: Project) -> None:
    _predict(project, "train-1", wrong={1})
    _predict(project, "train-2", wrong={1, 2, 3, 4, 5, 6, 7, 8, 9})

    def teach(tx) -> None:
        for example_id, agree in ((1, True), (2, False)):
            answer = answers.NewAnswer(example_id, "generate-1", "teacher", "T", "raw", label="yes", agree=agree)
            answers.add(tx, answer)
        hinted = answers.NewAnswer(3, "generate-1", "teacher", "T", "raw", label="yes", agree=True, hinted=True)
        answers.add(tx, hinted)
        unparsed = answers.NewAnswer(4, "generate-1", "teacher", "T", "no idea", failure="unparsed")
        answers.add(tx, unparsed)

    project.store.write_now(teach)
    found = comparison.compare(project.store.reader, project.task, ["train-1", "train-2"])
    assert [(row["run"], row["n"], row["accuracy"]) for row in found["rows"]] == [
        ("train-1", 10, 0.9),
        ("train-2", 10, pytest.approx(0.1)),
        ("teacher", 3, pytest.approx(1 / 3)),
    ]
    assert found["majority"] == 0.5
    pair = found["pairs"][0]
    assert (pair["only_a"], pair["only_b"], pair["difference"]) == (8, 0, pytest.approx(0.8))
    assert pair["p"] == pytest.approx(2 / 256)
    assert pair["p_holm"] == pytest.approx(6 / 256)
    assert pair["significant"]
    assert pair["verdict"].startswith("train-1 is better than train-2 by 80.0 points")
    assert "not enough evidence" in found["verdict"]
    assert found["pairs"][1]["n"] == 3


def test_not_enough_evidence_is_a_verdict(project: Project) -> None:
    _predict(project, "train-1", wrong={1})
    _predict(project, "train-2", wrong={2, 3})
    names = {"train-1": "One", "train-2": "Two"}
    found = comparison.compare(project.store.reader, project.task, ["train-1", "train-2"], names=names)
    assert found["verdict"].startswith("Not enough evidence that One and Two differ: +10.0 points")
    assert found["verdict"].endswith("p = 1.000, 10 rows).")
    assert not found["pairs"][0]["significant"]


def test_a_row_that_has_left_the_split_counts_for_nobody(project: Project) -> None:
    _predict(project, "train-1", wrong={1, 2})
    project.store.write_now(lambda tx: examples.set_splits(tx, {2: "train", 3: "train"}))
    report = metrics.report(project.store.reader, project.task, "train-1")
    assert (report["n"], report["accuracy"]) == (8, pytest.approx(7 / 8))


def test_runs_without_predictions_are_named(project: Project) -> None:
    with pytest.raises(UserError, match="train-1"):
        metrics.report(project.store.reader, project.task, "train-1")
    with pytest.raises(UserError, match="train-1 has no judged predictions"):
        comparison.compare(project.store.reader, project.task, ["train-1"])
    with pytest.raises(UserError, match="no run “train-9”"):
        comparison.compare(project.store.reader, project.task, ["train-9"])
    with pytest.raises(UserError, match="nothing to compare"):
        comparison.compare(project.store.reader, project.task, [])
