"""The prompt workshop on a real project whose jobs are queued but never started."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, examples, prompts, runs
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.teacher import comparing, exemplars, overview, versions
from dsbs_gui.steps.teacher.prompts import Prompt
from dsbs_gui.steps.teacher.tokens import Length
from dsbs_gui.steps.teacher.ui import version_acts
from dsbs_gui.steps.teacher.ui.page import TeacherPage
from dsbs_gui.steps.teacher.ui.prompts_view import PromptsView
from dsbs_gui.steps.teacher.ui.row_picker import RowPicker
from tests.steps.teacher.workshop import PROMPT, SERVER, import_rows, store_answer


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "toys", "math")
    import_rows(made, [f"Ann has {i}." for i in range(30)])
    yield made
    made.close()


@pytest.fixture
def page(project: Project, qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[TeacherPage]:
    bridge = Bridge(project)
    problems: list[object] = []
    bridge.failed.connect(problems.append)
    made = TeacherPage(project, bridge)
    qtbot.addWidget(made)
    ask = made.view("ask")
    monkeypatch.setattr(ask.counter, "length", lambda teacher, text: Length(100, exact=True))
    ask.teacher.choose("server", SERVER)
    made.resize(1400, 900)
    made.show()
    yield made
    made.hide()
    bridge.close()
    assert not problems


@pytest.fixture
def view(page: TeacherPage, qtbot) -> PromptsView:
    """The view on the project's first prompt, with a teacher that could be asked."""
    page.show_view("prompts")
    made: PromptsView = page.view("prompts")
    qtbot.waitUntil(lambda: made.preview.text.source() != "" and made._ask.teacher.facts.title != "")
    return made


def version(project: Project, prompt: Prompt = PROMPT, name: str = "Mine", *, use: bool = False) -> str:
    def write(tx) -> int:
        made = prompts.add(tx, name, prompt.hash, prompt.to_json())
        if use:
            prompts.choose(tx, made)
        return made

    return str(project.store.write_now(write))


def kept(project: Project, key: str) -> Prompt:
    return versions.find(project, key).prompt


def go_to(view: PromptsView, qtbot, key: str) -> None:
    qtbot.waitUntil(lambda: view._entry_of(key) is not None)
    view.show_version(key)


def names(view: PromptsView) -> list[str]:
    return [view.versions.model.record(row).name for row in range(view.versions.model.rowCount())]


def test_the_prompt_in_use_is_in_front_with_its_exemplars_and_the_prompt_of_a_row(view: PromptsView) -> None:
    assert names(view) == ["Built-in, numbers", "Built-in, equations"]
    assert view.exemplars.model.rowCount() == 8
    assert view.preview.text.source().endswith("Q: Ann has 0.\nA:")
    assert view.subtitle == "2\u00a0versions · “Built-in, numbers” is in use"
    assert view.use_button.text() == "In use"
    assert not view.use_button.isEnabled()


def test_a_change_shows_at_once_and_is_kept_by_itself(view: PromptsView, project: Project, qtbot) -> None:
    key = version(project)
    go_to(view, qtbot, key)
    view.exemplars.form.fields["rationale"].selectAll()
    qtbot.keyClicks(view.exemplars.form.fields["rationale"], "Two more.")
    assert "A: Two more. The answer is 4." in view.preview.text.source()
    qtbot.waitUntil(lambda: kept(project, key).exemplars[0].rationale == "Two more.")
    assert kept(project, key).exemplars[1] == PROMPT.exemplars[1]
    assert len(prompts.versions(project.store.reader)) == 1


def test_changing_a_version_that_was_asked_with_makes_another_and_the_typing_goes_on(
    view: PromptsView, project: Project, qtbot
) -> None:
    key = version(project, use=True)
    store_answer(project, 1, PROMPT)
    go_to(view, qtbot, key)
    qtbot.waitUntil(lambda: view.draft.entry.used)
    trigger = view.wording.lines["trigger"]
    trigger.clear()
    qtbot.keyClicks(trigger, "So it is")
    qtbot.waitUntil(lambda: view._current != key)
    qtbot.keyClicks(trigger, " now")
    made = view._current
    qtbot.waitUntil(lambda: kept(project, made).trigger == "So it is now")
    assert kept(project, key) == PROMPT
    qtbot.waitUntil(lambda: view.title.text() == "Mine 2")
    assert versions.chosen(project).name == "Mine"
    qtbot.waitUntil(view.use_button.isEnabled)
    view.use_button.click()
    qtbot.waitUntil(lambda: versions.chosen(project).name == "Mine 2")
    qtbot.waitUntil(lambda: view.use_button.text() == "In use")


