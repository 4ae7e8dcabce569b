"""Two texts side by side, the words that only one of them has marked: red at the left, green at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import ReadingText, Span
from dsbs_gui.steps.review.diff import word_diff
from dsbs_gui.steps.review.hidden import reveal

from .fit import HeightFitter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.review.diff import Kind, Piece

_MOST_MARKS = 500


class SideBySide(QWidget):
    """Each text under a title, with a remark below it."""

    def __init__(self, left: str, right: str, most_lines: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.texts = ReadingText(left), ReadingText(right)
        self.titles = tuple(PlainLabel(name, type="caption", tone="muted") for name in (left, right))
        self.remarks = tuple(PlainLabel("", type="caption", wrap=True) for _ in "lr")
        sides = [
            column(title, text, remark, None, gap="xs")
            for title, text, remark in zip(self.titles, self.texts, self.remarks, strict=True)
        ]
        layout = row(*sides, gap="m", parent=self)
        layout.setStretch(0, 1)
        layout.setStretch(1, 1)
        for text in self.texts:
            HeightFitter(text, 2, most_lines)

    def show_texts(self, before: str, after: str) -> None:
        """Show both, and how they differ."""
        pieces = word_diff(before, after)
        _show(self.texts[0], pieces, "removed", "bad")
        _show(self.texts[1], pieces, "added", "good")

    def show_remarks(self, left: tuple[str, Tone], right: tuple[str, Tone]) -> None:
        """Say something below each text."""
        for label, (text, tone) in zip(self.remarks, (left, right), strict=True):
            label.show_text(text, tone)


def _show(view: ReadingText, pieces: Sequence[Piece], kind: Kind, tone: Tone) -> None:
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for piece in pieces:
        if piece.kind in ("kept", kind):
            text = reveal(piece.text).text
            if piece.kind == kind:
                spans.append(Span(length, length + len(text), tone))
            parts.append(text)
            length += len(text)
    view.set_source("".join(parts))
    view.mark(spans[:_MOST_MARKS])
