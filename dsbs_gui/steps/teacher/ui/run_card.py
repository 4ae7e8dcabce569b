"""What to generate, and what the newest run has made of it so far."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from dsbs_gui.kit.big_number import BigNumber
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.layout import clear, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import about, count, percent, percent_interval, rate
from dsbs_gui.steps.teacher.newest import RunFigures

SPLITS = (("train", "Train"), ("valid", "Valid"), ("test", "Test"))
HINTS = (("never", "never"), ("wrong", "where the answer is wrong"), ("always", "always"))
_STATES = {"queued": "waits", "running": "running", "paused": "paused", "stopping": "stopping"}


class SettingsCard(Card):
    """Signals:
    changed: a setting changed.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Generate", parent=parent)
        self.split = _choice("Split", SPLITS)
        self.samples = _number("Answers a row", 1, 40, 1)
        self.temperature = QDoubleSpinBox(minimum=-0.1, maximum=2.0, singleStep=0.1, decimals=1, value=-0.1)
        self.temperature.setSpecialValueText("automatic")
        self.temperature.setAccessibleName("Temperature")
        self.max_tokens = _number("Longest answer", 16, 2048, 128, " tokens")
        self.budget = _number("Budget", 0, 2_000_000_000, 0, " tokens")
        self.budget.setSpecialValueText("no limit")
        self.hint = _choice("Tell the gold label", HINTS)
        fields = [
            FormField("Split", self.split),
            FormField("Answers a row", self.samples, "Several are drawn with temperature 0.7"),
            FormField("Temperature", self.temperature, "0 takes the most probable token"),
            FormField("Longest answer", self.max_tokens),
            FormField("Budget", self.budget, "Stops before it is crossed"),
            FormField("Tell the gold label", self.hint, "Such answers stay marked"),
        ]
        form = Form()
        for start in range(0, len(fields), 3):
            form.add_row(*fields[start : start + 3])
        self.add(form, None)
        for box in (self.split, self.hint):
            box.currentIndexChanged.connect(self.changed)
        for spin in (self.samples, self.max_tokens, self.temperature):
            spin.valueChanged.connect(self.changed)

    def choices(self) -> dict[str, Any]:
        """What ``generate_request`` takes of these."""
        temperature = self.temperature.value()
        return {
            "split": str(self.split.currentData()),
            "samples": self.samples.value(),
            "temperature": None if temperature < 0 else round(temperature, 1),
            "max_tokens": self.max_tokens.value(),
            "budget_tokens": self.budget.value() or None,
            "hint_gold": str(self.hint.currentData()),
        }


class ProgressCard(Card):
    """The newest run: big numbers, why answers failed, and the last answers flowing by."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Last run", parent=parent)
        self.done = BigNumber("answered")
        self.agree = BigNumber("agree with gold")
        self.failed = BigNumber("failed")
        self.speed = BigNumber("speed")
        self.tokens = BigNumber("tokens")
        self.why = PlainLabel(type="caption", tone="muted", wrap=True)
        self.none = PlainLabel("Nothing has been generated in this project yet.", tone="muted", wrap=True)
        self._last = column(gap="xs")
        self.add(row(self.done, self.agree, self.failed, self.speed, self.tokens, None, gap="xl"))
        self.add(self.why, self.none)
        self.body.addLayout(self._last)
        self.add(None)

    def show_run(self, figures: RunFigures | None, seconds: float) -> None:
        """Show a run that has worked for ``seconds``; None: there was none."""
        self.none.setVisible(figures is None)
        for number in (self.done, self.agree, self.failed, self.speed, self.tokens):
            number.setVisible(figures is not None)
        clear(self._last)
        if figures is None:
            self.why.show_text("", "muted")
            return
        self.set_title("Generating" if figures.run.live else "Last run")
        self.set_note(f"{figures.run.title} · {_STATES.get(figures.run.state, figures.run.state)}")
        self._show_numbers(figures, seconds)
        self._show_failures(figures)
        for answer, example in figures.last:
            text = answer.failure or answer.rationale or answer.raw
            key = f"№ {answer.example_id}" if example is None or not example.key else example.key
            self._last.addWidget(ElidedLabel(f"{key}   {text}   → {answer.label or '–'}", type="caption"))

    def _show_numbers(self, figures: RunFigures, seconds: float) -> None:
        run, tally = figures.run, figures.tally
        total = f"of {count(run.total)}" if run.total else ""
        self.done.set(count(tally["done"]), total)
        agreement = figures.agreement()
        if agreement is None:
            self.agree.set("–", "nothing to compare with")
        else:
            self.agree.set(percent(agreement[0], 0), percent_interval(*agreement, decimals=0))
        self.failed.set(count(figures.failed), "", "bad" if figures.failed else "text")
        answered = tally["answers"]
        speed = answered / seconds if seconds > 0 and answered else 0.0
        left = (run.total - answered) / speed if run.live and run.total and speed else None
        self.speed.set(rate(speed, "rows") if speed else "–", f"{about(left)} left" if left else "")
        self.tokens.set(count(tally["tokens_in"] + tally["tokens_out"]), f"{count(tally['tokens_out'])} written")

    def _show_failures(self, figures: RunFigures) -> None:
        parts = [f"{reason}: {count(n)}" for reason, n in figures.tally["failed"].items()]
        unparsed = figures.tally["done"] - figures.tally["parsed"]
        if unparsed:
            parts.append(f"{count(unparsed)} without a label that could be read")
        if figures.run.reason:
            parts.append(f"{figures.run.reason} {figures.run.hint}".strip())
        self.why.show_text(" · ".join(parts), "bad" if figures.run.state == "failed" else "muted")


def _choice(name: str, options: tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for key, text in options:
        box.addItem(text, key)
    return box


def _number(name: str, least: int, most: int, value: int, suffix: str = "") -> QSpinBox:
    box = QSpinBox(minimum=least, maximum=most, value=value, suffix=suffix)
    box.setAccessibleName(name)
    return box
