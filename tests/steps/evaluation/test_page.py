from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples, predictions, runs, training
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.evaluation.ui import page as page_module
from dsbs_gui.steps.evaluation.ui.page import EvaluationPage


@pytest.fixture
def page(project: Project, qtbot) -> Iterator[EvaluationPage]:
    bridge = Bridge(project)
    made = EvaluationPage(project, bridge)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    made.hide()
    bridge.close()


def keep_students(project: Project) -> None:
    """Both runs have a student; half of the ten examples are for validation."""

    def write(tx) -> None:
        examples.set_splits(tx, {i: "valid" for i in range(1, 6)})
        for run_id in ("train-1", "train-2"):
            training.add_checkpoint(tx, run_id, 10, "checkpoints/best-000010", True)

    project.store.write_now(write)


def predict(project: Project, run_id: str, split: str, right: bool) -> None:
    rows = [
        predictions.Prediction(run_id, split, e.id, e.label if right else "maybe", None, right)
        for e in examples.each(project.store.reader)
        if e.split == split
    ]
    project.store.write_now(lambda tx: predictions.put(tx, rows))


def test_without_a_student_the_page_leads_to_training(page: EvaluationPage, qtbot) -> None:
    page.refresh()
    qtbot.waitUntil(page.is_empty)
    with qtbot.waitSignal(page.go_to, check_params_cb=lambda step: step == "training"):
        page._empty.button.click()


def test_students_are_asked_on_validation_and_the_labels_stay_here(
    page: EvaluationPage, project: Project, qtbot, tmp_path: Path
) -> None:
    keep_students(project)
    page.refresh()
    qtbot.waitUntil(lambda: page.evaluate_button.isEnabled())
    assert page.evaluate_button.text() == "Evaluate 2\u00a0students"
    assert page.accuracy.isHidden()
    page.evaluate()
    qtbot.waitUntil(lambda: len(runs.all_runs(project.store.reader, "predict")) == 2)
    asked = runs.all_runs(project.store.reader, "predict")
    assert {run.context["student"] for run in asked} == {"train-1", "train-2"}
    assert {run.spec["split"] for run in asked} == {"valid"}
    rows = project.run_folder(asked[0].id) / "input.jsonl"
    qtbot.waitUntil(rows.is_file)
    assert "label" not in rows.read_text()


def test_figures_verdict_and_differing_rows_are_shown(page: EvaluationPage, project: Project, qtbot) -> None:
    keep_students(project)
    predict(project, "train-1", "valid", True)
    predict(project, "train-2", "valid", False)
    page.refresh()
    qtbot.waitUntil(lambda: page.flipped.model.rowCount() == 5, timeout=20_000)
    assert "“one” and “two” differ" in page.accuracy.verdict.text()  # five rows are too few
    assert "100.0" in page.accuracy.whisker.accessibleDescription()
    assert "5 rows)" in page.accuracy.verdict.text()
    assert "chosen on validation rows" in page.accuracy.caveat.text()
    assert page.pairs.model.rowCount() == 1
    assert page.evaluate_button.text() == "Evaluate 2\u00a0students again"


def test_who_has_answered_other_rows_is_named_with_their_number(page: EvaluationPage, project: Project, qtbot) -> None:
    keep_students(project)
    predict(project, "train-1", "valid", True)
    predict(project, "train-2", "valid", True)
    page.refresh()
    qtbot.waitUntil(lambda: page.accuracy.note.text().startswith("on 5"), timeout=20_000)
    project.store.write_now(lambda tx: examples.set_splits(tx, {5: "test", 6: "valid", 7: "valid"}))
    page.refresh()
    qtbot.waitUntil(lambda: page.accuracy.note.text().startswith("on the rows that each"), timeout=20_000)
    assert "one · 4\u00a0rows" in page.accuracy.whisker.accessibleDescription()
    assert page.evaluate_button.text() == "Evaluate 2\u00a0students"  # the new rows are still to be asked
    assert {s.missing for s in page.students._students.values()} == {2}


def test_a_run_that_still_trains_is_no_student_yet(page: EvaluationPage, project: Project, qtbot) -> None:
    keep_students(project)
    project.store.write_now(lambda tx: runs.set_state(tx, "train-2", "running"))
    page.refresh()
    qtbot.waitUntil(lambda: page.evaluate_button.isEnabled())
    assert page.evaluate_button.text() == "Evaluate 1\u00a0student"


def test_the_test_split_is_locked_until_it_is_unlocked_on_purpose(
    page: EvaluationPage, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_students(project)
    predict(project, "train-1", "test", True)
    project.store.write_now(lambda tx: predictions.record_opening(tx, "train-1", "me"))
    page.split.set_value("test")
    page.refresh()
    qtbot.waitUntil(page.is_empty)
    assert "opened once" in page._empty.accessibleDescription()
    assert not page.evaluate_button.isEnabled()

    asked: list[str] = []
    monkeypatch.setattr(page_module, "confirm", lambda *words: bool(asked.append(words[2])))
    page._empty.button.click()
    assert "opened once" in asked[0]
    assert page.is_empty()  # the question was answered with no

    monkeypatch.setattr(page_module, "confirm", lambda *_: True)
    page._empty.button.click()
    qtbot.waitUntil(lambda: not page.is_empty())
    assert "100.0" in page.accuracy.whisker.accessibleDescription()
    assert "opened once" in page.header.subtitle.text()
