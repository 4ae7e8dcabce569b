"""One row in full: the question, and each teacher's raw answers with what was read from them marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from dsbs_gui.kit.chips import Chip, ChipRow
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import boxed, clear, column, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import ReadingText, Span
from dsbs_gui.kit.words import count, visible
from dsbs_gui.steps.teacher.marking import parts

from .answer_words import how_read, said_of, verdict_of
from .vote_text import vote_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.tasks import Task
    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.teacher.side_by_side import Row

_ALL_NAMES = 52
"""Characters that the chips of all teachers have together."""
_SHORTEST_NAME = 10
_SIGNS = {"agrees": "✓", "differs": "✕", "no label": "?", "failed": "!", "no gold label": "·"}


@dataclass(frozen=True, slots=True)
class Told:
    """A row with all its answers, newest first, and the stop strings of the prompts they came from.

    ``of_interest``: teachers for whose sake the row is shown; empty: any.
    """

    row: Row
    answers: tuple[Answer, ...]
    stops: dict[int, tuple[str, ...]]
    of_interest: tuple[str, ...] = ()


class RawPanel(QWidget):
    """Follows the current row of the table."""

    def __init__(self, task: Task, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task
        self._told: Told | None = None
        self.title = PlainLabel(type="emphasis")
        self.gold = ElidedLabel(tone="muted")
        self.input, self.raw = ReadingText("Input"), ReadingText("Raw answer")
        self.state = Chip("", "muted")
        self.rung = ElidedLabel(type="caption", tone="muted")
        self.source = PlainLabel(type="caption", tone="muted", wrap=True)
        self.vote = PlainLabel(type="caption", wrap=True)
        self._choices: QVBoxLayout = column(gap="xs")
        self.teachers: ChipRow | None = None
        self.samples: ChipRow | None = None
        left = column(row(self.title, self.gold, None), self.input)
        right = column(boxed(self._choices), row(self.state, self.rung), self.raw, self.vote, self.source, gap="xs")
        whole = row(gap="xl", parent=self)
        whole.addLayout(left, 2)
        whole.addLayout(right, 3)
        whole.setContentsMargins(0, px("xs"), 0, 0)
        self.clear()

    def clear(self) -> None:
        """There is no row to show."""
        self._told = None
        self.hide()

    def show_row(self, told: Told) -> None:
        """Show a row; the teacher and the sample that were shown stay if they are there."""
        kept = self.teachers.value() if self.teachers is not None else frozenset()
        self._told = told
        example = told.row.example
        self.title.setText(f"№ {count(example.id)}")
        self.gold.setText(f"gold {visible(example.label)}" if example.label else "no gold label")
        self.input.set_source(example.input)
        names = list(told.row.cells)
        longest = max(_SHORTEST_NAME, _ALL_NAMES // max(1, len(names)))
        clear(self._choices)
        self.teachers = ChipRow([(name, visible(name, longest)) for name in names], exclusive=True, name="Teacher")
        self.teachers.changed.connect(lambda _: self._show_teacher())
        self._choices.addWidget(self.teachers)
        self.teachers.setVisible(len(names) > 1)
        self.samples = None
        if names:
            likely = told.of_interest or tuple(names)
            self.teachers.set_value([next((name for name in likely if name in kept), likely[0])])
            self._show_teacher()
        self.setVisible(bool(names))
        self._scroll_up()

    def _scroll_up(self) -> None:
        """A text that was laid out in a narrower place would stand scrolled."""
        for text in (self.input, self.raw):
            text.verticalScrollBar().setValue(0)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scroll_up()

    def _show_teacher(self) -> None:
        assert self._told is not None
        assert self.teachers is not None
        name = next(iter(self.teachers.value()), next(iter(self._told.row.cells)))
        self.teachers.set_value([name])
        cell = self._told.row.cells[name]
        group = [answer for answer in self._told.answers if self._in_group(answer, name)]
        if self.samples is not None:
            self.samples.hide()
            self.samples.deleteLater()
        options = [(str(a.id), _sample(a)) for a in sorted(group, key=lambda a: (a.sample < 0, abs(a.sample)))]
        self.samples = ChipRow(options, exclusive=True, name="Sample")
        self.samples.set_value([str(cell.shown.id)])
        self.samples.changed.connect(self._on_sample)
        self._choices.addWidget(self.samples)
        self.samples.setVisible(len(options) > 1)
        self.vote.show_text(vote_text(cell.vote) if cell.vote is not None else "", "attention" if cell.tied else "text")
        self._show_answer(cell.shown.id)

    def _in_group(self, answer: Answer, teacher: str) -> bool:
        assert self._told is not None
        shown = self._told.row.cells[teacher].shown
        same_key = answer.cache_key is not None and answer.cache_key == shown.cache_key
        return answer.teacher == teacher and (answer.run_id == shown.run_id or same_key) and answer.rung != "given"

    def _on_sample(self, keys: frozenset[str]) -> None:
        assert self.samples is not None
        if keys:
            self._show_answer(int(next(iter(keys))))

    def _show_answer(self, answer_id: int) -> None:
        assert self._told is not None
        answer = next((a for a in self._told.answers if a.id == answer_id), None)
        if answer is None:
            return
        self.state.set_state(*verdict_of(answer))
        self.rung.setText(how_read(answer))
        self.source.setText(said_of(answer))
        self.raw.set_source(answer.raw)
        self.raw.mark(_spans(answer, self._task, self._told.stops.get(answer.prompt_id or 0, ())))


def _spans(answer: Answer, task: Task, stop: Sequence[str]) -> list[Span]:
    if answer.failure and not answer.rationale:
        return []
    label: Tone = "info" if answer.agree is None else "good" if answer.agree else "attention"
    tones: dict[str, Tone] = {"rationale": "accent", "label": label, "unread": "muted"}
    found = parts(answer.raw, answer.rationale, answer.label, answer.rung, task, stop)
    return [Span(part.start, part.end, tones[part.kind]) for part in found]


def _sample(answer: Answer) -> str:
    number = f"{-answer.sample} told" if answer.hinted else str(answer.sample + 1)
    return f"{number} {_SIGNS[verdict_of(answer)[0]]}"