def test_what_was_typed_last_is_kept_when_the_view_is_left(view: PromptsView, project: Project, qtbot, page) -> None:
    key = version(project)
    go_to(view, qtbot, key)
    view.wording.lines["answer_prefix"].setText("Answer:")
    view.wording.lines["answer_prefix"].textEdited.emit("Answer:")
    page.show_view("ask")
    assert prompts.get(project.store.reader, int(key)) is not None
    qtbot.waitUntil(lambda: kept(project, key).answer_prefix == "Answer:", timeout=500)


def test_going_to_another_version_keeps_the_change_of_the_first(view: PromptsView, project: Project, qtbot) -> None:
    first, second = version(project), version(project, replace(PROMPT, trigger="Thus"), "Other")
    go_to(view, qtbot, first)
    view.exemplars.remove()
    go_to(view, qtbot, second)
    assert view.exemplars.model.rowCount() == 2
    qtbot.waitUntil(lambda: len(kept(project, first).exemplars) == 1)
    assert kept(project, second).trigger == "Thus"


def test_exemplars_are_added_removed_and_moved_with_the_keyboard_and_undone(
    view: PromptsView, project: Project, qtbot
) -> None:
    key = version(project)
    go_to(view, qtbot, key)
    table = view.exemplars.table
    with qtbot.waitActive(view.window()):
        view.window().activateWindow()
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    first, second = PROMPT.exemplars
    assert view.draft.prompt.exemplars == (second, first)
    assert table.current_id() == 2
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert view.draft.prompt.exemplars == (second,)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Insert)
    assert len(view.draft.prompt.exemplars) == 2
    assert view.exemplars.form.fields["input"].hasFocus()
    for expected in ((second,), (second, first), (first, second)):
        view.undo()
        assert view.draft.prompt.exemplars == expected
    assert not view.undo_button.isEnabled()
    qtbot.waitUntil(lambda: not view.draft.is_dirty)
    assert kept(project, key) == PROMPT


def test_faults_are_said_at_the_field_in_the_list_and_forbid_use(view: PromptsView, project: Project, qtbot) -> None:
    (row,) = import_rows(project, ["Held out question"], split="test")
    key = version(project)
    qtbot.waitUntil(lambda: len(view._known.rows) == 1)
    go_to(view, qtbot, key)
    assert view.use_button.isEnabled()
    view.exemplars.form.label.setText("four")
    view.exemplars.form.label.textEdited.emit("four")
    places = view.exemplars.form._places
    assert places["label"].error().startswith("The label “four” is neither")
    assert view.faults.text() == "1\u00a0fault"
    assert not view.use_button.isEnabled()
    assert not view.try_button.isEnabled()
    view.exemplars.form.label.setText("4")
    view.exemplars.form.label.textEdited.emit("4")
    assert view.use_button.isEnabled()
    view.exemplars.form.fields["input"].setPlainText("held out  QUESTION")
    assert f"This is row {row} of test, line 1 of its file" in places["input"].error()
    view.wording.lines["trigger"].clear()
    view.wording.lines["trigger"].textEdited.emit("")
    assert view.wording._fields["trigger"].error() == "The trigger is empty."
    assert view.faults.text() == "2\u00a0faults"


def test_a_version_is_duplicated_renamed_noted_and_deleted(
    view: PromptsView, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = version(project)
    go_to(view, qtbot, key)
    view.acts.duplicate()
    qtbot.waitUntil(lambda: view.title.text() == "Copy of Mine")
    monkeypatch.setattr(version_acts, "ask_name", lambda parent, name: "Short")
    view.acts.rename()
    qtbot.waitUntil(lambda: view.title.text() == "Short")
    view.versions.note_edited.emit("half as long")
    qtbot.waitUntil(lambda: versions.find(project, view._current).note == "half as long")
    qtbot.waitUntil(lambda: view.versions.note_line.text() == "half as long")
    monkeypatch.setattr(version_acts, "confirm", lambda *_, **__: True)
    view.acts.delete()
    qtbot.waitUntil(lambda: "Short" not in names(view))
    qtbot.waitUntil(lambda: view.title.text() == "Built-in, numbers")
    assert [found.name for found in prompts.versions(project.store.reader)] == ["Mine"]


def test_a_used_version_and_our_own_cannot_be_deleted(view: PromptsView, project: Project, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(version_acts, "confirm", lambda *_, **__: pytest.fail("it asked"))
    view.acts.delete()
    assert not view.versions._delete.isEnabled()
    key = version(project)
    store_answer(project, 1, PROMPT)
    go_to(view, qtbot, key)
    qtbot.waitUntil(lambda: view.draft.entry.used)
    view.acts.delete()
    assert not view.versions._delete.isEnabled()
    assert "1\u00a0answer, so a change makes a new version" in view.versions.origin.text()


def test_a_version_is_exported_and_imported_as_toml(
    view: PromptsView, project: Project, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, file = version(project), tmp_path / "out.toml"
    go_to(view, qtbot, key)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(file), ""))
    view.versions.export_asked.emit()
    qtbot.waitUntil(file.is_file)
    assert exemplars.from_file(file, "math") == PROMPT
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(file), ""))
    view.versions.import_asked.emit()
    qtbot.waitUntil(lambda: view.title.text() == "out")
    file.write_text("no TOML")
    view.versions.import_asked.emit()
    qtbot.waitUntil(lambda: any("not a TOML file" in bar.text.text() for bar in view.messages.bars()))


