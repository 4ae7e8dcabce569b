"""What goes on behind the pane that tries and compares: looking up, asking for what is missing, following the run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.core.store import runs
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.teacher import comparing, overview, versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.comparing import Trial
    from dsbs_gui.steps.teacher.versions import Entry

    from .ask_view import AskView
    from .trial_pane import TrialPane

_SETTLE_MS = 600


class Trying(QObject):
    """Signals:
    known: ``trial``, ``problem`` or ``run`` is another one now.
    """

    known = Signal()

    def __init__(self, project: Project, bridge: Bridge, pane: TrialPane, ask: AskView, parent: QObject) -> None:
        super().__init__(parent)
        self._project, self._bridge, self._pane, self._ask = project, bridge, pane, ask
        self.entry: Entry | None = None
        self.trial: Trial | None = None
        self.problem = ""
        self.run: Run | None = None
        self._generation = 0
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settling.timeout.connect(self.look)
        pane.changed.connect(self._settling.start)
        pane.stop_asked.connect(self._stop)

    def set_entry(self, entry: Entry) -> None:
        """Try another version, or another state of it."""
        if self.entry is None or entry.prompt.hash != self.entry.prompt.hash or entry.name != self.entry.name:
            self.entry = entry
            self._settling.start()

    def look(self) -> None:
        """Find out what is known and what is missing."""
        self._settling.stop()
        if self.entry is None:
            return
        self._generation += 1
        asked, project, choices, entry = self._generation, self._project, self._ask.choices(), self.entry
        other, n, seed = self._pane.choices()

        def read() -> tuple[Trial, Run | None]:
            entries = [entry, *([versions.find(project, other)] if other else [])]
            return comparing.look(project, choices, entries, n, seed), _live(project)

        self._bridge.run(read, partial(self._on_known, asked), partial(self._on_problem, asked), owner=self)

    def ask(self) -> None:
        """Ask for what is missing: one run for each side."""
        trial, project, choices = self.trial, self._project, self._ask.choices()
        keys, typed = self._ask.keys, self._ask.teacher.key.typed()
        if trial is None:
            return

        def submit() -> None:
            for side in trial.sides:
                request = comparing.request(project, keys, choices, side, trial.ids, typed)
                if request is not None:
                    project.jobs.submit(request)

        self._bridge.run(submit, lambda _: self.look(), partial(self._on_problem, self._generation), owner=self)

    def on_changed(self, changes: Changes) -> None:
        """Look again soon if something changed that may be shown."""
        if changes.touches("answers", "runs", "examples") and not self._settling.isActive():
            self._settling.start()

    def _stop(self) -> None:
        project = self._project

        def stop() -> None:
            for run in _trials(project):
                project.jobs.stop(run.id)

        self._bridge.run(stop, lambda _: self.look(), owner=self)

    def _on_known(self, asked: int, found: tuple[Trial, Run | None]) -> None:
        if asked != self._generation:
            return
        (self.trial, self.run), self.problem = found, ""
        self._pane.show_trial(self.trial)
        self._pane.show_state(_sentence(self.trial, self._ask))
        self._pane.show_run(self.run)
        self.known.emit()

    def _on_problem(self, asked: int, error: DsbsError) -> None:
        if asked != self._generation:
            return
        self.problem = error.message
        self._pane.show_run(None)
        self._pane.show_state(f"{error.message} {error.hint}".strip(), "attention")
        self.known.emit()


def _trials(project: Project) -> Sequence[Run]:
    """Trials on rows that wait or run, the one that runs first."""
    found = runs.all_runs(project.store.reader, overview.KIND, runs.LIVE)
    trials = [run for run in found if run.context.get(overview.TRIAL) == comparing.ROWS_TRIAL]
    return sorted(trials, key=lambda run: run.state == "queued")


def _live(project: Project) -> Run | None:
    return next(iter(_trials(project)), None)


def _sentence(trial: Trial, ask: AskView) -> str:
    """*Asks SmolLM2-135M for 27 answers; 13 are there.*"""
    if not trial.rows:
        return "Train has no rows with a gold label: there is nothing to measure a prompt by."
    teacher: Any = ask.teacher.facts.title
    if not ask.teacher.teacher():
        return "Choose a teacher under “Ask” first."
    there = sum(len(side.answers) for side in trial.sides)
    if not trial.missing:
        return f"{plural(there, 'answer')} of {teacher} are there: nothing has to be asked."
    have = f"; {count(there)} are there" if there else ""
    return f"Asks {teacher} for {plural(trial.missing, 'answer')}, with the settings of “Ask”{have}."
