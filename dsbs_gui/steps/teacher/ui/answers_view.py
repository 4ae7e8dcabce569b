"""The view “Answers”: how raw answers are read, and what several teachers say of the same rows.

Nothing here asks a teacher: rows that deserve it are handed to the view “Ask”.
"""

from __future__ import annotations

import time
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from typing_extensions import override

from dsbs_gui.core.errors import DsbsError, Stopped
from dsbs_gui.core.store import answers, prompts, samples
from dsbs_gui.kit.buttons import PrimaryButton
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.layout import boxed, column, px
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher import parse_rules, rereading, side_by_side
from dsbs_gui.steps.teacher.side_by_side import ALL, FAILED, RUNG

from .answer_table import AnswerTable
from .differences_sheet import DifferencesSheet
from .ladder_card import LadderCard
from .outcome_card import OutcomeCard
from .raw_panel import RawPanel, Told
from .row_kinds import RowKinds
from .samples_card import SamplesCard
from .view import TeacherView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QHideEvent
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.parse_rules import Ladder
    from dsbs_gui.steps.teacher.rereading import Trial
    from dsbs_gui.steps.teacher.side_by_side import Row, Survey

_TRIAL_MS = 300
_LEAST_MS = 1_000
_REST = 4
"""While a run goes on, looking at all rows takes at most a fifth of one thread."""


