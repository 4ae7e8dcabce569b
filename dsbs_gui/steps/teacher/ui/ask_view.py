"""The view “Ask”: teacher, prompt and answer from left to right; under them the run, or what it is at.

This module puts the cards together and says what is missing. What goes on behind them is in :mod:`.ask_row` (the
row on show) and :mod:`.ask_run` (the run).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from typing_extensions import override

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher import asked
from dsbs_gui.steps.teacher.keys import Keys
from dsbs_gui.steps.teacher.tokens import Counter

from .actions import Actions
from .answer_card import AnswerCard
from .ask_row import AskRow
from .ask_run import AskRun
from .empty import no_examples
from .live_card import LiveCard
from .pilot_card import PilotCard
from .prompt_card import PromptCard
from .run_form import RunForm
from .run_words import cure
from .teacher_card import TeacherCard
from .view import TeacherView

if TYPE_CHECKING:
    from array import array

    from PySide6.QtGui import QHideEvent
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.overview import Rows

_SETTLE_MS = 400


class AskView(TeacherView):
    """Choosing, trying and running a teacher.

    Attributes:
        keys: the keys of servers, shared by the views of the page.
        counter: counts tokens exactly; shared likewise.
    """

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Ask", project, bridge, parent)
        self.keys = Keys()
        self.counter = Counter()
        self._rows_stale = False
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._build()
        self.row = AskRow(project, bridge, self)
        self.run = AskRun(project, bridge, self)
        self._connect()
        self._show_buttons()

    def _build(self) -> None:
        self.buttons = Actions()
        self.generate_button, self.pilot_button = self.buttons.generate, self.buttons.pilot
        self.teacher = TeacherCard(self.keys, self._bridge)
        self.prompt, self.answer = PromptCard(), AnswerCard()
        self.form, self.pilot_card, self.live = RunForm(), PilotCard(), LiveCard()
        self.set_actions(self.generate_button, self.pilot_button)
        columns = Splitter("teacher", self.teacher, self.prompt, self.answer, shares=(5, 7, 5))
        self.body.addWidget(columns, 3)
        self.body.addWidget(self.form)
        self.body.addWidget(self.pilot_card)
        self.body.addWidget(self.live, 2)
        self.live.hide()

    def _connect(self) -> None:
        self.generate_button.clicked.connect(self.generate)
        self.pilot_button.clicked.connect(self.pilot)
        self.live.table.row_activated.connect(lambda i: self.row.show_example(self.live.example_of(i)))
        self.prompt.edit_asked.connect(lambda: self.view_asked.emit("prompts"))
        self.teacher.changed.connect(self._on_teacher_changed)
        self.teacher.facts_known.connect(self._on_facts_known)
        self.form.split_changed.connect(self.row.read_rows)
        self.form.changed.connect(self.run.count_soon)
        self.form.changed.connect(self.row.show_length)
        self.form.retry_asked.connect(self.retry_failed)
        self.form.review_asked.connect(lambda: self.go_to.emit("review"))
        self.row.rows_known.connect(self._on_rows)
        self.row.changed.connect(self._show_buttons)
        self.row.file_refused.connect(self._on_file_refused)
        self.run.changed.connect(self._show_buttons)
        self._settling.timeout.connect(self._on_settled)
        self._bridge.changed.connect(self._on_changed)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date in the background; what the user has chosen stays."""
        self.row.read_rows()
        self.run.read()

    def tells_end(self, run: Run) -> bool:
        """Whether this view, as it stands on the screen, says how a run ended: it looks after one, and no trial."""
        return self.isVisible() and self.run.state is not None and self.run.state.run.id == run.id

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``plan.generate_request``: the teacher and the settings of the run."""
        return {**self.form.choices(), **self.teacher.choices()}

    def generate(self) -> None:
        """Ask the teacher for every answer that is missing."""
        self.run.start()

    def pilot(self) -> None:
        """Ask the teacher about the first rows only, to see whether it is worth while."""
        self.run.start(asked.pilot)

    def retry_failed(self) -> None:
        """Ask again what failed; where the settings have to be changed for that, say which and wait."""
        self.form.choose_failed()
        state = self.run.state
        change = "" if state is None else cure(state.tally.failed)
        if change:
            self.show_message("info", "Only failed rows are chosen now.", change, key="run")
        else:
            self.run.start()

    def choose_rows(self, ids: array[int], title: str, hint: str = "", aside: bool = False) -> None:
        """Let the next run be about these examples, whatever their split; ``title`` says which they are."""
        self.form.choose_rows(ids, title, hint, aside)

    # ------------------------------------------------------------ events

    def _on_rows(self, rows: Rows, same: bool) -> None:
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
        if not same or self.run.asked is None:
            self.run.count_soon()
        self._show_buttons()

    def _on_teacher_changed(self) -> None:
        pays, name = "://" in self.teacher.teacher(), ""
        with contextlib.suppress(DsbsError):  # said at the teacher
            name = asked.teacher_name(self.teacher.choices()) if pays else ""
        self.form.set_teacher(name)
        self.run.count_soon()

    def _on_facts_known(self) -> None:
        self.row.show_length()
        self.row.count_tokens()
        self.run.count()

    def _on_file_refused(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="exemplars")

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("prompts") or changes.is_all("examples"):
            self._rows_stale = True
        seen = changes.touches("runs", "answers", "examples", "prompts") and self.isVisible()
        if seen and not self._settling.isActive():
            self._settling.start()

    def _on_settled(self) -> None:
        self.run.read()
        if self._rows_stale:
            self._rows_stale = False
            self.row.read_rows()
        else:
            self.row.read()

    def _show_buttons(self) -> None:
        read_only, live = self._project.store.read_only, self.run.is_live
        why = "The project is open for reading only" if read_only else "A run goes on" if live else ""
        self.buttons.show_state(self.run.asked, why)
        facts, button = self.teacher.facts, self.answer.try_button
        can_ask = bool(self.row.ids and self.teacher.teacher() and facts.title and not facts.problem)
        button.setEnabled(can_ask and not why and not self.row.trial)
        button.set_tooltip(why or "Ask the teacher about the row that is shown")

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.counter.rest()
