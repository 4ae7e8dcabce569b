"""The timeline of one example: who changed what and when, down to the original, and the way back to any point."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.layout import boxed, clear, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import age, count
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.hidden import reveal

from .diff_text import DiffText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QVBoxLayout

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.decisions import Change

_MOST = 40
_AROUND = 60
_ALL = ""


class Timeline(QWidget):
    """Acts newest first, then the answer with which it began; all fields or one of them.

    Args:
        go_back: called with the act to go back to; None where nothing may be changed.
    """

    def __init__(
        self,
        changes: Sequence[Change],
        original: Answer | None,
        go_back: Callable[[int], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._changes, self._original, self._go_back = changes, original, go_back
        self._acts = column(gap="m")
        told = {change.field for change in changes}
        fields = [name for name in sentences.FIELDS if name in told]
        options = [(_ALL, "All"), *((name, sentences.FIELDS[name]) for name in fields)]
        layout = column(gap="s", parent=self)
        if len(fields) > 1:
            self.fields = SegmentedControl(options, _ALL, "Field")
            self.fields.chosen.connect(self.show_field)
            layout.addLayout(row(self.fields, None))
        layout.addLayout(self._acts)
        self.show_field(_ALL)

    def show_field(self, field: str) -> None:
        """Show the acts that changed one field, or with an empty name all."""
        clear(self._acts)
        shown = [change for change in self._changes if field in (_ALL, change.field)]
        acts = [list(act) for _, act in groupby(shown, key=lambda c: c.batch)]
        newest = next((change.batch for change in self._changes if not change.undone), None)
        for act in acts[:_MOST]:
            back = None if act[0].undone or act[0].batch == newest else self._go_back
            self._acts.addWidget(boxed(_act(act, back)))
        if len(acts) > _MOST:
            self._acts.addWidget(PlainLabel(f"{count(len(acts) - _MOST)} older acts are not listed.", tone="muted"))
        if self._original is not None:
            self._acts.addWidget(boxed(_original(self._original)))
        elif not acts:
            self._acts.addWidget(PlainLabel("Nobody has changed anything yet.", tone="muted"))


def _act(act: Sequence[Change], go_back: Callable[[int], object] | None) -> QVBoxLayout:
    first = act[0]
    undone = " · undone" if first.undone else ""
    head = row(PlainLabel(f"{first.action}{undone}", tone="muted" if first.undone else "text"), None, gap="s")
    if go_back is not None:
        back = LinkButton("Go back to this", tooltip="Makes the example what it was then; undo takes that back")
        back.clicked.connect(lambda: go_back(first.batch))
        head.addWidget(back)
    lines = column(head, PlainLabel(f"{_when(first.t)} · {first.who}", type="caption", tone="muted"), gap="xs")
    for change in sorted(act, key=lambda c: c.field):
        if change.field == "rationale" and change.before is not None and change.after is not None:
            diff = DiffText("Change of the rationale")
            diff.show_diff(str(change.before), str(change.after), around=_AROUND)
            lines.addWidget(diff)
        elif text := sentences.change(change):
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
    """*12 minutes ago · 24 Nov 14:02*."""
    moment = datetime.fromtimestamp(t, UTC)
    local = moment.astimezone()
    return f"{age(moment)} · {local.day} {local:%b %H:%M}"
