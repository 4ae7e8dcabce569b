"""Guidelines are kept with their versions, and undo covers them like any act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, guidelines, history, versioned
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path


def texts(project: Project) -> list[str]:
    return [version.text for version in guidelines.versions(project.store.reader)]


def save(project: Project, text: str) -> bool:
    return project.store.write_now(lambda tx: guidelines.save(tx, text))


def test_the_newest_version_is_in_force_and_the_earlier_ones_are_kept(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "math")
    assert guidelines.text(project.store.reader) == ""
    assert save(project, "# Be *strict*\r\n\u2028 \0")
    assert save(project, "Be kind")
    assert not save(project, "Be kind"), "nothing differs"
    assert texts(project) == ["Be kind", "# Be *strict*\r\n\u2028 \0"]
    [newest, _] = guidelines.versions(project.store.reader)
    assert newest.who
    assert save(project, " \n")
    assert guidelines.text(project.store.reader) == ""
    project.close()


def test_undo_and_redo_go_through_guidelines_and_decisions_in_order_after_a_restart_too(tmp_path: Path) -> None:
    project = apples(tmp_path / "p")
    save(project, "one")
    project.store.write_now(lambda tx: decisions.edit(tx, 1, rationale="mine"))
    save(project, "two")
    project.close()
    project = Project.open(tmp_path / "p")
    told: list[bool] = []
    project.store.listen(lambda changes: told.append(changes.touches("project")))
    undone = [project.store.write_now(decisions.undo) for _ in range(3)]
    assert [batch and batch.action for batch in undone] == [guidelines.ACTION, "Edit a rationale", guidelines.ACTION]
    assert told == [True, False, True]
    assert texts(project) == []
    for expected in (["one"], ["one"], ["two", "one"]):
        project.store.write_now(decisions.redo)
        assert texts(project) == expected
    project.close()


def test_a_version_that_was_undone_is_gone_after_another_act(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "math")
    save(project, "one")
    save(project, "two")
    project.store.write_now(decisions.undo)
    save(project, "three")
    assert texts(project) == ["three", "one"]
    project.store.write_now(history.clear_forgotten)
    assert project.store.write_now(decisions.redo) is None
    assert texts(project) == ["three", "one"]
    project.close()


def test_so_many_versions_are_kept(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "math")
    for n in range(versioned.KEPT_VERSIONS + 5):
        save(project, f"version {n}")
    found = texts(project)
    assert len(found) == versioned.KEPT_VERSIONS
    assert found[0] == f"version {versioned.KEPT_VERSIONS + 4}"
    project.close()