def test_a_row_of_train_becomes_an_exemplar_with_its_accepted_rationale(
    view: PromptsView, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_answer(project, 5, replace(PROMPT, trigger="Used"), rationale="Because of 5.")
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([5]), "accepted"))
    key = version(project)
    go_to(view, qtbot, key)
    shown: list[int] = []

    def ask(picker: RowPicker) -> bool:
        qtbot.waitUntil(picker.accept_button.isEnabled)
        shown.append(picker.model.rowCount())
        return True

    monkeypatch.setattr(RowPicker, "ask", ask)
    view.exemplars.row_button.click()
    assert shown == [1]
    added = view.draft.prompt.exemplars[1]
    assert (dict(added.fields), added.rationale, added.label) == ({"input": "Ann has 4."}, "Because of 5.", "7")
    assert view.faults.isHidden()


def test_the_picker_offers_all_rows_of_train_too_and_searches(project: Project, view: PromptsView, qtbot) -> None:
    import_rows(project, ["Held out"], split="valid")
    picker = RowPicker(view, project, view._bridge)
    qtbot.addWidget(picker)
    qtbot.waitUntil(lambda: picker.found.text().startswith("No rationale of train is accepted"))
    assert not picker.accept_button.isEnabled()
    picker.which.set_value("all")
    picker.which.chosen.emit("all")
    qtbot.waitUntil(lambda: picker.model.rowCount() == 30)
    picker.search.setText("has 17.")
    picker.search.text_settled.emit("has 17.")
    qtbot.waitUntil(lambda: picker.model.rowCount() == 1)
    assert picker.exemplar().fields == {"input": "Ann has 17."}


def try_on(view: PromptsView, qtbot, n: int) -> None:
    view.show_mode("try")
    view.trial.rows.setValue(n)
    qtbot.waitUntil(lambda: view.trying.trial is not None and len(view.trying.trial.rows) == n)


def test_trying_asks_for_the_missing_rows_with_this_version(view: PromptsView, project: Project, qtbot) -> None:
    key = version(project)
    go_to(view, qtbot, key)
    try_on(view, qtbot, 6)
    qtbot.waitUntil(lambda: view.try_button.text() == "Try on 6\u00a0rows" and view.try_button.isEnabled())
    assert "for 6\u00a0answers" in view.trial.state.text()
    view.try_button.click()
    qtbot.waitUntil(lambda: bool(runs.all_runs(project.store.reader, "generate")))
    (run,) = runs.all_runs(project.store.reader, "generate")
    assert run.spec["prompt"] == PROMPT.to_json()
    assert (run.context[overview.TRIAL], run.context["prompt_name"]) == (comparing.ROWS_TRIAL, "Mine")
    qtbot.waitUntil(lambda: not view.trial._running.isHidden())
    assert not view.try_button.isEnabled()
    view.trial.stop_button.click()
    qtbot.waitUntil(lambda: not runs.get(project.store.reader, run.id).live)
    qtbot.waitUntil(view.trial._running.isHidden)


def fill_trial(view: PromptsView, project: Project, right: list[int]) -> None:
    """Answers to every row of both sides, the first so many of each right."""
    for side, n in zip(view.trying.trial.sides, right, strict=True):
        for place, example in enumerate(view.trying.trial.rows):
            ok = place < n
            store_answer(
                project, example.id, side.entry.prompt, side.key, agree=ok, label="7" if ok else "8",
                rationale=f"{side.entry.name} says so.",
            )  # fmt: skip


