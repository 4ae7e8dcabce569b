"""The Training page: the plan at the left; runs, their curves and sample predictions at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.core.store import examples, runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.buttons import PrimaryButton
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import plural, size
from dsbs_gui.steps.training import overview, plan
from dsbs_gui.steps.training.devices import devices_request
from dsbs_gui.steps.training.fit import Fit, fit

from .looking import BatchLook
from .plan_form import PlanForm
from .plan_menu import PlanMenu
from .runs_view import RunsView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.runs import Run, RunWarning
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.training.data import Counts

_SETTLE_MS = 300
_LIVE_MS = 1_000
"""Between two looks at what runs say: more often costs the training more than one per cent."""
_TYPING_MS = 250


class TrainingPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    """

    go_to = Signal(str)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Training", parent=parent)
        self._project, self._bridge = project, bridge
        self._counting = 0
        self._warned: set[str] = set()
        self.train_button = PrimaryButton("Train", "play", shortcut="Ctrl+Return")
        self.form = PlanForm()
        self.menu = PlanMenu(self.form, project, bridge)
        self.looking = BatchLook(self, project, bridge, self.form.choices)
        self.runs = RunsView(project, bridge)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._watching = QTimer(self, singleShot=True, interval=_LIVE_MS)
        self._weighing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._weighed = 0
        self._build()
        self._connect()

    def _build(self) -> None:
        self.header.set_actions(self.train_button, self.looking.button, self.menu.button)
        self._left = Scroller(self.form, keep_width=True)
        self.body.addWidget(Splitter("training", self._left, self.runs, shares=(5, 11)))
        if self._project.store.read_only:
            self.train_button.setEnabled(False)
            self.train_button.set_tooltip("The project is open for reading only")
            self.looking.set_enabled(False)
            self.form.device.forbid_measuring()

    def _connect(self) -> None:
        self.train_button.clicked.connect(self.train)
        self.form.rows_changed.connect(self._count)
        self.form.changed.connect(self._on_plan_changed)
        self._weighing.timeout.connect(self._weigh)
        self.form.device.measure_asked.connect(self._measure)
        self.runs.train_asked.connect(self.train)
        self.runs.clone_asked.connect(self._on_clone_asked)
        self.runs.deleted.connect(self._on_deleted)
        for part in (self.runs, self.menu):
            part.told.connect(lambda text: show_toast(self, text))
            part.failed.connect(self._on_failed)
        self.menu.queued.connect(self._on_queued)
        self.looking.refused.connect(lambda text, hint: self.show_message("bad", text, hint, key="train"))
        self.runs.watch.failed.connect(lambda text, hint: self.show_message("bad", text, hint, key="export"))
        self._settling.timeout.connect(self.refresh)
        self._watching.timeout.connect(self._watch)
        self._bridge.changed.connect(self._on_changed)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date in the background; what the user has chosen stays."""
        store = self._project.store
        only_train = Filter(splits=("train",))
        self._bridge.run(
            lambda: (examples.count(store.reader, only_train), bool(runs.all_runs(store.reader, "train"))),
            lambda found: self._on_rows_known(*found),
            owner=self,
        )
        self._count()
        self._weighing.start()
        self.runs.refresh()
        self._ask_for_warnings()

    def train(self) -> None:
        """Start what the form says."""
        if problem := self.form.problem():
            self.show_message("bad", problem, key="train")
            return
        self.messages.clear("train")
        choices, project = self.form.choices(), self._project
        self.train_button.setEnabled(False)
        self._bridge.run(
            lambda: project.jobs.submit(plan.train_request(project, **choices)),
            self._on_submitted,
            self._on_refused,
            owner=self,
        )

    # ------------------------------------------------------------ answers

    def _watch(self) -> None:
        """Runs have said something: what they say, and nothing else, is read."""
        self.runs.refresh_runs()
        self._ask_for_warnings()
        if self.form.device.is_measuring:
            self._weighing.start()

    def _ask_for_warnings(self) -> None:
        store = self._project.store
        self._bridge.run(lambda: overview.warned(store.reader), self._on_warned, owner=self)

    def _count(self) -> None:
        self._counting += 1
        asked, store = self._counting, self._project.store
        labels, rows = self.form.labels.value(), self.form.rows.value()
        self._bridge.run(
            lambda: overview.counts(store.reader, labels, rows), lambda c: self._on_counted(asked, c), owner=self
        )

    def _on_plan_changed(self) -> None:
        self._weighed += 1  # an answer about the plan before is of no use any more
        self._weighing.start()

    def _weigh(self) -> None:
        """Ask whether the plan fits into its device."""
        asked, store, choices = self._weighed, self._project.store, self.form.choices()
        self._bridge.run(lambda: fit(store.reader, choices), lambda found: self._on_weighed(asked, found), owner=self)

    def _measure(self) -> None:
        """Start the self-test of the devices; its result comes with a look at the plan when it has ended."""
        jobs = self._project.jobs
        self.form.device.measure.setEnabled(False)
        self._bridge.run(
            lambda: jobs.submit(devices_request()), lambda _: self._weighing.start(), self._on_refused, owner=self
        )

    def _on_weighed(self, asked: int, found: Fit) -> None:
        if asked == self._weighed:
            self.form.show_fit(found)

    def _on_counted(self, asked: int, counts: Counts) -> None:
        if asked == self._counting:
            self.form.show_counts(counts)
            self.header.set_subtitle(f"on {plural(counts.train, 'row')}")

    def _on_rows_known(self, rows: int, has_runs: bool) -> None:
        if rows or has_runs:
            self.show_content()
        else:
            state = EmptyState(
                "chart-line",
                "There is nothing to train on yet",
                "A student learns from the rows of the train split: a label each, and a rationale where there is one.",
                "Go to Data",
            )
            assert state.button is not None
            state.button.clicked.connect(lambda: self.go_to.emit("data"))
            self.show_empty(state)
        may_train = bool(rows) and not self._project.store.read_only
        self.train_button.setEnabled(may_train)
        self.looking.set_enabled(may_train)

    def _on_warned(self, warnings: dict[str, RunWarning]) -> None:
        """Say beside a run that is at work what it warned of; afterwards the job list has it."""
        for key in self._warned - warnings.keys():
            self.messages.clear(key)
        for key in warnings.keys() - self._warned:
            self.show_message("info", f"{key.split()[0]}: {warnings[key].text}", warnings[key].hint, key=key)
        self._warned = set(warnings)

    def _on_submitted(self, run: Run) -> None:
        self.train_button.setEnabled(True)
        self.runs.show_run(run.id)

    def _on_clone_asked(self, run_id: str, choices: dict[str, object]) -> None:
        self.form.fill(choices, run_id)
        self._left.verticalScrollBar().setValue(0)
        self.form.methods[self.form.method().name].setFocus()
        show_toast(self, f"The form is filled like {run_id}")

    def _on_queued(self, made: list[Run]) -> None:
        self.runs.refresh_runs()
        show_toast(self, f"{plural(len(made), 'run')} queued")

    def _on_deleted(self, run_id: str, freed: int) -> None:
        bar = self.show_message(
            "info", f"{run_id} was deleted.", f"Its {size(freed)} are freed when the project is closed.", "Bring back",
            key=f"deleted {run_id}",
        )  # fmt: skip
        bar.action_asked.connect(lambda: self._bring_back(run_id))

    def _bring_back(self, run_id: str) -> None:
        self.messages.clear(f"deleted {run_id}")
        self.runs.bring_back(run_id)

    def _on_failed(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="train")

    def _on_refused(self, error: DsbsError) -> None:
        self.train_button.setEnabled(True)
        self.show_message("bad", error.message, error.hint, key="train")

    def _on_changed(self, changes: Changes) -> None:
        if not self.isVisible():
            return
        if changes.touches("examples") and not self._settling.isActive():
            self._settling.start()
        elif changes.touches("runs", "metrics") and not self._watching.isActive():
            self._watching.start()
