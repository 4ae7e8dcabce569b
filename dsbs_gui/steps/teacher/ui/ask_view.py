"""The view “Ask”: teacher, prompt and answer from left to right; under them the run, or what it is at."""

from __future__ import annotations

import contextlib
from array import array
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from typing_extensions import override

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.core.protocol import Event, Progress
from dsbs_gui.core.settings import user_settings
from dsbs_gui.core.store import examples, runs
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher import asked as wishes
from dsbs_gui.steps.teacher import overview, versions
from dsbs_gui.steps.teacher.asked import Asked
from dsbs_gui.steps.teacher.keys import Keys
from dsbs_gui.steps.teacher.rate import Rate
from dsbs_gui.steps.teacher.tokens import Counter

from .actions import Actions
from .answer_card import AnswerCard
from .empty import no_examples
from .live_card import LiveCard
from .pilot_card import PilotCard
from .prompt_card import PromptCard
from .run_form import RunForm
from .run_words import cure
from .teacher_card import TeacherCard
from .view import TeacherView

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.core.votes import Vote
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.overview import Rows, RunState
    from dsbs_gui.steps.teacher.versions import Entry

    Shown = tuple[Example | None, Answer | None, Vote | None, Run | None]

_SETTLE_MS = 400
_COUNT_MS = 250
_BAD = ("failed", "interrupted")


