"""The Export page with a real project and a real job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QSettings

from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions, examples, imports, runs, training
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.steps.export import intake
from dsbs_gui.steps.export.ui.page import ExportPage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from dsbs_gui.core.store.database import Transaction

LONG_MS = 30_000


def _fill(tx: Transaction) -> None:
    import_id = imports.start(tx, "import-1", "rows.jsonl", "train", {}, None)
    rows = [{"line": i, "fields": {"input": f"row {i}"}, "input": f"row {i}"} for i in range(8)]
    ids, _ = examples.add(tx, rows, split="train", import_id=import_id)
    for i in ids:
        answers.add(tx, NewAnswer(i, "generate-1", "teacher", "a-teacher", "raw", rationale="why", label="x"))
    decisions.set_state(tx, Selection.of(list(ids)[:3]), "accepted")


@pytest.fixture
def page(qtbot: QtBot, qapp: Any, tmp_path: Path) -> Iterator[ExportPage]:
    qapp.setOrganizationName("dsbs-test")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    apply_theme(qapp, "light")
    project = Project.create(tmp_path / "my project", "text", intakes={"export-data": intake.take})
    project.jobs.begin()
    bridge = Bridge(project)
    made = ExportPage(project, bridge)
    qtbot.addWidget(made)
    made.show()
    made.refresh()
    yield made
    bridge.close()
    project.close()


def test_an_empty_project_says_where_to_begin(qtbot: QtBot, page: ExportPage) -> None:
    qtbot.waitUntil(page.is_empty, timeout=LONG_MS)


def test_the_rows_chosen_are_counted_and_exported(qtbot: QtBot, page: ExportPage, tmp_path: Path) -> None:
    page._project.store.write_now(_fill)
    qtbot.waitUntil(lambda: page.data.button.text().endswith("8\u00a0rows"), timeout=LONG_MS)
    page.data.states.set_value(["accepted"])
    page.data.chosen.emit()
    qtbot.waitUntil(lambda: page.data.sentence.text().endswith(": accepted only"), timeout=LONG_MS)
    assert page.data.sentence.text().startswith("3 of 8")
    out = tmp_path / "my project" / "exports" / "my-project.jsonl"
    assert page.data.target.text() == str(out)
    page.data.button.click()
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 1, timeout=LONG_MS)
    assert len(list(read_jsonl(out))) == 3


def test_without_a_student_the_button_is_off_and_says_why(qtbot: QtBot, page: ExportPage) -> None:
    page._project.store.write_now(_fill)
    qtbot.waitUntil(lambda: not page.is_empty(), timeout=LONG_MS)
    assert not page.student.button.isEnabled()
    assert "Train one" in page.student.why.text()

    def train(tx: Transaction) -> None:
        run = runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context={})
        runs.set_state(tx, run.id, "done")
        training.add_checkpoint(tx, run.id, 10, "checkpoints/best-000010", best=True)

    page._project.store.write_now(train)
    qtbot.waitUntil(page.student.button.isEnabled, timeout=LONG_MS)
    assert page.student.target.text().endswith("train-1-safetensors")


def test_what_is_there_is_not_overwritten_and_the_run_says_so(qtbot: QtBot, page: ExportPage, tmp_path: Path) -> None:
    page._project.store.write_now(_fill)
    qtbot.waitUntil(page.data.button.isEnabled, timeout=LONG_MS)
    (tmp_path / "mine.jsonl").write_text("mine")
    page.data.target.path.setText(str(tmp_path / "mine.jsonl"))
    page.data.button.click()

    def failed() -> list[runs.Run]:
        return runs.all_runs(page._project.store.reader, states=("failed",))

    qtbot.waitUntil(lambda: bool(failed()), timeout=LONG_MS)
    assert "mine.jsonl" in failed()[0].reason
    assert not page.messages.bars(), "the window tells how runs fail, once"
    assert (tmp_path / "mine.jsonl").read_text() == "mine"
