"""The view “Ask” on a real project whose jobs are queued but never started."""

from __future__ import annotations

import importlib.util
import json
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Progress, TeacherReady
from dsbs_gui.core.store import answers, examples, imports, runs
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.teacher import plan, versions
from dsbs_gui.steps.teacher.intake import take
from dsbs_gui.steps.teacher.overview import TRIAL
from dsbs_gui.steps.teacher.tokens import Length
from dsbs_gui.steps.teacher.ui.ask_view import AskView

SERVER = "http://localhost:9/v1"
ROWS = 30


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    yield made
    made.close()


def fill(project: Project, n: int = ROWS) -> None:
    def write(tx) -> None:
        import_id = imports.start(tx, "import-1", "toy", "train", {}, "")
        rows = [
            {"line": i, "id": None, "fields": {"input": f"Ann has {i}."}, "input": f"Ann has {i}.", "label": f"{i}"}
            for i in range(1, n + 1)
        ]
        examples.add(tx, rows, split="train", import_id=import_id)

    project.store.write_now(write)


def new_answer(example_id: int, run_id: str, **other) -> answers.NewAnswer:
    made = answers.NewAnswer(
        example_id, run_id, "teacher", "Tina", "Because so. The answer is 1.", rationale="Because so.", label="1",
        rung="value", agree=True, tokens_in=100, tokens_out=10,
    )  # fmt: skip
    return replace(made, **other)


def add_run(project: Project, state: str, agree: int = 3, differ: int = 1, failed: int = 0, **end) -> str:
    request = plan.generate_request(project, teacher=SERVER)
    key = request.context["cache_key"]

    def write(tx) -> str:
        run = runs.add(
            tx, kind="generate", title=request.title, lane="network", spec=request.spec.to_json(),
            context=request.context,
        )  # fmt: skip
        runs.set_state(tx, run.id, "running")
        for i in range(1, agree + differ + failed + 1):
            made = new_answer(i, run.id, agree=i <= agree, cache_key=key, teacher="localhost:9")
            if i > agree + differ:
                made = replace(made, failure="empty answer", rationale=None, label=None, agree=None)
            answers.add(tx, made)
        n = agree + differ + failed
        runs.set_progress(tx, run.id, "Generating", n, ROWS, "answers")
        if state != "running":
            counts = {"done": agree + differ, "failed": {"empty answer": failed}, "tokens_in": 100 * n}
            runs.set_summary(tx, run.id, counts | {"tokens_out": 10 * n, "seconds": 0.5 * n})
            runs.set_state(tx, run.id, state, **end)
        return run.id

    run_id = project.store.write_now(write)
    project.jobs.folder(run_id).make("generate", request.spec.to_json(), request.inputs)
    return run_id


@pytest.fixture
def page(project: Project, qtbot) -> Iterator[AskView]:
    bridge = Bridge(project)
    problems: list[object] = []
    bridge.failed.connect(problems.append)
    made = AskView(project, bridge)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    made.hide()
    bridge.close()
    assert not problems


def open_on_server(page: AskView, qtbot) -> None:
    page.teacher.choose("server", SERVER)
    page.refresh()
    qtbot.waitUntil(lambda: page.generate_button.isEnabled())


def said(page: AskView) -> list[str]:
    return [label.text() for label in page.messages.findChildren(QLabel)]


def test_without_examples_the_page_says_so_and_leads_to_data(page: AskView, qtbot) -> None:
    page.refresh()
    qtbot.waitUntil(page.is_empty)
    assert not page.generate_button.isEnabled()
    with qtbot.waitSignal(page.go_to, check_params_cb=lambda step: step == "data"):
        page._empty.button.click()


def test_the_prompt_of_a_row_is_shown_with_a_length_that_says_it_is_about(
    page: AskView, project: Project, qtbot
) -> None:
    fill(project)
    page.refresh()
    qtbot.waitUntil(lambda: page.prompt.text.source().endswith("Q: Ann has 1.\nA:"))
    assert page.prompt.which.text().startswith("Row 1 of")
    assert not page.prompt.back.isEnabled()
    assert "≈" in page.prompt.length.text()
    page.prompt.forth.click()
    qtbot.waitUntil(lambda: page.prompt.text.source().endswith("Q: Ann has 2.\nA:"))
    assert page.prompt.back.isEnabled()


