"""The files of one run: the only thing that owner and worker share. Standard library only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dsbs_gui.core.files import read_json, write_json

LOG_TAIL_BYTES = 4_000


class RunFolder:
    """``spec.json · events.jsonl · state.json · control/ · worker.log · input.* · checkpoints/``"""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec = path / "spec.json"
        self.events = path / "events.jsonl"
        self.state = path / "state.json"
        self.log = path / "worker.log"
        self.control = path / "control"

    def make(self, kind: str, spec: Mapping[str, Any], inputs: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Write everything the worker needs; the spec last, so that a folder with one is complete."""
        self.control.mkdir(parents=True, exist_ok=True)
        for name, rows in inputs.items():
            self.write_rows(name, rows)
        write_json(self.spec, {"kind": kind, "spec": dict(spec)})

    def write_rows(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        with (self.path / name).open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False))
                file.write("\n")
            file.flush()
            os.fsync(file.fileno())

    def ask(self, what: str) -> None:
        """Put a wish (``stop``, ``pause``) into the control folder."""
        self.control.mkdir(exist_ok=True)
        (self.control / what).touch()

    def unask(self, what: str) -> None:
        (self.control / what).unlink(missing_ok=True)

    def asked(self, what: str) -> bool:
        return (self.control / what).exists()

    def read_state(self) -> dict[str, Any]:
        """The worker's last sign of life; {} if there was none."""
        state = read_json(self.state)
        return state if isinstance(state, dict) else {}

    def sign_of_life(self) -> tuple[int, int]:
        """Changes whenever the worker says something, or only beats."""
        found = []
        for path in (self.state, self.events):
            try:
                found.append(path.stat().st_mtime_ns)
            except OSError:
                found.append(0)
        return found[0], found[1]

    def log_tail(self, n_bytes: int = LOG_TAIL_BYTES) -> str:
        """The last lines that the libraries printed."""
        try:
            with self.log.open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - n_bytes))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""
