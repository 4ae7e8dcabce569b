"""How long a text is in tokens: exactly for a local model, about for a server. Owner's side, plain Python."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from functools import lru_cache
from typing import NamedTuple

from .catalogue import resolve

CHARACTERS_A_TOKEN = 4
"""Of English text, roughly."""
_PATIENCE_S = 20.0
_MODULE = "dsbs_gui.steps.teacher.work.count_tokens"


class Length(NamedTuple):
    """Tokens; ``exact`` if the model's own vocabulary counted them."""

    tokens: int
    exact: bool = False


def estimate(text: str) -> Length:
    """About how many tokens a text has for a model that is not here."""
    return Length(round(len(text) / CHARACTERS_A_TOKEN))


class _NoCount(Exception):
    """Never kept in the cache of counts."""


class Counter:
    """Counts with one model at a time, in a small process of its own that is started when it is needed.

    ``length`` on any background thread, one text after the other; ``wake`` and ``rest`` on any thread, without
    waiting. Whatever goes wrong, the answer is an estimate.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._model = ""
        self._child: subprocess.Popen[str] | None = None
        self._resting = False
        self._count = lru_cache(512)(self._counted)

    def length(self, teacher: str, text: str) -> Length:
        """The length for a teacher as ``plan.generate_request`` takes it. Raises as ``catalogue.resolve``."""
        found = resolve(teacher) if teacher else None
        if found is None or found.kind != "gguf":
            return estimate(text)
        try:
            with self._guard:
                return Length(self._count(found.model, text), exact=True)
        except _NoCount:
            return estimate(text)
        finally:
            if self._resting:  # it was told to while this was on its way
                self._let_go()

    def wake(self) -> None:
        """Counts are wanted from now on."""
        self._resting = False

    def rest(self) -> None:
        """End the process at once, also in the middle of a count; none is started before ``wake``."""
        self._resting = True
        if (child := self._child) is not None:
            child.kill()
        self._let_go()

    def _let_go(self) -> None:
        """End the process, unless a count goes on: that does it at its end."""
        if self._guard.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._guard.release()

    def _counted(self, model: str, text: str) -> int:
        if self._resting:
            raise _NoCount
        if model != self._model:
            self._end()
            self._model = model
            self._child = _start(model)
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise _NoCount
        too_long = threading.Timer(_PATIENCE_S, child.kill)
        too_long.start()
        try:
            child.stdin.write(json.dumps(text) + "\n")
            child.stdin.flush()
            return int(child.stdout.readline())
        except (OSError, ValueError) as error:  # it has ended: a file that is no model, or no llama.cpp
            child.kill()
            self._end()
            self._model = model  # not to be started again for each text
            raise _NoCount from error
        finally:
            too_long.cancel()

    def _end(self) -> None:
        child, self._child, self._model = self._child, None, ""
        if child is not None:
            with contextlib.suppress(OSError, ValueError):
                child.communicate()  # closes its standard input, at which it ends


def _start(model: str) -> subprocess.Popen[str] | None:
    try:
        return subprocess.Popen(
            [sys.executable, "-m", _MODULE, model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
    except OSError:
        return None
