"""All answers of the teacher to one example: what was read from each, how, and its raw text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import column, hairline, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import answer_words, sentences
from dsbs_gui.steps.review.hidden import reveal

from .fit import HeightFitter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.kit.theme.tokens import Tone

_MOST = 20


class AnswerRow(QWidget):
    """One answer. ``use`` and ``merge`` are None where nothing may be changed or there is nothing to merge with."""

    def __init__(
        self,
        answer: Answer,
        stands: bool,
        use: Callable[[int], None] | None,
        merge: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__()
        layout = column(gap="xs", parent=self)
        title = answer_words.answer_name(answer).partition(" of ")[0]
        head = row(PlainLabel(title, type="emphasis"), PlainLabel(_label(answer), tone=_tone(answer)), gap="s")
        if stands:
            head.addWidget(IconLabel("check", 14, "good", "This one stands"))
        head.addStretch(1)
        self.use: LinkButton | None = None
        self.merge: LinkButton | None = None
        if merge is not None and not stands and answer.failure is None and answer.rationale:
            self.merge = LinkButton("Merge…", tooltip="Make one text of it and of what stands")
            self.merge.clicked.connect(lambda: merge(answer.id))
            head.addWidget(self.merge)
        if use is not None and not stands and answer.failure is None:
            self.use = LinkButton("Use this answer", tooltip="Puts its rationale and label in the place of what stands")
            self.use.clicked.connect(lambda: use(answer.id))
            head.addWidget(self.use)
        layout.addLayout(head)
        signals = " · ".join([answer.teacher, *sentences.signals(answer)])
        layout.addWidget(PlainLabel(signals, type="caption", tone="muted", wrap=True))
        if answer.failure is not None:
            layout.addWidget(PlainLabel(sentences.failure(answer.failure), tone="bad", wrap=True))
        if answer.rationale:
            layout.addWidget(PlainLabel(_short(reveal(answer.rationale).text), wrap=True, selectable=True))


def fill_answers(
    layout: QVBoxLayout,
    answers: Sequence[Answer],
    standing: int | None,
    use: Callable[[int], None] | None,
    merge: Callable[[int], None] | None = None,
    vote: str = "",
) -> None:
    """One row an answer, newest first, below the vote if several samples were asked for."""
    if vote:
        layout.addWidget(PlainLabel(vote, wrap=True))
    for number, answer in enumerate(answers[:_MOST]):
        if number:
            layout.addWidget(hairline())
        layout.addWidget(AnswerRow(answer, answer.id == standing, use, merge))
    if len(answers) > _MOST:
        layout.addWidget(PlainLabel(f"{count(len(answers) - _MOST)} older answers are not listed.", tone="muted"))


def fill_raw(layout: QVBoxLayout, answer: Answer | None) -> None:
    """The raw text of one answer, exactly as it came."""
    if answer is None:
        layout.addWidget(PlainLabel("There is no answer.", tone="muted"))
        return
    view = CodeText("Raw answer", answer.raw)
    HeightFitter(view, 2, 14)
    layout.addWidget(view)


def _label(answer: Answer) -> str:
    return f"label {answer_words.shown_label(answer.label)}" if answer.label else "no label"


def _tone(answer: Answer) -> Tone:
    return "muted" if answer.agree is None else "good" if answer.agree else "attention"


def _short(text: str, longest: int = 600) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
