"""The Teacher page: teacher, prompt and answer from left to right; under them what to generate, and what came."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal

from dsbs_gui.core.store import answers, examples
from dsbs_gui.kit.buttons import PrimaryButton, SecondaryButton
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.teacher import newest, plan

from .answer_card import AnswerCard
from .prompt_card import PromptCard
from .run_card import ProgressCard, SettingsCard
from .teacher_card import TeacherCard

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.newest import RunFigures
    from dsbs_gui.steps.teacher.prompts import Prompt

    Shown = tuple[list[int], Prompt, Example | None, Answer | None]

PILOT = 20
_SETTLE_MS = 400


class TeacherPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    """

    go_to = Signal(str)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Teacher", parent=parent)
        self._project, self._bridge = project, bridge
        self._place = 0
        self._ids: list[int] = []
        self._file = ""
        self._asked = 0
        self._pending: int | None = None
        self.generate_button = PrimaryButton("Generate", "play", shortcut="Ctrl+Return")
        self.pilot_button = SecondaryButton(f"Pilot {PILOT}", "flask", shortcut="Ctrl+Shift+Return")
        self.teacher = TeacherCard()
        self.prompt = PromptCard()
        self.answer = AnswerCard()
        self.settings = SettingsCard()
        self.progress = ProgressCard()
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.header.set_actions(self.generate_button, self.pilot_button)
        above = Splitter(
            "teacher-columns", Scroller(self.teacher, keep_width=True), self.prompt, self.answer, shares=(4, 6, 5)
        )
        below = boxed(row(self.settings, self.progress, gap="l"))
        below.layout().setStretch(1, 2)  # type: ignore[union-attr]
        self.body.addWidget(Splitter("teacher-rows", above, Scroller(below), shares=(4, 3), vertical=True))

    def _connect(self) -> None:
        self.generate_button.clicked.connect(self.generate)
        self.pilot_button.clicked.connect(self.pilot)
        self.answer.try_button.clicked.connect(self.try_row)
        self.prompt.step_asked.connect(self._on_step_asked)
        self.prompt.file_chosen.connect(self._on_file_chosen)
        self.teacher.changed.connect(self._settling.start)
        self.settings.changed.connect(self._settling.start)
        self._settling.timeout.connect(self.refresh)
        self._bridge.changed.connect(self._on_changed)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date in the background; what the user has chosen stays."""
        self._asked += 1
        asked, place, file = self._asked, self._place, self._file
        split = str(self.settings.choices()["split"])
        self._bridge.run(
            lambda: self._read(split, place, file),
            lambda shown: self._on_read(asked, shown),
            self._on_refused,
            owner=self,
        )
        self._bridge.run(lambda: newest.newest_run(self._project.store.reader), self._on_run_read, owner=self)
        self._count()

    def generate(self) -> None:
        """Ask the teacher about every row of the split that it has not answered."""
        self._submit()

    def pilot(self) -> None:
        """Ask the teacher about the first rows only, to see whether it is worth while."""
        self._submit(limit=PILOT)

    def try_row(self) -> None:
        """Ask the teacher about the row that is shown."""
        if self._ids:
            self._submit(ids=[self._ids[self._place]])

    # ------------------------------------------------------------ in the background

    def _read(self, split: str, place: int, file: str) -> Shown:
        db = self._project.store.reader
        ids = newest.rows(db, split)
        prompt = plan.choose_prompt(self._project, Path(file) if file else None)
        if not ids:
            return ids, prompt, None, None
        example = examples.get(db, ids[min(place, len(ids) - 1)])
        found = [] if example is None else answers.of_example(db, example.id)
        return ids, prompt, example, next((a for a in found if a.source == "teacher"), None)

    def _request(self, choices: dict[str, Any]) -> JobRequest:
        return plan.generate_request(self._project, **choices)

    def _choices(self) -> dict[str, Any]:
        exemplars = Path(self._file) if self._file else None
        return self.teacher.choices() | self.settings.choices() | {"exemplars": exemplars}

    def _count(self) -> None:
        """How many rows the action would ask about: the button says it."""
        if self.teacher.trouble() is not None or not self._ids:
            self._on_counted(None)
            return
        choices = self._choices()
        self._bridge.run(
            lambda: plan.pending(self._project, self._request(choices)),
            self._on_counted,
            lambda _: self._on_counted(None),
            owner=self,
        )

    def _submit(self, **more: Any) -> None:
        trouble = self.teacher.trouble()
        if trouble is not None:
            self._on_refused(trouble)
            return
        self.messages.clear("generate")
        choices = self._choices() | more
        project = self._project
        self._bridge.run(lambda: project.jobs.submit(self._request(choices)), owner=self, on_error=self._on_refused)

    # ------------------------------------------------------------ answers

    def _on_read(self, asked: int, shown: Shown) -> None:
        if asked != self._asked:
            return
        ids, prompt, example, answer = shown
        was_empty = not self._ids
        self._ids = ids
        self._place = min(self._place, max(0, len(ids) - 1))
        if example is None:
            self._show_nothing_to_ask()
            return
        self.show_content()
        self.header.set_subtitle(f"{plural(len(ids), 'row')} in {self.settings.choices()['split']}")
        self.prompt.show_row(prompt, example, self._place + 1, len(ids), self._file)
        self.answer.show_answer(example, answer)
        if was_empty:
            self._count()

    def _on_run_read(self, figures: RunFigures | None) -> None:
        seconds = 0.0
        if figures is not None and figures.run.started is not None:
            seconds = (figures.run.ended or time.time()) - figures.run.started
        self.progress.show_run(figures, seconds)

    def _on_counted(self, pending: int | None) -> None:
        self._pending = pending
        can = bool(pending) and not self._project.store.read_only
        self.generate_button.setEnabled(can)
        self.pilot_button.setEnabled(can)
        self.answer.try_button.setEnabled(bool(self._ids) and self.teacher.trouble() is None)
        if pending:
            self.generate_button.setText(f"Generate {plural(pending, 'rationale')}")
        else:
            self.generate_button.setText("Generate")
        self.generate_button.set_tooltip("" if pending is None or pending else "All rows of this split are answered")

    def _on_refused(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="generate")

    def _on_step_asked(self, step: int) -> None:
        self._place = max(0, min(self._place + step, len(self._ids) - 1))
        self.refresh()

    def _on_file_chosen(self, path: str) -> None:
        self._file = path
        self.messages.clear("generate")
        self.refresh()

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("runs", "answers", "examples") and self.isVisible() and not self._settling.isActive():
            self._settling.start()

    def _show_nothing_to_ask(self) -> None:
        """An empty split keeps the page, so that another one can be chosen; an empty project does not."""
        total = examples.count(self._project.store.reader)
        self._on_counted(None)
        if total:
            split = self.settings.choices()["split"]
            self.show_message(
                "info", f"There are no rows in {split}.", f"{count(total)} are elsewhere.", key="generate"
            )
            return
        state = EmptyState(
            "chalkboard-teacher",
            "There is nothing to explain yet",
            "The teacher writes a rationale and a label for each example. Import some examples first.",
            "Go to Data",
        )
        assert state.button is not None
        state.button.clicked.connect(lambda: self.go_to.emit("data"))
        self.show_empty(state)
