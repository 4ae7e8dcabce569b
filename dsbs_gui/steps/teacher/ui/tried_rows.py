"""Rows that were tried with one prompt or two: a list, and the answers to the current one side by side."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy

from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import boxed, column, px, row
from dsbs_gui.kit.reading_text import ReadingText
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.splitter import Splitter

from .row_text import row_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.teacher.comparing import Trial

SIDES = ("A", "B")
"""How the two prompts are called in columns and bars."""
_HIGHEST_INPUT = 132


class TriedRows(Splitter):
    """Shows a trial; the second side is hidden while there is only one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._trial: Trial | None = None
        self._examples: dict[int, Example] = {}
        self.model = RecordTableModel(self._columns(), self._fetch)
        self.table = RecordTable(self.model, "Rows tried")
        self.input = ReadingText("Input")
        self.gold = ElidedLabel(tone="muted")
        self.sides = (_Side(SIDES[0]), _Side(SIDES[1]))
        answers = row(*(side.box for side in self.sides), gap="l")
        detail = column(self.input, self.gold, answers, gap="s")
        detail.setStretch(2, 1)
        self.input.setFixedHeight(px("xl"))
        self.input.document().documentLayout().documentSizeChanged.connect(self._fit_input)
        super().__init__("tried-rows", self.table, boxed(detail), shares=(5, 6), vertical=False, parent=parent)
        self.table.current_changed.connect(self._on_current)

    def show_rows(self, trial: Trial, ids: Sequence[int]) -> None:
        """Show these rows of the trial; the current one is kept if it is among them."""
        two = len(trial.sides) > 1
        self._trial, self._examples = trial, {example.id: example for example in trial.rows}
        self.table.setColumnHidden(3, not two)
        self.sides[1].box.setVisible(two)
        for side, tried in zip(self.sides, trial.sides, strict=False):
            side.name.setText(f"{side.letter} · {tried.entry.name}" if two else tried.entry.name)
        kept = self.table.current_id()
        self.model.set_ids(array("q", ids))
        if ids:
            self.table.set_current_id(kept if kept in ids else ids[0])  # type: ignore[arg-type]
        self._on_current(self.table.current_id())

    def _on_current(self, example_id: int | None) -> None:
        example = self._examples.get(example_id) if example_id is not None else None
        self.input.set_source(row_text(example) if example else "")
        self.gold.setText(f"gold {example.label}" if example else "")
        trial = self._trial
        for place, side in enumerate(self.sides):
            known = trial is not None and example is not None and place < len(trial.sides)
            answer = trial.sides[place].answers.get(example.id) if known and trial and example else None
            side.show_answer(answer)

    def _fit_input(self) -> None:
        height = int(self.input.document().size().height()) + px("s")
        self.input.setFixedHeight(min(height, _HIGHEST_INPUT))

    def _fetch(self, ids: Sequence[int]) -> dict[int, Example]:
        return {i: self._examples[i] for i in ids if i in self._examples}

    def _columns(self) -> list[Column]:
        return [
            Column("input", "Input", row_text, 200, lines=2, stretch=True),
            Column("gold", "Gold", lambda e: e.label or "", 64),
            self._side_column(0),
            self._side_column(1),
        ]

    def _side_column(self, place: int) -> Column:
        def tone(example: Example) -> Tone:
            return "text" if self._answer(example, place) else "muted"

        return Column(
            SIDES[place], SIDES[place], lambda e: self._said(e, place), 76,
            decoration=lambda e: self._marks(e, place), tone=tone,
        )  # fmt: skip

    def _answer(self, example: Example, place: int) -> Answer | None:
        trial = self._trial
        if trial is None or place >= len(trial.sides):
            return None
        return trial.sides[place].answers.get(example.id)

    def _said(self, example: Example, place: int) -> str:
        answer = self._answer(example, place)
        if answer is None:
            return "not asked"
        return "failed" if answer.failure is not None else answer.label or "no label"

    def _marks(self, example: Example, place: int) -> list[Mark]:
        answer = self._answer(example, place)
        if answer is None:
            return []
        right = answer.failure is None and answer.agree is True
        return [Mark("good", "check", "right") if right else Mark("bad", "x", "wrong")]


class _Side:
    """The answer to one prompt."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.name = ElidedLabel(type="emphasis")
        self.state = Chip("", "muted")
        self.text = ReadingText("Answer")
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.box = boxed(column(row(self.name, None, self.state), self.text, gap="xs"))

    def show_answer(self, answer: Answer | None) -> None:
        """What the teacher wrote; None: it was not asked."""
        text, tone = _verdict(answer)
        self.state.set_state(text, tone)
        self.text.set_source("" if answer is None else _words(answer))


def _words(answer: Answer) -> str:
    if answer.failure is not None:
        return f"{answer.failure.capitalize()}.\n{answer.raw.strip()}".strip()
    if answer.rationale is None:
        return answer.raw.strip()
    return f"{answer.rationale}\n→ {answer.label}" if answer.label else answer.rationale


def _verdict(answer: Answer | None) -> tuple[str, Tone]:
    if answer is None:
        return "not asked", "muted"
    if answer.failure is not None:
        return "failed", "bad"
    if answer.label is None:
        return "no label", "bad"
    return ("right", "good") if answer.agree else ("wrong", "bad")
