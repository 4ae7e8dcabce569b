"""The view “Answers”: the ladder with its live counts, the table of teachers, and what is handed to “Ask”."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.arithmetic import same_value
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions, samples
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.teacher import parse_rules
from dsbs_gui.steps.teacher.intake import parse_for_import
from dsbs_gui.steps.teacher.parse_rules import DEFAULT, Rule
from dsbs_gui.steps.teacher.ui import ladder_card
from dsbs_gui.steps.teacher.ui.answers_view import AnswersView
from dsbs_gui.steps.teacher.ui.rule_sheet import RuleSheet
from tests.core.store.filling import add_examples, reviewed

GOLD = ("4", "5", "6", "7")
HASHES = Rule("hashes", r"^#### (?P<label>.+)$")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    add_examples(made.store, [f"How many are {gold}?" for gold in GOLD], GOLD)
    yield made
    made.close()


@pytest.fixture
def filled(project: Project) -> Project:
    """Row 1: both right; 2: A wrong, B right; 3: A failed; 4: only a rule of one's own reads A."""
    tell(project, 1, "Two and two. The answer is 4.")
    tell(project, 2, "Hm. The answer is 9.")
    tell(project, 3, "Six is", failure="cut off at the token limit")
    tell(project, 4, "Seven.\n#### 7")
    tell(project, 1, "The answer is 8 / 2.", "B")
    tell(project, 2, "Well. The answer is 5.", "B")
    return project


@pytest.fixture
def view(filled: Project, qtbot) -> Iterator[AnswersView]:
    bridge = Bridge(filled)
    made = AnswersView(filled, bridge)
    qtbot.addWidget(made)
    made.resize(1072, 700)
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: not made.is_empty() and made.ladder.unread.text().endswith("label"))
    yield made
    made.hide()
    bridge.close()


def tell(project: Project, row: int, raw: str, teacher: str = "A", sample: int = 0, failure: str = "") -> None:
    gold = GOLD[row - 1]
    parts = {"failure": failure} if failure else parse_for_import(raw, project.task, {"input": "How many?"}, gold)
    if parts.get("label"):
        assert parts["agree"] == same_value(parts["label"], gold)
    new = NewAnswer(row, f"generate-{teacher}", "teacher", teacher, raw, sample, cache_key=teacher, **parts)
    project.store.write_now(lambda tx: answers.add(tx, new))


def shown(view: AnswersView) -> list[int]:
    return list(view.table.model.ids())


def cells(view: AnswersView, row: int) -> dict[str, str]:
    model = view.table.model
    return {c.title: str(model.index(row, i).data()) for i, c in enumerate(model.columns)}


def test_without_answers_it_leads_to_asking(project: Project, qtbot) -> None:
    bridge = Bridge(project)
    made = AnswersView(project, bridge)
    qtbot.addWidget(made)
    made.refresh()
    assert made.is_empty()
    with qtbot.waitSignal(made.view_asked, check_params_cb=lambda key: key == "ask"):
        made._stack.currentWidget().button.click()
    bridge.close()


def test_teachers_stand_side_by_side(view: AnswersView) -> None:
    assert view.subtitle == "4\u00a0rows, 2\u00a0teachers"
    assert cells(view, 0) | {"Input": ""} == {"№": "1", "Input": "", "Gold": "4", "A": "4", "B": "8 / 2"}
    assert (cells(view, 2)["A"], cells(view, 2)["B"]) == ("cut off at the token limit", "")
    assert cells(view, 3)["A"] == "no label"


def test_chips_show_the_rows_that_deserve_a_look(view: AnswersView) -> None:
    assert not view.kinds.chips["tied"].isVisible()
    for kind, ids in (("failed", [3]), ("no-label", [4]), ("differs", [2]), ("disagree", [2]), ("all", [1, 2, 3, 4])):
        view.kinds.chips[kind].click()
        assert shown(view) == ids
        assert view.kinds.chips[kind].isChecked()


