"""Tokens as a student reads or writes them: their borders, prefix and special tokens, and what a limit cuts off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsbs_gui.kit.reading_text import ReadingText, Span
from dsbs_gui.kit.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

_LONGEST = 200


class TokenText(ReadingText):
    """Every other token stands on a soft ground; prefix, special tokens and what is cut have grounds of their own."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "", parent)

    def show_pieces(self, pieces: Sequence[Mapping[str, Any]]) -> None:
        """Show these tokens, as ``first_batch.json`` has them."""
        texts = [visible(str(piece["text"]), _LONGEST) for piece in pieces]
        self.set_source("".join(texts))
        self.mark(list(_spans(pieces, texts)))


def _spans(pieces: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> Iterator[Span]:
    place = 0
    for number, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        end = place + len(text)
        if piece.get("cut"):
            yield Span(place, end, "bad", struck=True)
        elif piece.get("special"):
            yield Span(place, end, "accent")
        elif piece.get("prefix"):
            yield Span(place, end, "info")
        elif number % 2:
            yield Span(place, end, "text")
        place = end
