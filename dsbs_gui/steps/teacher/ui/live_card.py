"""A run that goes on: its figures, large, and the last answers flowing by."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy, QWidget

from dsbs_gui.core.settings import user_settings
from dsbs_gui.kit.big_number import BigNumber
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.words import NBSP, UNKNOWN, about, count, percent, rate, visible
from dsbs_gui.steps.teacher.prices import money

from .breakdown import Breakdown
from .run_words import causes, working

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.steps.teacher.overview import RowAnswer, RunState

_ROWS_IN_SIGHT = 3
_SOON_S = 8
_STATES = {"queued": "Waits for another job", "paused": "Paused", "stopping": "Stopping at the next answer"}


class LiveCard(Card):
    """``stop_button`` ends the run; ``table`` activates with the id of an example."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.stop_button = SecondaryButton("Stop", "stop", tooltip="Ends after the answers that are being written")
        super().__init__("Generating", note=" ", action=self.stop_button, parent=parent)
        self.bar = ProgressBar("Answers")
        self.done = BigNumber("answered")
        self.parsed = BigNumber("with a label")
        self.agree = BigNumber("agree with gold")
        self.failed = BigNumber("failed")
        self.speed = BigNumber("answers/s")
        self.left = BigNumber("left")
        self.tokens = BigNumber("tokens")
        self.cost = BigNumber("spent")
        self.why = ElidedLabel(type="caption", tone="bad")
        self._rows: dict[int, RowAnswer] = {}
        self.model = RecordTableModel(_columns(), self._fetch)
        self.table = RecordTable(self.model, "Last answers")
        self.table.setMinimumHeight((_ROWS_IN_SIGHT + 1) * current().size.row)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.breakdown = Breakdown()
        numbers = row(*self.numbers(), gap="xl")
        numbers.addStretch(1)
        below = row(self.table, self.breakdown, gap="l")
        below.setStretch(0, 1)
        self.add(self.bar, numbers, self.why, below)
        self.body.setStretch(3, 1)
        self.why.hide()
        self.cost.hide()

    def numbers(self) -> tuple[BigNumber, ...]:
        """The figures from left to right."""
        return self.done, self.parsed, self.agree, self.failed, self.speed, self.left, self.tokens, self.cost

    def show_run(self, state: RunState, per_second: float | None) -> None:
        """Bring everything up to date. ``per_second``: answers; None while unknown."""
        run, tally = state.run, state.tally
        self.set_title(_STATES.get(run.state, run.phase or "Starting"))
        how = working(run.context.get("engine") or {})
        self.set_note(f"{run.title} · {how}" if how else run.title)
        self.stop_button.setEnabled(run.state != "stopping")
        known = run.total if run.total and run.state != "queued" else None
        self.bar.set_fraction(run.done / known if known and run.done else 0.0 if run.state == "queued" else None)
        self.bar.set_meaning("muted" if run.state in ("paused", "stopping") else "")
        total = f"of {count(run.total)}" if run.total else ""
        self.done.set(count(tally.answers), total)
        self._show_agreement(state)
        self.failed.set(count(tally.n_failed), "", "bad" if tally.n_failed else "text")
        self.why.show_text(f"Failed: {causes(tally.failed)}" if tally.n_failed else "", "bad")
        self._show_pace(state, per_second)
        self._show_cost(state)
        self.breakdown.show_run(state)
        self._show_last(state.last)

    def _show_agreement(self, state: RunState) -> None:
        tally, agreement = state.tally, state.agreement()
        self.parsed.set(count(tally.parsed), percent(tally.parsed / tally.done, 0) if tally.done else "")
        if agreement is None:
            self.agree.set(UNKNOWN, "nothing to compare yet")
        else:
            value, low, high = agreement
            self.agree.set(percent(value, 0), f"{low * 100:.0f}–{high * 100:.0f}, of {count(tally.compared)}")

    def _show_cost(self, state: RunState) -> None:
        """Tokens, and money where a price is known; the budget that is left is counted over all runs."""
        spec, tally = state.run.spec, state.tally
        used = tally.tokens_in + tally.tokens_out
        note = f"{count(tally.tokens_out)} written"
        if limit := int(spec.get("budget_tokens") or 0):
            note = f"{count(used + int(spec.get('spent_tokens') or 0))} of {count(limit)} in the budget"
        self.tokens.set(count(used), note)
        self.cost.setVisible(state.cost is not None)
        if state.cost is not None:
            currency, held = user_settings().currency, float(spec.get("budget_money") or 0)
            total = state.cost + float(spec.get("spent_money") or 0)
            of = f"{money(total, currency)} of {money(held, currency)} in the budget" if held else ""
            self.cost.set(money(state.cost, currency), of)

    def _show_pace(self, state: RunState, per_second: float | None) -> None:
        run = state.run
        if per_second is None or run.state != "running":
            self.speed.set(UNKNOWN, "")
            self.left.set(UNKNOWN, "")
            return
        self.speed.set(f"{per_second:.2g}" if per_second < 10 else count(round(per_second)), "")
        if per_second < 0.5:
            self.speed.set(f"{per_second:.2g}", rate(per_second, "answers"))
        seconds = (run.total - run.done) / per_second if run.total else None
        left = UNKNOWN if seconds is None else about(seconds) if seconds >= _SOON_S else f"< {_SOON_S}{NBSP}s"
        self.left.set(left.removeprefix("about "))

    def _show_last(self, last: Sequence[RowAnswer]) -> None:
        # By answer, since several samples of one row may flow by.
        rows = {pair.answer.id: pair for pair in last}
        if list(rows) != list(self._rows):
            self._rows = rows
            self.model.set_ids(array("q", rows))

    def example_of(self, answer_id: int) -> int:
        """The id of the example that an answer in the table answers."""
        return self._rows[answer_id].example.id

    def _fetch(self, ids: Sequence[int]) -> dict[int, RowAnswer]:
        return {i: self._rows[i] for i in ids if i in self._rows}


def _columns() -> list[Column]:
    return [
        Column("verdict", "Answer", _verdict, width=100, decoration=_mark),
        Column("label", "Label", lambda r: visible(r.answer.label or UNKNOWN), width=80),
        Column("gold", "Gold", lambda r: visible(r.example.label or UNKNOWN), width=80),
        Column("rationale", "Rationale", _rationale, stretch=True),
        Column("input", "Input", lambda r: visible(r.example.input), width=200),
        Column("tokens", "Tokens", lambda r: count(r.answer.tokens_out), width=70, align="right"),
    ]


def _rationale(pair: RowAnswer) -> str:
    return visible(pair.answer.failure or pair.answer.rationale or pair.answer.raw)


def _verdict(pair: RowAnswer) -> str:
    answer = pair.answer
    if answer.failure:
        return "failed"
    if answer.label is None:
        return "no label"
    return "read" if answer.agree is None else "agrees" if answer.agree else "differs"


def _mark(pair: RowAnswer) -> list[Mark]:
    word = _verdict(pair)
    if word == "failed":
        return [Mark("bad")]
    return [Mark("good" if word == "agrees" else "muted" if word == "read" else "attention")]