def test_a_cause_and_a_rule_are_kinds_too(view: AnswersView) -> None:
    view.outcome.causes.bar_activated.emit("cause:cut off at the token limit")
    assert shown(view) == [3]
    assert view.kinds.special.text() == "Failed: cut off at the token limit  1  ✕"
    view.ladder.rows["value"].number.click()
    assert shown(view) == [1, 2]
    view.kinds.special.click()
    assert shown(view) == [1, 2, 3, 4]


def test_the_ladder_counts_what_each_rule_reads(view: AnswersView) -> None:
    assert list(view.ladder.rows) == ["json", "value", "last-sentence"]
    assert [row.number.text() for row in view.ladder.rows.values()] == ["0", "4", "0"]
    assert view.ladder.unread.text() == "1\u00a0answer without a label"
    assert not view.ladder.apply.isVisible()


def test_a_draft_says_what_it_would_change_and_stores_nothing(view: AnswersView, filled: Project, qtbot) -> None:
    view.ladder._take(DEFAULT.added(HASHES))
    qtbot.waitUntil(lambda: view.ladder.apply.isEnabled())
    assert view.ladder.effect.text() == "Labels: 1 gained."
    assert "60.0\u00a0% → 80.0\u00a0%" in view.ladder.effect_note.text()
    assert view.ladder.rows["hashes"].number.text() == "1"
    assert parse_rules.of_project(filled.store.reader) == DEFAULT
    view.ladder.discard.click()
    assert list(view.ladder.rows) == ["json", "value", "last-sentence"]
    qtbot.waitUntil(lambda: not view.ladder.apply.isVisible())


def test_reading_again_stores_the_draft_and_leaves_decisions_alone(view: AnswersView, filled: Project, qtbot) -> None:
    filled.store.write_now(lambda tx: decisions.edit(tx, 4, rationale="Mine."))
    view.ladder._take(DEFAULT.added(HASHES))
    qtbot.waitUntil(lambda: view.ladder.apply.isEnabled())
    view.ladder.apply.click()
    qtbot.waitUntil(lambda: cells(view, 3)["A"] == "7")
    qtbot.waitUntil(lambda: not view.ladder.apply.isVisible())
    assert parse_rules.of_project(filled.store.reader) == DEFAULT.added(HASHES)
    assert reviewed(filled.store, 4) == ("edited", "Mine.", None)
    assert [answer.raw for answer in answers.of_example(filled.store.reader, 4)] == ["Seven.\n#### 7"]


def test_switching_and_moving_a_rule_makes_a_draft(view: AnswersView, qtbot) -> None:
    view.ladder.rows["value"].box.click()
    qtbot.waitUntil(lambda: view.ladder.show_differences.isVisible())
    assert view.ladder.effect.text() == "Labels: 4 lost."
    view.ladder.rows["json"].down.click()
    assert list(view.ladder.rows) == ["value", "json", "last-sentence"]
    assert not view.ladder.rows["value"].up.isEnabled()


def test_the_differences_are_shown_before_they_are_made(view: AnswersView, qtbot, monkeypatch) -> None:
    view.ladder._take(DEFAULT.added(HASHES))
    qtbot.waitUntil(lambda: view.ladder.show_differences.isVisible())
    seen = []
    monkeypatch.setattr(
        "dsbs_gui.steps.teacher.ui.differences_sheet.DifferencesSheet.ask",
        lambda sheet: seen.append([str(sheet.model.index(0, column).data()) for column in range(4)]),
    )
    view.ladder.show_differences.click()
    assert seen == [["label gained", "–", "7", "hashes"]]


