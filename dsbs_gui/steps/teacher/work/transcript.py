"""The text of an answer as its tokens arrive: UTF-8 across token borders, and stop strings."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class Transcript:
    """Collects byte pieces; ``stopped`` once a stop string has appeared, which the text then lacks."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._longest = max((len(stop) for stop in self._stops), default=0)
        # A token may end within a character; the decoder keeps the bytes until the rest has come.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.text = ""
        self.stopped = False

    @property
    def reach(self) -> int:
        """The place in the text up to which there are bytes: a character of which some are missing counts."""
        return len(self.text) + bool(self._decoder.getstate()[0])

    def feed(self, piece: bytes) -> None:
        seen = max(0, len(self.text) - self._longest + 1)
        self.text += self._decoder.decode(piece)
        places = [place for place in (self.text.find(stop, seen) for stop in self._stops) if place >= 0]
        if places:
            self.text, self.stopped = self.text[: min(places)], True

    def finish(self) -> str:
        """The whole text; bytes that never became a character show as U+FFFD."""
        if not self.stopped:
            self.text += self._decoder.decode(b"", final=True)
        return self.text
