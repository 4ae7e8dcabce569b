"""The Data page and its sheets, with a real project and real jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QSettings

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.steps.data import intake
from dsbs_gui.steps.data.ui.import_sheet import ImportSheet
from dsbs_gui.steps.data.ui.mapping_form import ABSENT
from dsbs_gui.steps.data.ui.page import DataPage
from dsbs_gui.steps.data.ui.rejected_sheet import RejectedSheet
from dsbs_gui.steps.data.ui.split_sheet import SplitSheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

LONG_MS = 30_000


@pytest.fixture
def page(qtbot: QtBot, qapp: Any, tmp_path: Path) -> Iterator[DataPage]:
    qapp.setOrganizationName("dsbs-test")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    apply_theme(qapp, "light")
    take = intake.make(lambda raw, task, fields, gold: {"rationale": raw, "label": gold})
    project = Project.create(tmp_path / "project", "math", intakes={"import": take})
    project.jobs.begin()
    bridge = Bridge(project)
    made = DataPage(project, bridge)
    qtbot.addWidget(made)
    made.show()
    made.refresh()
    yield made
    bridge.close()
    project.close()


def write(tmp_path: Path, n: int = 30) -> Path:
    path = tmp_path / "rows.jsonl"
    rows = [{"problem_text": f"{chr(97 + i % 26)} {'x' * i} has {i}", "answer": str(i % 4)} for i in range(n)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"problem_text": "bad", "answer": "many"}\n')
    return path


def looked(qtbot: QtBot, page: DataPage, path: Path) -> ImportSheet:
    sheet = page.open_import(str(path))
    sheet.look()
    qtbot.waitUntil(lambda: sheet.at_mapping, timeout=LONG_MS)
    return sheet


def imported(qtbot: QtBot, page: DataPage, path: Path) -> None:
    sheet = looked(qtbot, page, path)
    sheet.mapping.form.boxes["input"].setEditText("problem_text")
    sheet.next.click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 30, timeout=LONG_MS)


def test_an_empty_project_offers_the_one_next_step(qtbot: QtBot, page: DataPage) -> None:
    qtbot.waitUntil(page.is_empty, timeout=LONG_MS)
    assert not page.split_button.isEnabled()


def test_a_file_is_looked_at_mapped_and_imported(qtbot: QtBot, page: DataPage, tmp_path: Path) -> None:
    sheet = looked(qtbot, page, write(tmp_path))
    boxes = sheet.mapping.form.boxes
    assert boxes["label"].currentText() == "answer"
    assert boxes["input"].currentText() == ABSENT
    assert not sheet.next.isEnabled()
    boxes["input"].setEditText("problem_text")
    assert sheet.next.isEnabled()
    assert "1 of the first" in sheet.mapping.verdict.text()
    assert sheet.mapping.card.input.source() == "a  has 0"
    sheet.mapping.show_row(30)
    assert "would be rejected" in sheet.mapping.card.problem.text()
    sheet.next.click()
    qtbot.waitUntil(lambda: page.model.rowCount() == 30, timeout=LONG_MS)
    assert not page.is_empty()
    qtbot.waitUntil(lambda: bool(page.messages.bars()), timeout=LONG_MS)
    assert page.card.input.source() == "a  has 0"


def test_a_wrong_column_is_told_at_its_field(qtbot: QtBot, page: DataPage, tmp_path: Path) -> None:
    sheet = looked(qtbot, page, write(tmp_path))
    sheet.mapping.form.boxes["input"].setEditText("problem_txt")
    assert "Did you mean “problem_text”" in sheet.mapping.form._fields["input"].error()
    assert not sheet.next.isEnabled()
    sheet.reject()


def test_a_file_that_cannot_be_read_keeps_the_sheet_open_with_the_reason(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n")
    sheet = page.open_import(str(tmp_path / "a.csv"))
    sheet.look()
    qtbot.waitUntil(lambda: bool(sheet.messages.bars()), timeout=LONG_MS)
    assert not sheet.at_mapping
    assert sheet.next.isEnabled()
    sheet.reject()


def test_rows_are_split_filtered_and_the_rejected_ones_listed(qtbot: QtBot, page: DataPage, tmp_path: Path) -> None:
    imported(qtbot, page, write(tmp_path))
    page.open_split()
    qtbot.waitUntil(lambda: isinstance(page.sheet, SplitSheet), timeout=LONG_MS)
    sheet = page.sheet
    assert isinstance(sheet, SplitSheet)
    assert sheet.outcome.text() == "about 21 train · 3 valid · 6 test"
    sheet.apply.click()
    qtbot.waitUntil(lambda: page.sheet is None, timeout=LONG_MS)
    assert examples.counts(page._project.store.reader, "split") == {"train": 21, "test": 6, "valid": 3}
    page.show_split("test")
    qtbot.waitUntil(lambda: page.model.rowCount() == 6, timeout=LONG_MS)
    page.open_rejected()
    qtbot.waitUntil(lambda: isinstance(page.sheet, RejectedSheet), timeout=LONG_MS)
    listed = page.sheet
    assert isinstance(listed, RejectedSheet)
    first = listed.model.record(0)
    assert first is not None
    assert first.line == 31
    listed.reject()
