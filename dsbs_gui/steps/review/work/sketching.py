"""The job *sketch*: a MinHash of each text, cut down to a byte a permutation.

A byte tells different hashes apart in 255 of 256 cases, which is enough to choose whom to compare.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.hashing import text_mark
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop, SketchesMade
from dsbs_gui.steps.review.similar.likeness import features
from dsbs_gui.steps.review.similar.specs import SketchSpec

from .duplicates import signature

CHUNK_ROWS = 2_000
PROGRESS_EVERY_S = 0.25


def sketch(text: str) -> bytes:
    """A byte a permutation; two texts agree in about as many places as they are similar."""
    return bytes((signature(features(text)) & 0xFF).astype(np.uint8).tobytes())


def run(spec: SketchSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Emit ``SketchesMade`` a chunk of texts, so that what was read stays read."""
    done = 0
    for chunk in _chunks(spec, emit):
        emit(SketchesMade(spec.field, tuple(chunk)))
        done += len(chunk)
        if should_stop():
            break
    emit(Finished("done" if done == spec.rows else "stopped", {"texts": done}))


def _chunks(spec: SketchSpec, emit: Emit) -> Iterator[list[tuple[int, str, str]]]:
    chunk: list[tuple[int, str, str]] = []
    next_progress = 0.0
    for done, row in enumerate(read_jsonl(Path(spec.run_dir) / "input.jsonl")):
        now = time.monotonic()
        if now >= next_progress:
            next_progress = now + PROGRESS_EVERY_S
            emit(Progress("Reading", done, spec.rows, "texts"))
        chunk.append((row["id"], text_mark(row["text"]), sketch(row["text"]).hex()))
        if len(chunk) == CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
