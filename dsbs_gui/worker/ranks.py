"""One job in several processes of this machine: starting them, and ending all when one is lost.

Each is a worker of the same run folder that knows its place from ``RANK`` and ``WORLD_SIZE``, as ``torchrun`` and
``accelerate launch`` would tell it. They live in the session of the process that started them and die with it, so that
whoever ends the run's session ends them all. Standard library only.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from dsbs_gui.core.files import read_json
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.protocol import Failed

from .channel import Channel
from .place import LAUNCHER

GRACE_S = 10.0
"""When one is lost, the others have this long to notice, and the first to say why the run ends."""


def wanted(folder: RunFolder) -> int:
    """How many processes the job asks for; 1 where a launcher has started them already."""
    body = read_json(folder.spec)
    spec = body.get("spec") if isinstance(body, dict) else None
    n = spec.get("processes") if isinstance(spec, dict) else None
    return n if isinstance(n, int) and n > 1 and "RANK" not in os.environ else 1


def launch(folder: RunFolder, n: int) -> int:
    """Run the job in ``n`` processes and wait for them. Returns the exit code: 0 if all ended well."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # it reaches the whole group: the first process heeds it
    children = [_start(folder, rank, n, port) for port in (_free_port(),) for rank in range(n)]
    lost: str | None = None
    lost_at = 0.0
    while any(child.poll() is None for child in children):
        gone = next((rank for rank, child in enumerate(children) if child.poll() not in (None, 0)), None)
        if gone is not None and lost is None:
            lost, lost_at = _how(gone, n, children[gone].returncode), time.monotonic()
            print(lost, file=sys.stderr, flush=True)
        if lost is not None and time.monotonic() - lost_at > GRACE_S:
            for child in children:
                child.kill()
        time.sleep(0.05)
    bad = [rank for rank, child in enumerate(children) if child.returncode]
    if not bad:
        return 0
    if not _has_last_word(folder):
        reason = lost or _how(bad[0], n, children[bad[0]].returncode)
        channel = Channel(folder)
        channel.emit(Failed("resource", reason, "Resume the run to go on from its last checkpoint."))
        channel.close()
    return 1


def _start(folder: RunFolder, rank: int, n: int, port: int) -> subprocess.Popen[bytes]:
    own: Mapping[str, Any] = {
        "RANK": rank,
        "LOCAL_RANK": rank,
        "WORLD_SIZE": n,
        "LOCAL_WORLD_SIZE": n,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", max(1, (os.cpu_count() or 1) // n)),
        LAUNCHER: os.getpid(),
    }
    environment = os.environ | {name: str(value) for name, value in own.items()}
    command = [sys.executable, "-m", "dsbs_gui", "worker", str(folder.path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _how(rank: int, n: int, returncode: int | None) -> str:
    who = f"Process {rank + 1} of {n} of this run"
    if returncode is not None and returncode < 0:
        try:
            name = signal.Signals(-returncode).name
        except ValueError:
            name = str(-returncode)
        by = ": by somebody, or by the system when memory ran out" if name == "SIGKILL" else ""
        return f"{who} was ended by {name}{by}."
    return f"{who} ended without a result (exit code {returncode})."


def _has_last_word(folder: RunFolder) -> bool:
    """Whether the run's last event ends it."""
    last = b""
    with folder.events.open("rb") as file:
        for line in file:
            last = line if line.strip() else last
    return b'"type": "Finished"' in last or b'"type": "Failed"' in last
