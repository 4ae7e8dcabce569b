"""The Evaluation page: students, baselines and teacher side by side on one split, with a verdict.

The test split is locked until the user unlocks it on purpose; each look is counted.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal

from dsbs_gui.kit.buttons import PrimaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.layout import boxed, column
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.sheet import confirm
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.evaluation import overview as views
from dsbs_gui.steps.evaluation import plan

from .comparison_card import AccuracyCard, PairsCard
from .flipped_card import FlippedCard
from .students_table import StudentsTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.evaluation.overview import Flipped, Overview, StudentRow

_SETTLE_MS = 400
_WHY_LOCKED = (
    "Choose the student on the validation split, and look at the test split once, at the end: each choice that is "
    "made by it makes its figures less honest."
)


class EvaluationPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    """

    go_to = Signal(str)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Evaluation", parent=parent)
        self._project, self._bridge = project, bridge
        self._overview: Overview | None = None
        self._unlocked = False
        self._generation = 0
        self.split = SegmentedControl([("valid", "Validation"), ("test", "Test")], "valid", "Split")
        self.evaluate_button = PrimaryButton("Evaluate", "target", shortcut="Ctrl+Return")
        self.evaluate_button.setEnabled(False)
        self.students = StudentsTable()
        self.accuracy = AccuracyCard()
        self.pairs = PairsCard()
        self.flipped = FlippedCard()
        self.hint = PlainLabel(tone="muted", wrap=True)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.header.tools.addWidget(self.split)
        self.header.set_actions(self.evaluate_button)
        self._students_card = Card("Students", self.students, self.hint, note=" ")
        layout = column(self._students_card, self.accuracy, self.pairs, self.flipped, None, gap="m")
        layout.setStretch(3, 1)
        self._all = boxed(layout)
        self.waiting = PlainLabel("Reading the predictions and comparing the students…", tone="muted")
        self.body.addWidget(self.waiting)
        self.body.addWidget(Scroller(self._all))
        self._all.hide()  # until the figures are there

    def _connect(self) -> None:
        self.split.chosen.connect(lambda _: self.refresh())
        self.evaluate_button.clicked.connect(self.evaluate)
        self.students.selected_changed.connect(lambda _: self._show_button())
        self.pairs.pair_chosen.connect(self._on_pair_chosen)
        self._settling.timeout.connect(self.refresh)
        self._bridge.changed.connect(self._on_changed)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring the split that is chosen up to date in the background."""
        self._generation += 1
        asked, project, split = self._generation, self._project, self.split.value()
        self._bridge.run(
            lambda: views.overview(project.store.reader, project.task, split),
            lambda found: self._show(found) if asked == self._generation else None,
            owner=self,
        )

    def evaluate(self) -> None:
        """Ask the students that are selected, else those that have not been asked on this split, else all again."""
        found = self._overview
        if found is None:
            return
        chosen = self._chosen(found)
        project, split = self._project, found.split
        self.evaluate_button.setEnabled(False)

        def submit() -> int:
            for student in reversed(chosen):
                folder = plan.best_student(project, student.run_id)
                project.jobs.submit(plan.predict_request(project, student.run_id, student_dir=folder, split=split))
            return len(chosen)

        self._bridge.run(submit, self._on_submitted, self._on_refused, owner=self)

    def unlock(self) -> None:
        """Ask, then show the test split until the window is closed."""
        openings = self._overview.openings if self._overview else 0
        text = f"{_WHY_LOCKED} {_openings(openings)} Each evaluation on it is recorded."
        if confirm(self, "Unlock the test split?", text, "Unlock test split"):
            self._unlocked = True
            self.refresh()

    # ------------------------------------------------------------ showing

    def _show(self, found: Overview) -> None:
        self._overview = found
        if not found.students:
            self._show_empty("target", "No student to evaluate yet", "Train one first: a few minutes with the starter.",
                             "Go to Training", partial(self.go_to.emit, "training"))  # fmt: skip
        elif not found.labelled:
            self._show_empty("database", f"There is nothing to judge by on {found.split}",
                             f"{plural(found.rows, 'row')}, none with a gold label.", "Go to Data",
                             partial(self.go_to.emit, "data"))  # fmt: skip
        elif found.split == "test" and not self._unlocked:
            why = f"{_WHY_LOCKED} {_openings(found.openings)}"
            self._show_empty("lock", "The test split is locked", why, "Unlock test split", self.unlock)
        else:
            self._show_figures(found)
            self.show_content()
        self._show_button()

    def _show_figures(self, found: Overview) -> None:
        self.waiting.hide()
        self._all.show()
        opened = f" · opened {_times(found.openings)}" if found.split == "test" and found.openings else ""
        self.header.set_subtitle(f"on {plural(found.labelled, found.split_rows)}{opened}")
        self.students.show_students(found.students)
        self._students_card.set_note(plural(len(found.students), "student"))
        waiting = len(found.waiting())
        left = f"{plural(waiting, 'student')} not asked for all rows of this split yet." if waiting else ""
        self.hint.show_text(left, "muted")
        has_figures = found.comparison is not None
        for card in (self.accuracy, self.pairs, self.flipped):
            card.setVisible(has_figures)
        if has_figures:
            self.accuracy.show_overview(found)
            self.pairs.show_overview(found)
            self.flipped.setVisible(bool(found.comparison and found.comparison["pairs"]))

    def _chosen(self, found: Overview) -> list[StudentRow]:
        selected = set(self.students.selected_ids())
        return [s for s in found.students if s.number in selected] or found.waiting() or found.students

    def _show_button(self) -> None:
        found = self._overview
        if found is None:
            return
        chosen = self._chosen(found)
        again = " again" if chosen and not any(s.figures is None or s.missing for s in chosen) else ""
        self.evaluate_button.setText(f"Evaluate {plural(len(chosen), 'student')}{again}")
        self.evaluate_button.setEnabled(bool(chosen) and not self.is_empty() and not self._project.store.read_only)

    def _show_empty(self, icon: str, title: str, why: str, button: str, act: Callable[[], object]) -> None:
        state = EmptyState(icon, title, why, button)
        assert state.button is not None
        state.button.clicked.connect(lambda: act())
        self.header.set_subtitle("")
        self.show_empty(state)

    # ------------------------------------------------------------ answers

    def _on_pair_chosen(self, a: str, b: str) -> None:
        found, db = self._overview, self._project.store
        if found is None:
            return
        first, second = (b, a) if a == "teacher" else (a, b)
        self._bridge.run(
            lambda: views.flipped(db.reader, first, second, found.split),
            lambda items: self._on_flipped(first, second, items),
            owner=self,
        )

    def _on_flipped(self, a: str, b: str, items: Sequence[Flipped]) -> None:
        if self._overview is not None:
            self.flipped.show_flipped(self._overview.name_of(a), self._overview.name_of(b), items)

    def _on_submitted(self, _: int) -> None:
        self.messages.clear("evaluate")
        self.refresh()

    def _on_refused(self, error: DsbsError) -> None:
        self.evaluate_button.setEnabled(True)
        self.show_message("bad", error.message, error.hint, key="evaluate")

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("runs", "predictions", "answers") and self.isVisible() and not self._settling.isActive():
            self._settling.start()


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _openings(n: int) -> str:
    return f"It has been opened {_times(n)} so far." if n else "It has not been opened yet."
