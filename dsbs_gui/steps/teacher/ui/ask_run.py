"""The newest run of the view “Ask”: what it would ask for, starting and stopping it, what it is at, how it ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.core.protocol import Event, Progress
from dsbs_gui.core.settings import user_settings
from dsbs_gui.steps.teacher import asked as wishes
from dsbs_gui.steps.teacher import overview
from dsbs_gui.steps.teacher.rate import Rate

from .newest import Newest

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.asked import Asked
    from dsbs_gui.steps.teacher.overview import RunState

    from .ask_view import AskView

_COUNT_MS = 250
_BAD = ("failed", "interrupted")


class AskRun(QObject):
    """Fills the form and the cards “Pilot” and “Run”.

    Attributes:
        state: the newest run; None if there is none, or it is not known yet.
        asked: what the settings of the form would ask for; None if that is not known.

    Signals:
        changed: either is another one now.
    """

    changed = Signal()

    def __init__(self, project: Project, bridge: Bridge, ask: AskView) -> None:
        super().__init__(ask)
        self._project, self._bridge, self._ask = project, bridge, ask
        self.state: RunState | None = None
        self.asked: Asked | None = None
        self._known = False
        self._told = ""
        self._rate = Rate()
        self._counts = Newest(bridge, self)
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._counting.timeout.connect(self.count)
        ask.live.stop_button.clicked.connect(self._stop)
        bridge.job_event.connect(self._on_job_event)

    @property
    def is_live(self) -> bool:
        return self.state is not None and self.state.run.live

    # ------------------------------------------------------------ what the view calls

    def read(self) -> None:
        """Read the newest run anew."""
        store, before = self._project.store, self.state
        self._bridge.run(lambda: overview.newest_run(store.reader, before), self._on_read, owner=self)

    def count_soon(self) -> None:
        """Count what is missing once the settings rest."""
        self._counting.start()

    def count(self) -> None:
        """How many answers are missing: the buttons say it. Not while a run changes it all the time."""
        self._counting.stop()
        if self.is_live or not self._ask.row.ids or not self._ask.teacher.teacher():
            self._on_counted(None)
            return
        project, choices = self._project, self._ask.choices()
        self._counts.ask(lambda: wishes.asked(project, choices), self._on_counted, self._on_uncounted)

    def start(self, make_request: Callable[..., JobRequest] = wishes.request) -> None:
        """Start what the form says."""
        project, keys, key = self._project, self._ask.keys, self._ask.teacher.key.typed()
        choices = self._ask.choices()
        self._ask.messages.clear("run")
        self._ask.generate_button.setEnabled(False)
        self._ask.pilot_button.setEnabled(False)

        def make() -> JobRequest:
            return make_request(project, keys, choices, key)

        self._bridge.run(lambda: project.jobs.submit(make()), lambda _: self.read(), self._on_refused, owner=self)

    # ------------------------------------------------------------ answers

    def _on_read(self, state: RunState | None) -> None:
        was_live, self.state = self.is_live, state
        if not self._known:
            self._known = True
            if state is not None:
                self._ask.teacher.choose_as_in(state.run)
        self._show(state)
        self._tell_end(state)
        if was_live != self.is_live or self.asked is None:
            self.count()
        self.changed.emit()

    def _show(self, state: RunState | None) -> None:
        """What a run is at in place of the form, while it runs."""
        form, live, is_live = self._ask.form, self._ask.live, self.is_live
        if state is not None and is_live:
            if self._rate.run_id != state.run.id:
                self._rate = Rate(state.run.id)
            live.show_run(state, self._rate.per_second())
            self._ask.pilot_card.hide()
        hidden, shown = (form, live) if is_live else (live, form)
        hidden.hide()  # first: both at once would make the window grow
        shown.show()
        form.show_last(None if is_live else state)

    def _on_counted(self, asked: Asked | None) -> None:
        self.asked = asked
        evidence, pending = (None, 0) if asked is None else (asked.evidence, asked.pending)
        # Where something is wrong, that is what matters, and a low window has no room for both.
        shown = None if self.is_live or self._ask.messages.bars() else evidence
        self._ask.pilot_card.show_evidence(shown, pending, user_settings().currency)
        if asked is not None:
            self._ask.form.show_asked(asked)
        elif not self._ask.teacher.teacher():
            self._ask.form.show_note("Choose a teacher first.", "muted")
        self.changed.emit()

    def _on_uncounted(self, error: DsbsError) -> None:
        self.asked = None
        known = self._ask.teacher.facts.problem  # said at the teacher, with its cure
        self._ask.pilot_card.hide()
        self._ask.form.show_note("This teacher cannot be asked yet." if known else str(error), "attention")
        self.changed.emit()

    def _on_refused(self, error: DsbsError) -> None:
        self._ask.show_message("bad", error.message, error.hint, key="run")
        self.changed.emit()

    def _tell_end(self, state: RunState | None) -> None:
        """Once for each run that ended badly."""
        if state is None or state.run.live:
            self._ask.messages.clear("run")
        elif state.run.state in _BAD and state.run.id != self._told:
            self._told = state.run.id
            reason = state.run.reason or f"{state.run.title} did not end well."
            self._ask.pilot_card.hide()
            bar = self._ask.show_message("bad", reason, state.run.hint, "Try again", key="run")
            bar.action_asked.connect(lambda: self.start())

    # ------------------------------------------------------------ while it runs

    def _stop(self) -> None:
        if self.state is not None:
            self._ask.live.stop_button.setEnabled(False)
            self._bridge.run(partial(self._project.jobs.stop, self.state.run.id), owner=self)

    def _on_job_event(self, run_id: str, event: Event) -> None:
        message = event.message
        if isinstance(message, Progress) and message.done and run_id == self._rate.run_id:
            self._rate.note(event.t, message.done)
