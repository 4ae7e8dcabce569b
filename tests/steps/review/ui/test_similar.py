"""Find similar on the page: by key, in order, with the share shown, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsbs_gui.app.wiring import intakes
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.steps.review.similar import finding
from dsbs_gui.steps.review.ui import deciding
from tests.steps.review.making import apples

if TYPE_CHECKING:
    import pytest

    from tests.steps.review.conftest import OpenDesk
    from tests.steps.review.ui.desk import Desk


def column(desk: Desk) -> list[str]:
    model = desk.page.area.model
    place = [c.key for c in model.columns].index("given")
    return [str(model.index(row, place).data()) for row in range(model.rowCount())]


def shows_column(desk: Desk) -> bool:
    keys = [c.key for c in desk.page.area.model.columns]
    return not desk.page.area.table.isColumnHidden(keys.index("given"))


def test_m_lists_the_most_similar_inputs_and_alt_left_leads_back(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(apples(folder))
    before = desk.shown
    assert not shows_column(desk)
    desk.choose(4)
    desk.press("M")
    desk.settle()
    found = finding.find(desk.project.store.reader, 4, "input")
    assert found is not None
    assert desk.shown == list(found.shares)
    assert desk.shown[0] == desk.current == 4
    assert shows_column(desk)
    assert column(desk)[0].startswith("100")
    assert desk.page.area.similar.isVisible()
    desk.press("J")
    desk.press("Alt+Left")
    desk.settle()
    assert desk.shown == before
    assert desk.current == 4
    assert desk.page.area.filters.value() == Filter(states=("unreviewed",))
    assert not desk.page.area.similar.isVisible()
    assert not shows_column(desk)


def test_similar_rationales_can_be_narrowed_down_and_decided(
    folder: Path, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(deciding, "confirm", lambda page, title, text, action: asked.append(text) or True)
    desk = open_desk(apples(folder))
    desk.choose(4)
    desk.click(desk.page.area.detail.similar_rationale)
    desk.settle()
    assert "rationale" in desk.page.area.similar.sentence.text()
    assert len(desk.shown) == 11, "the last one has no rationale"
    desk.click(desk.page.area.filters.agreement._chips["conflict"])
    desk.settle()
    assert sorted(desk.shown) == [3, 6, 9]
    desk.page.area.table.setFocus()
    desk.press("Ctrl+A", "R")
    desk.settle()
    assert desk.stored(6).state == "rejected"
    assert desk.last_act() == "Reject 3 rationales"
    assert "among 11\u00a0similar ones" in asked[0]
    desk.page.clear_filters()
    desk.settle()
    assert desk.shown == list(range(1, 13))
    assert not desk.page.area.similar.isVisible()


def test_the_other_field_is_a_click_away(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(apples(folder))
    desk.choose(4)
    desk.press("M")
    desk.settle()
    desk.page.area.similar.field.chosen.emit("rationale")
    desk.settle()
    assert "rationale" in desk.page.area.similar.sentence.text()
    desk.press("Alt+Left")
    desk.settle()
    assert len(desk.shown) == 11


def test_a_row_without_a_rationale_says_so(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(apples(folder))
    desk.page.clear_filters()
    desk.settle()
    desk.choose(12)
    assert not desk.page.area.detail.similar_rationale.isVisible()
    desk.press("Shift+M")
    desk.settle()
    [bar] = desk.page.messages.bars()
    assert "№ 12 has no rationale" in bar.text.text()
    assert len(desk.shown) == 12


def test_where_many_texts_were_never_read_a_job_reads_them_first(
    folder: Path, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST_UNSKETCHED", 3)
    apples(folder).close()
    desk = open_desk(Project.open(folder, intakes=intakes()))
    desk.project.jobs.begin()
    desk.choose(4)
    desk.press("M")
    desk.qtbot.waitUntil(lambda: desk.page.area.similar.isVisible(), timeout=30_000)
    desk.settle()
    [run] = runs.all_runs(desk.project.store.reader, "sketch")
    assert run.state == "done"
    assert desk.shown[0] == 4
    assert not desk.page.messages.bars()
