"""What to ask and how: the settings of a run, what it would take, and what the last one brought."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from dsbs_gui.core.store.filters import SPLITS
from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import about, age, count, percent_interval, plural
from dsbs_gui.steps.teacher.plan import MAX_TOKENS, SEVERAL_TEMPERATURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.teacher.overview import Pace, RunState

_HINTS = (("never", "Never"), ("wrong", "If wrong"), ("always", "Always"))
_AUTOMATIC = -0.1


class RunForm(Card):
    """Signals:
    changed: a setting changed.
    split_changed: another split was chosen, which changes also what is shown above.
    review_asked: the user wants to read the answers.
    """

    changed = Signal()
    split_changed = Signal()
    review_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Run", parent=parent)
        self._counts: dict[str, int] = {}
        self.split = _box([(name, name.capitalize()) for name in SPLITS])
        self.which = _box([("all", "All pending"), ("first", "The first")])
        self.first = _spin(1, 10_000_000, 100)
        self.samples = _spin(1, 40, 1)
        self.temperature = QDoubleSpinBox(minimum=_AUTOMATIC, maximum=2, singleStep=0.1, decimals=1, value=_AUTOMATIC)
        self.temperature.setSpecialValueText("automatic")
        self.max_tokens = _spin(16, 4096, MAX_TOKENS)
        self.budget = _spin(0, 2_000_000_000, 0)
        self.budget.setSpecialValueText("no limit")
        self.budget.setSingleStep(10_000)
        self.hint = _box(_HINTS)
        self.estimate = PlainLabel(wrap=True)
        self.last = ElidedLabel(tone="muted")
        self.review = LinkButton("Review the answers", tooltip="Go to Review")
        self._build()
        self._connect()

    def _build(self) -> None:
        rows = boxed(row(self.which, self.first, gap="xs"))
        self.which.setAccessibleName("Which rows")
        self.first.setAccessibleName("How many rows")
        self.first.hide()
        self._split_field = FormField("Split", self.split, " ")
        several = f"0, or {SEVERAL_TEMPERATURE:g} for several answers"
        fields = [
            self._split_field,
            FormField("Rows", rows, "Answered ones are not asked again"),
            FormField("Samples", self.samples, "Answers a row"),
            FormField("Temperature", self.temperature, f"Automatic: {several}"),
            FormField("Max tokens", self.max_tokens, "Of an answer; longer ones fail"),
            FormField("Token budget", self.budget, "Stops before it is passed"),
            FormField("Gold hint", self.hint, "Tells the label; such answers stay marked"),
        ]
        line = row(gap="l")
        for field, share in zip(fields, (6, 9, 5, 7, 6, 7, 7), strict=True):
            line.addWidget(field, share, Qt.AlignmentFlag.AlignTop)
        foot = row(self.last, self.review, None, gap="s")
        self.add(line, self.estimate, foot)
        self.last.hide()
        self.review.hide()

    def _connect(self) -> None:
        self.split.currentIndexChanged.connect(lambda _: self._show_count())
        self.split.currentIndexChanged.connect(lambda _: self.split_changed.emit())
        self.which.currentIndexChanged.connect(lambda _: self.first.setVisible(self.which.currentData() == "first"))
        for box in (self.split, self.which, self.hint):
            box.currentIndexChanged.connect(lambda _: self.changed.emit())
        for spin in (self.first, self.samples, self.max_tokens, self.temperature, self.budget):
            spin.valueChanged.connect(lambda _: self.changed.emit())
        self.review.clicked.connect(self.review_asked)

    # ------------------------------------------------------------ what others call

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``generate_request``."""
        temperature = round(self.temperature.value(), 1)
        return {
            "split": str(self.split.currentData()),
            "limit": self.first.value() if self.which.currentData() == "first" else None,
            "samples": self.samples.value(),
            "temperature": None if temperature < 0 else temperature,
            "max_tokens": self.max_tokens.value(),
            "budget_tokens": self.budget.value() or None,
            "hint_gold": str(self.hint.currentData()),
        }

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Say how many rows there are in each split."""
        self._counts = dict(counts)
        self._show_count()

    def show_estimate(self, pending: int, pace: Pace | None) -> None:
        """Say what so many answers will take, going by a run of the past."""
        if not pending:
            text = "Every row here is answered with these settings. Change one, or choose other rows."
        elif pace is None:
            text = f"{plural(pending, 'answer')} to ask for. A pilot shows how good they are and how long it takes."
        else:
            tokens = count(int(float(f"{pending * pace.tokens_per_answer:.2g}")))
            text = (
                f"{plural(pending, 'answer')} to ask for: {about(pending / pace.answers_per_s)} and about {tokens} "
                f"tokens, at the pace of {pace.run_id}."
            )
        self.show_note(text)

    def show_note(self, text: str, tone: Tone = "text") -> None:
        """Say something in the place of the estimate."""
        self.estimate.show_text(text, tone)

    def show_last(self, state: RunState | None) -> None:
        """Say what the last run brought; None: there was none."""
        self.last.show_text("" if state is None else _sentence(state), "muted")
        self.review.setVisible(state is not None and bool(state.tally["done"]))

    def _show_count(self) -> None:
        self._split_field.set_help(plural(self._counts.get(str(self.split.currentData()), 0), "row"))


def _sentence(state: RunState) -> str:
    """*generate-3: 79 answers, 76 % (65–84) agree with gold, 9 failed (cut off: 9) · 5 minutes ago*."""
    run, tally = state.run, state.tally
    parts = [f"{run.id}: {plural(tally['done'], 'answer')}"]
    if (agreement := state.agreement()) is not None:
        parts.append(f"{percent_interval(*agreement, decimals=0)} agree with gold")
    if unparsed := tally["done"] - tally["parsed"]:
        parts.append(f"{count(unparsed)} without a label")
    if state.failed:
        parts.append(f"{count(state.failed)} failed ({causes(tally['failed'])})")
    if run.summary.get("stopped_by") == "budget":
        parts.append("stopped at the budget")
    elif run.state != "done":
        parts.append(run.state)
    return f"{', '.join(parts)} · {age(datetime.fromtimestamp(run.ended or run.created, UTC))}"


def causes(failed: Mapping[str, int]) -> str:
    """``cut off at the token limit: 9, empty answer: 2``."""
    return ", ".join(f"{reason}: {count(n)}" for reason, n in failed.items())


def _box(options: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    for key, text in options:
        box.addItem(text, key)
    return box


def _spin(low: int, high: int, value: int) -> QSpinBox:
    return QSpinBox(minimum=low, maximum=high, value=value)
