"""The rules for doubtful rationales on the page: counted before they are saved, ordered, handed to the teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, policy, project_info
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.core.store.policy import Rule
from dsbs_gui.steps.review.ui.policy_sheet import PolicySheet
from tests.steps.review.making import add_answer, add_examples, apples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def opened(desk: Desk) -> PolicySheet:
    desk.page.activateWindow()  # a sheet that was open before is closed: no window manager does it here
    desk.qtbot.waitUntil(desk.page.isActiveWindow)
    desk.press("P")
    desk.settle()
    sheet = desk.page.ruling.sheet
    assert sheet is not None
    assert sheet.isVisible()
    return sheet


def add(desk: Desk, sheet: PolicySheet, name: str) -> None:
    [entry] = [entry for entry in sheet.menu.actions() if entry.text() == name]
    entry.trigger()
    desk.settle()


def shown(sheet: PolicySheet) -> list[tuple[str, str, str]]:
    return [(row.name.text(), str(row.what.currentData()), row.effect.text()) for row in sheet.rows]


def saved(desk: Desk) -> tuple[Rule, ...]:
    return policy.of_project(desk.project.store.reader)


def test_a_rule_says_how_many_rows_it_takes_before_it_is_saved(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([3]), "accepted"))
    desk = open_desk(project)
    sheet = opened(desk)
    assert sheet.none.isVisible()
    add(desk, sheet, "Differs from gold")
    assert not sheet.none.isVisible()
    assert shown(sheet) == [("1. Differs from gold", "mask", "2\u00a0rows · 1 decided stay")]
    sheet.rows[0].what.setCurrentIndex(policy.WHATS.index("drop"))
    desk.settle()
    assert "left out of training" in sheet.rows[0].meaning.text()
    assert saved(desk) == ()
    desk.click(sheet.save)
    desk.settle()
    assert saved(desk) == (Rule("Differs from gold", Filter(agreement=("conflict",)), "drop"),)
    assert desk.states().count("accepted") == 1, "no row was changed"
    assert desk.last_act() == policy.ACTION


def test_cancelling_saves_nothing(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    sheet = opened(desk)
    add(desk, sheet, "Differs from gold")
    desk.click(sheet.cancel)
    desk.settle()
    assert saved(desk) == ()


def test_the_order_decides_and_is_changed_with_the_keyboard_kept_at_its_place(
    open_desk: OpenDesk, folder: Path
) -> None:
    desk = open_desk(apples(folder))
    desk.page.area.filters.set_value(Filter(text="has 3 apples"))
    sheet = opened(desk)
    add(desk, sheet, "Differs from gold")
    add(desk, sheet, "Rows that match the page’s filter: “has 3 apples”")
    assert [effect for *_, effect in shown(sheet)] == ["3\u00a0rows", "0\u00a0rows"]
    assert sheet.rows[1].what.hasFocus()
    desk.click(sheet.rows[1].up)
    desk.settle()
    assert [(name, effect) for name, _, effect in shown(sheet)] == [
        ("1. “has 3 apples”", "1\u00a0row"), ("2. Differs from gold", "2\u00a0rows"),
    ]  # fmt: skip
    assert sheet.rows[0].what.hasFocus(), "it cannot go further up"
    assert not sheet.rows[0].up.isEnabled()
    desk.click(sheet.rows[0].remove)
    desk.settle()
    assert [name for name, *_ in shown(sheet)] == ["1. Differs from gold"]
    desk.click(sheet.cancel)


def test_the_log_probability_of_a_rule_can_be_set(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    add_answer(project, 1, "unsure", "2", run_id="generate-2", mean_logprob=-0.75)
    desk = open_desk(project)
    sheet = opened(desk)
    add(desk, sheet, "Log-probability below -1")
    assert shown(sheet)[0][2] == "0\u00a0rows"
    sheet.rows[0].below.setValue(-0.5)
    desk.settle()
    assert shown(sheet) == [("1. Log-probability below -0.5", "mask", "1\u00a0row")]
    desk.click(sheet.cancel)


def test_rows_to_be_asked_again_are_handed_to_the_teacher_with_the_hint(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    desk = open_desk(project)
    told: list[tuple[list[int], str]] = []
    desk.page.ask_teacher.connect(lambda ids, title, hint, aside: told.append((list(ids), hint)))
    sheet = opened(desk)
    assert not sheet.ask_button.isVisible()
    add(desk, sheet, "Differs from gold")
    sheet.rows[0].what.setCurrentIndex(policy.WHATS.index("ask"))
    desk.settle()
    assert sheet.ask_button.text() == "Save, and ask the teacher about 3\u00a0rows"
    desk.click(sheet.ask_button)
    desk.settle()
    assert told == [([3, 6, 9], "always")]
    assert [rule.what for rule in saved(desk)] == ["ask"]


def test_without_gold_labels_there_is_nothing_to_tell_the_teacher(open_desk: OpenDesk, folder: Path) -> None:
    project = Project.create(folder, "text")
    [i] = add_examples(project, [{"fields": {"input": "x"}, "label": None}])
    add_answer(project, i, "r", "1")
    project.store.write_now(lambda tx: policy.save(tx, [Rule("all", Filter(), "ask")]))
    desk = open_desk(project)
    told: list[object] = []
    desk.page.ask_teacher.connect(lambda *given: told.append(given))
    desk.click(opened(desk).ask_button)
    desk.settle()
    assert not told
    assert [bar.text.text() for bar in desk.page.messages.bars()] == [
        "None of these rows has a gold label that the teacher could be told."
    ]


def test_undo_takes_the_saving_of_rules_back_and_redo_does_it_again(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    for name in ("Differs from gold", "Log-probability below -1"):
        sheet = opened(desk)
        add(desk, sheet, name)
        desk.click(sheet.save)
        desk.settle()
    assert [rule.name for rule in saved(desk)] == ["Differs from gold", "Log-probability below -1"]
    desk.click(opened(desk).save)
    desk.settle()
    assert desk.written_acts() == 2, "to save the same again is no act"
    desk.page.activateWindow()
    desk.qtbot.waitUntil(desk.page.isActiveWindow)
    desk.press("Ctrl+Z")
    desk.settle()
    assert [rule.name for rule in saved(desk)] == ["Differs from gold"]
    desk.press("Ctrl+Z")
    desk.settle()
    assert saved(desk) == ()
    desk.press("Ctrl+Shift+Z", "Ctrl+Shift+Z")
    desk.settle()
    assert len(saved(desk)) == 2


def test_rules_of_a_newer_version_are_refused_in_a_sentence(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    newer = [{"name": "x", "what": "mask", "matching": {"mood": "bad"}}]
    project.store.write_now(lambda tx: project_info.put(tx, "policy", newer))
    desk = open_desk(project)
    desk.press("P")
    assert desk.page.ruling.sheet is None
    [bar] = desk.page.messages.bars()
    assert bar.text.text() == "Rule 1 has an unknown condition “mood”."


def test_a_project_for_reading_only_shows_the_rules_and_their_counts(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: policy.save(tx, [Rule("all", Filter(), "ask")]))
    project.close()
    desk = open_desk(Project.open(folder, read_only=True))
    sheet = opened(desk)
    assert shown(sheet) == [("1. all", "ask", "11\u00a0rows")]
    assert not any(w.isEnabled() for w in (sheet.save, sheet.add_button, sheet.rows[0].what, sheet.rows[0].remove))
    assert not sheet.ask_button.isVisible()
    desk.click(sheet.cancel)


@pytest.mark.parametrize("text", [r"(a|a)*(a|a)*(a|a)*[bc]", "x"])
def test_a_rule_with_a_pattern_is_counted_or_says_why_not(open_desk: OpenDesk, folder: Path, text: str) -> None:
    project = apples(folder)
    [i] = add_examples(project, [{"fields": {"input": "a" * 5_000 + "!"}, "label": "1"}])
    add_answer(project, i, "r", "1")
    project.store.write_now(lambda tx: policy.save(tx, [Rule("slow", Filter(text=text, mode="regex"), "mask")]))
    desk = open_desk(project)
    sheet = opened(desk)
    said = [bar.text.text() for bar in sheet.messages.bars()]
    assert said == (["This pattern takes too long on some of the texts."] if text != "x" else [])
    desk.click(sheet.cancel)