def test_two_versions_are_compared_on_the_same_rows_without_a_call(view: PromptsView, project: Project, qtbot) -> None:
    first, second = version(project), version(project, replace(PROMPT, trigger="Thus"), "Other")
    go_to(view, qtbot, second)
    go_to(view, qtbot, first)
    try_on(view, qtbot, 10)
    view.trial.compare_with(second)
    qtbot.waitUntil(lambda: view.try_button.text() == "Compare on 10\u00a0rows")
    qtbot.waitUntil(lambda: len(view.trying.trial.sides) == 2)
    fill_trial(view, project, [9, 2])
    qtbot.waitUntil(lambda: view.trying.trial.missing == 0 and view.trial.verdict.text() != "")
    assert view.trial.verdict.text() == (
        "“Mine” wins 7 and loses 0 of 10\u00a0rows; the other 3 are ties."
        " “Mine” is better than chance explains (p = 0.016, exact McNemar)."
    )
    assert [(bar.name, bar.number) for bar in view.trial.wins._bars] == [
        ("Only A right", 7), ("Only B right", 0), ("Both right", 2), ("Both wrong", 1),
    ]  # fmt: skip
    assert [round(row.value, 2) for row in view.trial.scores._rows] == [0.9, 0.2]
    assert view.trial.tried.model.rowCount() == 7
    sides = view.trial.tried.sides
    assert [side.state.text() for side in sides] == ["right", "wrong"]
    assert sides[1].text.source() == "Other says so.\n→ 8"
    view.trial.wins.bar_activated.emit("both")
    assert view.trial.tried.model.rowCount() == 2
    view.trial.which.set_value("all")
    view.trial.which.chosen.emit("all")
    assert view.trial.tried.model.rowCount() == 10
    assert not view.try_button.isEnabled()
    assert runs.all_runs(project.store.reader, "generate") == []


def test_our_own_prompt_stays_in_sight_when_its_first_answer_makes_it_a_version(
    view: PromptsView, project: Project, qtbot
) -> None:
    key, ours = version(project), versions.chosen(project)
    qtbot.waitUntil(lambda: view.trial.against.count() == 3)
    view.show_mode("try")
    view.trial.compare_with(key)
    store_answer(project, 1, ours.prompt, name=ours.name)
    qtbot.waitUntil(lambda: view.draft.entry.version_id is not None)
    assert view.draft.entry.prompt == ours.prompt
    go_to(view, qtbot, key)
    view.trial.compare_with("Built-in, equations")
    other = versions.find(project, "Built-in, equations")
    store_answer(project, 2, other.prompt, name=other.name)
    qtbot.waitUntil(lambda: view.trial.choices()[0].isdigit())
    qtbot.waitUntil(lambda: len(view.trying.trial.sides) == 2)
    assert view.trying.trial.sides[1].entry.name == other.name


def test_one_version_alone_shows_its_accuracy_and_its_answers(view: PromptsView, project: Project, qtbot) -> None:
    go_to(view, qtbot, version(project))
    try_on(view, qtbot, 4)
    fill_trial(view, project, [3])
    qtbot.waitUntil(lambda: view.trial.verdict.text().startswith("Right on 3 of 4\u00a0rows."))
    assert view.trial.tried.model.rowCount() == 4
    assert view.trial.wins.isHidden()
    assert view.trial.tried.sides[1].box.isHidden()


def test_what_is_wrong_with_the_teacher_is_said_where_one_tries(view: PromptsView, page: TeacherPage, qtbot) -> None:
    page.view("ask").teacher.choose("server", "http://example.org/v1")
    view.show_mode("try")
    qtbot.waitUntil(lambda: "without encryption" in view.trial.state.text())
    assert not view.try_button.isEnabled()


def test_a_project_without_rows_shows_the_prompt_all_the_same(tmp_path: Path, qtbot) -> None:
    project = Project.create(tmp_path / "empty", "choice")
    bridge = Bridge(project)
    page = TeacherPage(project, bridge)
    qtbot.addWidget(page)
    page.show()
    page.show_view("prompts")
    view = page.view("prompts")
    qtbot.waitUntil(lambda: view.preview.which.text() == "No rows in train")
    assert view.preview.text.source().startswith("Q: Lotte wants")
    assert view.exemplars.form.label.currentText() == "kettle"
    choices = view.exemplars.form.fields["choices"]
    choices.setPlainText("lamp\nkettle\n\n stove ")
    assert view.draft.prompt.exemplars[0].fields["choices"] == ["lamp", "kettle", "stove"]
    assert [view.exemplars.form.label.itemText(i) for i in range(3)] == ["lamp", "kettle", "stove"]
    assert examples.count(project.store.reader) == 0
    page.hide()
    bridge.close()
    project.close()


def test_a_hidden_view_lets_go_of_the_process_that_counts_tokens(view, monkeypatch: pytest.MonkeyPatch) -> None:
    rested = []
    monkeypatch.setattr(view._ask.counter, "rest", lambda: rested.append(True))
    view.hide()
    assert rested == [True]
