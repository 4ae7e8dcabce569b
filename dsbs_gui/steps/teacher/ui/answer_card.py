"""The newest answer to the row that is shown: raw, and what was read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.store.answers import Answer
from dsbs_gui.core.store.examples import Example
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import ReadingText
from dsbs_gui.kit.theme.tokens import Tone

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_NONE = "This row has not been answered yet. Try it to see what this teacher makes of it."
RUNGS = {
    "trigger": "the label follows the trigger phrase",
    "json": "the answer was JSON",
    "unparsed": "no label was found",
}


class AnswerCard(Card):
    """The right column; ``try_button`` asks the teacher about the row that is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Answer", parent=parent)
        self.try_button = SecondaryButton("Try this row", "play", shortcut="Ctrl+T")
        self.state = Chip("", "muted")
        self.source = PlainLabel(type="caption", tone="muted", wrap=True)
        self.raw = CodeText("Raw answer")
        self.rationale = ReadingText("Rationale")
        self.label = PlainLabel(type="emphasis", selectable=True)
        self.gold = PlainLabel(tone="muted", selectable=True)
        self.add(row(self.try_button, self.state, None), self.source)
        self.add(PlainLabel("Raw answer", type="caption", tone="muted"), self.raw)
        self.add(PlainLabel("Rationale as read", type="caption", tone="muted"), self.rationale)
        self.add(row(PlainLabel("Label", type="caption", tone="muted"), self.label, None, self.gold))
        self.body.setStretchFactor(self.raw, 1)
        self.body.setStretchFactor(self.rationale, 1)

    def show_answer(self, example: Example, answer: Answer | None) -> None:
        """Show ``answer`` beside the gold label; None: not answered yet."""
        self.gold.setText("" if example.label is None else f"gold: {example.label}")
        if answer is None:
            self._show(_NONE, "", "", "–")
            self.state.hide()
            return
        how = f"{answer.teacher} · {RUNGS.get(answer.rung or '', answer.rung or '')}".rstrip(" ·")
        self._show(how, answer.raw, answer.rationale or "", answer.label or "–")
        self.state.set_state(*_state(answer))
        self.state.show()

    def _show(self, source: str, raw: str, rationale: str, label: str) -> None:
        self.source.setText(source)
        self.raw.set_source(raw)
        self.rationale.set_source(rationale)
        self.label.setText(label)


def _state(answer: Answer) -> tuple[str, Tone]:
    if answer.failure:
        return f"failed: {answer.failure}", "bad"
    if answer.label is None:
        return "no label found", "attention"
    if answer.agree is None:
        return "nothing to compare with", "muted"
    return ("agrees with gold", "good") if answer.agree else ("differs from gold", "attention")
