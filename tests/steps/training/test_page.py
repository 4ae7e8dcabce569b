"""The Training page on a real project whose jobs are queued but never started."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.gpus import Gpu
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import CheckpointSaved, Evaluated, Event, StepMetrics, TrainingReady
from dsbs_gui.core.store import answers, examples, imports, policy, runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.policy import Rule
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.training import devices, first_batch, intake, overview, plan
from dsbs_gui.steps.training.details import facts
from dsbs_gui.steps.training.methods import METHODS
from dsbs_gui.steps.training.ui.details_strip import cells
from dsbs_gui.steps.training.ui.first_batch_sheet import FirstBatchSheet
from dsbs_gui.steps.training.ui.page import TrainingPage
from dsbs_gui.steps.training.ui.plan_form import PlanForm
from dsbs_gui.steps.training.ui.run_row import sentence


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "text")
    yield made
    made.close()


def fill(project: Project) -> None:
    def write(tx) -> None:
        for split, n in (("train", 30), ("valid", 5)):
            import_id = imports.start(tx, f"import-{split}", "toy", split, {}, "")
            rows = [
                {"line": i, "id": None, "fields": {"input": f"{split} {i}"}, "input": f"{split} {i}", "label": "yes"}
                for i in range(n)
            ]
            examples.add(tx, rows, split=split, import_id=import_id)
        for i in range(1, 11):
            answer = answers.NewAnswer(
                i, "generate-1", "teacher", "Tina", "raw", rationale="because", label="no", agree=False
            )
            answers.add(tx, answer)

    project.store.write_now(write)


def add_run(project: Project, state: str = "running", **choices) -> str:
    request = plan.train_request(project, **choices)

    def write(tx) -> str:
        run = runs.add(tx, kind="train", title=request.title, lane="gpu", spec=request.spec.to_json(), context={})
        for step in (10, 20):
            values = {"label_loss": 1.0 / step, "rationale_loss": 2.0 / step}
            intake.take(tx, run, Event(step, 0.0, StepMetrics(step, values)))
        sample = {"example_id": 31, "input": "valid 0", "label": "yes", "prediction": "no", "correct": False}
        intake.take(tx, run, Event(21, 0.0, Evaluated(20, "valid", 5, 4, (sample,))))
        intake.take(tx, run, Event(22, 0.0, CheckpointSaved(15, "checkpoints/step-000015")))
        runs.set_state(tx, run.id, state, reason="It died." if state == "interrupted" else "")
        return run.id

    run_id = project.store.write_now(write)
    (project.run_folder(run_id) / "checkpoints" / "step-000015").mkdir(parents=True)
    project.jobs.folder(run_id).make("train", request.spec.to_json(), request.inputs)
    return run_id


@pytest.fixture
def page(project: Project, qtbot) -> Iterator[TrainingPage]:
    bridge = Bridge(project)
    made = TrainingPage(project, bridge)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    made.hide()
    bridge.close()


def test_without_rows_the_page_says_so_and_leads_to_data(page: TrainingPage, qtbot) -> None:
    page.refresh()
    qtbot.waitUntil(page.is_empty)
    assert not page.train_button.isEnabled()
    with qtbot.waitSignal(page.go_to, check_params_cb=lambda step: step == "data"):
        page._empty.button.click()


def test_the_form_says_what_there_is_to_learn_from(page: TrainingPage, project: Project, qtbot) -> None:
    fill(project)
    page.refresh()
    qtbot.waitUntil(lambda: "30" in page.form.data_note.text())
    assert "10 of the teacher" in page.form.data_note.text()
    assert "10\u00a0rationales argue for another label" in page.form.data_warning.text()
    page.form.set_method("distill")
    qtbot.waitUntil(lambda: page.form.data_note.text().startswith("10"))
    assert page.form.labels.value() == "teacher"
    assert "Rationales" not in page.form.data_note.text()


def test_train_queues_just_what_the_form_says(page: TrainingPage, project: Project, qtbot) -> None:
    fill(project)
    page.refresh()
    form = page.form
    form.weight.setValue(0.5)
    form.settings.numbers["steps"].setValue(77)
    form.settings.numbers["patience"].setValue(3)
    form.settings.lr.setText("5e-4")
    form.share.setCurrentIndex(1)
    page.train()
    qtbot.waitUntil(lambda: bool(runs.all_runs(project.store.reader, "train")))
    (run,) = runs.all_runs(project.store.reader, "train")
    assert run.state == "queued"
    wanted = {"steps": 77, "patience": 3, "lr": 5e-4, "fraction": 0.5, "rationale_weight": 0.5, "student": "starter"}
    assert {name: run.spec[name] for name in wanted} == wanted
    qtbot.waitUntil((project.run_folder(run.id) / "input.train.jsonl").is_file)
    qtbot.waitUntil(lambda: page.runs.shown() == {run.id} and run.id in page.runs.list.rows)


def test_a_wrong_learning_rate_is_said_at_the_field_and_nothing_starts(
    page: TrainingPage, project: Project, qtbot
) -> None:
    fill(project)
    page.form.settings.lr.setText("fast")
    page.train()
    assert page.form.settings.lr_field.error()
    assert any("learning rate" in text for text in _messages(page))
    assert runs.all_runs(project.store.reader, "train") == []


def test_advanced_settings_tell_how_many_differ_from_the_preset(qtbot) -> None:
    form = PlanForm()
    qtbot.addWidget(form)
    assert form.settings.fold.text() == "Advanced"
    form.settings.numbers["patience"].setValue(2)
    form.settings.numbers["clip"].setValue(0.5)
    assert form.settings.fold.text() == "Advanced · 2 differ from the preset"
    form.settings.use_preset("paper")
    assert form.settings.fold.text() == "Advanced"
    assert form.choices()["lr"] == 5e-5
    assert form.choices()["max_input"] == 1024
    form.settings.precision.setCurrentText("auto")
    assert form.settings.fold.text() == "Advanced · 1 differs from the preset"
    assert form.settings.differing() == ["Precision"]


@pytest.mark.parametrize("name", METHODS)
def test_lambda_is_offered_for_methods_with_a_rationale_task_only(name: str, qtbot) -> None:
    form = PlanForm()
    qtbot.addWidget(form)
    form.set_method(name)
    assert form._weight_card.isHidden() == (not METHODS[name].multitask)
    form.weight.setValue(3)
    assert form.alpha.text() == "α 0.25"


def test_another_student_brings_its_own_preset_and_can_be_named(qtbot) -> None:
    form = PlanForm()
    qtbot.addWidget(form)
    form.student.set_student("smollm2-135m")
    assert (form.choices()["preset"], form.choices()["precision"]) == ("decoder-only", "auto")
    form.student.set_student("someone/some-t5")
    assert form.choices()["student"] == "someone/some-t5"
    assert form.choices()["preset"] == "faster"
    form.student.set_student("")
    assert "Name a student" in form.problem()


def test_a_chosen_preset_stays_with_another_student_and_settings_stay_while_a_name_is_typed(qtbot) -> None:
    form = PlanForm()
    qtbot.addWidget(form)
    form.student.set_student("someone/some-t5")
    form.settings.numbers["steps"].setValue(55)
    form.student.path.setText("someone/some-t5-v2")
    assert (form.choices()["preset"], form.choices()["steps"]) == ("faster", 55)
    form.settings.use_preset("paper")
    form.student.set_student("smollm2-135m")
    assert form.choices()["preset"] == "paper"
    form.settings.use_preset("decoder-only")  # the student's own again
    form.student.set_student("starter")
    assert form.choices()["preset"] == "starter"


@pytest.mark.parametrize("text", ["inf", "nan", "1e400", "101", "0", "-1", "1,000", "1_0", "٣", "fast", ""])
def test_what_is_no_learning_rate_is_said_at_the_field(text: str, qtbot) -> None:
    form = PlanForm()
    qtbot.addWidget(form)
    form.settings.lr.setText(text)
    assert "The learning rate cannot be used: a number above 0, up to 100" in form.problem()
    assert form.settings.lr_field.error()


@pytest.mark.parametrize(("text", "rate"), [("0,001", 0.001), ("5E-5", 5e-5), (".5", 0.5), (" 1. ", 1.0), ("100", 100)])
def test_learning_rates_are_read_as_people_write_them(text: str, rate: float, qtbot) -> None:
    form = PlanForm()
    qtbot.addWidget(form)
    form.settings.lr.setText(text)
    assert (form.problem(), form.choices()["lr"]) == ("", rate)


def test_what_is_no_student_is_said_at_the_field(qtbot, tmp_path: Path) -> None:
    form = PlanForm()
    qtbot.addWidget(form)
    (tmp_path / "notes.txt").write_text("no model")
    for text, says in (
        (str(tmp_path / "notes.txt"), "neither a model folder nor a GGUF file"),
        (str(tmp_path), "it has no config.json"),
        (f"/{'a' * 5000}", "no path that can be used"),
        ("http://a.b/c", "An address is no student"),
        ("a hub id/with spaces", "nor a hub id"),
        ("~nobody-of-that-name/x", "no path that can be used"),
    ):
        form.student.set_student(text)
        assert says in form.problem()
        assert says in form.student.about.text()
        assert form.student.path.property("wrong") == "true"
    form.student.set_student("someone/some-t5")
    assert form.problem() == ""
    assert form.student.path.property("wrong") == "false"


def test_a_project_whose_rows_have_gone_still_shows_its_runs(page: TrainingPage, project: Project, qtbot) -> None:
    fill(project)
    run = add_run(project, "done", method="finetune")
    project.store.write_now(lambda tx: tx.execute("UPDATE examples SET split = 'test'"))
    page.refresh()
    qtbot.waitUntil(lambda: run in page.runs.list.rows)
    qtbot.waitUntil(lambda: not page.train_button.isEnabled())
    assert not page.is_empty()


def test_a_run_that_ended_badly_says_why_beside_its_curves(page: TrainingPage, project: Project, qtbot) -> None:
    fill(project)
    add_run(project, "interrupted", method="finetune")
    page.refresh()
    qtbot.waitUntil(lambda: page.runs.watch.strip.reason.text() == "It died.")
    assert page.runs.watch.strip.reason.isVisible()


def test_runs_have_curves_samples_and_a_way_to_stop_or_resume(page: TrainingPage, project: Project, qtbot) -> None:
    fill(project)
    first = add_run(project, "interrupted")
    second = add_run(project, "running", method="finetune")
    page.refresh()
    qtbot.waitUntil(lambda: page.runs.watch.curves is not None and page.runs.watch.curves.last().get(second, {}) != {})
    assert page.runs.watch.curves.last()[second] == {"label_loss": 20, "rationale_loss": 20, "accuracy": 20}
    assert "80.0" in page.runs.watch.curves.below.summary()
    qtbot.waitUntil(lambda: page.runs.watch.samples.model.rowCount() == 1)
    rows = page.runs.list.rows
    assert "It died." in rows[first].accessibleDescription()
    page.runs._on_shown_changed(first, True)
    qtbot.waitUntil(lambda: set(page.runs.watch.curves.last()) == {first, second})
    rows[first].act.click()  # an interrupted run with a checkpoint is resumed
    qtbot.waitUntil(lambda: len(runs.all_runs(project.store.reader, "train")) == 3)
    resumed = runs.all_runs(project.store.reader, "train")[0]
    assert resumed.spec["resume_from"] == str(project.run_folder(first))
    assert resumed.context["resumed"] == first


def _messages(page: TrainingPage) -> list[str]:
    return [label.text() for label in page.messages.findChildren(QLabel)]


def test_rules_are_told_in_the_plan_and_beside_the_run(page: TrainingPage, project: Project, qtbot) -> None:
    fill(project)
    rules = [
        Rule("fifth", Filter(text="train 5"), "keep"),
        Rule("first", Filter(text="train 0"), "drop"),
        Rule("differs", Filter(agreement=("conflict",)), "mask"),
    ]
    project.store.write_now(lambda tx: policy.save(tx, rules))
    page.refresh()
    qtbot.waitUntil(lambda: "8\u00a0rationales not learnt, as your rules say." in page.form.data_warning.text())
    assert "1\u00a0row left out, as your rules say." in page.form.data_warning.text()
    assert "1\u00a0rationale argues for another label" in page.form.data_warning.text()
    request = plan.train_request(project)

    def write(tx) -> None:
        body = json.loads(json.dumps(request.context))
        run = runs.add(tx, kind="train", title="t", lane="gpu", spec=request.spec.to_json(), context=body)
        runs.set_state(tx, run.id, "done")

    project.store.write_now(write)
    [view] = overview.run_views(project.store.reader, {})
    assert "by rules 8 masked, 1 dropped" in sentence(view)


def test_a_run_says_what_is_safe_and_what_has_to_be_done_again(project: Project) -> None:
    fill(project)
    run_id = add_run(project, "interrupted")
    project.store.write_now(lambda tx: runs.set_progress(tx, run_id, "Training", 52, 900, "steps"))
    [view] = overview.run_views(project.store.reader, {})
    assert (view.checkpoint, view.lost_steps, view.resumable) == (15, 37, True)
    assert "checkpoint of step 15, 37\u00a0steps to do again" in sentence(view)
    project.store.write_now(lambda tx: runs.set_state(tx, run_id, "running"))
    [view] = overview.run_views(project.store.reader, {})
    assert sentence(view).endswith("checkpoint of step 15")
    (project.run_folder(run_id) / "checkpoints" / "step-000015").rmdir()
    project.store.write_now(lambda tx: runs.set_state(tx, run_id, "interrupted"))
    [view] = overview.run_views(project.store.reader, {})
    assert not view.resumable
    assert "checkpoint" not in sentence(view)


def test_what_a_run_at_work_warns_of_is_said_on_the_page_until_it_ends(
    page: TrainingPage, project: Project, qtbot
) -> None:
    fill(project)
    run_id = add_run(project)
    project.store.write_now(lambda tx: runs.warn(tx, run_id, "Memory ran out.", "It is only slower."))
    page.refresh()
    qtbot.waitUntil(lambda: bool(page.messages.bars()))
    [bar] = page.messages.bars()
    assert f"{run_id}: Memory ran out." in [label.text() for label in bar.findChildren(QLabel)]
    page.refresh()
    qtbot.wait(50)
    assert len(page.messages.bars()) == 1, "once"
    project.store.write_now(lambda tx: runs.set_state(tx, run_id, "done"))
    page.refresh()
    qtbot.waitUntil(lambda: not page.messages.bars())


def test_the_plan_is_weighed_against_the_chosen_device(
    page: TrainingPage, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No GPU is here: one stands in at the seam to the driver's tool."""
    monkeypatch.setattr(devices, "gpus", lambda: [Gpu(0, "Stand-in 4090", 24 << 30, 800 << 20)])
    monkeypatch.setattr(devices, "torch_version", lambda: "2.13.0")
    fill(project)
    page.refresh()
    memory, box = page.form.memory, page.form.device.box
    qtbot.waitUntil(lambda: "839" in memory.need.text())
    assert "M weights · about" in memory.need.text()
    assert [box.itemText(i).split(" · ")[0] for i in range(box.count())] == [
        "Automatic: Stand-in 4090",
        "Stand-in 4090",
        devices.cpu_name(),
    ]
    assert memory.chip.text() == "tight"
    assert "is for" in memory.advice.text()
    page.form.device.set_device("cpu")
    assert page.form.choices()["device"] == "cpu"
    qtbot.waitUntil(lambda: memory.chip.text() == "fits")
    assert memory.advice.isHidden()
    page.form.student.set_student("somebody/unknown")
    assert memory.isHidden(), "what is shown is never about another student"
    assert page.form.settings.fields["processes"].isHidden(), "one GPU needs one process"


