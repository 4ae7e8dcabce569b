"""A worker with jobs that behave well or badly on purpose; started by tests as a real process."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop, Warned
from dsbs_gui.core.specs import Spec
from dsbs_gui.worker import channel, entry, registry


@dataclass(frozen=True)
class StubSpec(Spec):
    mode: str = "count"
    n: int = 3
    pause_s: float = 0.0
    save_s: float = 0.0


def run(spec: StubSpec, emit: Emit, should_stop: ShouldStop) -> None:
    print("chatter of a library")
    if spec.mode == "user-error":
        raise UserError("The file is empty.", "Choose another.")
    if spec.mode == "bug":
        raise KeyError("oops")
    if spec.mode == "silent":
        return
    for i in range(spec.n):
        if spec.mode != "hang" and should_stop():
            if spec.mode == "save":
                emit(Progress("Saving", i, spec.n, "things"))
                time.sleep(spec.save_s)
            emit(Finished("stopped", {"counted": i}))
            return
        emit(Progress("Counting", i + 1, spec.n, "things"))
        time.sleep(spec.pause_s)
    if spec.mode == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    if spec.mode == "exit":
        os._exit(3)
    if spec.mode in ("SIGKILL", "SIGSEGV", "SIGABRT"):
        os.kill(os.getpid(), getattr(signal, spec.mode))
    if spec.mode == "half-line":
        with (Path(spec.run_dir) / "events.jsonl").open("ab") as file:
            file.write(b'{"seq": 99, "t": 1, "type": "Progr')
            file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    if spec.mode == "garbage":
        with (Path(spec.run_dir) / "events.jsonl").open("ab") as file:
            file.write(b"\xff\xfe rubbish\n[]\n" + b"[" * 100_000 + b"\n")
    emit(Warned("A warning"))
    emit(Finished("done", {"counted": spec.n}))
    if spec.mode == "stay":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)


channel.HEARTBEAT_S = 0.1
registry.KINDS["stub"] = registry.Entry("stub_worker:StubSpec", "stub_worker:run")
sys.modules["stub_worker"] = sys.modules[__name__]

if __name__ == "__main__":
    sys.exit(entry.main(sys.argv[1:]))
