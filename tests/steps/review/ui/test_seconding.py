"""A second reviewer on the page: a share goes out, a review comes in, both sides stand side by side, one is chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from dsbs_gui.core.store import decisions, history, reviews
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.core.store.reviews import Review
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.steps.review.ui.second_review_sheet import SecondReviewSheet
from dsbs_gui.steps.review.ui.share_sheet import ShareSheet
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from tests.steps.review.conftest import OpenDesk
    from tests.steps.review.ui.desk import Desk


def reviewed_twice(folder: Path) -> Project:
    """Here 1 to 6 are accepted; anna rejects 2, gives 3 the label 6, writes another text for 4, and is alike on 5."""
    project = apples(folder)
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of(range(1, 7)), "accepted"))
    rows = [
        Review(2, "anna", "rejected", "Ann has 2 and Ben has 2, so 2 + 2.", "2 + 2", 1, "no answer given"),
        Review(3, "anna", "edited", "Ann has 3 and Ben has 3, so 3 + 3.", "6", 1),
        Review(4, "anna", "edited", "Ann has 4 and Ben has 4, so they have eight.", "4 + 4", 1),
        Review(5, "anna", "accepted", "Ann has 5 and Ben has 5, so 5 + 5.", "5 + 5", 1),
    ]
    project.store.write_now(lambda tx: reviews.put(tx, rows))
    return project


def enter(desk: Desk) -> None:
    desk.page.queueing.enter("reviewers")
    desk.settle()


def close(desk: Desk, sheet: Sheet) -> None:
    """A sheet that has closed leaves no window active where there is no screen."""
    desk.qtbot.waitUntil(lambda: sheet not in desk.page.findChildren(Sheet) or not sheet.isVisible())
    desk.page.activateWindow()
    desk.qtbot.waitUntil(lambda: QApplication.activeWindow() is desk.page)


def test_both_sides_stand_side_by_side_and_a_digit_chooses(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(reviewed_twice(folder))
    sides = desk.page.queueing.seconding.sides
    assert not sides.isVisible()
    enter(desk)
    assert desk.shown == [2, 3, 4], "kept against rejected, then labels, then texts"
    assert desk.page.queueing.seconding.strip.headline.text() == (
        "3\u00a0rows wait for a choice between the reviewers."
    )
    assert sides.isVisible()
    said = [label.text() for label in sides.findChildren(PlainLabel) if label.isVisible()]
    assert {"Here", "anna", "Label: 2 + 2", "Note: no answer given"} <= set(said)
    assert [button.key() for button in sides.buttons] == ["1", "2"]
    desk.press("2")
    desk.settle()
    assert desk.stored(2).state == "rejected"
    assert desk.last_act() == "Settle: as anna decided"
    assert desk.current == 3
    desk.press("1")
    desk.settle()
    assert (desk.stored(3).state, desk.stored(3).teacher_label) == ("accepted", "7")
    desk.press("2")
    desk.settle()
    assert desk.stored(4).rationale == "Ann has 4 and Ben has 4, so they have eight."
    desk.press("F5")
    desk.settle()
    assert desk.shown == []
    for _ in range(3):
        desk.press("Ctrl+Z")
        desk.settle()
    desk.press("F5")
    desk.settle()
    assert desk.shown == [2, 3, 4]
    assert [desk.stored(i).state for i in (2, 3, 4)] == ["accepted"] * 3
    assert {change.who for change in history.timeline(desk.project.store.reader, 3)} == {history.person()}


def test_digits_are_labels_again_outside_of_the_queue(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(reviewed_twice(folder))
    enter(desk)
    desk.page.clear_filters()
    desk.settle()
    desk.choose(2)
    assert not desk.page.queueing.seconding.sides.isVisible()
    desk.press("2")
    desk.settle()
    assert desk.stored(2).state == "accepted"


def test_a_share_goes_out_and_a_review_comes_in_with_its_bad_lines(
    folder: Path, tmp_path: Path, open_desk: OpenDesk
) -> None:
    desk = open_desk(apples(folder))
    seconding = desk.page.queueing.seconding
    enter(desk)
    assert "Nobody else has reviewed yet." in seconding.strip.headline.text()
    assert not seconding.measure.isEnabled()
    desk.click(seconding.export)
    [sheet] = desk.page.findChildren(ShareSheet)
    desk.settle()
    assert sheet.source.text() == "From all 12\u00a0rows."
    sheet.gold.setChecked(True)
    sheet.write(tmp_path / "share.jsonl")
    desk.settle()
    close(desk, sheet)
    rows = [json.loads(line) for line in (tmp_path / "share.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == 11
    assert rows[2]["gold"] == "6"
    assert "1\u00a0row without an answer of a teacher left out" in desk.page.messages.bars()[0].text.text()

    desk.project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1]), "accepted"))
    rows[0]["decision"] = "rejected"
    (tmp_path / "back.jsonl").write_text("no json\n" + json.dumps(rows[0]) + "\n" + json.dumps(rows[1]), "utf-8")
    desk.click(seconding.take)
    [merge] = desk.page.findChildren(SecondReviewSheet)
    merge.path.setText(str(tmp_path / "back.jsonl"))
    merge.reviewer.setText("here")
    merge.read()
    desk.settle()
    assert "no name for a reviewer" in merge.messages.bars()[0].text.text()
    merge.reviewer.setText("anna")
    merge.read()
    desk.settle()
    assert merge.outcome.text() == (
        "1\u00a0decision by anna · 1\u00a0row without a decision · 1\u00a0line cannot be used"
    )
    assert merge.table.isVisible()
    assert merge.model.rowCount() == 1
    desk.click(merge.accept_button)
    desk.settle()
    close(desk, merge)
    assert desk.shown == [1]
    assert seconding.strip.headline.text() == "1\u00a0row waits for a choice between the reviewers."
    assert seconding.strip.details.text() == "anna: 1\u00a0row decided"


def test_agreement_is_queued_and_told_when_it_is_there(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(reviewed_twice(folder))
    seconding = desk.page.queueing.seconding
    enter(desk)
    assert seconding.measure.isEnabled()
    desk.project.jobs.begin()
    desk.click(seconding.measure)
    desk.qtbot.waitUntil(lambda: bool(seconding._measuring), timeout=20_000)
    run = desk.project.jobs.wait(seconding._measuring, 60)
    assert run.state == "done"
    desk.settle()
    desk.qtbot.waitUntil(lambda: any(s.windowTitle().startswith("Agreement") for s in desk.page.findChildren(Sheet)))
    [sheet] = [s for s in desk.page.findChildren(Sheet) if s.windowTitle().startswith("Agreement")]
    said = " ".join(label.text() for label in sheet.findChildren(PlainLabel))
    assert "Here and anna agree on keeping or rejecting in 75\u00a0% of 4\u00a0rows" in said
    sheet.reject()
    desk.settle()