def test_several_processes_are_offered_where_there_are_several_gpus(
    page: TrainingPage, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "gpus", lambda: [Gpu(n, "Stand-in 4090", 24 << 30, 800 << 20) for n in (0, 1)])
    monkeypatch.setattr(devices, "torch_version", lambda: "2.13.0")
    fill(project)
    page.refresh()
    offered = page.form.settings.fields["processes"]
    qtbot.waitUntil(lambda: not offered.isHidden())
    page.form.settings.numbers["processes"].setValue(2)
    assert page.form.choices()["processes"] == 2
    assert "Processes" in page.form.settings.differing()


def test_a_torch_that_cannot_use_the_gpu_is_told_with_the_cure(
    page: TrainingPage, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "gpus", lambda: [Gpu(0, "Stand-in 4090", 24 << 30, 20 << 30)])
    monkeypatch.setattr(devices, "torch_version", lambda: "2.13.0+cpu")
    fill(project)
    page.refresh()
    problem = page.form.device.problem
    qtbot.waitUntil(lambda: "built for the CPU alone" in problem.text())
    assert "--torch-index" in problem.text()
    assert page.form.device.box.itemText(0) == f"Automatic: {devices.cpu_name()}"


def test_the_strip_says_what_memory_was_measured_and_what_is_safe(project: Project) -> None:
    fill(project)
    run_id = add_run(project, "interrupted")
    ready = TrainingReady({"peak_bytes": 1_600_000_000, "rows": 32, "device": "cpu"})

    def write(tx) -> None:
        intake.take(tx, runs.get(tx, run_id), Event(30, 0.0, ready))
        runs.set_progress(tx, run_id, "Training", 52, 900, "steps")

    project.store.write_now(write)
    [view] = overview.run_views(project.store.reader, {})
    said = {cell.caption: cell.text.replace("\u00a0", " ") for cell in cells(facts(view, {}, None, 0.0))}
    assert said["Memory"] == "1.60 GB · 32 rows at a time"
    assert said["Checkpoint"] == "step 15, 37 steps to do again"


