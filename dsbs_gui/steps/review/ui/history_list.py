"""The timeline of one example: who changed what and when, down to the original."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from dsbs_gui.kit.layout import column
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import age, count
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.hidden import reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QVBoxLayout

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.decisions import Change

_MOST = 40


def fill_history(layout: QVBoxLayout, changes: Sequence[Change], original: Answer | None) -> None:
    """Acts newest first, then the answer with which it began."""
    acts = [list(act) for _, act in groupby(changes, key=lambda c: (c.t, c.action))]
    for act in acts[:_MOST]:
        layout.addLayout(_act(act))
    if len(acts) > _MOST:
        layout.addWidget(PlainLabel(f"{count(len(acts) - _MOST)} older acts are not listed.", tone="muted"))
    if original is not None:
        layout.addLayout(_original(original))
    elif not acts:
        layout.addWidget(PlainLabel("Nobody has changed anything yet.", tone="muted"))


def _act(act: list[Change]) -> QVBoxLayout:
    first = act[0]
    undone = " · undone" if first.undone else ""
    lines = column(gap="xs")
    lines.addWidget(PlainLabel(f"{first.action}{undone}", tone="muted" if first.undone else "text"))
    lines.addWidget(PlainLabel(f"{_when(first.t)} · {first.who}", type="caption", tone="muted"))
    for change in sorted(act, key=lambda c: c.field):
        if text := sentences.change(change):
            lines.addWidget(PlainLabel(reveal(text).text, tone="muted", wrap=True, selectable=True))
    return lines


def _original(answer: Answer) -> QVBoxLayout:
    lines = column(gap="xs")
    lines.addWidget(PlainLabel(f"Original: {sentences.source(answer.source, answer.teacher)}"))
    lines.addWidget(PlainLabel(_when(answer.created), type="caption", tone="muted"))
    text = reveal(answer.rationale or "").text or "No rationale."
    lines.addWidget(PlainLabel(text[:2_000], tone="muted", wrap=True, selectable=True))
    if answer.label:
        lines.addWidget(
            PlainLabel(f"Label: {reveal(answer.label[:200]).text}", tone="muted", wrap=True, selectable=True)
        )
    return lines


def _when(t: float) -> str:
    return age(datetime.fromtimestamp(t, UTC))
