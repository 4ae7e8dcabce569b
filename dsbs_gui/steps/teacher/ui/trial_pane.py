"""Trying the version in front on some rows of train, and comparing it with another on the same rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from dsbs_gui.kit.bar_list import Bar, BarList
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.progress_line import ProgressLine
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.whisker import Whisker, WhiskerRow
from dsbs_gui.kit.words import Progress, count, plural
from dsbs_gui.steps.teacher.comparing import SIGNIFICANCE
from dsbs_gui.steps.teacher.versions import again, key_of

from .tried_rows import SIDES, TriedRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.theme.tokens import DataRole
    from dsbs_gui.steps.teacher.comparing import Comparison, Trial
    from dsbs_gui.steps.teacher.versions import Entry

_NOTHING = "no other version"
_KINDS = ("flipped", "all")
_ROLES: tuple[DataRole, DataRole] = ("accuracy", "baseline_2")


class TrialPane(QWidget):
    """Signals:
    changed: other rows, or another version to compare with.
    stop_asked: end the run that is under way.
    """

    changed = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trial: Trial | None = None
        self._entries: tuple[Entry, ...] = ()
        self._ids: dict[str, list[int]] = {kind: [] for kind in _KINDS}
        self.against = QComboBox()
        self.rows = QSpinBox(minimum=1, maximum=5_000, value=20)
        self.seed = QSpinBox(minimum=0, maximum=999_999)
        self.state = PlainLabel(tone="muted", wrap=True)
        self.progress = ProgressLine()
        self.stop_button = SecondaryButton("Stop", "stop", tooltip="Ends after the answers that are being written")
        self.scores = Whisker("Accuracy on the rows tried")
        self.wins = BarList("Rows by who has them right", active=True)
        self.verdict = PlainLabel(wrap=True, selectable=True)
        self.which = SegmentedControl([("flipped", "They differ"), ("all", "All rows")], "flipped", "Which rows")
        self.tried = TriedRows()
        self._build()
        self._connect()

    def _build(self) -> None:
        fields = row(gap="l")
        top = Qt.AlignmentFlag.AlignTop
        fields.addWidget(FormField("Compare with", self.against, "Another version, asked about the same rows"), 5, top)
        fields.addWidget(FormField("Rows", self.rows, "Of train, with a gold label"), 3, top)
        fields.addWidget(FormField("Seed", self.seed, "Another one chooses other rows"), 3, top)
        self._running = boxed(row(self.progress, self.stop_button, gap="m"))
        figures = row(gap="xl")
        figures.addWidget(self.scores, 2)
        figures.addWidget(self.wins, 1)
        self._result = boxed(column(figures, self.verdict, gap="s"))
        self._rows = Card("Rows", self.tried, action=self.which, note=" ")
        self._none = EmptyState(
            "flask",
            "Nothing tried yet",
            "See how often this version is right on a few rows of train, and whether another one does better on the"
            " same rows. Answers are kept: whatever was asked once is never asked again.",
        )
        head = Card("", fields, self.state, self._running, self._result, gap="m")
        layout = column(head, self._rows, self._none, gap="l", parent=self)
        layout.setStretch(1, 1)
        layout.setStretch(2, 1)
        for widget in (self._running, self._result, self._rows):
            widget.hide()

    def _connect(self) -> None:
        self.against.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.rows.valueChanged.connect(lambda _: self.changed.emit())
        self.seed.valueChanged.connect(lambda _: self.changed.emit())
        self.stop_button.clicked.connect(self.stop_asked)
        self.which.chosen.connect(lambda _: self._show_rows())
        self.wins.bar_activated.connect(self._on_bar)

    # ------------------------------------------------------------ what others call

    def choices(self) -> tuple[str, int, int]:
        """Key of the version to compare with (empty: none), how many rows, and the seed."""
        return str(self.against.currentData() or ""), self.rows.value(), self.seed.value()

    def show_entries(self, entries: Sequence[Entry], current: str) -> None:
        """Offer all versions but the current one to compare with; the choice is kept."""
        known = next((entry for entry in self._entries if key_of(entry) == self.against.currentData()), None)
        kept = again(entries, known) if known is not None else None
        self._entries = tuple(entries)
        blocked = self.against.blockSignals(True)
        self.against.clear()
        self.against.addItem(_NOTHING, "")
        for entry in entries:
            if key_of(entry) != current:
                self.against.addItem(entry.name, key_of(entry))
        self.against.setCurrentIndex(max(0, self.against.findData(key_of(kept) if kept else "")))
        self.against.blockSignals(blocked)

    def compare_with(self, key: str) -> None:
        """Choose the version to compare with."""
        self.against.setCurrentIndex(max(0, self.against.findData(key)))

    def show_state(self, text: str, tone: str = "muted") -> None:
        """Say what would be asked, or why it cannot be."""
        self.state.show_text(text, tone)  # type: ignore[arg-type]  # a tone of the tokens

    def show_run(self, run: Run | None) -> None:
        """Show how far the trial is; None: none is under way."""
        self._running.setVisible(run is not None)
        self.state.setVisible(run is None and bool(self.state.text()))
        if run is not None:
            phase = "Waits for another job" if run.state == "queued" else run.phase or run.title
            self.progress.set_progress(Progress(phase, run.done, run.total, unit=run.unit or "answers"))
            self.stop_button.setEnabled(run.state != "stopping")

    def show_trial(self, trial: Trial) -> None:
        """Show what is known of these rows."""
        self._trial = trial
        comparison = trial.comparison()
        answered = [i for i in trial.ids if any(i in side.answers for side in trial.sides)]
        flipped = [*comparison.only_a, *comparison.only_b] if comparison else []
        self._ids = {"flipped": flipped, "all": answered}
        self._result.setVisible(bool(answered))
        self._rows.setVisible(bool(answered))
        self._none.setVisible(not answered)
        self.wins.setVisible(comparison is not None)
        self.which.setVisible(comparison is not None)
        self.scores.set_rows(_whiskers(trial, comparison))
        if comparison is not None:
            self.wins.set_bars(_bars(comparison))
        self.verdict.show_text(sentence(trial, comparison))
        self._show_rows()

    # ------------------------------------------------------------ inside

    def _on_bar(self, key: str) -> None:
        comparison = self._trial.comparison() if self._trial is not None else None
        if comparison is not None and self._trial is not None:
            ids = list(getattr(comparison, key))
            self._rows.set_note(plural(len(ids), "row"))
            self.tried.show_rows(self._trial, ids)

    def _show_rows(self) -> None:
        if self._trial is None:
            return
        two = self._trial.comparison() is not None
        ids = self._ids[self.which.value() if two else "all"]
        self._rows.set_note(plural(len(ids), "row"))
        self.tried.show_rows(self._trial, ids)


def _whiskers(trial: Trial, comparison: Comparison | None) -> list[WhiskerRow]:
    rows = []
    for place, side in enumerate(trial.sides):
        both = (comparison.a, comparison.b) if comparison is not None else None
        score = trial.score(place) if both is None else both[place]
        low, high = score.interval if score.n else (math.nan, math.nan)
        name = f"{SIDES[place]} · {side.entry.name}" if both else side.entry.name
        rows.append(WhiskerRow(name, score.accuracy, low, high, _ROLES[place]))
    return rows


def _bars(comparison: Comparison) -> list[Bar]:
    a, b = SIDES
    return [
        Bar(f"Only {a} right", len(comparison.only_a), "good", "only_a"),
        Bar(f"Only {b} right", len(comparison.only_b), "bad", "only_b"),
        Bar("Both right", len(comparison.both), "muted", "both"),
        Bar("Both wrong", len(comparison.neither), "muted", "neither"),
    ]


def sentence(trial: Trial, comparison: Comparison | None) -> str:
    """What the figures say, and what they do not."""
    if comparison is None:
        score = trial.score(0)
        if not score.n or len(trial.sides) > 1:
            return ""
        return f"Right on {count(score.right)} of {plural(score.n, 'row')}. Choose a version to compare it with."
    a, b = (f"“{side.entry.name}”" for side in trial.sides)
    wins, losses, p = len(comparison.only_a), len(comparison.only_b), comparison.p
    said = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if wins == losses:
        verdict = "They are level."
    elif p < SIGNIFICANCE:
        verdict = f"{a if wins > losses else b} is better than chance explains ({said}, exact McNemar)."
    else:
        verdict = f"That may be chance ({said}, exact McNemar): try more rows."
    differ = f"{a} wins {count(wins)} and loses {count(losses)} of {plural(len(comparison.ids), 'row')}"
    return f"{differ}; the other {count(len(comparison.ids) - wins - losses)} are ties. {verdict}"
