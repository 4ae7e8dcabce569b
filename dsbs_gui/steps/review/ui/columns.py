"""The columns of the Review table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.store import answers, examples
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import sentences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsbs_gui.core.store.answers import Signals
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.theme.tokens import Tone

STATE_TONES: Mapping[str, Tone] = {
    "unreviewed": "info",
    "accepted": "good",
    "edited": "good",
    "rejected": "bad",
    "skipped": "attention",
    "empty": "muted",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An example and what its standing answer says of itself."""

    example: Example
    signals: Signals | None = None


def fetch(db: Reader, ids: Sequence[int]) -> dict[int, Row]:
    """The rows of a page of ids."""
    found = examples.page(db, ids)
    wanted = [e.answer_id for e in found.values() if e.answer_id is not None]
    signals = answers.signals(db, wanted)
    return {i: Row(e, signals.get(e.answer_id) if e.answer_id is not None else None) for i, e in found.items()}


def columns() -> list[Column]:
    """In the order shown; the first one is never hidden: the table scrolls by it and marks the current row there."""
    return [
        Column(
            "state",
            "State",
            lambda r: sentences.state_word(r.example),
            112,
            decoration=_state_mark,
            sortable=True,
            tooltip=_state_tooltip,
        ),
        Column("id", "№", lambda r: count(r.example.id), 72, sortable=True, tone=_muted),
        Column("split", "Split", lambda r: sentences.SPLITS[r.example.split], 64, sortable=True, tone=_muted),
        Column("input", "Input", lambda r: r.example.input, 220, lines=2, stretch=True),
        Column("rationale", "Rationale", lambda r: r.example.rationale or "", 220, lines=2, stretch=True),
        Column(
            "teacher_label",
            "Label",
            lambda r: r.example.teacher_label or "",
            112,
            decoration=_label_mark,
            sortable=True,
        ),
        Column("label", "Gold", lambda r: r.example.label or "", 104, sortable=True, tone=_muted),
        Column(
            "origin",
            "Written by",
            _writer,
            144,
            decoration=_signal_marks,
            sortable=True,
            tone=_muted,
        ),
        Column("rating", "Rating", lambda r: "★" * (r.example.rating or 0), 76, sortable=True, accessible=_rating),
        Column("tags", "Tags", lambda r: ", ".join(r.example.tags), 128, lines=2, sortable=True),
        Column("note", "Note", lambda r: r.example.note or "", 160, lines=2, tone=_muted),
    ]


def _rating(row: Row) -> str:
    return f"{row.example.rating} of 5" if row.example.rating else "not rated"


def _writer(row: Row) -> str:
    by_teacher = row.signals is not None and row.example.origin in ("teacher", "import")
    return row.signals.teacher if row.signals and by_teacher else sentences.source(row.example.origin)


def _muted(row: Row) -> Tone:
    return "muted"


def _state_mark(row: Row) -> Sequence[Mark]:
    return [Mark("bad" if sentences.failed(row.example) else STATE_TONES[row.example.state])]


def _state_tooltip(row: Row) -> str:
    example: Example = row.example
    return sentences.failure(example.failure or "") if sentences.failed(example) else sentences.state_word(example)


def _label_mark(row: Row) -> Sequence[Mark]:
    return [Mark("attention", "warning", "differs from the gold label")] if row.example.agree == 0 else []


def _signal_marks(row: Row) -> Sequence[Mark]:
    marks = [Mark("accent", "pencil-simple", "changed by a person")] if row.example.edited else []
    if row.signals is not None and row.signals.hinted:
        marks.append(Mark("attention", "key", "the teacher was told the gold label"))
    if row.signals is not None and row.signals.flags:
        marks.append(Mark("attention", "flag", ", ".join(flag.replace("-", " ") for flag in row.signals.flags)))
    return marks
