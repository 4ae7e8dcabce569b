"""Through the real window: rows are asked about again, the answers compared with what stands, and taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from dsbs_gui.core.store import decisions, examples, offers, runs
from dsbs_gui.core.store.filters import Filter, Selection
from tests.steps.review.making import apples
from tests.steps.teacher.fault_server import answer, serving

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import OpenWindow

LONG_MS = 60_000


@pytest.mark.timeout(180)
def test_rows_of_review_are_asked_again_compared_and_taken(
    qtbot: Any, open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = apples(tmp_path / "apples")
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1]), "accepted"))
    project.store.write_now(lambda tx: tx.execute("UPDATE answers SET run_id = 'generate-0'"))  # the next one is 1
    project.close()
    with serving(answer("Count them. The answer is 4.")) as server:
        window = open_window(tmp_path / "apples")
        session = window.session
        assert session is not None
        db = session.project.store.reader
        window.go_to("review")
        review: Any = session.page("review")
        qtbot.waitUntil(lambda: review.area.model.rowCount() > 0, timeout=LONG_MS)
        review.clear_filters()
        qtbot.waitUntil(lambda: review.area.model.rowCount() == 12, timeout=LONG_MS)
        review.area.table.select_ranges([(0, 2)])
        qtbot.mouseClick(review.area.bulk.again, Qt.MouseButton.LeftButton)
        assert window.nav.current_key() == "teacher"

        ask: Any = session.page("teacher").view("ask")
        ask.teacher.choose("server", server.address)
        qtbot.waitUntil(lambda: ask.generate_button.text() == "Generate 3\u00a0rationales", timeout=LONG_MS)
        assert ask.form.aside.isChecked()
        before = examples.page(db, [1, 2, 3])
        qtbot.mouseClick(ask.generate_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: [r.state for r in runs.all_runs(db, "generate")] == ["done"], timeout=LONG_MS)
        now = examples.page(db, [1, 2, 3])
        assert [now[i].rationale for i in now] == [before[i].rationale for i in before], "nothing stands by itself"

        window.go_to("review")
        qtbot.waitUntil(lambda: review.area.filters.offered.isVisible(), timeout=LONG_MS)
        chip = review.area.filters.offered._chips["offered"]
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: list(review.area.model.ids()) == [1, 2, 3], timeout=LONG_MS)
        monkeypatch.setattr("dsbs_gui.steps.review.ui.comparing.confirm", lambda *_: True)
        review.area.table.selectAll()
        qtbot.waitUntil(review.area.bulk.compared.isVisible, timeout=LONG_MS)
        qtbot.mouseClick(review.area.bulk.take, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: offers.count(db) == 1, timeout=LONG_MS)
        taken = examples.page(db, [1, 2, 3])
        assert [taken[i].rationale for i in (2, 3)] == ["Count them."] * 2
        assert (taken[1].rationale, taken[1].state) == (before[1].rationale, "accepted")
        review.deciding.undo()
        qtbot.waitUntil(lambda: examples.count(db, Filter(offered=True)) == 3, timeout=LONG_MS)
        assert examples.page(db, [2, 3])[2].rationale == before[2].rationale
