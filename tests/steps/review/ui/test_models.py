"""The promises of Qt's model/view, kept by each model that the program has."""

from __future__ import annotations

import importlib
import pkgutil
from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, Qt

import dsbs_gui
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.steps.review.ui.columns import columns, fetch
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

TESTED = {RecordTableModel}
"""Here and in tests/kit/record_table/test_model.py."""


def all_models(base: type[QAbstractItemModel]) -> set[type[QAbstractItemModel]]:
    """The models of ours that are loaded."""
    found: set[type[QAbstractItemModel]] = set()
    for made in base.__subclasses__():
        found |= all_models(made) | ({made} if made.__module__.startswith("dsbs_gui") else set())
    return found


def test_no_model_of_the_program_is_left_out(qtbot: QtBot) -> None:
    for module in pkgutil.walk_packages(dsbs_gui.__path__, "dsbs_gui."):
        if ".kit." in module.name or ".ui" in module.name:
            importlib.import_module(module.name)
    assert all_models(QAbstractItemModel) == TESTED


def test_the_table_of_the_review_page_keeps_the_promises_of_a_model(
    qtbot: QtBot, folder: Path, qtmodeltester: ModelTester
) -> None:
    project = apples(folder)
    model = RecordTableModel(columns(), lambda ids: fetch(project.store.reader, ids))
    model.set_ids(array("q", range(1, 13)))
    qtmodeltester.check(model, force_py=True)
    for ids in (range(3, 99), (), (7,)):  # the tester goes on watching what the model announces
        model.set_ids(array("q", ids))
        model.refresh([7])
    assert model.index(0, 1).data(Qt.ItemDataRole.DisplayRole) == "7"
    project.close()
