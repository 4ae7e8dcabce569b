"""kill -9 while somebody types: at most a second of it is lost, and nothing else has changed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import drafts, examples
from tests.steps.review.making import apples

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX systems")

TYPIST = Path(__file__).with_name("typist.py")
MOST_LOST_S = 1.0
KILLS = 3


def killed_after(folder: Path, seconds: float) -> tuple[list[tuple[float, str]], float]:
    """What was typed until when, and when the process was killed, ``seconds`` after its first key."""
    with subprocess.Popen([sys.executable, str(TYPIST), str(folder)], stdout=subprocess.PIPE, text=True) as typist:
        assert typist.stdout is not None
        first = typist.stdout.readline()
        time.sleep(seconds)
        typist.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        lines = [first, *typist.stdout.readlines()]
    whole = [line.rstrip("\n").split("\t") for line in lines if line.endswith("\n")]
    return [(float(when), text) for when, text in whole], killed


def test_at_most_a_second_of_typing_is_lost(folder: Path) -> None:
    kill_again_and_again(folder, KILLS, random.Random(8))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_at_most_a_second_of_typing_is_lost_in_25_kills(folder: Path) -> None:
    kill_again_and_again(folder, 25, random.Random(25))


def kill_again_and_again(folder: Path, kills: int, luck: random.Random) -> None:
    project = apples(folder)
    before = examples.get(project.store.reader, 1)
    assert before is not None
    project.close()
    for _ in range(kills):
        typed, killed = killed_after(folder, luck.uniform(1.0, 2.5))
        safe = [text for when, text in typed if when < killed - MOST_LOST_S]
        project = Project.open(folder)
        [draft] = drafts.left(project.store.reader)
        assert examples.get(project.store.reader, 1) == before, "a draft is no edit"
        assert project.store.reader.execute("SELECT count(*) FROM history").fetchone()[0] == 0
        project.store.write_now(lambda tx: drafts.discard(tx, 1))
        project.close()
        assert draft.rationale is not None
        at_cursor = draft.rationale.replace(before.rationale or "", "")
        assert at_cursor in [text for _, text in typed] or at_cursor.startswith(typed[-1][1])
        assert safe
        assert len(at_cursor) >= len(safe[-1])
