"""A word diff for reading: what was taken away struck through, what was added on a soft ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.layout import column
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import READ_CHARACTERS, ReadingText, Span
from dsbs_gui.steps.review.diff import condensed, word_diff
from dsbs_gui.steps.review.hidden import reveal

from .fit import HeightFitter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsbs_gui.kit.theme.tokens import Tone
    from dsbs_gui.steps.review.diff import Piece

_MOST_MARKS = 500
_LONG = 20_000
_SETTLE_MS = 200


class DiffText(ReadingText):
    """Shows the way from one text to another; of long ones only the neighbourhood of the changes."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "", parent)
        HeightFitter(self, 1, 16)

    def show_diff(self, before: str, after: str, *, around: int | None = None) -> None:
        """Show what changed; ``around``: how many kept characters beside a change, None = all of short texts."""
        pieces: Sequence[Piece] = word_diff(before, after)
        if around is None and len(before) + len(after) > _LONG:
            around = 400
        if around is not None:
            pieces = condensed(pieces, around)
        self._show(pieces)

    def _show(self, pieces: Sequence[Piece]) -> None:
        parts: list[str] = []
        spans: list[Span] = []
        length = 0
        tones: dict[str, Tone] = {"removed": "bad", "added": "good"}
        for piece in pieces:
            # Only what is shown is looked through; the rest is there to be counted and copied.
            seen = piece.text[: max(0, READ_CHARACTERS - length)]
            text = reveal(seen).text + piece.text[len(seen) :]
            if piece.kind in tones:
                spans.append(Span(length, length + len(text), tones[piece.kind], piece.kind == "removed"))
            parts.append(text)
            length += len(text)
        self.set_source("".join(parts))
        self.mark(spans[:_MOST_MARKS])


class AgainstTeacher(QWidget):
    """Under the editor: the text in it against the teacher's, kept up to date while one types."""

    def __init__(self, present: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._present = present
        self._teachers: str | None = None
        self.text = DiffText("Changes to the teacher’s text")
        title = PlainLabel("Changes to the teacher’s text", type="caption", tone="muted")
        column(title, self.text, gap="xs", parent=self)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settling.timeout.connect(self._show)
        self.hide()

    def set_teachers(self, text: str | None) -> None:
        """The text to compare with; None if there is none."""
        self._teachers = text

    def set_shown(self, shown: bool) -> None:
        """Show or put away."""
        self.setVisible(shown and self._teachers is not None)
        self._show()

    def present_changed(self) -> None:
        """The editor holds another text."""
        if not self.isHidden():
            self._settling.start()

    def _show(self) -> None:
        if not self.isHidden() and self._teachers is not None:
            self.text.show_diff(self._teachers, self._present())
