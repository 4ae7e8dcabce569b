"""Every naughty string: import, table, editor opened and closed, export; byte for byte."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples
from tests.steps.review.ui.desk import Desk

from .test_real_data import dsbs

if TYPE_CHECKING:
    from pathlib import Path


def naughty(shared: Path) -> list[str]:
    """Those that are not blank: an input has to be something, and a blank rationale is none."""
    corpora = shared / "data" / "corpora"
    strings = json.loads((corpora / "naughty_strings" / "blns.json").read_text("utf-8"))
    hidden = json.loads((corpora / "invisible_text" / "strings.json").read_text("utf-8"))
    entries = hidden if isinstance(hidden, list) else hidden["strings"]
    return [text for text in [*strings, *(entry["text"] for entry in entries)] if text.strip()]


def open_and_close_every_editor(desk: Desk, ids: list[int]) -> None:
    """As a reviewer would with the keys: the rationale, the label, save, the next one."""
    table = desk.page.area.table
    for example_id in ids:
        table.set_current_id(example_id)
        desk.press("E")
        assert desk.page.area.detail.rationale.hasFocus()
        desk.press("End", "Esc", "L", "End", "Esc", "Ctrl+S")


def test_every_string_comes_out_as_it_went_in(shared: Path, tmp_path: Path, qtbot: Any) -> None:
    strings = naughty(shared)
    assert len(strings) > 500
    folder, file, out = tmp_path / "project", tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows = [{"input": text, "label": text, "rationale": text} for text in strings]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    dsbs("new", folder, "--task", "text")
    assert dsbs("import", folder, file)["imported"] == len(strings)

    project = Project.open(folder)
    desk = Desk(qtbot, project)
    desk.page.clear_filters()
    desk.settle()
    model = desk.page.area.model
    assert model.rowCount() == len(strings)
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            assert model.index(row, column).data(Qt.ItemDataRole.DisplayRole) is not None
    open_and_close_every_editor(desk, desk.shown)
    desk.settle()
    assert desk.written_acts() == 0
    assert [e.rationale for e in examples.each(project.store.reader)] == strings
    desk.close()
    gc.collect()

    assert dsbs("export-data", folder, out, "--format", "jsonl")["rows"] == len(strings)
    back = [json.loads(line) for line in out.read_bytes().split(b"\n") if line]
    for name in ("input", "label", "rationale"):
        assert [row[name].encode() for row in back] == [text.encode() for text in strings], name
