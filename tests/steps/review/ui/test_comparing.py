"""Samples and new answers on the page: the vote, choosing, merging, comparing before and after, asking again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from dsbs_gui.core.store import answers, decisions, offers
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.steps.review import answer_words, sentences
from dsbs_gui.steps.review.ui import comparing, merge_sheet
from dsbs_gui.steps.review.ui.merge_sheet import MergeSheet
from tests.steps.review.making import add_answer, apples

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from tests.steps.review.conftest import OpenDesk


def offer(project: Project, example_id: int, label: str | None = None, **more: str) -> int:
    """What a run that was asked for to compare brings for a row."""
    old = answers.of_example(project.store.reader, example_id)[0]
    values = {"run_id": "generate-2", "teacher": "other", "cache_key": "k2"} | more
    label = label or str(2 * example_id)
    new = answers.NewAnswer(
        example_id, source="teacher", raw="raw", rationale=f"{old.rationale} That is it.", label=label,
        agree=label == str(2 * example_id), **values,
    )  # fmt: skip
    return project.store.write_now(lambda tx: answers.add(tx, new, aside=True))


@pytest.fixture
def offered(folder: Path) -> Project:
    """Rows 1 to 4 have a new answer; row 4 is accepted."""
    project = apples(folder)
    for example_id in range(1, 5):
        offer(project, example_id)
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([4]), "accepted"))
    return project


def test_both_stand_side_by_side_and_i_takes_the_new_one(offered: Project, open_desk: OpenDesk) -> None:
    desk = open_desk(offered)
    desk.choose(3)
    panel = desk.page.area.detail.offer
    assert panel.isVisible()
    left, right = panel.texts.texts
    assert left.source() == desk.stored(3).rationale
    assert right.source() == f"{desk.stored(3).rationale} That is it."
    assert [remark.text() for remark in panel.texts.remarks] == [
        "Label 7 · differs from gold",
        "Label 6 · the gold label",
    ]
    desk.press("I")
    desk.settle()
    taken = desk.stored(3)
    assert (taken.rationale, taken.teacher_label, taken.state) == (right_text(3), "6", "unreviewed")
    assert desk.current == 5, "on to the next row in the list, where row 4 is not"
    assert not panel.isVisible()
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(3).teacher_label == "7"
    assert desk.current == 3
    assert panel.isVisible()


def right_text(k: int) -> str:
    return f"Ann has {k} and Ben has {k}, so {k} + {k}. That is it."


def test_o_keeps_what_stands_and_the_chip_counts_down(offered: Project, open_desk: OpenDesk) -> None:
    desk = open_desk(offered)
    chip = desk.page.area.filters.offered
    assert chip.isVisible()
    desk.page.clear_filters()
    desk.settle()
    desk.click(chip._chips["offered"])
    desk.settle()
    assert desk.shown == [1, 2, 3, 4]
    desk.choose(1)
    before = desk.stored(1)
    desk.press("O")
    desk.settle()
    kept = desk.stored(1)
    assert (kept.offered, kept.rationale, kept.state) == (None, before.rationale, "unreviewed")
    assert desk.current == 2
    assert offers.count(offered.store.reader) == 3
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(1) == before


def test_many_are_taken_at_once_and_what_was_reviewed_stays(
    offered: Project, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(comparing, "ASK_FROM", 2)
    monkeypatch.setattr(comparing, "confirm", lambda page, title, text, action: asked.append(f"{title} {text}") or True)
    desk = open_desk(offered)
    desk.page.clear_filters()
    desk.settle()
    desk.page.area.table.setFocus()
    desk.press("Ctrl+A")
    desk.settle()
    bulk = desk.page.area.bulk
    assert bulk.compared.isVisible()
    assert bulk.offers.text() == "4\u00a0of them have a new answer"
    accepted = desk.stored(4)
    desk.click(bulk.take)
    desk.settle()
    assert "1 that you have reviewed stays as it is" in asked[0]
    assert [desk.stored(i).teacher_label for i in (1, 2, 3)] == ["2", "4", "6"]
    assert desk.stored(4) == accepted
    assert desk.last_act() == "Take 3 new answers"
    desk.press("Ctrl+Z")
    desk.settle()
    assert offers.count(offered.store.reader) == 4


def test_a_selection_without_new_answers_offers_nothing(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(apples(folder))
    desk.press("Ctrl+A")
    desk.settle()
    assert not desk.page.area.bulk.compared.isVisible()
    desk.press("I", "O")
    desk.settle()
    assert desk.written_acts() == 0


def test_the_vote_is_shown_and_another_sample_can_be_chosen(folder: Path, open_desk: OpenDesk) -> None:
    project = apples(folder)
    for sample, label in ((1, "4"), (2, "5")):
        add_answer(project, 2, f"Sample {sample}.", label, sample=sample)
    desk = open_desk(project)
    desk.choose(2)
    fold = desk.page.area.detail.answers
    fold.set_open(True)
    texts = [label.text() for label in fold.findChildren(QLabel)]
    assert any(text.startswith("Vote: ") and "by 2 of 3" in text and "5 by 1" in text for text in texts)
    third = answers.of_example(project.store.reader, 2)[0]
    desk.page.area.detail.use_asked.emit(third.id)
    desk.settle()
    assert desk.stored(2).rationale == "Sample 2."
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(2).rationale != "Sample 2."


def test_two_answers_become_one_text_whose_origin_is_kept(
    offered: Project, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(offered)
    desk.choose(3)
    new = desk.stored(3).offered
    sheets: list[MergeSheet] = []

    def accept(sheet: MergeSheet) -> bool:
        sheets.append(sheet)
        sheet.start.chosen.emit("both")
        sheet.text.put_text(sheet.rationale() + "\nTogether.")
        sheet.line.setText("6")
        return sheet.accept_button.isEnabled()

    monkeypatch.setattr(MergeSheet, "ask", accept)
    desk.click(desk.page.area.detail.offer.merge)
    desk.settle()
    merged = desk.stored(3)
    assert merged.rationale is not None
    assert merged.rationale.endswith("That is it.\nTogether.")
    assert (merged.teacher_label, merged.agree, merged.state, merged.merged_with) == ("6", 1, "edited", new)
    assert "merged with sample 1 of other" in desk.page.area.detail.written_by.text()
    assert sheets[0].texts.texts[0].source() == "Ann has 3 and Ben has 3, so 3 + 3."
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(3).merged_with is None


def test_a_merge_that_is_called_off_writes_nothing(
    offered: Project, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(offered)
    acts = desk.written_acts()
    monkeypatch.setattr(merge_sheet, "ask", lambda *given: None)
    desk.choose(3)
    desk.click(desk.page.area.detail.offer.merge)
    desk.settle()
    assert desk.written_acts() == acts


def test_an_empty_merge_cannot_be_kept(qtbot: object, offered: Project) -> None:
    from dsbs_gui.core.store import examples

    example = examples.get(offered.store.reader, 1)
    assert example is not None
    sheet = MergeSheet(None, example, answers.of_example(offered.store.reader, 1)[0])
    sheet.text.put_text("  ")
    assert not sheet.accept_button.isEnabled()
    sheet.deleteLater()
    offered.close()


def test_w_hands_the_rows_to_the_teacher(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(apples(folder))
    asked: list[tuple[list[int], str, str, bool]] = []
    desk.page.ask_teacher.connect(lambda ids, *more: asked.append((list(ids), *more)))
    desk.choose(2)
    desk.press("W")
    desk.choose(2, 4)
    desk.click(desk.page.area.bulk.again)
    assert asked == [([2], "№ 2", "", True), ([2, 4], "2\u00a0rows from Review", "", True)]


def test_a_project_open_for_reading_only_compares_and_changes_nothing(
    offered: Project, folder: Path, open_desk: OpenDesk
) -> None:
    offered.close()
    desk = open_desk(type(offered).open(folder, read_only=True))
    desk.choose(3)
    assert desk.page.area.detail.offer.isVisible()
    assert not desk.page.area.detail.offer.take.isVisible()
    desk.press("I", "O", "W")
    desk.settle()
    assert desk.stored(3).teacher_label == "7"


def test_the_filter_and_the_vote_are_said_in_words() -> None:
    assert sentences.filter_words(Filter(offered=True)) == "with a new answer"
    assert answer_words.taken(0) == "Nothing to take: what was reviewed stays"
