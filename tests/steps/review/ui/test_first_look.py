"""The list that the page opens on is looked for while the page is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QApplication

from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import decisions
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.steps.review.ui import page as page_module
from dsbs_gui.steps.review.ui.page import ReviewPage
from tests.steps.review.making import apples

from .desk import WatchedBridge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsbs_gui.core.project import Project


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    made = apples(folder)
    yield made
    made.close()


@pytest.fixture
def bridge(project: Project) -> Iterator[WatchedBridge]:
    made = WatchedBridge(project)
    yield made
    made.close()


@pytest.fixture
def page(project: Project, bridge: WatchedBridge, qtbot: Any) -> Iterator[ReviewPage]:
    """Built, its look taken, and not shown yet."""
    made = ReviewPage(project, bridge, settings=Settings(project.folder.parent / "settings.toml"))
    qtbot.waitUntil(lambda: bridge.under_way == 0)
    yield made
    made.close()
    qtbot.waitUntil(lambda: bridge.under_way == 0)
    made.deleteLater()


def _shown(page: ReviewPage, bridge: WatchedBridge, qtbot: Any) -> list[int]:
    page.show()
    page.refresh()
    qtbot.waitUntil(lambda: page.area.model.rowCount() > 0 and bridge.under_way == 0)
    return list(page.area.model.ids())


def test_its_list_is_shown_without_another_question(
    page: ReviewPage, bridge: WatchedBridge, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_again() -> None:
        raise AssertionError

    monkeypatch.setattr(page.listing, "reload", asked_again)
    assert page.area.model.rowCount() == 0  # until the page is to show something
    assert _shown(page, bridge, qtbot) == list(range(1, 12))
    assert page.listing.fresh


def test_what_changed_since_is_looked_for_anew(
    project: Project, page: ReviewPage, bridge: WatchedBridge, qtbot: Any
) -> None:
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1, 2]), "accepted"))
    QApplication.processEvents()
    assert _shown(page, bridge, qtbot) == list(range(3, 12))


def test_a_change_during_the_look_is_not_missed(
    project: Project, bridge: WatchedBridge, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = page_module.first_look

    def slow(db: Any) -> Any:
        look = real(db)
        project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1]), "accepted"))
        return look

    monkeypatch.setattr(page_module, "first_look", slow)
    page = ReviewPage(project, bridge, settings=Settings(project.folder.parent / "settings.toml"))
    assert _shown(page, bridge, qtbot) in ([*range(1, 12)], [*range(2, 12)])
    # Heard of or not while the page was built: in the end the list is right, or said to be outdated.
    qtbot.waitUntil(lambda: list(page.area.model.ids()) == [*range(2, 12)] or not page.area.foot.update_list.isHidden())
    page.close()
    qtbot.waitUntil(lambda: bridge.under_way == 0)
    page.deleteLater()


def test_without_anything_to_decide_all_is_shown(project: Project, bridge: WatchedBridge, qtbot: Any) -> None:
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of(range(1, 12)), "accepted"))
    page = ReviewPage(project, bridge, settings=Settings(project.folder.parent / "settings.toml"))
    assert _shown(page, bridge, qtbot) == list(range(1, 13))
    page.close()
    qtbot.waitUntil(lambda: bridge.under_way == 0)
    page.deleteLater()