class AskView(TeacherView):
    """Choosing, trying and running a teacher."""

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Ask", project, bridge, parent)
        self._keys = Keys()
        self._ids: array[int] = array("q")
        self._place = 0
        self._entry: Entry | None = None
        self.counter = Counter()
        self._asked: Asked | None = None
        self._run: RunState | None = None
        self._run_known = False
        self._trial = ""
        self._told = ""
        self._rate = Rate()
        self._generation = {"rows": 0, "row": 0, "count": 0, "tokens": 0}
        self._rows_stale = False
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.buttons = Actions()
        self.generate_button, self.pilot_button = self.buttons.generate, self.buttons.pilot
        self.teacher = TeacherCard(self._keys, self._bridge)
        self.prompt, self.answer = PromptCard(), AnswerCard()
        self.form, self.pilot_card, self.live = RunForm(), PilotCard(), LiveCard()
        self.set_actions(self.generate_button, self.pilot_button)
        columns = Splitter("teacher", self.teacher, self.prompt, self.answer, shares=(5, 7, 5))
        self.body.addWidget(columns, 3)
        self.body.addWidget(self.form)
        self.body.addWidget(self.pilot_card)
        self.body.addWidget(self.live, 2)
        self.live.hide()
        self._show_buttons()

    def _connect(self) -> None:
        self.generate_button.clicked.connect(self.generate)
        self.pilot_button.clicked.connect(self.pilot)
        self.answer.try_button.clicked.connect(self.try_row)
        self.live.stop_button.clicked.connect(self._stop)
        self.live.table.row_activated.connect(lambda i: self.show_example(self.live.example_of(i)))
        self.prompt.step_asked.connect(lambda step: self._go_to_place(self._place + step))
        self.prompt.file_chosen.connect(self._use_file)
        self.prompt.version_chosen.connect(self._use_version)
        self.prompt.edit_asked.connect(lambda: self.view_asked.emit("prompts"))
        self.prompt.text_changed.connect(lambda _: self._count_tokens())
        self.teacher.changed.connect(self._on_teacher_changed)
        self.teacher.facts_known.connect(self._on_facts_known)
        self.form.split_changed.connect(self._read_rows)
        self.form.changed.connect(self._counting.start)
        self.form.changed.connect(self._show_length)
        self.form.retry_asked.connect(self.retry_failed)
        self.form.review_asked.connect(lambda: self.go_to.emit("review"))
        self._settling.timeout.connect(self._on_settled)
        self._counting.timeout.connect(self._count)
        self._bridge.changed.connect(self._on_changed)
        self._bridge.job_event.connect(self._on_job_event)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date in the background; what the user has chosen stays."""
        self._read_rows()
        self._read_run()

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``plan.generate_request``: the teacher and the settings of the run."""
        return {**self.form.choices(), **self.teacher.choices()}

    @property
    def keys(self) -> Keys:
        """The keys of servers, shared by the views of the page."""
        return self._keys

    def generate(self) -> None:
        """Ask the teacher for every answer that is missing."""
        self._submit()

    def pilot(self) -> None:
        """Ask the teacher about the first rows only, to see whether it is worth while."""
        self._submit(wishes.pilot)

    def retry_failed(self) -> None:
        """Ask again what failed; where the settings have to be changed for that, say which and wait."""
        self.form.choose_failed()
        change = "" if self._run is None else cure(self._run.tally.failed)
        if change:
            self.show_message("info", "Only failed rows are chosen now.", change, key="run")
        else:
            self._submit()

    def choose_rows(self, ids: array[int], title: str) -> None:
        """Let the next run be about these examples, whatever their split; ``title`` says which they are."""
        self.form.choose_rows(ids, title)

    def try_row(self) -> None:
        """Ask the teacher about the row that is shown."""
        if not self._ids or self._trial:
            return
        project, keys, choices = self._project, self._keys, self.choices()
        example_id, key = self._ids[self._place], self.teacher.key.typed()

        def submit() -> Run | None:
            request = wishes.trial(project, keys, choices, example_id, key)
            return None if request is None else project.jobs.submit(request)

        self.answer.try_button.setEnabled(False)
        self._bridge.run(submit, self._on_trial_begun, self._on_trial_refused, owner=self)

    def show_example(self, example_id: int) -> None:
        """Show a row of the split above."""
        if example_id in self._ids:
            self._go_to_place(self._ids.index(example_id))

    # ------------------------------------------------------------ in the background

    def _ask(self, what: str, work: Callable[[], Any], on_done: Callable[[Any], object], **kinds: Any) -> None:
        """As ``bridge.run``, but an answer that a newer question of the kind has overtaken is dropped."""
        self._generation[what] += 1
        asked = self._generation[what]

        def if_fresh(then: Callable[[Any], object], value: Any) -> None:
            if asked == self._generation[what]:
                then(value)

        on_error = kinds.get("on_error")
        self._bridge.run(
            work, partial(if_fresh, on_done), None if on_error is None else partial(if_fresh, on_error), owner=self
        )

    def _read_rows(self) -> None:
        project, split = self._project, str(self.form.choices()["split"])

        def read() -> tuple[Rows, Entry, list[Entry]]:
            return overview.rows(project.store.reader, split), versions.chosen(project), versions.entries(project)

        self._ask("rows", read, lambda found: self._on_rows(*found))

    def _read_row(self) -> None:
        store, trial = self._project.store, self._trial
        if not self._ids:
            return
        example_id = self._ids[self._place]

        def read() -> Shown:
            db = store.reader
            run = runs.get(db, trial) if trial else None
            return examples.get(db, example_id), *overview.newest_answer(db, example_id), run

        self._ask("row", read, lambda shown: self._on_row(*shown))

    def _read_run(self) -> None:
        store = self._project.store
        before = self._run
        self._bridge.run(lambda: overview.newest_run(store.reader, before), self._on_run, owner=self)

    def _count(self) -> None:
        """How many answers are missing: the buttons say it. Not while a run changes it all the time."""
        self._counting.stop()
        if self._is_live() or not self._ids or not self.teacher.teacher():
            self._on_counted(None)
            return
        project, choices = self._project, self.choices()
        self._ask(
            "count", lambda: wishes.asked(project, choices), self._on_counted, on_error=lambda e: self._on_uncounted(e)
        )

    def _submit(self, make_request: Callable[..., JobRequest] = wishes.request) -> None:
        """Start what the form says."""
        project, keys, key = self._project, self._keys, self.teacher.key.typed()
        choices = self.choices()
        self.messages.clear("run")
        self.generate_button.setEnabled(False)
        self.pilot_button.setEnabled(False)

        def make() -> JobRequest:
            return make_request(project, keys, choices, key)

        self._bridge.run(lambda: project.jobs.submit(make()), lambda _: self._read_run(), self._on_refused, owner=self)

    def _stop(self) -> None:
        if self._run is not None:
            self.live.stop_button.setEnabled(False)
            self._bridge.run(partial(self._project.jobs.stop, self._run.run.id), owner=self)

    def _use_version(self, key: str) -> None:
        """Ask with another version of the prompt from now on."""
        project = self._project
        self._bridge.run(lambda: versions.choose(project, versions.find(project, key)), owner=self)

    def _use_file(self, path: str) -> None:
        """Make a version of a file and ask with it from now on."""
        project = self._project
        self.messages.clear("exemplars")

        def use() -> None:
            key = str(versions.add_from_file(project, Path(path)))
            versions.choose(project, versions.find(project, key))

        self._bridge.run(use, on_error=self._on_file_refused, owner=self)

    def _count_tokens(self) -> None:
        """Ask for the exact length of the prompt that is shown; until it is there, an estimate is."""
        counter, teacher, text = self.counter, self.teacher.teacher(), self.prompt.text.source()
        if teacher and not self.teacher.facts.problem and self.isVisible():
            self._ask(
                "tokens",
                lambda: counter.length(teacher, text),
                lambda length: self.prompt.set_tokens(text, length),
                on_error=lambda _: None,  # the teacher's card says what is wrong with it
            )

    # ------------------------------------------------------------ answers

    def _on_rows(self, rows: Rows, entry: Entry, entries: list[Entry]) -> None:
        same = rows.ids == self._ids and self._entry is not None and entry.prompt.hash == self._entry.prompt.hash
        self._ids, self._entry = rows.ids, entry
        self.prompt.show_versions(entries, entry)
        self._place = max(0, min(self._place, len(rows.ids) - 1))
        self.form.set_counts(rows.counts)
        split = str(self.form.choices()["split"])
        self.set_subtitle(f"{plural(len(rows.ids), 'row')} in {split}")
        self.messages.clear("split")
        if not rows.counts:
            self.show_empty(no_examples(lambda: self.go_to.emit("data")))
        elif not rows.ids:
            self.show_message("info", f"There are no rows in {split}.", "Choose another split below.", key="split")
        if rows.counts:
            self.show_content()
        self._read_row()
        if not same or self._asked is None:
            self._counting.start()
        self._show_buttons()

    def _on_row(self, example: Example | None, answer: Answer | None, vote: Vote | None, trial: Run | None) -> None:
        if trial is not None and not trial.live:
            self._trial = ""
        if example is None or self._entry is None:
            return
        self.prompt.show_row(self._entry, example, self._place + 1, len(self._ids))
        self._show_length()
        self.answer.show_answer(example, answer, vote)
        if trial is not None:
            mine = trial.context.get(overview.TRIAL) == example.id
            self.answer.show_trial(trial if mine else None)
        self._show_buttons()

    def _on_run(self, state: RunState | None) -> None:
        was_live, self._run = self._is_live(), state
        if not self._run_known:
            self._run_known = True
            if state is not None:
                self.teacher.choose_as_in(state.run)
        live = self._is_live()
        if state is not None and live:
            if self._rate.run_id != state.run.id:
                self._rate = Rate(state.run.id)
            self.live.show_run(state, self._rate.per_second())
        hidden, shown = (self.form, self.live) if live else (self.live, self.form)
        if live:
            self.pilot_card.hide()
        hidden.hide()  # first: both at once would make the window grow
        shown.show()
        self.form.show_last(None if live else state)
        self._tell_end(state)
        if was_live != live or self._asked is None:
            self._count()
        self._show_buttons()

    def _on_counted(self, asked: Asked | None) -> None:
        self._asked = asked
        evidence, pending = (None, 0) if asked is None else (asked.evidence, asked.pending)
        # Where something is wrong, that is what matters, and a low window has no room for both.
        shown = None if self._is_live() or self.messages.bars() else evidence
        self.pilot_card.show_evidence(shown, pending, user_settings().currency)
        if asked is not None:
            self.form.show_asked(asked)
        elif not self.teacher.teacher():
            self.form.show_note("Choose a teacher first.", "muted")
        self._show_buttons()

    def _on_uncounted(self, error: DsbsError) -> None:
        self._asked = None
        known = self.teacher.facts.problem  # said at the teacher, with its cure
        self.pilot_card.hide()
        self.form.show_note("This teacher cannot be asked yet." if known else str(error), "attention")
        self._show_buttons()

    def _on_teacher_changed(self) -> None:
        pays, name = "://" in self.teacher.teacher(), ""
        with contextlib.suppress(DsbsError):  # said at the teacher
            name = wishes.teacher_name(self.teacher.choices()) if pays else ""
        self.form.set_teacher(name)
        self._counting.start()

    def _on_facts_known(self) -> None:
        self._show_length()
        self._count_tokens()
        self._count()

    def _on_trial_begun(self, run: Run | None) -> None:
        self._trial = "" if run is None else run.id
        self.answer.show_trial(run)
        if run is None:
            self.answer.show_trouble("This teacher has answered this row with these settings.", tone="muted")
        self._read_row()

    def _on_trial_refused(self, error: DsbsError) -> None:
        self.answer.show_trouble(error.message, error.hint)
        self._show_buttons()

    def _on_refused(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="run")
        self._show_buttons()

    def _on_file_refused(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="exemplars")

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("prompts") or changes.is_all("examples"):
            self._rows_stale = True
        if (
            changes.touches("runs", "answers", "examples", "prompts")
            and self.isVisible()
            and not self._settling.isActive()
        ):
            self._settling.start()

    def _on_settled(self) -> None:
        self._read_run()
        if self._rows_stale:
            self._rows_stale = False
            self._read_rows()
        else:
            self._read_row()

    def _on_job_event(self, run_id: str, event: Event) -> None:
        message = event.message
        if isinstance(message, Progress) and message.done and run_id == self._rate.run_id:
            self._rate.note(event.t, message.done)

    # ------------------------------------------------------------ showing

    def _is_live(self) -> bool:
        return self._run is not None and self._run.run.live

    def _go_to_place(self, place: int) -> None:
        self._place = max(0, min(place, len(self._ids) - 1))
        self.answer.show_trial(None)
        self._read_row()

    def _show_length(self) -> None:
        self.prompt.show_length(int(self.form.choices()["max_tokens"]), self.teacher.facts.context)

    def _show_buttons(self) -> None:
        read_only, live = self._project.store.read_only, self._is_live()
        why = "The project is open for reading only" if read_only else "A run goes on" if live else ""
        self.buttons.show_state(self._asked, why)
        facts, button = self.teacher.facts, self.answer.try_button
        can_ask = bool(self._ids and self.teacher.teacher() and facts.title and not facts.problem)
        button.setEnabled(can_ask and not why and not self._trial)
        button.set_tooltip(why or "Ask the teacher about the row that is shown")

    def _tell_end(self, state: RunState | None) -> None:
        """Once for each run that ended badly."""
        if state is None or state.run.live:
            self.messages.clear("run")
        elif state.run.state in _BAD and state.run.id != self._told:
            self._told = state.run.id
            reason = state.run.reason or f"{state.run.title} did not end well."
            self.pilot_card.hide()
            bar = self.show_message("bad", reason, state.run.hint, "Try again", key="run")
            bar.action_asked.connect(self.generate)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.counter.rest()
