"""kill -9 while somebody edits and decides in bulk: what was acknowledged is there, and nothing is there by half.

The 25 kills, half of them of the Review page: ``python -m pytest tests/journeys/test_killed_review.py -m slow``.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, examples
from dsbs_gui.core.store.connection import Reader, connect
from tests.journeys.reviewing_owner import act, perform
from tests.steps.review.making import add_answer, add_examples

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX systems")

OWNER = Path(__file__).with_name("reviewing_owner.py")
ROWS = 4_000
LONGEST_ACT_S = 0.12
"""About as long as deciding all rows takes here; kills fall into this time after an act has begun."""


def make(folder: Path) -> None:
    project = Project.create(folder, "math")
    rows = [{"fields": {"input": f"What is {n} plus 1?"}, "label": str(n + 1)} for n in range(ROWS)]
    for example_id in add_examples(project, rows)[:20]:  # the others have a rationale, but no answer of a teacher
        add_answer(project, example_id, f"{example_id} and one more.", str(example_id))
    project.store.write_now(
        lambda tx: tx.execute(
            "UPDATE examples SET rationale = 'One more.', teacher_label = label, agree = 1, state = 'unreviewed',"
            " origin = 'import' WHERE rationale IS NULL"
        )
    )
    project.close()


def content(db: Reader) -> str:
    """All examples as they are now."""
    return _digest(db, "SELECT * FROM examples ORDER BY id")


def history(db: Reader) -> str:
    """What can be undone and redone, act by act; numbers of acts and times differ from process to process."""
    acts = "SELECT action, undone FROM batches WHERE undone < 2 ORDER BY id"
    changes = (
        "SELECT dense_rank() OVER (ORDER BY b.id), h.example_id, h.field, h.before, h.after FROM history h"
        " JOIN batches b ON b.id = h.batch_id WHERE b.undone < 2 ORDER BY h.id"
    )
    return _digest(db, acts) + _digest(db, changes)


def _digest(db: Reader, sql: str) -> str:
    return hashlib.sha256(repr([tuple(row) for row in db.execute(sql).fetchall()]).encode()).hexdigest()


@dataclass
class Trial:
    """A project that is worked on and killed, and one beside it in which the same is done in peace."""

    folder: Path
    seed: int
    luck: random.Random
    acts: int = 0
    in_midst: int = 0
    in_bulk: int = 0

    def __post_init__(self) -> None:
        make(self.folder / "killed")
        shutil.copytree(self.folder / "killed", self.folder / "peaceful")
        self.peaceful = Project.open(self.folder / "peaceful")
        self.ids = list(examples.ids(self.peaceful.store.reader))
        self.first = content(self.peaceful.store.reader)

    def round(self, kind: str) -> None:
        """Let somebody work for a while, kill, and look."""
        command = [sys.executable, str(OWNER), str(self.folder / "killed"), str(self.seed), str(self.acts), kind]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
            assert owner.stdout is not None
            wanted, begun, done, bulk = self.acts + self.luck.randrange(6), -1, self.acts, False
            for line in owner.stdout:
                word, n, what = line.split()
                if word == "done":
                    done = int(n) + 1
                begun, bulk = int(n), what == "bulk"
                if word == "begun" and begun >= wanted:
                    break
            assert begun >= wanted, "the process ended by itself"
            time.sleep(self.luck.random() * LONGEST_ACT_S)
            owner.kill()
            for line in owner.stdout:  # what it had acknowledged by then
                if line.startswith("done ") and line.endswith("\n"):
                    done = int(line.split()[1]) + 1
                elif line.startswith("begun ") and line.endswith("\n"):
                    begun, bulk = int(line.split()[1]), line.split()[2] == "bulk"
        self.in_midst += begun >= done
        self.in_bulk += begun >= done and bulk
        self._check(done)

    def _check(self, acknowledged: int) -> None:
        """The project is as after the acknowledged acts, or as after one more that was committed and not told yet."""
        shutil.copytree(self.folder / "killed", self.folder / "copy")
        connection = connect(self.folder / "killed" / "project.db", read_only=True)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            found = content(connection), history(connection)
        finally:
            connection.close()
        self._go_on_to(acknowledged)
        if self._peaceful() != found:
            self._go_on_to(acknowledged + 1)
            assert self._peaceful() == found, f"neither the {acknowledged} acts that were told nor one more"
        self._undo_some_in_the_copy(found[0])

    def _go_on_to(self, n: int) -> None:
        while self.acts < n:
            perform(self.peaceful, act(self.seed, self.acts, self.ids))
            self.acts += 1

    def _peaceful(self) -> tuple[str, str]:
        return content(self.peaceful.store.reader), history(self.peaceful.store.reader)

    def _undo_some_in_the_copy(self, before: str) -> None:
        project = Project.open(self.folder / "copy")
        store, n = project.store, self.luck.randrange(1, 4)
        undone = [batch for batch in (store.write_now(decisions.undo) for _ in range(n)) if batch is not None]
        for _ in undone:
            store.write_now(decisions.redo)
        assert content(store.reader) == before
        project.close()
        shutil.rmtree(self.folder / "copy")

    def finish(self) -> None:
        """Take everything back in the project that was killed: it is as it was before the first act."""
        project = Project.open(self.folder / "killed")
        acts = 0
        while project.store.write_now(decisions.undo) is not None:
            acts += 1
        assert acts
        assert content(project.store.reader) == self.first
        while project.store.write_now(decisions.redo) is not None:
            acts -= 1
        assert acts <= 0
        project.store.write_now(lambda tx: tx.execute("INSERT INTO search (search) VALUES ('integrity-check')"))
        project.close()
        self.peaceful.close()


@pytest.mark.timeout(240)
def test_three_kills_lose_no_edit_and_leave_no_bulk_decision_by_half(tmp_path: Path) -> None:
    trial = Trial(tmp_path, seed=3, luck=random.Random(3))
    for kind in ("plain", "window", "plain"):
        trial.round(kind)
    trial.finish()


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_25_kills_lose_no_edit_and_leave_no_bulk_decision_by_half(tmp_path: Path) -> None:
    trial = Trial(tmp_path, seed=25, luck=random.Random(25))
    for n in range(25):
        trial.round(("plain", "window")[n % 2])
    trial.finish()
    print(f"25 kills: {trial.in_midst} within an act, {trial.in_bulk} of these a bulk one; {trial.acts} acts")
    assert trial.in_midst >= 5, "the moments of the kills do not fall into acts"
    assert trial.in_bulk
