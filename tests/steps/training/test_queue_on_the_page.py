"""The queue, cloning, sweeps, recipes and the shown command, on the Training page of a real project."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import runs
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.training import plan, recipe
from dsbs_gui.steps.training.defaults import complete
from dsbs_gui.steps.training.ui import runs_view
from dsbs_gui.steps.training.ui.page import TrainingPage
from dsbs_gui.steps.training.ui.sweep_sheet import SweepSheet

from .test_page import add_run, fill


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "my project", "text")
    fill(made)
    yield made
    made.close()


@pytest.fixture
def page(project: Project, qtbot) -> Iterator[TrainingPage]:
    bridge = Bridge(project)
    made = TrainingPage(project, bridge)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: made.form.train_rows() == 30)
    yield made
    made.hide()
    bridge.close()


def queue(project: Project, *seeds: int) -> list[str]:
    return [project.jobs.submit(plan.train_request(project, method="finetune", seed=seed)).id for seed in seeds]


def order(page: TrainingPage) -> list[str]:
    """Ids of the lines from top to bottom."""
    found = page.runs.list.rows
    return sorted(found, key=lambda key: page.runs.list._list.indexOf(found[key]))


def messages(page: TrainingPage) -> str:
    return " ".join(label.text() for label in page.messages.findChildren(QLabel))


def test_what_waits_stands_in_its_order_and_moves_by_button_and_key(
    page: TrainingPage, project: Project, qtbot
) -> None:
    ended = add_run(project, "done")
    first, second, third = queue(project, 1, 2, 3)
    page.refresh()
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 4)
    assert order(page) == [first, second, third, ended]
    rows = page.runs.list.rows
    assert "next in the queue" in rows[first].said.text()
    assert "number 3 in the queue" in rows[third].said.text()
    assert (rows[first].up.isEnabled(), rows[first].down.isEnabled(), rows[third].down.isEnabled()) == (
        False, True, False,
    )  # fmt: skip
    assert rows[ended].up.isHidden()
    rows[third].up.click()
    qtbot.waitUntil(lambda: order(page) == [first, third, second, ended])
    qtbot.waitUntil(rows[second].box.isVisible)
    rows[second].box.setFocus()
    qtbot.keyClick(rows[second].box, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(rows[second].box, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: order(page) == [second, first, third, ended])
    assert [run.id for run in runs.queue(project.store.reader, "gpu")] == [second, first, third]
    rows[first].act.click()
    qtbot.waitUntil(lambda: runs.get(project.store.reader, first).state == "stopped")
    qtbot.waitUntil(lambda: order(page)[:2] == [second, third])


def test_the_page_opens_with_the_run_at_work_and_not_with_one_that_waits(
    page: TrainingPage, project: Project, qtbot
) -> None:
    ended = add_run(project, "done")
    working = add_run(project)
    waiting = queue(project, *range(1, 7))
    page.refresh()
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 8)
    assert page.runs.shown() == {working}
    row = page.runs.list.rows[working]
    qtbot.waitUntil(lambda: not row.visibleRegion().isEmpty())
    page.runs.show_run(waiting[0])
    for run_id in (working, waiting[0]):
        project.store.write_now(lambda tx, run_id=run_id: runs.set_state(tx, run_id, "stopped"))
        project.store.write_now(partial(runs.delete, run_id=run_id))
    page.runs.refresh_runs()
    qtbot.waitUntil(lambda: page.runs.shown() == {ended})


def test_tab_goes_through_the_runs_as_they_stand(page: TrainingPage, project: Project, qtbot) -> None:
    add_run(project, "done")
    page.refresh()
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 1)
    first, second, third = queue(project, 1, 2, 3)
    page.refresh()
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 4)
    page.runs.list.rows[third].up.click()
    qtbot.waitUntil(lambda: order(page)[:3] == [first, third, second])
    boxes = {row.box: run_id for run_id, row in page.runs.list.rows.items()}
    seen, widget = [], page.runs.list.rows[first].box
    for _ in range(200):
        seen.append(widget)
        widget = widget.nextInFocusChain()
    assert [boxes[widget] for widget in seen if widget in boxes][:4] == order(page)
    plot, samples = page.runs.watch.curves.losses.plot, page.runs.watch.samples.table
    assert seen.index(page.runs.list.rows[order(page)[-1]].more) < seen.index(plot) < seen.index(samples)


def test_two_deleted_runs_can_both_be_brought_back(page: TrainingPage, project: Project, qtbot) -> None:
    one, other = add_run(project, "done"), add_run(project, "done")
    page.refresh()
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 2)
    for run_id in (one, other):
        page.runs.list.rows[run_id].delete_asked.emit(run_id)
        qtbot.waitUntil(lambda run_id=run_id: f"{run_id} was deleted" in messages(page))
    assert f"{one} was deleted" in messages(page)


def test_a_teacher_that_waits_for_the_same_gpu_counts_in_the_queue(page: TrainingPage, project: Project, qtbot) -> None:
    ask = partial(runs.add, kind="generate", title="Ask", lane="gpu", spec={}, context={})
    teacher = project.store.write_now(ask).id
    student = queue(project, 1)[0]
    page.refresh()
    qtbot.waitUntil(lambda: student in page.runs.list.rows)
    row = page.runs.list.rows[student]
    assert "number 2 in the queue" in row.said.text()
    row.up.click()
    qtbot.waitUntil(lambda: "next in the queue" in row.said.text())
    assert [run.id for run in runs.queue(project.store.reader, "gpu")] == [student, teacher]


def test_the_queue_can_be_held_and_says_so(page: TrainingPage, project: Project, qtbot) -> None:
    add_run(project, "done")
    page.refresh()
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 1)
    assert page.runs.list.hold.isHidden(), "there is nothing to hold"
    queue(project, 1)
    page.refresh()
    qtbot.waitUntil(page.runs.list.hold.isVisible)
    page.runs.list.hold.click()
    qtbot.waitUntil(lambda: runs.held(project.store.reader, "gpu"))
    qtbot.waitUntil(lambda: "1 waits · the queue is held" in page.runs.list.note.text())
    page.runs.list.hold.click()
    qtbot.waitUntil(lambda: not runs.held(project.store.reader, "gpu"))


def test_a_clone_fills_the_form_and_marks_what_is_changed(page: TrainingPage, project: Project, qtbot) -> None:
    choices = {"method": "label-then-rationale", "student": "smollm2-135m", "fraction": 0.3, "weight_decay": 0.1234,
               "seed": 7, "steps": 12, "rows": "all", "patience": 2}  # fmt: skip
    run_id = add_run(project, "done", **choices)
    page.refresh()
    qtbot.waitUntil(lambda: run_id in page.runs.list.rows)
    page.runs.list.rows[run_id].entries["clone"].trigger()
    qtbot.waitUntil(page.form.like.isVisible)
    again = plan.train_request(project, **page.form.choices())
    assert again.spec.to_json() == runs.get(project.store.reader, run_id).spec
    assert page.form.like.changes.text() == "Nothing is changed yet."
    page.form.settings.seed.setValue(8)
    page.form.settings.numbers["patience"].setValue(0)
    assert page.form.like.changes.text() == "seed 7 → 8, patience 2 → off"
    marked = [name for name, field in page.form.settings.fields.items() if field.label.property("tone") == "accent"]
    assert marked == ["seed", "patience"]
    page.form.like.forgotten.emit()
    assert page.form.like.isHidden()
    assert not [f for f in page.form.settings.fields.values() if f.label.property("tone") == "accent"]


def test_a_run_gets_a_name_and_a_note(
    page: TrainingPage, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = add_run(project, "done")
    page.refresh()
    qtbot.waitUntil(lambda: run_id in page.runs.list.rows)

    def answer(sheet) -> bool:
        sheet.name.setText("The small one")
        sheet.note.setPlainText("Good enough.\nNever mind the rest.")
        return True

    monkeypatch.setattr(runs_view.DescribeSheet, "ask", answer)
    row = page.runs.list.rows[run_id]
    qtbot.waitUntil(row.box.isVisible)
    row.box.setFocus()
    qtbot.keyClick(row.box, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: row.title.text() == "The small one")
    assert f"{run_id} · “Good enough.”" in row.said.text()


def test_a_deleted_run_can_be_brought_back_and_one_that_works_stays(
    page: TrainingPage, project: Project, qtbot
) -> None:
    kept, gone = add_run(project, "running"), add_run(project, "done")
    page.refresh()
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 2)
    rows = page.runs.list.rows
    assert not rows[kept].entries["delete"].isEnabled()
    qtbot.waitUntil(rows[gone].box.isVisible)
    rows[kept].box.setFocus()
    qtbot.keyClick(rows[kept].box, Qt.Key.Key_Delete)
    rows[gone].box.setFocus()
    qtbot.keyClick(rows[gone].box, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: list(page.runs.list.rows) == [kept])
    qtbot.waitUntil(lambda: f"{gone} was deleted." in messages(page))
    [bar] = [bar for bar in page.messages.bars() if bar.button is not None]
    bar.button.click()
    qtbot.waitUntil(lambda: set(page.runs.list.rows) == {kept, gone})
    assert runs.deleted(project.store.reader) == []


def test_a_sweep_says_how_many_runs_it_makes_and_queues_them(
    page: TrainingPage, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def answer(sheet: SweepSheet) -> bool:
        sheet.methods["finetune"].setChecked(True)
        sheet.lines["rationale_weight"].setText("0.5, 1")
        sheet.lines["seed"].setText("0-1")
        told.append((sheet.accept_button.text(), sheet.told.text(), sheet.accept_button.isEnabled()))
        return True

    monkeypatch.setattr(SweepSheet, "ask", answer)
    page.form.settings.numbers["steps"].setValue(40)
    page.menu.entries["sweep"].trigger()
    qtbot.waitUntil(lambda: len(runs.queue(project.store.reader, "gpu")) == 6)
    made = [(run.spec["method"], run.spec["rationale_weight"], run.spec["seed"], run.spec["steps"])
            for run in runs.queue(project.store.reader, "gpu")]  # fmt: skip
    assert made == [
        ("step-by-step", 0.5, 0, 40), ("step-by-step", 0.5, 1, 40), ("step-by-step", 1.0, 0, 40),
        ("step-by-step", 1.0, 1, 40), ("finetune", 1.0, 0, 40), ("finetune", 1.0, 1, 40),
    ]  # fmt: skip
    assert told[0][0] == "Queue 6\u00a0runs"
    assert "not known before a run of this student has ended" in told[0][1]
    qtbot.waitUntil(lambda: len(page.runs.list.rows) == 6)


def test_a_sweep_that_cannot_be_leaves_nothing_behind(page: TrainingPage, project: Project, qtbot) -> None:
    base = complete({"method": "finetune", "student": "starter", "rows": "reviewed"})
    page.menu.queue([base, base | {"seed": 1}])
    qtbot.waitUntil(lambda: "accepted or edited" in messages(page))
    assert runs.all_runs(project.store.reader) == []


def test_the_sheet_of_a_sweep_tells_the_time_and_refuses_what_is_wrong_or_too_much(project: Project, qtbot) -> None:
    add_run(project, "running", method="finetune", steps=100)

    def finish(tx) -> None:
        runs.set_summary(tx, "train-1", {"steps": 100})
        runs.set_context(tx, "train-1", {"chosen": "starter"})
        tx.execute("UPDATE runs SET state = 'done', started = 1000, ended = 1060 WHERE id = 'train-1'")

    project.store.write_now(finish)
    base = complete({"method": "finetune", "student": "starter", "steps": 100})
    sheet = SweepSheet(None, base, runs.all_runs(project.store.reader), rows=30)
    qtbot.addWidget(sheet)
    assert (sheet.chosen(), sheet.accept_button.text()) == ([base], "Queue 1\u00a0run")
    sheet.lines["seed"].setText("0-4")
    assert "5\u00a0runs, about 5\u00a0min in all by the rate of earlier runs" in sheet.told.text()
    sheet.lines["seed"].setText("0-99")
    assert "too many at once: at most 60" in sheet.told.text()
    assert not sheet.accept_button.isEnabled()
    sheet.lines["seed"].setText("zero")
    assert (sheet.told.text(), sheet.accept_button.isEnabled()) == ("Correct what is marked.", False)
    assert "no whole number" in sheet._fields["seed"].error()
    sheet.lines["seed"].setText("0")
    sheet.methods["finetune"].setChecked(False)
    assert sheet.told.text() == "Choose at least one method."


def test_a_recipe_that_the_window_saves_fills_it_again(
    page: TrainingPage, project: Project, tmp_path: Path, qtbot
) -> None:
    page.form.set_method("single-task")
    page.form.settings.lr.setText("1.5e-4")
    page.form.settings.numbers["epochs"].setValue(2.5)
    page.form.settings.numbers["clip"].setValue(0)
    before = complete(page.form.choices())
    page.menu.save(tmp_path / "mine")
    assert recipe.read(tmp_path / "mine.toml")["epochs"] == 2.5
    page.form.set_method("finetune")
    page.form.settings.use_preset("paper")
    page.menu.open(tmp_path / "mine.toml")
    assert complete(page.form.choices()) == before
    assert page.form.like.title.text() == "Like mine.toml"
    (tmp_path / "mine.toml").write_text("version = 1\nstepz = 3\n")
    page.menu.open(tmp_path / "mine.toml")
    assert "line 2: there is no setting “stepz”" in messages(page)
    assert complete(page.form.choices()) == before


def test_the_page_shows_the_command_that_does_the_same(page: TrainingPage, project: Project, qtbot) -> None:
    page.form.weight.setValue(0.5)
    page.form.settings.numbers["patience"].setValue(3)
    line = page.form.command.text.source()
    assert shlex.split(line) == [
        "dsbs", "train", str(project.folder), "--method", "step-by-step", "--student", "starter", "--lambda", "0.5",
        "--patience", "3",
    ]  # fmt: skip
    page.form.command.copy_line()
    assert QGuiApplication.clipboard().text() == line
    page.form.settings.lr.setText("fast")
    assert "learning rate" in page.form.command.text.source()
    assert not page.form.command.copy.isEnabled()
    run_id = queue(project, 5)[0]
    page.refresh()
    qtbot.waitUntil(lambda: run_id in page.runs.list.rows)
    page.runs.list.rows[run_id].entries["command"].trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().endswith("--method finetune --student starter --seed 5"))


def test_the_keyboard_alone_chooses_a_method_and_trains(page: TrainingPage, project: Project, qtbot) -> None:
    qtbot.waitUntil(page.train_button.isEnabled)
    cards = page.form.methods
    cards["step-by-step"].setFocus()
    qtbot.keyClick(cards["step-by-step"], Qt.Key.Key_Down)
    assert page.form.method().name == "finetune"
    reached = set()
    for _ in range(80):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    form = page.form
    for widget in (form.student.box, form.share, form.settings.preset, form.settings.lr, form.settings.fold,
                   form.command.text, form.command.copy, page.menu.button, page.train_button):  # fmt: skip
        assert widget in reached, widget.accessibleName()
    qtbot.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(runs.queue(project.store.reader, "gpu")))
    assert runs.queue(project.store.reader, "gpu")[0].spec["method"] == "finetune"
