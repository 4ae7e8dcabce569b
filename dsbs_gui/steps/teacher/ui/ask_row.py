"""The rows of the chosen split, and the one on show: its prompt, its newest answer, and trying it."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dsbs_gui.core.store import examples, runs
from dsbs_gui.steps.teacher import asked, overview, versions

from .newest import Newest

if TYPE_CHECKING:
    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.core.votes import Vote
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.overview import Rows
    from dsbs_gui.steps.teacher.versions import Entry

    from .ask_view import AskView

    Shown = tuple[Example | None, Answer | None, Vote | None, Run | None]


class AskRow(QObject):
    """Fills the cards “Prompt” and “Answer” of the view “Ask”.

    Attributes:
        ids: the examples of the split.
        trial: the run that tries a row; empty if none does.

    Signals:
        rows_known(rows, same): the split was read; ``same``: its rows and the prompt are what they were.
        changed: a row is shown, or a trial was refused.
        file_refused(DsbsError): a file did not become a version of the prompt.
    """

    rows_known = Signal(object, bool)
    changed = Signal()
    file_refused = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, ask: AskView) -> None:
        super().__init__(ask)
        self._project, self._bridge, self._ask = project, bridge, ask
        self._prompt, self._answer = ask.prompt, ask.answer
        self.ids: array[int] = array("q")
        self.trial = ""
        self._place = 0
        self._entry: Entry | None = None
        self._rows, self._row, self._tokens = Newest(bridge, self), Newest(bridge, self), Newest(bridge, self)
        self._prompt.step_asked.connect(lambda step: self._go_to_place(self._place + step))
        self._prompt.file_chosen.connect(self._use_file)
        self._prompt.version_chosen.connect(self._use_version)
        self._prompt.text_changed.connect(lambda _: self.count_tokens())
        self._answer.try_button.clicked.connect(self.try_it)

    # ------------------------------------------------------------ what the view calls

    def read_rows(self) -> None:
        """Read the split, the versions of the prompt and the row on show anew."""
        project, split = self._project, str(self._ask.form.choices()["split"])

        def read() -> tuple[Rows, Entry, list[Entry]]:
            return overview.rows(project.store.reader, split), versions.chosen(project), versions.entries(project)

        self._rows.ask(read, lambda found: self._on_rows(*found))

    def read(self) -> None:
        """Read the row on show anew."""
        store, trial = self._project.store, self.trial
        if not self.ids:
            return
        example_id = self.ids[self._place]

        def read() -> Shown:
            db = store.reader
            run = runs.get(db, trial) if trial else None
            return examples.get(db, example_id), *overview.newest_answer(db, example_id), run

        self._row.ask(read, lambda shown: self._on_row(*shown))

    def show_example(self, example_id: int) -> None:
        """Show a row of the split."""
        if example_id in self.ids:
            self._go_to_place(self.ids.index(example_id))

    def try_it(self) -> None:
        """Ask the teacher about the row on show."""
        if not self.ids or self.trial:
            return
        project, keys, choices = self._project, self._ask.keys, self._ask.choices()
        example_id, key = self.ids[self._place], self._ask.teacher.key.typed()

        def submit() -> Run | None:
            request = asked.trial(project, keys, choices, example_id, key)
            return None if request is None else project.jobs.submit(request)

        self._answer.try_button.setEnabled(False)
        self._bridge.run(submit, self._on_trial_begun, self._on_trial_refused, owner=self)

    def count_tokens(self) -> None:
        """Ask for the exact length of the prompt that is shown; until it is there, an estimate is."""
        ask, text = self._ask, self._prompt.text.source()
        counter, teacher = ask.counter, ask.teacher.teacher()
        if teacher and not ask.teacher.facts.problem and ask.isVisible():
            counter.wake()
            self._tokens.ask(
                lambda: counter.length(teacher, text),
                lambda length: self._prompt.set_tokens(text, length),
                lambda _: None,  # the teacher's card says what is wrong with it
            )

    def show_length(self) -> None:
        """Say whether prompt and answer fit into what the teacher can see."""
        self._prompt.show_length(int(self._ask.form.choices()["max_tokens"]), self._ask.teacher.facts.context)

    # ------------------------------------------------------------ in the background

    def _use_version(self, key: str) -> None:
        """Ask with another version of the prompt from now on."""
        project = self._project
        self._bridge.run(lambda: versions.choose(project, versions.find(project, key)), owner=self)

    def _use_file(self, path: str) -> None:
        """Make a version of a file and ask with it from now on."""
        project = self._project
        self._ask.messages.clear("exemplars")

        def use() -> None:
            key = str(versions.add_from_file(project, Path(path)))
            versions.choose(project, versions.find(project, key))

        self._bridge.run(use, on_error=self.file_refused.emit, owner=self)

    # ------------------------------------------------------------ answers

    def _on_rows(self, rows: Rows, entry: Entry, entries: list[Entry]) -> None:
        same = rows.ids == self.ids and self._entry is not None and entry.prompt.hash == self._entry.prompt.hash
        self.ids, self._entry = rows.ids, entry
        self._prompt.show_versions(entries, entry)
        self._place = max(0, min(self._place, len(rows.ids) - 1))
        self.rows_known.emit(rows, same)
        self.read()

    def _on_row(self, example: Example | None, answer: Answer | None, vote: Vote | None, trial: Run | None) -> None:
        if trial is not None and not trial.live:
            self.trial = ""
        if example is None or self._entry is None:
            return
        self._prompt.show_row(self._entry, example, self._place + 1, len(self.ids))
        self.show_length()
        self._answer.show_answer(example, answer, vote)
        if trial is not None:
            mine = trial.context.get(overview.TRIAL) == example.id
            self._answer.show_trial(trial if mine else None)
        self.changed.emit()

    def _on_trial_begun(self, run: Run | None) -> None:
        self.trial = "" if run is None else run.id
        self._answer.show_trial(run)
        if run is None:
            self._answer.show_trouble("This teacher has answered this row with these settings.", tone="muted")
        self.read()

    def _on_trial_refused(self, error: DsbsError) -> None:
        self._answer.show_trouble(error.message, error.hint)
        self.changed.emit()

    def _go_to_place(self, place: int) -> None:
        self._place = max(0, min(place, len(self.ids) - 1))
        self._answer.show_trial(None)
        self.read()
