"""The right column: the newest answer to the row that is shown, and what was read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy, QWidget

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import boxed, column, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.reading_text import ReadingText
from dsbs_gui.kit.scroller import Scroller

from .answer_words import how_read, said_of, verdict_of
from .vote_text import vote_text

if TYPE_CHECKING:
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.core.votes import Vote
    from dsbs_gui.kit.theme.tokens import Tone

_NONE = "No teacher has answered this row yet. Try it to see what this one makes of it."
_ASKING = "The teacher is asked about this row. A local one is loaded first."


class AnswerCard(Card):
    """``try_button`` asks the teacher about the row that is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.try_button = SecondaryButton("Try this row", "play", shortcut="Ctrl+T")
        super().__init__("Answer", action=self.try_button, parent=parent)
        self.state = Chip("", "muted")
        self.bar = ProgressBar("The teacher is asked")
        self.trouble = PlainLabel(tone="bad", wrap=True, selectable=True)
        self.none = PlainLabel(_NONE, tone="muted", wrap=True)
        self.label = ElidedLabel(type="section")
        self.gold = ElidedLabel(tone="muted")
        self.rung = PlainLabel(type="caption", tone="muted", wrap=True)
        self.vote = PlainLabel(type="caption", tone="muted", wrap=True)
        self.rationale = ReadingText("Rationale")
        self.raw = CodeText("Raw answer")
        self.source = PlainLabel(type="caption", tone="muted", wrap=True)
        self._build()

    def _build(self) -> None:
        label = column(row(self.label, self.gold, None, self.state), self.rung, self.vote, gap="xs")
        caption = [PlainLabel(text, type="caption", tone="muted") for text in ("Rationale", "Raw answer")]
        content = column(
            label,
            column(caption[0], self.rationale, gap="xs"),
            column(caption[1], self.raw, gap="xs"),
            self.source,
            gap="m",
        )
        content.setStretch(1, 1)
        content.setStretch(2, 1)
        for view in (self.rationale, self.raw):  # as high as there is room, not as high as such views like to be
            view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.rationale.document().documentLayout().documentSizeChanged.connect(self._fit_rationale)
        self._answer = Scroller(boxed(content))
        self.add(self.bar, self.trouble, self.none, self._answer, None)
        self.body.setStretch(3, 100)  # the answer takes the height; without one the sentence stays at the top
        for widget in (self.bar, self.trouble, self.vote, self._answer):
            widget.hide()
        self.bar.set_fraction(None)

    def show_answer(self, example: Example, answer: Answer | None, vote: Vote | None = None) -> None:
        """Show ``answer`` beside the gold label (None: not answered yet), and the vote of which it came out."""
        self.none.setVisible(answer is None)
        self._answer.setVisible(answer is not None)
        if answer is None:
            return
        self.label.setText(answer.label or "No label")
        self.gold.setText(f"gold {example.label}" if example.label else "no gold label")
        self.state.set_state(*verdict_of(answer))
        self.rung.setText(how_read(answer))
        several = vote is not None and len(vote.abstained) + sum(party.votes for party in vote.parties) > 1
        self.vote.show_text(vote_text(vote) if vote and several else "", "attention" if vote and vote.tied else "muted")
        self.rationale.set_source(answer.rationale or "")
        if answer.raw != self.raw.source():
            self.raw.set_source(answer.raw)
        self.source.setText(said_of(answer))

    def show_trial(self, run: Run | None) -> None:
        """Show where the trial of the row stands; None: there is none."""
        asking = run is not None and run.live
        self.bar.setVisible(asking)
        self.none.setText(_ASKING if asking else _NONE)
        failed = run is not None and run.state in ("failed", "interrupted")
        self.show_trouble(run.reason, run.hint) if run is not None and failed else self.show_trouble("")

    def show_trouble(self, text: str, hint: str = "", tone: Tone = "bad") -> None:
        """Say why the row could not be tried."""
        self.trouble.show_text(f"{text} {hint}".strip(), tone)

    def _fit_rationale(self) -> None:
        self.rationale.setMaximumHeight(int(self.rationale.document().size().height()) + px("s"))
