"""The random sample on the page: draw, judge, read the estimate, accept the rest, take it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import audits, examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.steps.review.ui import auditing
from dsbs_gui.steps.review.ui.audit_sheet import AuditSheet
from tests.steps.review.making import apples

if TYPE_CHECKING:
    import pytest

    from tests.steps.review.conftest import OpenDesk
    from tests.steps.review.ui.desk import Desk


def draw(desk: Desk, n: int, seed: int = 0) -> None:
    """As a person does: the queue, the button, the sheet."""
    desk.page.queueing.enter("audit")
    desk.settle()
    desk.click(desk.page.queueing.auditing.draw)
    [sheet] = desk.page.findChildren(AuditSheet)
    desk.settle()
    sheet.n.setValue(n)
    sheet.seed.setValue(seed)
    desk.click(sheet.accept_button)
    desk.settle()
    assert not sheet.isVisible()
    desk.page.activateWindow()
    desk.qtbot.waitUntil(desk.page.isActiveWindow)
    sheet.deleteLater()


def test_a_sample_is_drawn_judged_and_the_rest_accepted_with_one_undo(
    folder: Path, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(auditing, "confirm", lambda page, title, text, action: asked.append(f"{text} {action}") or True)
    desk = open_desk(apples(folder, 41))
    draw(desk, 4)
    at_work = desk.page.queueing.auditing
    assert at_work.strip.isVisible()
    assert not at_work.accept.isVisible()
    assert at_work.strip.headline.text() == "4\u00a0rows to judge, in this order."
    audit = audits.newest(desk.project.store.reader)
    assert audit is not None
    drawn = [row.example_id for row in audits.rows(desk.project.store.reader, audit)]
    assert desk.shown == drawn
    assert desk.current == drawn[0]
    desk.press("R", "A", "A", "A")
    desk.settle()
    at_work.refresh()
    desk.settle()
    assert at_work.strip.headline.text() == "Accept the rest: about 25\u00a0% wrong (0–83\u00a0%)."
    assert at_work.accept.text() == "Accept the rest (36)"
    desk.click(at_work.accept)
    desk.settle()
    assert "36\u00a0rows that nobody has read will be accepted, about 25\u00a0% wrong (0–83\u00a0%)" in asked[0]
    assert examples.counts(desk.project.store.reader, "state") == {"accepted": 39, "empty": 1, "rejected": 1}
    at_work.refresh()
    desk.settle()
    assert not at_work.accept.isVisible()
    desk.press("Ctrl+Z")
    desk.settle()
    assert examples.count(desk.project.store.reader, Filter(states=("unreviewed",))) == 36


def test_the_strip_goes_with_its_queue_and_the_sample_is_there_after_a_restart(
    folder: Path, open_desk: OpenDesk
) -> None:
    desk = open_desk(apples(folder, 12))
    draw(desk, 3, seed=5)
    drawn = desk.shown
    desk.page.clear_filters()
    desk.settle()
    assert not desk.page.queueing.auditing.strip.isVisible()
    desk.close()
    desk = open_desk(Project.open(folder))
    desk.page.queueing.enter("audit")
    desk.settle()
    assert desk.shown == drawn
    assert "0 of 3 judged" in desk.page.queueing.auditing.strip.details.text()


def test_a_sample_is_drawn_from_what_the_filter_leaves(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(apples(folder, 12))
    desk.page.queueing.enter("audit")
    desk.page.area.filters.set_text("Ann has 1", "contains")
    desk.settle()
    desk.click(desk.page.queueing.auditing.draw)
    [sheet] = desk.page.findChildren(AuditSheet)
    desk.settle()
    assert sheet.source.text() == "From 3\u00a0rows that nobody has decided (unreviewed or skipped · “Ann has 1”)."
    assert sheet.n.maximum() == 3
    sheet.reject()
    sheet.deleteLater()
