"""``kill -9`` of the program while it imports: every row is there once when the project is opened again."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store.connection import connect

OWNER = Path(__file__).parent / "importing_owner.py"
ROWS = 60_000


def write_rows(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("input,label\n")
        file.writelines(f"How much is {n} plus one?,{n + 1}\n" for n in range(ROWS))


def kill_when(folder: Path, source: Path, stored: int) -> bool:
    """Kill the owner once so many rows are stored; False if it had ended before."""
    command = [sys.executable, str(OWNER), str(folder), str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        for line in owner.stdout:
            if line.strip().isdigit() and int(line) >= stored:
                owner.kill()
                return True
    return False


@pytest.mark.timeout(240)
def test_an_import_killed_three_times_ends_with_every_row_once(tmp_path: Path) -> None:
    luck = random.Random(7)
    folder, source = tmp_path / "project", tmp_path / "rows.csv"
    write_rows(source)
    Project.create(folder, "text").close()
    moments = sorted(luck.randrange(1, ROWS * 3 // 4) for _ in range(2))
    assert all([kill_when(folder, source, stored) for stored in (0, *moments)])
    ended = subprocess.run(
        [sys.executable, str(OWNER), str(folder), str(source)], capture_output=True, text=True, timeout=200, check=False
    )
    assert ended.returncode == 0, ended.stdout[-200:] + ended.stderr[-2000:]
    connection = connect(folder / "project.db", read_only=True)
    try:
        counts = connection.execute(
            "SELECT count(*), count(DISTINCT line), count(DISTINCT input_hash) FROM examples"
        ).fetchone()
        assert tuple(counts) == (ROWS,) * 3
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("SELECT count(*) FROM imports").fetchone()[0] == 1
    finally:
        connection.close()
