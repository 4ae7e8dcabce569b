"""Watching runs on the Training page: curves, facts, samples, and what is remembered."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dsbs_gui.core import gpus
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Progress
from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import runs, training
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.training import overview, points
from dsbs_gui.steps.training.details import facts
from dsbs_gui.steps.training.ui.details_strip import cells
from dsbs_gui.steps.training.ui.watch_view import WatchView

COUNTS = {"train": 1000, "valid": 100}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "text")
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.toml")


@pytest.fixture
def view(project: Project, settings: Settings, qtbot) -> Iterator[WatchView]:
    bridge = Bridge(project)
    made = WatchView(project, bridge, settings)
    qtbot.addWidget(made)
    made.resize(800, 1000)
    made.show()
    yield made
    made.hide()
    bridge.close()


def add_run(project: Project, method: str = "step-by-step", state: str = "running", steps=(10, 20), **values) -> str:
    """A run with metrics at ``steps``."""

    def write(tx) -> str:
        context = {"student": "starter", "counts": COUNTS, "data_hash": "3fa8c1d2" * 8}
        spec = {"method": method, "patience": 3}
        run = runs.add(tx, kind="train", title=f"A {method} run", lane="gpu", spec=spec, context=context)
        runs.set_state(tx, run.id, "running")
        runs.set_progress(tx, run.id, "Training", max(steps, default=0), 900, "steps")
        write_metrics(tx, run.id, steps, **values)
        if state != "running":
            runs.set_state(tx, run.id, state)
        return run.id

    return project.store.write_now(write)


def write_metrics(tx, run_id: str, steps, **values) -> None:
    for step in steps:
        found = {"label_loss": 1.0 / step, "rationale_loss": 2.0 / step, "loss": 3.0 / step}
        found |= {"lr": 1e-3, "grad_norm": 5.0, "examples_per_s": 31.0, "tokens_per_s": 2100.0} | values
        training.add_metrics(tx, run_id, step, found)


def evaluate(project: Project, run_id: str, step: int, correct: int, *samples: dict) -> None:
    project.store.write_now(lambda tx: training.add_evaluation(tx, run_id, step, "valid", 10, correct, samples))


def show(view: WatchView, project: Project, *chosen: str, teacher=None) -> None:
    found = {v.id: v for v in overview.run_views(project.store.reader, view._views)}
    view.show_runs(found, chosen, teacher)


def shown(view: WatchView, qtbot, *chosen: str) -> None:
    """Wait until the last points of the runs are there."""
    qtbot.waitUntil(lambda: view.curves is not None and set(view.curves.last()) == set(chosen) and not view._asking)


# ---------------------------------------------------------------- curves


def test_one_run_has_all_its_losses_and_below_what_was_chosen(
    view: WatchView, project: Project, settings: Settings, qtbot
) -> None:
    run = add_run(project)
    project.store.write_now(lambda tx: training.add_metrics(tx, run, 20, {"valid_label_loss": 0.4}))
    evaluate(project, run, 20, 8)
    show(view, project, run)
    shown(view, qtbot, run)
    said = view.curves.losses.summary()
    assert said == (
        "label loss 0.0500 at step 20; rationale loss 0.100 at step 20; "
        "weighted sum 0.150 at step 20; validation label loss 0.400 at step 20"
    )
    assert view.curves.below.summary() == "validation accuracy 80.0\u00a0% at step 20"
    view.curves.choice._buttons["grad_norm"].click()
    assert view.curves.below.summary() == "gradient norm 5.00 at step 20"
    assert settings.curves_below == "grad_norm"
    project.store.write_now(lambda tx: write_metrics(tx, run, [30]))
    show(view, project, run)
    qtbot.waitUntil(lambda: view.curves.below.summary() == "gradient norm 5.00 at step 30")


def test_a_baseline_without_rationales_has_no_sum(view: WatchView, project: Project, qtbot) -> None:
    run = add_run(project, "finetune", steps=())
    project.store.write_now(lambda tx: training.add_metrics(tx, run, 1, {"label_loss": 1.0, "loss": 1.0}))
    show(view, project, run)
    shown(view, qtbot, run)
    assert view.curves.losses.summary() == "label loss 1.00 at step 1"


def test_several_runs_are_named_and_do_not_crowd(view: WatchView, project: Project, settings: Settings, qtbot) -> None:
    first, second = add_run(project), add_run(project, "finetune")
    show(view, project, first, second)
    shown(view, qtbot, first, second)
    qtbot.waitUntil(lambda: f"run {second}" in view.curves.losses._legend.entries)
    entries = view.curves.losses._legend.entries
    assert entries[f"run {first}"].text() == f"{first} · A step-by-step run"
    assert not entries["quantity rationale loss"].isChecked()
    entries["quantity rationale loss"].click()
    assert settings.curves_hidden_of_several == ["weighted sum"]
    assert settings.curves_hidden == []
    show(view, project, first)
    qtbot.waitUntil(lambda: set(view.curves.last()) == {first})
    assert view.curves.losses.hidden == set()


def test_scale_clip_and_smoothing_are_remembered(view: WatchView, project: Project, settings: Settings, qtbot) -> None:
    run = add_run(project)
    show(view, project, run)
    shown(view, qtbot, run)
    view.curves.losses._tools._log.click()
    view.curves.losses._tools._clip.click()
    view.curves.losses._tools._smoothing[0.9].trigger()
    again = WatchView(project, view._bridge, Settings(settings.path))
    qtbot.addWidget(again)
    show(again, project, run)
    assert (again.curves.losses.log_y, again.curves.losses.clip, again.curves.losses.smoothing) == (True, True, 0.9)


def test_a_zoomed_view_stays_while_points_come_and_another_quantity_is_shown(
    view: WatchView, project: Project, qtbot
) -> None:
    run = add_run(project, steps=range(1, 100))
    evaluate(project, run, 50, 5)
    show(view, project, run)
    shown(view, qtbot, run)
    qtbot.waitUntil(lambda: view.curves.group.high > 99)
    view.curves.group.choose(20, 40)
    view.hide()
    project.store.write_now(lambda tx: write_metrics(tx, run, range(100, 200)))
    evaluate(project, run, 150, 9)
    show(view, project, run)
    view.show()
    qtbot.waitUntil(lambda: view.curves.last()[run]["label_loss"] == 199)
    view.curves.show_below("lr")
    for panel in (view.curves.losses, view.curves.below):
        qtbot.waitUntil(lambda panel=panel: not panel.plot._timer.isActive())
        assert panel.plot._box.viewRange()[0] == pytest.approx([20, 40])


def test_teacher_and_baselines_are_lines_to_compare_with(view: WatchView, project: Project, qtbot) -> None:
    weak, best, chosen = (add_run(project, method) for method in ("finetune", "finetune", "step-by-step"))
    for run, correct in ((weak, 5), (best, 7), (chosen, 9)):
        evaluate(project, run, 20, correct)
    show(view, project, chosen, teacher=overview.TeacherLine("valid", 0.661))
    shown(view, qtbot, chosen)
    finetuned = f"standard finetuning 70.0\u00a0% ({best})"
    assert view.curves.below.references() == {"teacher on valid 66.1\u00a0%", finetuned}
    view.curves.show_below("lr")
    assert view.curves.below.references() == set()
    view.curves.show_below("accuracy")
    show(view, project, chosen, best)
    assert view.curves.below.references() == {f"standard finetuning 50.0\u00a0% ({weak})"}


def test_a_long_run_is_there_as_an_outline_and_then_whole(
    view: WatchView, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "LONG", 500)
    monkeypatch.setattr(points, "OUTLINE", 20)
    run = add_run(project, steps=range(1, 1001))
    coarse: list[bool] = []
    view._make_curves()
    real = view.curves.append
    monkeypatch.setattr(view.curves, "append", lambda *a, **k: (coarse.append(k["coarse"]), real(*a, **k)))
    show(view, project, run)
    qtbot.waitUntil(lambda: view.curves.last().get(run, {}).get("label_loss") == 1000)
    assert coarse[:2] == [True, False]
    series = view.curves._runs[run].series["label_loss"]
    assert np.array_equal(series.x, np.arange(1, 1001))
    (curve,) = [c for key, c in view.curves.losses.plot.curves.items() if key.name == "label loss"]
    assert curve.data is series


def test_twenty_runs_are_drawn_and_one_that_was_deleted_goes(view: WatchView, project: Project, qtbot) -> None:
    every = [add_run(project) for _ in range(20)]
    show(view, project, *every)
    shown(view, qtbot, *every)
    assert view.chooser.count() == 20
    project.store.write_now(lambda tx: tx.execute("DELETE FROM runs WHERE id = ?", (every[3],)))
    project.store.write_now(lambda tx: tx.execute("DELETE FROM metrics WHERE run_id = ?", (every[3],)))
    view._ask()  # it was under way when the run went
    show(view, project, *(run for run in every if run != every[3]))
    qtbot.waitUntil(lambda: every[3] not in view.curves.last())
    assert view.chooser.count() == 19
    assert f"run {every[3]}" not in view.curves.losses._legend.entries


def test_a_run_with_lost_values_and_one_without_a_point_are_shown(view: WatchView, project: Project, qtbot) -> None:
    lost = add_run(project, steps=(1, 2), label_loss=math.nan, loss=math.nan, rationale_loss=math.nan)
    show(view, project, lost)
    shown(view, qtbot, lost)
    assert "label loss no values yet" in view.curves.losses.summary()
    qtbot.waitUntil(lambda: not view.curves.losses.plot._timer.isActive())
    curve = next(iter(view.curves.losses.plot.curves.values()))
    assert len(curve.lost.points()) == 2
    empty = add_run(project, steps=())
    show(view, project, empty)
    shown(view, qtbot, empty)
    qtbot.waitUntil(view.curves.losses.plot.nothing.isVisible)


# ---------------------------------------------------------------- facts


def said(project: Project, run_id: str, rates=None, left_s=None, after_s: float = 60.0) -> dict[str, str]:
    [view] = [v for v in overview.run_views(project.store.reader, {}) if v.id == run_id]
    found = facts(view, rates or {}, left_s, (view.run.started or 0) + after_s)
    return {cell.caption: cell.text.replace("\u00a0", " ") for cell in cells(found)}


def test_a_run_at_work_tells_where_it_stands(project: Project) -> None:
    run = add_run(project)
    evaluate(project, run, 20, 8)
    project.store.write_now(lambda tx: training.add_checkpoint(tx, run, 20, "checkpoints/best-000020", True))
    rates = {"examples_per_s": 31.0, "tokens_per_s": 2100.0, "gpu_memory_mb": 3200.0, "gpu_use_percent": 87.0}
    assert said(project, run, rates, 180.0) == {
        "Phase": "Training",
        "Step": "20 of 900",
        "Time left": "about 3 min",
        "Elapsed": "1 min 00 s",
        "Pace": "31.0 examples/s · 2\u2009100 tokens/s",
        "GPU memory": "3.20 GB · 87 % in use",
        "Best": "80.0 % at step 20",
        "Data frozen": "1\u2009000 + 100 to validate · 3fa8c1d2",
    }


def test_a_run_that_stopped_by_itself_says_so_and_nothing_is_left(project: Project) -> None:
    run = add_run(project, state="done")
    summary = {"steps": 600, "examples_per_s": 28.5, "rows": 500, "stopped_early": True}
    project.store.write_now(lambda tx: runs.set_summary(tx, run, summary))
    found = said(project, run, {"examples_per_s": 3.0}, left_s=50.0)
    assert found["Phase"] == "Done"
    assert found["Pace"] == "28.5 examples/s"
    assert found["Data frozen"].startswith("500 ")
    assert found["Stopped early"] == "after 3 validations without gain"
    assert not {"Time left", "GPU memory", "Best"} & set(found)


def test_the_time_left_is_told_from_the_pace_of_late(view: WatchView, project: Project, qtbot) -> None:
    run = add_run(project)
    show(view, project, run)
    shown(view, qtbot, run)
    assert "Time left" not in view.strip.text()
    now = time.time()
    for seconds, done in ((20, 0), (10, 10), (0, 20)):
        view._on_job_event(run, Event(1, now - seconds, Progress("Training", done, 900, "steps")))
    view._show_details()
    assert "Time left: about 15\u00a0min" in view.strip.text()
    assert view.strip.bar.isVisible()


def test_how_busy_the_gpu_is_is_asked_of_the_driver_while_a_run_works_on_it(
    view: WatchView, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(gpus, "use_percent", lambda index: (asked.append(index), 87.0)[1])
    run = add_run(project)
    show(view, project, run)
    shown(view, qtbot, run)
    assert asked == []  # it works on the CPU
    project.store.write_now(lambda tx: training.add_metrics(tx, run, 30, {"gpu_memory_mb": 3200.0}))
    show(view, project, run)
    qtbot.waitUntil(lambda: "GPU memory: 3.20\u00a0GB · 87\u00a0% in use" in view.strip.text())
    for _ in range(3):
        view._show_details()
    assert asked == [0]  # not more often than each few seconds


def test_the_run_that_is_described_can_be_chosen_and_stays(view: WatchView, project: Project, qtbot) -> None:
    first, second = add_run(project, state="done"), add_run(project, state="done")
    show(view, project, first, second)
    shown(view, qtbot, first, second)
    assert view.described() == second
    view.chooser.setCurrentIndex(1)
    view.chooser.activated.emit(1)
    show(view, project, first, second)
    assert view.described() == first
    assert "Phase: Done" in view.strip.text()
    third = add_run(project)  # one that begins to work is what one wants to see
    show(view, project, first, second, third)
    assert view.described() == third


# ---------------------------------------------------------------- samples


def test_a_validation_is_chosen_and_what_has_changed_is_marked(view: WatchView, project: Project, qtbot) -> None:
    run = add_run(project)
    base = {"example_id": 1, "input": "4 + 3?", "label": "7"}
    evaluate(project, run, 10, 5, base | {"prediction": "8", "rationale": "4 + 3 = 8", "correct": False})
    evaluate(project, run, 20, 9, base | {"prediction": "7", "rationale": "4 + 3 = 7", "correct": True})
    show(view, project, run)
    shown(view, qtbot, run)
    card = view.samples
    qtbot.waitUntil(lambda: card.model.rowCount() == 1)
    assert card.steps.currentText() == "step 20 · 90.0\u00a0%"
    row = [card.model.index(0, i).data() for i in range(5)]
    assert row == ["4 + 3?", "7", "7", "now right, was 8", "4 + 3 = 7"]
    assert card.pane.rationale.source() == "4 + 3 = 7"
    assert [(span.start, span.end) for span in card.pane.rationale._spans] == [(8, 9)]
    assert "1 changed" in card.note.text()
    card.earlier.click()
    qtbot.waitUntil(lambda: card.model.index(0, 2).data() == "8")
    assert not card.earlier.isEnabled()
    evaluate(project, run, 30, 9, base | {"prediction": "7", "rationale": "", "correct": True})
    show(view, project, run)
    qtbot.waitUntil(lambda: card.steps.count() == 3)
    assert card.step() == 10  # chosen by hand: it stays
    card.later.click()
    card.later.click()
    qtbot.waitUntil(lambda: card.pane.rationale.source() == "The student was not taught to explain.")
    evaluate(project, run, 40, 9, base | {"prediction": "7", "rationale": "", "correct": True})
    show(view, project, run)
    qtbot.waitUntil(lambda: card.step() == 40)  # the newest one follows


def test_before_the_first_validation_the_card_says_so(view: WatchView, project: Project, qtbot) -> None:
    run = add_run(project)
    show(view, project, run)
    shown(view, qtbot, run)
    assert view.samples.note.text() == "no validation so far"
    assert view.samples.pane.isHidden()
    assert not view.samples.steps.isEnabled()
