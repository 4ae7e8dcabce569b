"""Accuracies with their intervals, and what can be said about their differences."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.whisker import Whisker, WhiskerRow
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.evaluation.comparison import HOW

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.kit.theme.tokens import DataRole
    from dsbs_gui.steps.evaluation.overview import Overview

_ROLES: dict[str, DataRole] = {"finetune": "baseline_1", "distill": "baseline_2", "shuffled-rationale": "total"}
_MOST_IN_SIGHT = 6
_CHOSEN_HERE = "The step of each student was chosen on validation rows, so accuracies on them flatter. "


class AccuracyCard(Card):
    """Dots and whiskers of students and teacher; the majority label as a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Accuracy", note=" ", parent=parent)
        self.whisker = Whisker("Accuracy with 95 % interval")
        self.verdict = PlainLabel(type="reading", wrap=True, selectable=True)
        self.caveat = PlainLabel(type="caption", tone="muted", wrap=True)
        self.add(self.whisker, self.verdict, self.caveat)

    def show_overview(self, overview: Overview) -> None:
        """Show the comparison of the split."""
        found = overview.comparison
        if found is None:
            return
        same = overview.same_rows()
        which = plural(overview.labelled, overview.split_rows) if same else "the rows that each has answered"
        self.set_note(f"on {which}, with 95 % intervals")
        self.caveat.setText((_CHOSEN_HERE if overview.split == "valid" else "") + HOW)
        rows = [
            WhiskerRow(
                overview.name_of(row["run"]) + ("" if same else f" · {plural(row['n'], 'row')}"),
                row["accuracy"],
                row["ci"][0],
                row["ci"][1],
                role="teacher" if row["run"] == "teacher" else _ROLES.get(row["method"], "accuracy"),
            )
            for row in found["rows"]
        ]
        rows.append(WhiskerRow("Commonest label", found["majority"], role="total", reference=True))
        self.whisker.set_rows(rows)
        self.verdict.show_text(found["verdict"])


class PairsCard(Card):
    """Signals:
    pair_chosen(a, b): the user wants to see where two differ.
    """

    pair_chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Differences", note="in points of accuracy, on the rows that both answered", parent=parent)
        self._pairs: dict[int, dict[str, Any]] = {}
        self.model = RecordTableModel(_columns(), self._fetch)
        self.table = RecordTable(self.model, "Differences")
        self.add(self.table)
        self.table.current_changed.connect(self._on_current_changed)

    def show_overview(self, overview: Overview) -> None:
        """Show all pairs, the surest difference first."""
        pairs = [_better_first(pair) for pair in (overview.comparison or {"pairs": []})["pairs"]]
        ordered = sorted(pairs, key=lambda pair: pair["p"])
        self._pairs = {
            number: pair | {"name_a": overview.name_of(pair["a"]), "name_b": overview.name_of(pair["b"])}
            for number, pair in enumerate(ordered, start=1)
        }
        self.model.set_ids(array("q", self._pairs))
        size = current().size
        self.table.setFixedHeight((min(max(1, len(pairs)), _MOST_IN_SIGHT) + 1) * size.row + 4)
        self.setVisible(bool(pairs))
        if pairs:
            self.table.set_current_id(1)

    def _fetch(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        return {i: self._pairs[i] for i in ids if i in self._pairs}

    def _on_current_changed(self, number: int | None) -> None:
        pair = self._pairs.get(number or 0)
        if pair is not None:
            self.pair_chosen.emit(pair["a"], pair["b"])


def _better_first(pair: dict[str, Any]) -> dict[str, Any]:
    if pair["difference"] >= 0:
        return pair
    low, high = pair["ci"]
    turned = {"a": pair["b"], "b": pair["a"], "only_a": pair["only_b"], "only_b": pair["only_a"]}
    return pair | turned | {"difference": -pair["difference"], "ci": [-high, -low]}


def _columns() -> list[Column]:
    return [
        Column("a", "Student", lambda p: p["name_a"], stretch=True, width=180),
        Column("b", "against", lambda p: p["name_b"], stretch=True, width=180),
        Column("difference", "Difference", _difference, width=190, align="right"),
        Column("p", "p", lambda p: _p(p["p_holm"]), width=70, align="right"),
        Column("n", "Rows", lambda p: count(p["n"]), width=60, align="right"),
        Column("verdict", "Verdict", _verdict, width=150, decoration=_mark, tooltip=lambda p: p["verdict"]),
    ]


def _difference(pair: dict[str, Any]) -> str:
    low, high = pair["ci"]
    return f"{100 * pair['difference']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})".replace("-", "−")


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def _verdict(pair: dict[str, Any]) -> str:
    return "better" if pair["significant"] else "not enough evidence"


def _mark(pair: dict[str, Any]) -> list[Mark]:
    return [Mark("good", "arrow-up") if pair["significant"] else Mark("muted", "equals")]
