"""How fast a local teacher is on this machine in each form and with so many lanes: measured once, then known.

Worker only.
"""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from dsbs_gui.core.errors import Stopped
from dsbs_gui.core.files import write_json
from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.core.settings import cache_folder

from .llama_context import Batch, LlamaContext, Shape
from .llama_model import EXPANDED, GIVEN, LlamaModel, identity, threads

DEFAULT_PARALLEL = 16
_LANES = (1, 2, 4)
_LEAST_SLOTS = 4
_PREFIX, _PROMPT, _CELLS = 192, 48, 256
# A row of the usual kind: tokens of its own question, tokens of its answer.
_ROW_PROMPT, _ROW_ANSWER = 48, 64
_ROUNDS = 3
_MOST_SECONDS = 20.0
_WORTH = 0.9  # expanded weights take more memory: they must take this share of the time at most
_ALIKE = 1.1  # so near to the fastest number of lanes is as fast
_LOOK_SECONDS, _BUSY_PERCENT = 0.5, 20.0
_BUSY_HOURS = 1


class Speed:
    """Seconds that a row takes, by form of the weights and number of lanes; empty if never measured."""

    def __init__(self, seconds: dict[str, dict[int, float]] | None = None) -> None:
        self._seconds = seconds or {}

    def covers(self, forms: Sequence[str]) -> bool:
        return self._seconds.keys() >= set(forms)

    @property
    def best_form(self) -> str:
        best = {form: min(by_lanes.values()) for form, by_lanes in self._seconds.items()}
        return EXPANDED if best.get(EXPANDED, math.inf) < _WORTH * best.get(GIVEN, math.inf) else GIVEN

    def lanes(self, form: str) -> int:
        """The most of those that are about as fast as the fastest: lanes of their own cores wait for nobody.

        What else runs while it is measured slows them all down, and the one lane of all cores most.
        """
        by_lanes = self._seconds.get(form)
        if not by_lanes:
            return 1
        fastest = min(by_lanes.values())
        return max(n for n, seconds in by_lanes.items() if seconds <= _ALIKE * fastest)

    @classmethod
    def known(cls, path: Path) -> Speed:
        """What an earlier job measured with this file, this llama.cpp and so many cores."""
        with contextlib.suppress(OSError, ValueError, LookupError, AttributeError, TypeError):
            file = _file(path)
            kept = json.loads(file.read_text("utf-8"))
            if not kept["busy"] or time.time() - file.stat().st_mtime < _BUSY_HOURS * 3600:
                by_form = kept["seconds"]
                return cls({form: {int(n): float(s) for n, s in by_form[form].items()} for form in by_form})
        return cls()

    @classmethod
    def measure(cls, path: Path, models: Sequence[LlamaModel], should_stop: ShouldStop) -> Speed:
        """All ways in turn for some rounds; the best of each counts. Raises Stopped.

        What is measured while other programs keep the machine busy is soon measured again.
        """
        busy = psutil.cpu_percent(_LOOK_SECONDS) > _BUSY_PERCENT
        seconds = _race(models, should_stop)
        with contextlib.suppress(OSError):
            _file(path).parent.mkdir(parents=True, exist_ok=True)
            write_json(_file(path), {"busy": busy, "seconds": seconds}, durable=False)
        return cls(seconds)


def _race(models: Sequence[LlamaModel], should_stop: ShouldStop) -> dict[str, dict[int, float]]:
    with contextlib.ExitStack() as stack:
        trials = [
            stack.enter_context(contextlib.closing(_Trial(model, n_lanes)))
            for model in models
            for n_lanes in possible_lanes()
        ]
        began = time.monotonic()
        for number in range(_ROUNDS):
            for trial in trials:
                trial.run()
                if should_stop():
                    raise Stopped
            if time.monotonic() - began > _MOST_SECONDS * (number + 1) / _ROUNDS:
                break  # the model is large: one round says enough
    seconds: dict[str, dict[int, float]] = {}
    for trial in trials:
        seconds.setdefault(trial.form, {})[trial.n_lanes] = trial.best
    return seconds


def possible_lanes() -> Iterator[int]:
    """Every lane has a core at least, and enough answers for one decode."""
    return (n for n in _LANES if n <= threads() and DEFAULT_PARALLEL // n >= _LEAST_SLOTS)


def _file(path: Path) -> Path:
    return cache_folder() / "teacher-speed" / f"{identity(path)}-{threads()}.json"


class _Trial:
    """So many lanes of one model, all decoding at the same time. The tokens do not matter, the work is the same."""

    def __init__(self, model: LlamaModel, n_lanes: int) -> None:
        self.form, self.n_lanes = model.form, n_lanes
        self._n_slots = DEFAULT_PARALLEL // n_lanes
        n_sequences = self._n_slots + 1
        shape = Shape(n_sequences, n_sequences * _CELLS, threads() // n_lanes)
        self._lanes = [(LlamaContext(model, shape), Batch(model.llama, shape.n_batch)) for _ in range(n_lanes)]
        self._pool = ThreadPoolExecutor(n_lanes)
        self._model = model
        self.best = float("inf")
        self._all(self._begin)

    def run(self) -> None:
        """Each slot writes a token, then each lane reads a prompt."""
        step = self._all(self._step) / (self._n_slots * self.n_lanes)
        prompt = self._all(self._read) / (_PROMPT * self.n_lanes)
        self.best = min(self.best, _ROW_PROMPT * prompt + _ROW_ANSWER * step)

    def close(self) -> None:
        self._pool.shutdown()
        for context, batch in self._lanes:
            batch.close()
            context.close()

    def _all(self, part: Callable[[LlamaContext, Batch], None]) -> float:
        """Seconds until every lane has done its part."""
        began = time.perf_counter()
        list(self._pool.map(part, *zip(*self._lanes, strict=True)))
        return time.perf_counter() - began

    def _begin(self, context: LlamaContext, batch: Batch) -> None:
        self._decode(context, batch, [(place, self._n_slots) for place in range(_PREFIX)], logits=False)
        for slot in range(self._n_slots):
            context.share(self._n_slots, slot, _PREFIX)

    def _step(self, context: LlamaContext, batch: Batch) -> None:
        self._decode(context, batch, [(_PREFIX, slot) for slot in range(self._n_slots)], logits=True)
        for slot in range(self._n_slots):
            context.cut(slot, _PREFIX)

    def _read(self, context: LlamaContext, batch: Batch) -> None:
        self._decode(context, batch, [(_PREFIX + place, 0) for place in range(_PROMPT)], logits=False)
        context.cut(0, _PREFIX)

    def _decode(self, context: LlamaContext, batch: Batch, places: list[tuple[int, int]], logits: bool) -> None:
        batch.clear()
        for position, sequence in places:
            batch.add(position % self._model.n_vocabulary, position, sequence, logits)
        context.decode(batch)
        context.wait()