def test_exemplars_are_cards_and_a_file_of_the_user_becomes_the_version_to_ask_with(
    page: AskView, project: Project, tmp_path: Path, qtbot
) -> None:
    fill(project)
    page.refresh()
    qtbot.waitUntil(lambda: "8" in page.prompt.note.text())
    assert page.prompt.version.text().startswith("Built-in")
    file = tmp_path / "own.jsonl"
    file.write_text('{"input": "Two and two?", "rationale": "2 + 2 = 4.", "label": "4"}\n')
    page.prompt.file_chosen.emit(str(file))
    qtbot.waitUntil(lambda: page.prompt.version.text() == "own")
    qtbot.waitUntil(lambda: page.prompt.note.text() == "1\u00a0exemplar")
    texts = [label.text() for label in page.prompt.exemplars.widget().findChildren(QLabel) if label.isEnabled()]
    assert "Two and two?" in texts
    assert "→ 4" in texts
    assert versions.chosen(project).name == "own"
    file.write_text("not JSON")
    page.prompt.file_chosen.emit(str(file))
    qtbot.waitUntil(lambda: any("is not JSON" in text for text in said(page)))
    assert page.prompt.version.text() == "own"


def test_the_menu_holds_every_version_and_chooses_among_them(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    page.refresh()
    qtbot.waitUntil(lambda: "8" in page.prompt.note.text())
    names = [action.text() for action in page.prompt._menu.actions() if action.text()]
    assert names == ["Built-in, numbers", "Built-in, equations", "Use a file…", "Edit in Prompts"]
    page.prompt._menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: page.prompt.version.text().endswith("equations"))
    assert versions.chosen(project).name == "Built-in, equations"
    with qtbot.waitSignal(page.view_asked, check_params_cb=lambda view: view == "prompts"):
        page.prompt.edit.click()


