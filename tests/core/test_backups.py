"""Backups are thinned by age; files of others stay."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.backups import DAY_S, superfluous
from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples

from .store.filling import add_examples


def _name(age_days: float, now: float) -> str:
    return time.strftime("%Y%m%d-%H%M%S", time.localtime(now - age_days * DAY_S)) + "-edit.db"


def test_young_backups_all_stay_and_old_ones_are_one_a_day_then_one_a_month() -> None:
    now = time.mktime((2026, 6, 20, 12, 0, 0, 0, 0, -1))
    young = [_name(0.1 * i, now) for i in range(15)]
    days = [_name(5 + 0.01 * i, now) for i in range(4)]
    months = [_name(100, now), _name(101, now)]
    gone = superfluous([*young, *days, *months, "mine.db", "before-v2-x.db", "20261399-250000-x.db"], now)
    assert set(gone) == {*sorted(days)[:-1], sorted(months)[0]}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project.create(tmp_path / "p", "text")
    add_examples(project.store, ["a"])
    yield project
    project.close()


def test_opening_a_project_makes_a_backup_of_what_has_changed(project: Project) -> None:
    kept = project.folder / "backups"
    project.close()
    Project.open(project.folder).close()
    (copy,) = kept.glob("*.db")
    Project.open(project.folder).close()
    assert list(kept.glob("*.db")) == [copy], "nothing has changed, and it is not long ago"
    copy.rename(kept / "20200101-000000-opened.db")
    Project.open(project.folder).close()
    assert len(list(kept.glob("*.db"))) == 2


def test_a_backup_is_a_project_of_its_own_in_one_file(project: Project, tmp_path: Path) -> None:
    copy = project.back_up("test")
    (tmp_path / "restored").mkdir()
    copy.rename(tmp_path / "restored" / "project.db")
    restored = Project.open(tmp_path / "restored", read_only=True)
    assert examples.count(restored.store.reader) == 1
    restored.close()
    assert not list(copy.parent.iterdir())


def test_a_backup_that_cannot_be_made_keeps_nobody_out_and_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(target: Path) -> None:
        target.write_bytes(b"half")
        raise ResourceError("The disk is full.")

    monkeypatch.setattr(project.store, "backup", full)
    assert project.back_up_if_due("test") is None
    assert not list((project.folder / "backups").iterdir())
