"""``python -m dsbs_gui worker RUN_FOLDER``: run one job, and say everything through its folder.

Standard library only up to the job itself, so that a bare training machine can run it.
"""

from __future__ import annotations

import faulthandler
import importlib.metadata
import os
import signal
import sys
import traceback
from pathlib import Path

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.failures import known
from dsbs_gui.core.files import read_json
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.protocol import Emit, Failed, Finished, Message, Started

from . import ranks, registry
from .channel import Channel, Heartbeat
from .place import die_with_launcher, place

NAMED = ("torch", "transformers", "accelerate", "datasets", "llama-cpp-python", "tokenizers", "numpy")


def main(argv: list[str]) -> int:
    """Run the job whose folder is named. Returns the process's exit code."""
    if len(argv) != 1 or not (Path(argv[0]) / "spec.json").is_file():
        print("usage: python -m dsbs_gui worker RUN_FOLDER (a folder with a spec.json)", file=sys.stderr)
        return 2
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Threads that wait must sleep: spinning ones made a training step ten times as slow on busy cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    faulthandler.enable()
    sys.stdout = sys.stderr  # what libraries print is chatter; the events go to their own file
    folder = RunFolder(Path(argv[0]).resolve())
    if (n := ranks.wanted(folder)) > 1:
        return ranks.launch(folder, n)
    die_with_launcher()
    if place()[0] > 0:
        return _help(folder)
    channel = Channel(folder)
    signal.signal(signal.SIGTERM, lambda *_: channel.stop_flag.set())
    heartbeat = Heartbeat(folder, lambda: channel.progress)
    heartbeat.beat()
    heartbeat.start()
    try:
        return _run(folder, channel)
    finally:
        heartbeat.end()
        channel.close()


def _help(folder: RunFolder) -> int:
    """The job in a process that is not the first of several: it says nothing, and is told what to do by the first."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # the first one stops, and says so
    try:
        body = read_json(folder.spec)
        spec_class, job = registry.find(str(body["kind"]))
        if "processes" not in spec_class.__dataclass_fields__:
            return 0  # a job of one process
        job(spec_class.from_json({**body["spec"], "run_dir": str(folder.path)}), lambda _: None, lambda: False)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _run(folder: RunFolder, channel: Channel) -> int:
    last = _LastWord(channel.emit)
    try:
        body = read_json(folder.spec)
        if not isinstance(body, dict):
            raise UserError("The job's spec.json is damaged.", "Start the job again.")
        spec_class, job = registry.find(str(body.get("kind")))
        last(Started(str(body["kind"]), os.getpid(), _versions()))
        spec = spec_class.from_json({**body["spec"], "run_dir": str(folder.path)})
        job(spec, last, channel.should_stop)
        if not last.said:
            raise RuntimeError("the job returned without Finished")
    except BaseException as error:
        if not last.said:
            channel.emit(failure(error))
        return 1
    return 0


class _LastWord:
    """Passes messages on and remembers whether the last one, ``Finished``, was among them."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.said = False

    def __call__(self, message: Message) -> None:
        self._emit(message)
        self.said = self.said or isinstance(message, Finished)


def failure(error: BaseException) -> Failed:
    """The one place where a worker's exceptions become what the user reads."""
    understood = known(error)
    if understood is not None:
        return Failed(understood.kind, understood.message, understood.hint)
    report = "".join(traceback.format_exception(error))
    said = f"The job met an unexpected error: {type(error).__name__}: {error}"
    return Failed("bug", f"{said.rstrip('.')}.", "Send its report with what you did before it.", report)


def _versions() -> dict[str, str]:
    found = {}
    for name in NAMED:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found | {"python": sys.version.split()[0]}
