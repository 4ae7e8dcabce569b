"""What the panel beside the table shows of one example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.decisions import Change
    from dsbs_gui.core.store.examples import Example


@dataclass(frozen=True, slots=True)
class Detail:
    """What the panel shows: an example, its answers and history (newest first), and its signals, the vote among
    its samples and what a teacher measured (``lift``) as sentences."""

    example: Example
    answers: tuple[Answer, ...] = ()
    changes: tuple[Change, ...] = ()
    options: tuple[str, ...] = ()
    place: str = ""
    signals: tuple[str, ...] = ()
    vote: str = ""
    lift: str = ""
    unhelpful: bool = False

    @property
    def standing(self) -> Answer | None:
        """The answer that stands or stood before the edits."""
        return self._answer(self.example.answer_id)

    @property
    def offered(self) -> Answer | None:
        """The answer that waits to be compared with what stands."""
        return self._answer(self.example.offered)

    @property
    def merged_with(self) -> Answer | None:
        """The second answer of which the text was made."""
        return self._answer(self.example.merged_with)

    def _answer(self, answer_id: int | None) -> Answer | None:
        return next((answer for answer in self.answers if answer.id == answer_id), None)
