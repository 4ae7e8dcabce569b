"""Find similar: the examples most like the current one in the table, most similar first, and the way back.

Where sketches are missing, a job makes them first; what was asked for is shown when it ends, unless the user has
asked for something else meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dsbs_gui.core.store import runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.record_table.column import Column
from dsbs_gui.kit.words import count, percent, plural
from dsbs_gui.steps.review.similar import finding, plan
from dsbs_gui.steps.review.similar.finding import MOST

from .similar_bar import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page
    from dsbs_gui.steps.review.similar.finding import Similar

    from .listing import Listing
    from .work_area import WorkArea

ORDER = "given"
_KEY = "similar"


@dataclass(frozen=True, slots=True)
class _Before:
    """What the list was, to come back to."""

    filter: Filter
    order: str
    descending: bool
    current: int | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """For a job, to look for examples like this one when it has ended."""

    run_id: str
    example_id: int
    field: str


def similar_column(share_of: Callable[[int], float | None]) -> Column:
    """How similar a row is; shown only while similar ones are listed."""

    def text(row: object) -> str:
        share = share_of(row.example.id)  # type: ignore[attr-defined]  # any record with an example
        return "" if share is None else percent(share, 0)

    return Column(ORDER, "Similar", text, 88, sortable=True)


class SimilarRows(QObject):
    """Puts a filter of named examples in force, and takes it away again.

    ``share`` says how similar an example is to the one that was asked about.
    """

    def __init__(
        self,
        page: Page,
        project: Project,
        bridge: Bridge,
        area: WorkArea,
        listing: Listing,
        show: Callable[[int | None], None],
    ) -> None:
        """``show``: puts the filter of the filter bar in force and goes to an example."""
        super().__init__(page)
        self._page, self._project, self._bridge = page, project, bridge
        self._area, self._listing, self._show = area, listing, show
        self._found: Similar | None = None
        self._before: _Before | None = None
        self._waiting: _Waiting | None = None
        self._asked = 0
        detail, bar = area.detail, area.similar
        detail.similar_input.clicked.connect(partial(self.find, "input"))
        detail.similar_rationale.clicked.connect(partial(self.find, "rationale"))
        bar.field_asked.connect(self._find_in)
        bar.back_asked.connect(self.back)
        bridge.changed.connect(self._on_changed)

    def share(self, example_id: int) -> float | None:
        return None if self._found is None else self._found.shares.get(example_id)

    def find(self, field: str) -> None:
        """List the examples most like the current one in ``field``: ``input`` or ``rationale``."""
        example_id = self._area.table.current_id()
        if example_id is not None:
            self._look(example_id, field)

    def back(self) -> None:
        """The list as it was before."""
        if self._before is None:
            return
        before = self._before
        self._area.filters.set_value(before.filter)
        self._leave()
        self._put_order(before.filter, before.order, before.descending)
        self._show(before.current)

    def filters_changed(self) -> None:
        """Filters may narrow the similar ones down; without any it is the list of everything again."""
        if self._found is not None and self._area.filters.value().among is None:
            self._leave()
            self._listing.order, self._listing.descending = "id", False
            self._area.table.set_sort_shown("id", False)

    # ------------------------------------------------------------ looking

    def _find_in(self, field: str) -> None:
        if self._found is not None:
            self._look(self._found.example_id, field)

    def _look(self, example_id: int, field: str, *, after_job: bool = False) -> None:
        self._asked += 1
        self._waiting = None
        store = self._project.store
        self._bridge.run(
            lambda: finding.find(store.reader, example_id, field),
            partial(self._on_looked, self._asked, example_id, field, after_job),
            self._on_refused,
            owner=self,
        )

    def _on_refused(self, error: DsbsError) -> None:
        self._page.show_message("attention", error.message, error.hint, key=_KEY)
        if self._found is not None:
            self._area.similar.field.set_value(self._found.field)

    def _on_looked(self, asked: int, example_id: int, field: str, after_job: bool, found: Similar | None) -> None:
        if asked != self._asked:
            return
        if found is not None:
            self._page.messages.clear(_KEY)
            self._list(found)
        elif self._project.store.read_only:
            self._page.show_message(
                "attention",
                f"The {plan.NAMES[field]} have to be read once before similar ones can be found.",
                "Open the project for writing, then ask again.",
                key=_KEY,
            )
        elif after_job:  # its text, or many others, changed while the job read them
            self._page.show_message(
                "attention", "The texts have changed while they were read.", "Ask for similar ones again.", key=_KEY
            )
        else:
            project = self._project
            self._bridge.run(
                lambda: plan.under_way(project, field) or project.jobs.submit(plan.request(project, field)),
                partial(self._on_submitted, asked, example_id, field),
                owner=self,
            )

    def _on_submitted(self, asked: int, example_id: int, field: str, run: Run) -> None:
        if asked != self._asked:
            return
        self._waiting = _Waiting(run.id, example_id, field)
        n = int(run.spec["rows"])
        self._page.show_message(
            "info",
            f"{plural(n, plan.NAMES[field].removesuffix('s'))} are read first; that is done once for each text.",
            f"What is similar to № {count(example_id)} is listed when it is done. Go on meanwhile.",
            key=_KEY,
        )
        self._look_after_job()

    def _on_changed(self, changes: Changes) -> None:
        if self._waiting is not None and changes.touches("runs"):
            self._look_after_job()

    def _look_after_job(self) -> None:
        waiting, store = self._waiting, self._project.store
        if waiting is not None:
            self._bridge.run(lambda: runs.get(store.reader, waiting.run_id), self._on_job, owner=self)

    def _on_job(self, run: Run) -> None:
        waiting = self._waiting
        if waiting is None or run.id != waiting.run_id or run.live:
            return
        self._waiting = None
        self._page.messages.clear(_KEY)
        if run.state == "done":  # else the frame says how it ended
            self._look(waiting.example_id, waiting.field, after_job=True)

    # ------------------------------------------------------------ listing

    def _list(self, found: Similar) -> None:
        if self._before is None:
            listing, table = self._listing, self._area.table
            self._before = _Before(self._area.filters.value(), listing.order, listing.descending, table.current_id())
        self._found = found
        self._area.search.set_text_silently("")
        chosen = Filter(among=tuple(found.shares))
        self._area.filters.set_value(chosen)
        self._put_order(chosen, ORDER, False)
        self._area.similar.show_found(_sentence(found), found.field)
        self._area.columns.set_idle(ORDER, False)
        self._area.model.refresh_all()
        self._show(found.example_id)
        self._area.table.setFocus()

    def _put_order(self, chosen: Filter, order: str, descending: bool) -> None:
        """The filter first: with another queue comes its order."""
        self._listing.filter = chosen
        self._listing.order, self._listing.descending = order, descending
        self._area.table.set_sort_shown(order, descending)

    def _leave(self) -> None:
        self._found = self._before = None
        self._area.similar.hide()
        self._area.columns.set_idle(ORDER, True)


def _sentence(found: Similar) -> str:
    n = len(found.shares) - 1
    what = f"№ {count(found.example_id)} in its {FIELDS[found.field].lower()}"
    if not n:
        return f"Nothing is like {what}"
    return f"The {plural(n, 'example')} most like {what}" if n == MOST - 1 else f"{plural(n, 'example')} like {what}"
