"""The search line at work: what it asks for goes to the filter, what was useful is remembered in the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dsbs_gui.core.store import search

from .indexing import Indexing
from .undo_keys import PassUndoOn
from .writes import Writes

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page

    from .work_area import WorkArea


class Searching(QObject):
    """Wires the search line; a pattern that is none is explained above the table, whose rows stay."""

    def __init__(self, page: Page, project: Project, bridge: Bridge, area: WorkArea) -> None:
        super().__init__(page)
        self._page, self._store = page, project.store
        self._writes = Writes(project, bridge, self)
        self.indexing = Indexing(project, bridge, self)
        self._passing_on = PassUndoOn(area.search)
        area.search.set_past(lambda: search.recent(self._store.reader))
        area.search.search_asked.connect(area.filters.set_text)
        area.search.problem_found.connect(self._on_problem_found)
        area.search.used.connect(self._on_used)
        area.search.left.connect(area.home)

    def _on_problem_found(self, problem: str) -> None:
        if problem:
            hint = "The rows are those of the search before. To search for words, switch the asterisk off."
            self._page.show_message("attention", problem, hint, key="pattern")
        else:
            self._page.messages.clear("pattern")

    def _on_used(self, text: str, mode: str) -> None:
        if not self._store.read_only:
            self._writes.submit(lambda tx: search.remember(tx, text, mode))