def test_the_first_batch_is_looked_at_with_the_choices_of_the_form_or_refused_in_a_sentence(
    page: TrainingPage, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.refresh()
    qtbot.waitUntil(page.is_empty)
    assert not page.looking.button.isEnabled()
    fill(project)
    page.refresh()
    qtbot.waitUntil(page.looking.button.isEnabled)
    asked: list[dict] = []
    body = {"rows": [], "counts": {"tokens": 0, "passes": 0, "padding": 0.0, "cut": {}}, "limits": {},
            "all": {"rows": 30, "cut": {"inputs": 0, "labels": 0, "rationales": 0}}}  # fmt: skip
    monkeypatch.setattr(first_batch, "look", lambda project, **choices: (asked.append(choices), body)[1])
    shown: list[str] = []
    monkeypatch.setattr(FirstBatchSheet, "ask", lambda sheet: shown.append(sheet.subtitle.text()))
    page.form.set_method("finetune")
    page.looking.button.click()
    assert not page.looking.button.isEnabled()
    qtbot.waitUntil(lambda: bool(shown))
    assert asked[0]["method"] == "finetune"
    assert page.looking.button.isEnabled()

    def refuse(project, **choices):
        raise UserError("There is no file or folder “x”.", "Check the path.")

    monkeypatch.setattr(first_batch, "look", refuse)
    page.looking.button.click()
    qtbot.waitUntil(lambda: any("no file or folder" in message for message in _messages(page)))
    assert page.looking.button.isEnabled()


def test_the_devices_are_measured_by_a_job_and_the_result_stands_under_the_choice(
    page: TrainingPage, project: Project, qtbot
) -> None:
    fill(project)
    page.refresh()
    field = page.form.device
    field.measure.click()
    qtbot.waitUntil(lambda: field.measure.text() == "Measuring…", timeout=20_000)
    assert not field.measure.isEnabled()
    [run] = runs.all_runs(project.store.reader, "devices")
    one = {"id": "cpu", "precision": "float32", "gflops": 123.4, "copy_gb_s": 11.0, "threads": 2}

    def end(tx) -> None:
        runs.set_summary(tx, run.id, {"host": platform.node(), "problem": "", "devices": [one]})
        runs.set_state(tx, run.id, "done")

    project.store.write_now(end)
    qtbot.waitUntil(lambda: field.speed.text().startswith("Matmul 123 GFLOP/s in fp32 on 2"), timeout=20_000)
    assert field.measure.isEnabled()


@pytest.mark.parametrize(
    ("layers", "holders", "freed"),
    [(30, [], True), (30, [{"pid": 1, "name": "x", "n_bytes": 1}], False), (30, None, False), (0, [], False)],
)
def test_that_the_teachers_memory_is_free_is_said_only_where_it_is_true(
    layers: int, holders: list | None, freed: bool, project: Project
) -> None:
    fill(project)

    def teach(tx) -> None:
        run = runs.add(
            tx, kind="generate", title="t", lane="gpu", spec={}, context={"engine": {"layers_on_gpu": layers}}
        )
        runs.set_state(tx, run.id, "running")
        runs.set_state(tx, run.id, "done")

    project.store.write_now(teach)
    run_id = add_run(project)
    ready = TrainingReady({"peak_bytes": 1, "rows": 4, "device": "cuda", "holders": holders})
    project.store.write_now(lambda tx: intake.take(tx, runs.get(tx, run_id), Event(30, 0.0, ready)))
    [view] = overview.run_views(project.store.reader, {})
    told = [cell.text for cell in cells(facts(view, {}, None, 0.0))]
    assert ("The teacher's memory is free again" in told) == freed
