"""What to ask and how: the settings of a run, what it would take, and what the last one brought."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from dsbs_gui.core.settings import user_settings
from dsbs_gui.core.store.filters import SPLITS
from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.teacher.plan import MAX_TOKENS, SEVERAL_TEMPERATURE

from .budget_field import BudgetField
from .price_line import PriceLine
from .run_words import cure, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.teacher.asked import Asked
    from dsbs_gui.steps.teacher.overview import RunState

_HINTS = (("never", "Never"), ("wrong", "If wrong"), ("always", "Always"))
_ROWS = (("all", "All pending"), ("first", "The first"), ("failed", "Failed"), ("chosen", "Chosen"))
_AUTOMATIC = -0.1
_ANSWERED = "Answered ones are not asked again"


class RunForm(Card):
    """Signals:
    changed: a setting changed.
    split_changed: another split was chosen, which changes also what is shown above.
    retry_asked: the user wants what failed asked again.
    review_asked: the user wants to read the answers.
    """

    changed = Signal()
    split_changed = Signal()
    retry_asked = Signal()
    review_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Run", parent=parent)
        self._counts: dict[str, int] = {}
        self._chosen: array[int] = array("q")
        self._chosen_title = ""
        self.split = _box([(name, name.capitalize()) for name in SPLITS])
        self.which = _box(_ROWS)
        self.first = _spin(1, 10_000_000, 100)
        self.samples = _spin(1, 40, 1)
        self.temperature = QDoubleSpinBox(minimum=_AUTOMATIC, maximum=2, singleStep=0.1, decimals=1, value=_AUTOMATIC)
        self.temperature.setSpecialValueText("automatic")
        self.max_tokens = _spin(16, 4096, MAX_TOKENS)
        self.budget = BudgetField()
        self.hint = _box(_HINTS)
        self.aside = QCheckBox("Put the answers beside what stands, to compare them in Review")
        self.constrain = QCheckBox("Keep labels to those of the row")
        self.price = PriceLine()
        self.estimate = PlainLabel(wrap=True)
        self.last = ElidedLabel(tone="muted")
        self.retry = LinkButton("Retry only these", tooltip="Ask again where the newest answer is of no use")
        self.review = LinkButton("Review the answers", tooltip="Go to Review")
        self._build()
        self._connect()

    def _build(self) -> None:
        rows = boxed(row(self.which, self.first, gap="xs"))
        self.which.setAccessibleName("Which rows")
        self.first.setAccessibleName("How many rows")
        self.first.hide()
        self._split_field = FormField("Split", self.split, " ")
        self._rows_field = FormField("Rows", rows, _ANSWERED)
        several = f"0, or {SEVERAL_TEMPERATURE:g} for several answers"
        fields = [
            self._split_field,
            self._rows_field,
            FormField("Samples", self.samples, "Answers a row"),
            FormField("Temperature", self.temperature, f"Automatic: {several}"),
            FormField("Max tokens", self.max_tokens, "Of an answer; longer ones fail"),
            self.budget,
            FormField("Gold hint", self.hint, "Tells the label; marked for ever"),
        ]
        line = row(gap="m")  # seven fields beside the open navigation in a window of 1280
        for field, share in zip(fields, (6, 9, 5, 7, 6, 9, 7), strict=True):
            line.addWidget(field, share, Qt.AlignmentFlag.AlignTop)
        foot = row(self.last, self.retry, self.review, None, gap="s")
        self.constrain.setToolTip(
            "The rationale stays free. Behind “the answer is” the teacher may only write a label that there is."
        )
        self.aside.setToolTip(
            "Nothing is replaced until you have compared: Review offers the new answers beside the old ones."
        )
        self.add(line, self.aside, self.constrain, self.price, self.estimate, foot)
        for widget in (self.last, self.retry, self.review, self.price, self.aside):
            widget.hide()
        self._show_counts()

    def _connect(self) -> None:
        self.split.currentIndexChanged.connect(lambda _: self._show_counts())
        self.split.currentIndexChanged.connect(lambda _: self.split_changed.emit())
        self.which.currentIndexChanged.connect(lambda _: self._on_which())
        for box in (self.split, self.which, self.hint):
            box.currentIndexChanged.connect(lambda _: self.changed.emit())
        for spin in (self.first, self.samples, self.max_tokens, self.temperature):
            spin.valueChanged.connect(lambda _: self.changed.emit())
        for check in (self.constrain, self.aside):
            check.toggled.connect(lambda _: self.changed.emit())
        self.budget.changed.connect(self.changed)
        self.price.changed.connect(self.changed)
        self.retry.clicked.connect(self.retry_asked)
        self.review.clicked.connect(self.review_asked)

    # ------------------------------------------------------------ what others call

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``generate_request``."""
        temperature, which = round(self.temperature.value(), 1), self.which.currentData()
        return {
            "split": str(self.split.currentData()),
            "limit": self.first.value() if which == "first" else None,
            "only_failed": which == "failed",
            "ids": self._chosen if which == "chosen" else None,
            "aside": which == "chosen" and self.aside.isChecked(),
            "samples": self.samples.value(),
            "temperature": None if temperature < 0 else temperature,
            "max_tokens": self.max_tokens.value(),
            **self.budget.choices(),
            "hint_gold": str(self.hint.currentData()),
            "constrain_label": self.constrain.isChecked() and not self.constrain.isHidden(),
        }

    def choose_rows(self, ids: array[int], title: str, hint: str = "", aside: bool = False) -> None:
        """Ask about these rows only, of whatever split; ``title`` says which they are, ``hint`` when to tell gold,
        ``aside`` whether to put the answers beside what stands."""
        if hint:
            self.hint.setCurrentIndex(self.hint.findData(hint))
        self._chosen, self._chosen_title = ids, title
        self.aside.setChecked(aside)
        already = self.which.currentData() == "chosen"
        self._show_counts()
        self.which.setCurrentIndex(self.which.findData("chosen"))
        if already:
            self._on_which()
            self.changed.emit()

    def choose_failed(self) -> None:
        """Ask only about what failed."""
        self.which.setCurrentIndex(self.which.findData("failed"))

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Say how many rows there are in each split."""
        self._counts = dict(counts)
        self._show_counts()

    def set_teacher(self, name: str) -> None:
        """Whose price is shown; an empty name: a local teacher, which costs nothing."""
        self.constrain.setVisible(not name)
        self.price.set_teacher(name)
        self.budget.set_money(bool(name))

    def show_asked(self, asked: Asked) -> None:
        """Say what is missing, and what it will take if a run of the past tells it."""
        currency, pending = user_settings().currency, asked.pending
        if not pending:
            text = "Every row here is answered with these settings. Change one, or choose other rows."
        elif asked.evidence is None:
            text = f"{plural(pending, 'answer')} to ask for. A pilot shows how good they are and how long it takes."
        else:
            text = ""  # the pilot's card says it
        if asked.reused:
            text += f" {count(asked.reused)} of them are known from rows that ask the same and cost nothing."
        self.show_note(text.strip())
        self.budget.show_spent(asked.spent, currency)
        self.which.setItemText(self.which.findData("failed"), f"Failed ({count(asked.failing)})")

    def show_note(self, text: str, tone: Tone = "text") -> None:
        """Say something in the place of the estimate."""
        self.estimate.show_text(text, tone)

    def show_last(self, state: RunState | None) -> None:
        """Say what the last run brought; None: there was none."""
        self.last.show_text("" if state is None else sentence(state), "muted")
        self.review.setVisible(state is not None and bool(state.tally.done))
        self.retry.setVisible(state is not None and bool(state.tally.n_failed))
        if state is not None:
            help = cure(state.tally.failed)
            self.retry.setToolTip(help or "Ask again where the newest answer is of no use")

    # ------------------------------------------------------------ showing

    def _on_which(self) -> None:
        which = self.which.currentData()
        self.first.setVisible(which == "first")
        self.aside.setVisible(which == "chosen")
        helps = {"chosen": self._chosen_title, "failed": "Asked again, whatever the settings were"}
        self._rows_field.set_help(helps.get(which) or _ANSWERED)

    def _show_counts(self) -> None:
        self._split_field.set_help(plural(self._counts.get(str(self.split.currentData()), 0), "row"))
        chosen = self.which.findData("chosen")
        with QSignalBlocker(self.which):
            if self._chosen and chosen < 0:
                self.which.addItem("", "chosen")
            elif not self._chosen and chosen >= 0:
                self.which.removeItem(chosen)
        if self._chosen:
            self.which.setItemText(self.which.findData("chosen"), f"Chosen ({count(len(self._chosen))})")


def _box(options: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    for key, text in options:
        box.addItem(text, key)
    return box


def _spin(low: int, high: int, value: int) -> QSpinBox:
    return QSpinBox(minimum=low, maximum=high, value=value)
