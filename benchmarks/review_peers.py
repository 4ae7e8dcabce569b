"""The same rows in what others would write: ``QSqlTableModel`` with ``QSortFilterProxyModel``, or a pandas frame.

Started by ``review_table.py`` in a process of its own as ``review_peers.py NAME FOLDER``; prints what it measured as
one line of JSON. Measured is only what they can do at all: neither undoes, a frame does not commit an edit, and to
accept a million rows through ``setData`` would take hours.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtSql import QSqlDatabase, QSqlQuery, QSqlTableModel
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView
from review_watching import COMMON, RARE, Paints, p95
from typing_extensions import override

from dsbs_gui.core.memory import peak_resident_bytes

COLUMNS = ("id", "split", "state", "input", "rationale", "teacher_label", "label", "agree")


class View(QTableView):
    """A view that knows when it was painted."""

    paints: Paints


def view_of(model: Any) -> View:
    """A view as one would set it up, without what makes large models slow."""
    view = View()
    view.setModel(model)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.resize(1280, 800)
    view.paints = Paints(view.viewport())
    view.show()
    QCoreApplication.processEvents()
    return view


def timed(act: Callable[[], object], view: View) -> float:
    """Milliseconds of an act and the painting after it."""
    QCoreApplication.processEvents()
    began, since = time.perf_counter(), view.paints.count
    act()
    view.viewport().update()
    while view.paints.count == since:
        QCoreApplication.processEvents()
    return 1000 * (time.perf_counter() - began)


def scrolls(view: View) -> dict[str, float]:
    bar, chance = view.verticalScrollBar(), random.Random(0)
    jumps = [timed(lambda: bar.setValue(chance.randrange(bar.maximum())), view) for _ in range(100)]
    steps = [timed(lambda: bar.setValue(bar.value() + 3), view) for _ in range(300)]
    return {"jump_p95_ms": p95(jumps), "wheel_p95_ms": p95(steps)}


def qsqltablemodel(folder: Path) -> dict[str, float]:
    """Qt's own table of a database; all rows are fetched before anything but the first paint is measured."""
    began = time.perf_counter()
    db = QSqlDatabase.addDatabase("QSQLITE")
    db.setDatabaseName(str(folder / "project.db"))
    db.open()
    QSqlQuery("PRAGMA synchronous = FULL", db)
    model = QSqlTableModel(db=db)
    model.setEditStrategy(QSqlTableModel.EditStrategy.OnFieldChange)
    model.setTable("examples")
    model.select()
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(model)
    view = view_of(proxy)
    timed(lambda: None, view)
    figures = {"first_paint_s": time.perf_counter() - began}
    view.setModel(None)
    proxy.setSourceModel(None)
    while model.canFetchMore():
        model.fetchMore()
    proxy.setSourceModel(model)
    view.setModel(proxy)
    figures["all_fetched_s"] = time.perf_counter() - began
    figures |= scrolls(view)

    def narrowed(column: str, text: str) -> float:
        def act() -> None:
            proxy.setFilterKeyColumn(model.fieldIndex(column))
            proxy.setFilterFixedString(text)

        taken = timed(act, view)
        proxy.setFilterFixedString("")
        return taken

    figures["filter_ms"] = max(narrowed("state", "unreviewed"), narrowed("state", "rejected"), narrowed("agree", "0"))
    figures["search_ms"] = max(narrowed("rationale", RARE), narrowed("rationale", COMMON))
    column = model.fieldIndex("rationale")
    figures["edit_ms"] = statistics.median(
        timed(lambda row=row: model.setData(model.index(row, column), f"Edit {row}"), view) for row in range(5, 25)
    )
    figures["select_all_ms"] = timed(view.selectAll, view)
    return figures


class FrameModel(QAbstractTableModel):
    """A pandas frame, and the rows of it that are shown."""

    def __init__(self, frame: Any) -> None:
        super().__init__()
        self.frame = self.shown = frame

    @override
    def rowCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    @override
    def columnCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    @override
    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return str(self.shown.iat[index.row(), index.column()])

    def show(self, rows: Any) -> None:
        self.beginResetModel()
        self.shown = rows
        self.endResetModel()


def pandas_model(folder: Path) -> dict[str, float]:
    """All rows in memory; pandas is imported before the clock runs."""
    import sqlite3

    import pandas

    began = time.perf_counter()
    with sqlite3.connect(folder / "project.db") as db:
        frame = pandas.read_sql(f"SELECT {', '.join(COLUMNS)} FROM examples", db)
    model = FrameModel(frame)
    view = view_of(model)
    timed(lambda: None, view)
    figures = {"first_paint_s": time.perf_counter() - began}
    figures |= scrolls(view)
    figures["filter_ms"] = max(
        timed(lambda chosen=chosen: model.show(frame[chosen(frame)]), view)
        for chosen in (
            lambda rows: rows.state == "unreviewed",
            lambda rows: rows.state == "rejected",
            lambda rows: rows.agree == 0,
        )
    )
    figures["search_ms"] = max(
        timed(
            lambda text=text: model.show(
                frame[
                    frame.input.str.contains(text, case=False, regex=False)
                    | frame.rationale.str.contains(text, case=False, regex=False)
                ]
            ),
            view,
        )
        for text in (RARE, COMMON)
    )
    model.show(frame)
    figures["select_all_ms"] = timed(view.selectAll, view)
    return figures


if __name__ == "__main__":
    app = QApplication([])
    name, folder = sys.argv[1], Path(sys.argv[2])
    measured = {"qsqltablemodel": qsqltablemodel, "pandas_model": pandas_model}[name](folder)
    measured["rss_mb"] = (peak_resident_bytes() or math.nan) / 2**20
    print(json.dumps(measured), flush=True)