def test_a_rule_is_written_in_a_sheet_that_tries_it(view: AnswersView, qtbot, monkeypatch) -> None:
    def fill(sheet: RuleSheet) -> bool:
        sheet.name.setText("json")
        sheet.pattern.setText("#### (.+)")
        sheet.accept()
        assert "named label" in sheet.pattern_field.error()
        sheet.pattern.setText(HASHES.pattern)
        sheet.text.setPlainText("So.\n#### 7")
        assert sheet.found.text() == "Label: 7\nRationale: So."
        sheet.accept()
        assert "already" in sheet.name_field.error()
        sheet.name.setText("hashes")
        sheet.accept()
        return True

    monkeypatch.setattr(ladder_card.RuleSheet, "ask", fill)
    view.ladder.add_button.click()
    assert view.ladder.ladder == DEFAULT.added(HASHES)
    monkeypatch.setattr(ladder_card.RuleSheet, "ask", lambda sheet: sheet._on_remove() or True)
    view.ladder.rows["hashes"].edit.click()
    assert view.ladder.ladder == DEFAULT


def test_the_raw_answer_is_shown_with_its_parts_marked(view: AnswersView) -> None:
    view.table.view.set_current_id(1)
    assert view.panel.raw.source() == "Two and two. The answer is 4."
    assert [view.panel.raw.source()[span.start : span.end] for span in view.panel.raw._spans] == ["Two and two.", "4"]
    assert view.panel.state.text() == "agrees"
    view.panel.teachers._chips["B"].click()
    assert view.panel.raw.source() == "The answer is 8 / 2."


def test_the_teacher_for_whose_sake_a_row_is_shown_comes_first(view: AnswersView, filled: Project, qtbot) -> None:
    tell(filled, 1, "Broken", "B", 1, failure="timed out")
    qtbot.waitUntil(lambda: view.kinds.chips["failed"].text().endswith("2"))
    view.show_kind("failed")
    view.table.view.set_current_id(1)
    assert view.panel.teachers.value() == {"B"}
    view.table.view.set_current_id(3)
    assert view.panel.teachers.value() == {"A"}


def test_samples_are_shown_with_their_vote(view: AnswersView, filled: Project, qtbot) -> None:
    for sample, label in ((1, "4"), (2, "5")):
        tell(filled, 1, f"The answer is {label}.", "A", sample)
    qtbot.waitUntil(lambda: cells(view, 0)["A"] == "2/3  4")
    view.table.view.set_current_id(1)
    qtbot.waitUntil(lambda: view.panel.vote.text() == "Vote: 4 by 2 of 3\u00a0samples; 5 by 1.")
    assert [chip.text() for chip in view.panel.samples._chips.values()] == ["1 ✓", "2 ✓", "3 ✕"]
    view.panel.samples._chips[str(answers.of_example(filled.store.reader, 1)[0].id)].click()
    assert (view.panel.state.text(), view.panel.raw.source()) == ("differs", "The answer is 5.")


def test_a_student_may_learn_from_all_samples_that_agree(view: AnswersView, filled: Project, qtbot) -> None:
    assert not view.samples.isVisible()
    tell(filled, 1, "So. The answer is 4.", "A", 1)
    qtbot.waitUntil(view.samples.isVisible)
    assert view.samples.note.text() == "1\u00a0row, 100\u00a0% unanimous"
    view.samples.choice._buttons["all"].click()
    qtbot.waitUntil(lambda: samples.kept(filled.store.reader) == "all")
    assert view.samples.help.text().startswith("Each epoch draws one")


def test_what_deserves_it_is_handed_to_ask(view: AnswersView, qtbot) -> None:
    view.show_kind("failed")
    assert view.ask_button.text() == "Retry 1\u00a0failed row"
    with qtbot.waitSignal(view.ask_about) as handed:
        view.ask_button.click()
    assert handed.args == [array("q", [3]), "1\u00a0failed row"]
    view.show_kind("all")
    view.table.view.selectAll()
    assert view.ask_button.text() == "Ask again about 4\u00a0rows"


def test_a_decided_row_stays_as_it_is_when_its_answer_is_read_again(view: AnswersView, filled: Project, qtbot) -> None:
    filled.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([2]), "accepted"))
    view.ladder.rows["value"].box.click()
    qtbot.waitUntil(lambda: view.ladder.apply.isEnabled() and view.ladder.apply.isVisible())
    view.read_again()
    qtbot.waitUntil(lambda: cells(view, 1)["A"] == "no label")
    assert reviewed(filled.store, 2)[0] == "accepted"
