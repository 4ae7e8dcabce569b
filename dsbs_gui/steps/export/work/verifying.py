"""A fresh process, without a network, that loads an exported student and answers the probe inputs.

``python -m dsbs_gui.steps.export.work.verifying FOLDER INPUTS.json ANSWERS.json``
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import dsbs_gui
from dsbs_gui.core.errors import ResourceError, Stopped
from dsbs_gui.core.files import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.protocol import ShouldStop
    from dsbs_gui.students.student import Student

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
POLL_S = 0.2


class Given(NamedTuple):
    """What a student gives on the probe inputs: ``[[label, rationale], …]``, and how sure it is of each label's begin.

    A student that says the same to every input would pass by its answers alone, whatever was exported.
    """

    answers: list[list[str | None]]
    scores: list[float]


def ask(student: Student, inputs: Sequence[str]) -> Given:
    """Ask a student that is loaded."""
    from dsbs_gui.students.answering import answers
    from dsbs_gui.students.scoring import first_scores

    found = answers(student, inputs, explain=student.meta.explains or student.meta.single_target)
    return Given([[answer.prediction, answer.rationale] for answer in found], first_scores(student, inputs))


def ask_afresh(folder: Path, inputs: Sequence[str], scratch: Path, should_stop: ShouldStop) -> Given:
    """Have a fresh process load the student in ``folder`` and ask it.

    Raises:
        ResourceError: if the process fails.
        Stopped: if the job is to stop.
    """
    asked, answered = scratch / "probes.json", scratch / "answers.json"
    write_json(asked, list(inputs), durable=False)
    answered.unlink(missing_ok=True)
    root = str(Path(dsbs_gui.__file__).parent.parent)
    paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", __name__, str(folder), str(asked), str(answered)]
    child = subprocess.Popen(
        command, env={**os.environ, **OFFLINE, "PYTHONPATH": paths}, cwd=scratch, stdin=subprocess.DEVNULL
    )
    try:
        while child.poll() is None:
            if should_stop():
                raise Stopped
            time.sleep(POLL_S)
    finally:
        child.kill()
        child.wait()
    found = read_json(answered)
    if child.returncode or not isinstance(found, dict):
        raise ResourceError(
            f"The exported student could not be loaded in a fresh process (exit code {child.returncode}).",
            "Nothing was exported. The reason stands in the log of this job.",
        )
    return Given(found["answers"], found["scores"])


def no_network() -> None:
    """From here on this process opens no connection."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError("the network is closed while an export is verified")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.socket.connect_ex = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse


def main(folder: str, asked: str, answered: str) -> None:
    no_network()
    from dsbs_gui.students.loading import load_student

    given = ask(load_student(folder), read_json(Path(asked)))
    write_json(Path(answered), given._asdict(), durable=False)


if __name__ == "__main__":
    main(*sys.argv[1:4])
