from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.project import Project
from tests.steps.review.making import add_answer, add_examples, apples

if TYPE_CHECKING:
    from pathlib import Path

    from dsbs_gui.steps.review.ui.detail import DetailPanel
    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def test_it_opens_on_what_waits_for_a_decision_with_the_first_row_shown(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    assert desk.shown == list(range(1, 12))
    assert desk.current == 1
    panel: DetailPanel = desk.page.area.detail
    assert panel.input.raw() == "Ann has 1 apples, Ben has 1. How many have they?"
    assert panel.rationale.toPlainText() == "Ann has 1 and Ben has 1, so 1 + 1."
    assert panel.gold.verdict.text.text() == "Means the same as the gold label."
    assert desk.page.header.subtitle.text() == "11 of 12\u00a0examples"


def test_accepting_with_a_key_is_stored_and_moves_on(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("A", "R", "S")
    desk.settle()
    assert [desk.stored(i).state for i in (1, 2, 3, 4)] == ["accepted", "rejected", "skipped", "unreviewed"]
    assert desk.current == 4
    assert desk.page.area.filters.states._chips["accepted"].text().endswith("1")


def test_a_decided_row_stays_in_the_list_until_the_list_is_updated(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("A")
    desk.settle()
    assert desk.shown == list(range(1, 12))
    assert not desk.page.area.foot.update_list.isHidden()
    desk.press("F5")
    desk.settle()
    assert desk.shown == list(range(2, 12))
    assert desk.current == 2
    assert desk.page.area.foot.update_list.isHidden()


def test_previous_goes_back_to_what_was_just_decided_and_reopens_it(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("R", "K")
    assert desk.current == 1
    desk.settle()
    desk.press("U")
    desk.settle()
    assert desk.stored(1).state == "unreviewed"
    assert desk.current == 1


def test_filters_narrow_the_table_and_say_their_counts(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    chips = desk.page.area.filters.agreement._chips
    assert chips["conflict"].text() == "Differs from gold  3"
    desk.click(chips["conflict"])
    desk.settle()
    assert desk.shown == [3, 6, 9]
    desk.press("Ctrl+F")
    desk.type('"has 6"')
    desk.press("Return")
    desk.settle()
    assert desk.shown == [6]
    desk.click(desk.page.area.filters.clear)
    desk.settle()
    assert desk.shown == list(range(1, 13))
    assert desk.page.area.search.text() == ""


def test_a_filter_that_leaves_nothing_says_so_and_offers_to_clear(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("Ctrl+F")
    desk.type("pears")
    desk.press("Return")
    desk.settle()
    assert desk.shown == []
    assert desk.page.area.none.isVisible()
    assert not desk.page.area.bar.isVisible()
    button = desk.page.area.none.button
    assert button is not None
    desk.click(button)
    desk.settle()
    assert len(desk.shown) == 12


def test_sorting_by_a_title_keeps_the_current_row(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.page.area.table.set_current_id(5)
    desk.page.area.table.sort_asked.emit("id", True)
    desk.settle()
    assert desk.shown == list(range(11, 0, -1))
    assert desk.current == 5


def test_bulk_acceptance_of_selected_rows_is_undone_in_one_go_even_after_a_restart(
    open_desk: OpenDesk, folder: Path
) -> None:
    desk = open_desk(apples(folder))
    desk.choose(2, 4, 7)
    desk.settle()
    assert desk.page.area.bulk.isVisible()
    assert desk.page.area.bulk.states.text() == "3 unreviewed"
    assert desk.page.area.bar.buttons["accepted"].accessibleName() == "Accept 3"
    desk.press("A")
    desk.settle()
    assert [desk.stored(i).state for i in (2, 4, 7)] == ["accepted"] * 3
    desk.close()
    again = open_desk(Project.open(folder))
    assert again.shown == [1, 3, 5, 6, 8, 9, 10, 11]
    again.press("Ctrl+Z")
    again.settle()
    assert again.states().count("unreviewed") == 11
    again.press("Ctrl+Shift+Z")
    again.settle()
    assert [again.stored(i).state for i in (2, 4, 7)] == ["accepted"] * 3


def test_all_that_match_are_decided_after_a_question_that_names_the_number(
    open_desk: OpenDesk, folder: Path, monkeypatch: object
) -> None:
    desk = open_desk(apples(folder, 31))
    asked: list[str] = []

    def answer(parent: object, title: str, text: str, action: str, **_: object) -> bool:
        asked.extend([title, text, action])
        return len(asked) > 3

    monkeypatch.setattr("dsbs_gui.steps.review.ui.deciding.confirm", answer)  # type: ignore[attr-defined]
    desk.click(desk.page.area.filters.agreement._chips["agree"])
    desk.settle()
    desk.page.area.table.setFocus()
    desk.press("Ctrl+A")
    desk.settle()
    desk.press("R")
    desk.settle()
    assert desk.states().count("rejected") == 0, "the question was answered with no"
    assert asked[0] == "Reject 20?"
    assert "all 20 examples that match (unreviewed · agrees with gold)" in asked[1]
    desk.page.area.table.setFocus()
    desk.press("R")
    desk.settle()
    assert desk.states().count("rejected") == 20
    assert desk.last_act() == "Reject 20 rationales"


def test_ten_rows_are_reviewed_with_the_keyboard_alone(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    for i in range(1, 11):
        assert desk.current == i
        if i == 3:
            desk.press("L")
            desk.type("6")
            desk.press("Return")  # saves and goes back to the table
            desk.press("A")
        elif i == 6:
            desk.press("E", "End")
            desk.type(" And checked: all is R.")
            desk.press("Ctrl+Return", "J")
        elif i % 3 == 0:
            desk.press("R")
        else:
            desk.press("A")
    desk.settle()
    states = [desk.stored(i).state for i in range(1, 11)]
    assert states == ["accepted", "accepted", "edited"] * 2 + ["accepted", "accepted", "rejected", "accepted"]
    assert (desk.stored(3).teacher_label, desk.stored(3).agree) == ("6", 1)
    assert (desk.stored(6).rationale or "").endswith("so 6 + 6. And checked: all is R.")


def test_letters_typed_into_the_search_field_decide_nothing(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("/")
    desk.type("ARSUJK123")
    desk.settle()
    assert desk.page.area.search.text() == "ARSUJK123"
    assert desk.written_acts() == 0


def test_new_rows_of_a_running_job_come_without_moving_what_is_there(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    desk = open_desk(project)
    desk.press("J", "J")
    add_answer(project, 12, "Twelve and twelve.", "24")
    desk.settle()
    assert desk.shown == list(range(1, 13)), "the new row is at the end, so it came by itself"
    assert desk.current == 3
    add_examples(project, [{"fields": {"input": "New?"}, "label": "1"}])
    desk.settle()
    assert desk.shown == list(range(1, 13))


def test_refresh_keeps_filter_selection_and_scroll(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder, 90))
    desk.click(desk.page.area.filters.agreement._chips["agree"])
    desk.settle()
    desk.choose(82, 80)
    top = desk.page.area.table.verticalScrollBar().value()
    desk.settle()
    desk.project.store.write_now(lambda tx: tx.execute("UPDATE examples SET split = 'test' WHERE id = 1"))
    desk.page.refresh()
    desk.settle()
    assert list(desk.page.area.table.selected_ids()) == [80, 82]
    assert desk.page.area.table.verticalScrollBar().value() == top > 0
    assert desk.page.area.filters.value().agreement == ("agree",)


def test_without_examples_it_leads_to_data(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(Project.create(folder, "math"))
    gone: list[str] = []
    desk.page.go_to.connect(gone.append)
    empty = desk.page._empty
    assert desk.page.is_empty()
    desk.click(empty.button)  # type: ignore[union-attr, arg-type]
    assert gone == ["data"]


def test_without_rationales_it_leads_to_the_teacher_or_shows_the_examples(open_desk: OpenDesk, folder: Path) -> None:
    project = Project.create(folder, "math")
    add_examples(project, [{"fields": {"input": "1 + 1?"}, "label": "2"}])
    desk = open_desk(project)
    gone: list[str] = []
    desk.page.go_to.connect(gone.append)
    empty = desk.page._empty
    desk.click(empty.button)  # type: ignore[union-attr, arg-type]
    assert gone == ["teacher"]
    desk.click(empty.link)  # type: ignore[union-attr, arg-type]
    desk.settle()
    assert desk.shown == [1]
    desk.press("A")
    desk.settle()
    assert desk.states() == ["empty"], "there is no rationale to accept"
    desk.press("E")
    desk.type("One and one is two.")
    desk.press("Ctrl+S")
    desk.settle()
    assert (desk.stored(1).state, desk.stored(1).origin) == ("edited", "person")


def test_a_failed_answer_is_shown_with_its_reason(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    add_answer(project, 12, None, None, failure="unparsed")
    desk = open_desk(project)
    desk.page.clear_filters()
    desk.settle()
    desk.click(desk.page.area.filters.failed._chips["failed"])
    desk.settle()
    assert desk.shown == [12]
    assert desk.page.area.detail.failure.text.text() == "The teacher’s answer could not be used: unparsed."
    assert "Raw answer" in desk.page.area.detail.raw.button.text()


def test_a_project_open_for_reading_shows_but_changes_nothing(open_desk: OpenDesk, folder: Path) -> None:
    apples(folder).close()
    desk = open_desk(Project.open(folder, read_only=True))
    desk.press("A", "E")
    desk.type("x")
    desk.press("Ctrl+S", "J")
    assert desk.page.area.detail.rationale.isReadOnly()
    assert not desk.page.area.bar.buttons["accepted"].isEnabled()
    assert desk.states()[0] == "unreviewed"


def test_the_pace_is_told_once_there_is_one(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder, 70))
    assert desk.page.area.foot.sentence.text() == "69 left to review"
    for _ in range(6):
        desk.now += 30
        desk.press("A")
    desk.settle()
    assert desk.page.area.foot.sentence.text() == "63 left to review · about 30\u00a0min at your pace"


def _labels(desk: Desk) -> list[str]:
    return [chip.text() for chip in desk.page.area.detail.label._chips]


def test_a_choice_is_taken_by_its_number(open_desk: OpenDesk, folder: Path) -> None:
    project = Project.create(folder, "choice")
    fields = {"question": "Where do fish live?", "choices": ["desert", "water", "fire & air"]}
    [i] = add_examples(project, [{"fields": fields, "label": "water"}])
    add_answer(project, i, "Fish swim.", "desert")
    desk = open_desk(project)
    assert _labels(desk) == ["1  desert", "2  water", "3  fire && air"]
    assert desk.page.area.detail.gold.verdict.text.text() == "Differs from gold."
    desk.press("2")
    assert desk.page.area.detail.gold.verdict.text.text() == "Means the same as the gold label."
    desk.press("Ctrl+S")
    desk.settle()
    assert (desk.stored(i).teacher_label, desk.stored(i).agree, desk.stored(i).state) == ("water", 1, "edited")
