"""The page on a real project, and what a user does with it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.project import Project

from .ui.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

OpenDesk = Callable[[Project], Desk]


@pytest.fixture
def open_desk(qtbot: object) -> Iterator[OpenDesk]:
    """Opens the page on a project; everything is closed after the test."""
    desks: list[Desk] = []

    def open_(project: Project) -> Desk:
        desks.append(Desk(qtbot, project))
        return desks[-1]

    yield open_
    for desk in desks:
        desk.close()
    gc.collect()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"
