"""How long a text is in tokens: exactly for a local model, about for a server. Owner's side, plain Python."""

from __future__ import annotations

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


class Counter:
    """Counts with one model at a time, in a small process of its own that is started when it is needed.

    Any background thread; one text after the other. Whatever goes wrong, the answer is an estimate.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._model = ""
        self._child: subprocess.Popen[str] | None = None
        self._closed = False
        self._count = lru_cache(512)(self._counted)

    def length(self, teacher: str, text: str) -> Length:
        """The length for a teacher as ``plan.generate_request`` takes it. Raises as ``catalogue.resolve``."""
        found = resolve(teacher) if teacher else None
        if found is None or found.kind != "gguf":
            return estimate(text)
        with self._guard:
            n = None if self._closed else self._count(found.model, text)
        return estimate(text) if n is None else Length(n, exact=True)

    def close(self) -> None:
        """End the process; later texts are estimated. Waits for a count that is under way."""
        with self._guard:
            self._closed = True
            self._end()

    def _counted(self, model: str, text: str) -> int | None:
        if model != self._model:
            self._end()
            self._model = model
            self._child = _start(model)
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            return None
        too_long = threading.Timer(_PATIENCE_S, child.kill)
        too_long.start()
        try:
            child.stdin.write(json.dumps(text) + "\n")
            child.stdin.flush()
            return int(child.stdout.readline())
        except (OSError, ValueError):  # it has ended: a file that is no model, or no llama.cpp
            self._child = None
            child.kill()
            child.communicate()
            return None
        finally:
            too_long.cancel()

    def _end(self) -> None:
        child, self._child, self._model = self._child, None, ""
        if child is not None:
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