def test_the_exact_length_takes_the_place_of_the_estimate(page: AskView, project: Project, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(page.counter, "length", lambda teacher, text: Length(1234, exact=True))
    fill(project)
    open_on_server(page, qtbot)
    qtbot.waitUntil(lambda: page.prompt.length.text().startswith("1\u202f234\u00a0tokens · "))
    assert "≈" not in page.prompt.length.text()
    page.prompt.show_length(100, 1000)
    assert "too long: only 1\u202f000 fit" in page.prompt.length.text()
    page.prompt.set_tokens("another text", Length(5))
    assert "1\u202f234" in page.prompt.length.text()


def test_the_buttons_say_how_many_answers_are_missing(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    assert page.generate_button.text() == "Generate 30\u00a0rationales"
    page.form.samples.setValue(2)
    qtbot.waitUntil(lambda: page.generate_button.text() == "Generate 60\u00a0rationales")
    page.form.which.setCurrentIndex(page.form.which.findData("first"))
    page.form.first.setValue(7)
    qtbot.waitUntil(lambda: page.generate_button.text() == "Generate 14\u00a0rationales")
    assert "14\u00a0answers" in page.form.estimate.text()


def test_generate_queues_just_what_the_form_says(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    page.form.max_tokens.setValue(77)
    page.form.temperature.setValue(0.5)
    page.form.budget.amount.setValue(5_000)
    page.form.hint.setCurrentIndex(page.form.hint.findData("wrong"))
    page.teacher.key.edit.setText("canary-key")
    page.generate()
    qtbot.waitUntil(lambda: page.live.isVisible())
    (run,) = runs.all_runs(project.store.reader, "generate")
    wanted = {"model": SERVER, "max_tokens": 77, "temperature": 0.5, "budget_tokens": 5_000, "hint": "wrong"}
    assert {name: run.spec[name] for name in wanted} == wanted
    assert not page.generate_button.isEnabled()
    for file in project.folder.rglob("*"):
        assert not file.is_file() or b"canary-key" not in file.read_bytes()


def test_the_pilot_asks_about_the_first_twenty_rows(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    page.pilot_button.click()
    qtbot.waitUntil(lambda: bool(runs.all_runs(project.store.reader, "generate")))
    (run,) = runs.all_runs(project.store.reader, "generate")
    path = project.run_folder(run.id) / "input.jsonl"
    qtbot.waitUntil(path.is_file)
    qtbot.waitUntil(page.live.isVisible)
    assert len(path.read_text().splitlines()) == 20


def test_a_trial_asks_about_one_row_and_its_answer_is_shown(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    page.answer.try_button.click()
    qtbot.waitUntil(lambda: bool(page.row.trial))
    run = runs.get(project.store.reader, page.row.trial)
    assert run.context[TRIAL] == 1
    assert not page.live.isVisible()  # a trial is no run of the user's

    def answer(tx) -> None:
        answers.add(tx, new_answer(1, run.id, cache_key=run.context["cache_key"]))
        runs.set_state(tx, run.id, "done")

    project.store.write_now(answer)
    qtbot.waitUntil(lambda: page.answer.raw.source() == "Because so. The answer is 1.")
    assert page.answer.rationale.source() == "Because so."
    assert page.answer.label.text() == "1"
    assert page.answer.gold.text() == "gold 1"
    assert page.answer.state.text() == "agrees"
    assert "number" in page.answer.rung.text()
    qtbot.waitUntil(page.answer.try_button.isEnabled)
    page.answer.try_button.click()  # asked again with the same settings: nothing is spent twice
    qtbot.waitUntil(lambda: "has answered this row" in page.answer.trouble.text())
    assert len(runs.all_runs(project.store.reader, "generate")) == 1


def test_a_trial_that_fails_says_why_at_the_answer(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    page.row.try_it()
    qtbot.waitUntil(lambda: bool(page.row.trial))
    run_id = page.row.trial
    project.store.write_now(lambda tx: runs.set_state(tx, run_id, "failed", reason="Nobody answers.", hint="Start it."))
    qtbot.waitUntil(lambda: page.answer.trouble.text() == "Nobody answers. Start it.")
    qtbot.waitUntil(page.answer.try_button.isEnabled)


def test_a_live_run_shows_its_figures_and_can_be_stopped(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    run_id = add_run(project, "running", agree=6, differ=2, failed=1)
    page.refresh()
    qtbot.waitUntil(page.live.isVisible)
    live = page.live
    assert live.done.value.text() == "9"
    assert live.done.note.text() == "of 30"
    assert live.agree.value.text() == "75\u00a0%"
    assert live.agree.note.text() == "41–93, of 8"
    assert live.failed.value.text() == "1"
    assert live.why.text() == "Failed: empty answer: 1"
    assert live.model.rowCount() == 9
    for second in range(4):
        progress = Progress("Generating", 3 + 2 * second, ROWS, "answers")
        page._bridge.job_event.emit(run_id, Event(second + 1, float(second), progress))
    page.refresh()
    qtbot.waitUntil(lambda: live.speed.value.text() == "2")
    assert live.left.value.text() == "10\u00a0s"
    engine = {"layers": 31, "layers_on_gpu": 31, "threads": 2, "parallel": 16}
    title = runs.get(project.store.reader, run_id).title
    ready = Event(9, 9.0, TeacherReady(engine))
    project.store.write_now(lambda tx: take(tx, runs.get(project.store.reader, run_id), ready))
    page.refresh()
    qtbot.waitUntil(lambda: live.note.text() == f"{title} · 31 of 31 layers on the GPU · 16\u00a0answers at once")
    live.stop_button.click()
    qtbot.waitUntil(lambda: runs.get(project.store.reader, run_id).state == "stopping")
    qtbot.waitUntil(lambda: live.title.text() == "Stopping at the next answer")


def test_after_a_run_the_form_says_what_it_brought_and_what_the_rest_will_take(
    page: AskView, project: Project, qtbot
) -> None:
    fill(project)
    run_id = add_run(project, "done", agree=8, differ=2)
    page.refresh()
    qtbot.waitUntil(lambda: page.generate_button.text() == "Generate 20\u00a0rationales")
    assert page.teacher.teacher() == SERVER  # the teacher of the last run is chosen again
    assert f"{run_id}: 10\u00a0answers, 80\u00a0% (49–94) agree with gold" in page.form.last.text()
    card = page.pilot_card
    assert card.isVisible()
    assert card.which.text().startswith(f"{run_id}, with these settings")
    assert card.result.text() == "80\u00a0% (49–94) agree with gold · 5.0\u00a0s · 1\u2009100\u00a0tokens"
    assert (card.first.text(), card.all.text()) == ("10\u00a0answers", "All 20 that are missing")
    assert card.rest.text() == "about 10\u00a0s, 2\u2009200\u00a0tokens"
    with qtbot.waitSignal(page.go_to, check_params_cb=lambda step: step == "review"):
        page.form.review.click()


def test_a_failed_run_says_why_and_offers_to_try_again(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    add_run(project, "failed", reason="The server is gone.", hint="Start it again.")
    page.refresh()
    qtbot.waitUntil(lambda: "The server is gone." in said(page) and page.generate_button.isEnabled())
    assert "Start it again." in said(page)
    page.messages.bars()[0].button.click()
    qtbot.waitUntil(page.live.isVisible)
    assert len(runs.all_runs(project.store.reader, "generate")) == 2
    assert page.messages.bars() == []


def test_the_end_of_the_run_on_show_is_told_here_and_no_other(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    first = runs.get(project.store.reader, add_run(project, "failed", reason="The disk is full."))
    newest = runs.get(project.store.reader, add_run(project, "failed", reason="The server is gone."))
    page.refresh()
    qtbot.waitUntil(lambda: "The server is gone." in said(page))
    assert page.tells_end(newest)
    assert not page.tells_end(first)
    page.hide()
    assert not page.tells_end(newest)


def test_without_llama_cpp_a_local_teacher_names_the_cure_and_a_server_can_be_asked(
    page: AskView, project: Project, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(project)
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "llama_cpp" else real(name, *more)
    )
    page.teacher.choose("catalogue", "smollm2-135m")
    page.refresh()
    qtbot.waitUntil(lambda: bool(page.teacher.messages.bars()))
    (bar,) = page.teacher.messages.bars()
    assert "llama-cpp-python" in bar.text.text()
    assert "--retry-teacher" in bar.hint.text()
    assert not page.generate_button.isEnabled()
    open_on_server(page, qtbot)
    assert page.teacher.messages.bars() == []


def test_a_key_is_never_shown_again_and_the_page_says_where_it_is(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    field = page.teacher.key
    qtbot.waitUntil(lambda: "kept in memory" in field.field.help.text())  # the tests have no keyring
    field.edit.setText("canary-key")
    field.edit.editingFinished.emit()
    qtbot.waitUntil(lambda: not field.edit.text() and field.forget.isVisible())
    assert page.keys.load(SERVER) == "canary-key"
    field.forget.click()
    qtbot.waitUntil(lambda: not field.forget.isVisible())
    assert page.keys.load(SERVER) == ""


def test_what_stands_in_the_way_of_a_teacher_is_said_at_the_teacher(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    page.teacher.choose("server", "http://example.org/v1")
    page.refresh()
    qtbot.waitUntil(lambda: bool(page.teacher.messages.bars()))
    assert "without encryption" in page.teacher.messages.bars()[0].text.text()
    qtbot.waitUntil(lambda: page.form.estimate.text() == "This teacher cannot be asked yet.")
    assert not page.generate_button.isEnabled()
    page.teacher.choose("file", "/nowhere/model.gguf")
    qtbot.waitUntil(lambda: any("is not there" in bar.text.text() for bar in page.teacher.messages.bars()))


def test_an_empty_split_keeps_the_page_so_that_another_can_be_chosen(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    page.form.split.setCurrentIndex(page.form.split.findData("test"))
    qtbot.waitUntil(lambda: "There are no rows in test." in said(page))
    assert not page.is_empty()
    qtbot.waitUntil(lambda: not page.generate_button.isEnabled())
    page.form.split.setCurrentIndex(page.form.split.findData("train"))
    qtbot.waitUntil(lambda: page.generate_button.isEnabled())
    assert said(page) == []


def test_rows_chosen_elsewhere_and_failed_ones_can_be_asked_about_alone(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    add_run(project, "done", agree=4, differ=1, failed=3)
    page.refresh()
    qtbot.waitUntil(page.form.retry.isVisible)
    page.choose_rows(array("q", [1, 2, 9]), "3 rows that differ")
    qtbot.waitUntil(lambda: page.generate_button.text() == "Generate 1\u00a0rationale")
    assert page.form.which.currentText() == "Chosen (3)"
    page.form.retry.click()
    qtbot.waitUntil(page.live.isVisible)
    newest = runs.all_runs(project.store.reader, "generate")[0]
    path = project.run_folder(newest.id) / "input.jsonl"
    qtbot.waitUntil(path.is_file)
    assert [json.loads(line)["example_id"] for line in path.read_text().splitlines()] == [6, 7, 8]


def test_a_price_is_kept_and_a_budget_in_money_needs_one(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    open_on_server(page, qtbot)
    assert page.form.price.isVisible()
    page.form.budget.unit.setCurrentIndex(page.form.budget.unit.findData("money"))
    page.form.budget.amount.setValue(2.5)
    qtbot.waitUntil(lambda: "needs prices" in page.form.estimate.text())
    page.form.price.of_prompts.setValue(0.5)
    qtbot.waitUntil(page.generate_button.isEnabled)
    assert page.choices()["budget_money"] == 2.5
    page.teacher.choose("catalogue", "smollm2-135m")
    qtbot.waitUntil(lambda: not page.form.price.isVisible())
    assert page.choices()["budget_money"] is None, "a local teacher costs nothing"


def test_a_local_teacher_alone_can_be_kept_to_the_labels_of_the_row(page: AskView, project: Project, qtbot) -> None:
    fill(project)
    page.form.constrain.setChecked(True)
    open_on_server(page, qtbot)
    assert not page.form.constrain.isVisible()
    assert page.choices()["constrain_label"] is False
    page.teacher.choose("catalogue", "smollm2-135m")
    qtbot.waitUntil(page.form.constrain.isVisible)
    assert page.choices()["constrain_label"] is True


def test_the_settings_of_a_run_fit_beside_the_open_navigation(page: AskView, qtbot) -> None:
    page.form.set_teacher("a server")
    assert page.form.minimumSizeHint().width() <= 1024
