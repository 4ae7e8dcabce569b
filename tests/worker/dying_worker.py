"""A worker that does its real job and dies in the middle of it, as ``DYING`` in its environment says; for tests."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dsbs_gui.core.protocol import Emit, Message, ShouldStop
from dsbs_gui.core.specs import Spec
from dsbs_gui.steps.data.work import chunk_file
from dsbs_gui.worker import entry, registry

AFTER = 6  # messages of the job
CHUNK_ROWS = 5_000  # so few that an import says more than that however fast it is, and dies with rows taken in
find = registry.find


def find_dying(kind: str) -> tuple[type[Spec], registry.Job]:
    spec_class, job = find(kind)

    def run(spec: Spec, emit: Emit, should_stop: ShouldStop) -> None:
        n = 0

        def emit_and_die(message: Message) -> None:
            nonlocal n
            emit(message)
            n += 1
            if n == AFTER:
                die(os.environ["DYING"])

        job(spec, emit_and_die, should_stop)

    return spec_class, run


def die(way: str) -> None:
    if way == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(3600)
    os.kill(os.getpid(), getattr(signal, way))


if __name__ == "__main__":
    if os.environ.get("DYING"):
        registry.find = find_dying
        chunk_file.CHUNK_ROWS = CHUNK_ROWS
    sys.exit(entry.main(sys.argv[1:]))