class AnswersView(TeacherView):
    """Rows that deserve it are handed on by ``ask_about``: those selected if there are several, else all shown."""

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Answers", project, bridge, parent)
        self._store = project.store
        self._survey: Survey | None = None
        self._trial: Trial | None = None
        self._asked = {"survey": 0, "trial": 0}
        self._trying = QTimer(self, singleShot=True, interval=_TRIAL_MS)
        self._looking = QTimer(self, singleShot=True, interval=_LEAST_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.ask_button = PrimaryButton("Ask again", "arrow-clockwise")
        self.set_actions(self.ask_button)
        self.ladder = LadderCard(self._project.task, self._store.read_only)
        self.outcome = OutcomeCard()
        self.samples = SamplesCard(self._store.read_only)
        self.kinds = RowKinds()
        self.table = AnswerTable(self._fetch)
        self.panel = RawPanel(self._project.task)
        left = Scroller(boxed(column(self.ladder, self.outcome, self.samples, None, gap="l")), keep_width=True)
        right = Splitter("answers-row", self.table, self.panel, shares=(3, 2), vertical=True)
        self.body.addWidget(self.kinds)
        self.body.addWidget(Splitter("answers", left, right, shares=(2, 4)), 1)
        self.body.setSpacing(px("m"))
        self.show_empty(_nothing_yet(lambda: self.view_asked.emit("ask")))

    def _connect(self) -> None:
        self.ask_button.clicked.connect(self._on_ask)
        self.ladder.changed.connect(self._trying.start)
        self.ladder.apply_asked.connect(self.read_again)
        self.ladder.differences_asked.connect(self._on_differences)
        self.ladder.rung_chosen.connect(lambda name: self.show_kind(RUNG + name))
        self.outcome.cause_chosen.connect(self.show_kind)
        self.kinds.chosen.connect(self.show_kind)
        self.samples.choice.chosen.connect(self._on_samples_kept)
        self.table.current_changed.connect(self._show_row)
        self.table.selected_changed.connect(lambda n: self._show_button())
        self._trying.timeout.connect(self._try)
        self._looking.timeout.connect(self._look)
        self._bridge.changed.connect(self._on_changed)

    # ------------------------------------------------------------ what others call

    @override
    def refresh(self) -> None:
        """Look at all answers anew; what the user has chosen stays."""
        self.ladder.set_stored(parse_rules.of_project(self._store.reader))
        self.samples.show_kept(samples.kept(self._store.reader))
        self._look()
        self._try()

    def show_kind(self, kind: str) -> None:
        """Show the rows of a kind: one of ``side_by_side.KINDS``, ``cause:…`` or ``rung:…``."""
        self.kinds.set_kind(kind)
        self._show_ids()

    def read_again(self) -> None:
        """Read all raw answers by the ladder that is shown; no teacher is asked."""
        store, task, ladder = self._store, self._project.task, self.ladder.ladder
        self.messages.clear("rules")
        self.ladder.apply.setEnabled(False)
        self._bridge.run(
            lambda: rereading.read_again(store, task, ladder),
            lambda n: self._on_read_again(ladder, n),
            self._on_refused,
            owner=self,
        )

    # ------------------------------------------------------------ in the background

    def _ask(self, what: str, work: Callable[[Callable[[], bool]], Any], on_done: Callable[[Any], object]) -> None:
        """Only the newest question of a kind is worked on and answered."""
        self._asked[what] += 1
        mine = self._asked[what]

        def old() -> bool:
            return mine != self._asked[what]

        def run() -> Any:
            try:
                return work(old)
            except Stopped:
                return None

        self._bridge.run(run, lambda found: None if old() or found is None else on_done(found), owner=self)

    def _look(self) -> None:
        self._looking.stop()
        db_of, task = self._store, self._project.task
        began = time.monotonic()

        def on_done(survey: Survey) -> None:
            self._looking.setInterval(max(_LEAST_MS, round(_REST * 1000 * (time.monotonic() - began))))
            self._on_survey(survey)

        self._ask("survey", lambda old: side_by_side.survey(db_of.reader, task, old), on_done)

    def _try(self) -> None:
        """What the ladder that is shown makes of the raw answers."""
        self._trying.stop()
        store, task, ladder = self._store, self._project.task, self.ladder.ladder
        self._ask("trial", lambda old: rereading.trial(store.reader, task, ladder, old), self._on_trial)

    def _fetch(self, ids: Sequence[int]) -> dict[int, Row]:
        return side_by_side.rows(self._store.reader, self._project.task, ids)

    # ------------------------------------------------------------ answers

    def _on_survey(self, survey: Survey) -> None:
        self._survey = survey
        n = survey.count(ALL)
        if not n:
            self.show_empty(_nothing_yet(lambda: self.view_asked.emit("ask")))
            self.set_subtitle("")
            self._show_button()
            return
        self.show_content()
        teachers = list(survey.teachers)
        self.set_subtitle(f"{plural(n, 'row')}, {plural(len(teachers), 'teacher')}")
        self.kinds.show_survey(survey)
        self.outcome.show_survey(survey)
        self.samples.show_survey(survey)
        self.table.set_teachers(teachers)
        self._show_ids()

    def _on_trial(self, trial: Trial) -> None:
        self._trial = trial
        self.ladder.show_trial(trial)

    def _on_read_again(self, ladder: Ladder, n: int) -> None:
        if self.ladder.ladder == ladder:
            self.ladder.accept_draft()
        show_toast(self, f"{plural(n, 'answer')} read differently now" if n else "Read again: nothing changed")
        self.refresh()

    def _on_refused(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="rules")
        self._try()

    def _on_samples_kept(self, choice: str) -> None:
        self._bridge.run(lambda: self._store.write_now(lambda tx: samples.keep(tx, choice)), owner=self)

    def _on_differences(self) -> None:
        if self._trial is not None:
            DifferencesSheet(self.window(), self._trial).ask()

    def _on_changed(self, changes: Changes) -> None:
        if not changes.touches("answers"):
            return
        touched = changes.ids("answers")
        self.table.refresh(None if changes.is_all("answers") else (int(i) for i in touched))
        if self.isVisible() and not self._looking.isActive():
            self._looking.start()
        current = self.table.view.current_id()
        if current is not None and (current in touched or changes.is_all("answers")):
            self._show_row(current)

    def _on_ask(self) -> None:
        ids = self._ids_meant()
        if ids:
            self.ask_about.emit(ids, self._words(len(ids)))

    # ------------------------------------------------------------ showing

    def _show_ids(self) -> None:
        survey = self._survey
        if survey is not None:
            self.table.show_ids(survey.of(self.kinds.kind()))
            self._show_button()

    def _show_row(self, example_id: int | None) -> None:
        if example_id is None:
            self.panel.clear()
            return
        db = self._store.reader
        row = self._fetch([example_id]).get(example_id)
        if row is None:
            self.panel.clear()
            return
        given = tuple(answers.of_example(db, example_id))
        stops = {a.prompt_id: _stop(prompts.used_body(db, a.prompt_id)) for a in given if a.prompt_id is not None}
        in_order = {name: row.cells[name] for name in self.table.teachers if name in row.cells}
        cells, kind = in_order | row.cells, self.kinds.kind()
        of_interest = tuple(name for name, cell in cells.items() if kind in side_by_side.kinds_of(cell))
        self.panel.show_row(Told(replace(row, cells=cells), given, stops, of_interest))
        self.ladder.sample = self.panel.raw.source()

    def _ids_meant(self) -> array[int]:
        """The selected rows if there are several, else all that are shown."""
        selected = self.table.view.selected_ids()
        return selected if len(selected) > 1 else array("q", self.table.model.ids())

    def _words(self, n: int) -> str:
        kind = self.kinds.kind()
        what = "failed row" if kind == FAILED or kind.startswith("cause:") else "row"
        return plural(n, what)

    def _show_button(self) -> None:
        n = len(self._ids_meant()) if not self.is_empty() else 0
        failed = self._words(n).endswith(("failed rows", "failed row"))
        self.ask_button.setText(f"Retry {self._words(n)}" if failed else f"Ask again about {self._words(n)}")
        self.ask_button.setEnabled(n > 0 and not self._store.read_only)
        self.ask_button.setVisible(not self.is_empty())
        self.ask_button.set_tooltip("Choose teacher, prompt and temperature in “Ask”; what was reviewed stays")

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        for what in self._asked:  # what is under way ends by itself
            self._asked[what] += 1
        self._looking.stop()
        self._trying.stop()
        super().hideEvent(event)


def _stop(body: dict[str, Any] | None) -> tuple[str, ...]:
    return tuple((body or {}).get("stop", ()))


def _nothing_yet(ask: Callable[[], object]) -> EmptyState:
    state = EmptyState(
        "chat-text",
        "No teacher has answered yet",
        "Raw answers stay here as they came, with the rationale and the label that were read from each.",
        "Ask a teacher",
    )
    assert state.button is not None
    state.button.clicked.connect(ask)
    return state
