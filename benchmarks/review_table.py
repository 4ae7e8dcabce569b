"""A million rationales in the Review page, beside ``QSqlTableModel`` + ``QSortFilterProxyModel`` and a pandas frame.

A project of examples and answers of about 500 bytes is made once by the store's own writers (``--keep`` keeps it).
Each contestant then works on a copy in a process of its own, without a screen (Qt's ``offscreen`` platform), one
after the other: opening to the first painted rows, jumps, steps of the wheel, filters, search, edits until they are
committed, Ctrl+A, accepting all rows and taking it back, and cells of ten megabytes.

Times are those of the user: from the act to the painted window. A ratio is the geometric mean over what the peer can
do too. ``worst_gap_ms`` is the longest time for which a 5-ms timer of the window did not fire while all rows were
accepted and taken back; ``rss_mb`` is the largest resident memory up to then.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ROWS, QUICK_ROWS = 1_000_000, 20_000
ROUNDS, QUICK_ROUNDS = 3, 1
LONGEST_S = 1_800
PEERS = ("qsqltablemodel", "pandas_model")
GOALS = {
    "first_paint_s": 0.5, "jump_p95_ms": 30, "wheel_p95_ms": 16, "filter_ms": 150, "search_ms": 100, "edit_ms": 20,
    "select_all_ms": 50, "bulk_s": 15, "undo_s": 15, "worst_gap_ms": 100, "rss_mb": 400, "big_cell_ms": 300,
}  # fmt: skip


def made(keep: Path, rows: int) -> Path:
    """The project, made in a process of its own: what that takes is none of the others' memory."""
    command = [sys.executable, str(ROOT / "benchmarks" / "review_rows.py"), str(keep), str(rows)]
    subprocess.run(command, env=_environment(keep), check=True)
    return keep / f"review-{rows}"


def run(keep: Path, folder: Path, script: str, *words: str) -> dict[str, float]:
    """One contestant on its own copy; its figures."""
    with tempfile.TemporaryDirectory(dir=keep) as own:
        copy = Path(own) / "project"
        shutil.copytree(folder, copy)
        os.sync()  # a copy that is still being written would slow down what is measured
        command = [sys.executable, str(ROOT / "benchmarks" / script), *(w.replace("{}", str(copy)) for w in words)]
        environment = _environment(Path(own))
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, timeout=LONGEST_S, check=True
        )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{script} {words[0] if script != 'review_ours.py' else ''}: {figures}", file=sys.stderr)
    return figures


def _environment(home: Path) -> dict[str, str]:
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    path = os.pathsep.join((str(ROOT), str(ROOT / "benchmarks")))
    return dict(os.environ) | {name: str(home) for name in names} | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": path}


def measure(keep: Path, rows: int, rounds: int) -> dict[str, Any]:
    """All figures."""
    folder = made(keep, rows)
    ours = run(keep, folder, "review_ours.py", "{}", str(rows), str(rounds))
    peers = {name: run(keep, folder, "review_peers.py", name, "{}") for name in PEERS}
    figures = {name: _rounded(value) for name, value in ours.items()}
    for name, found in peers.items():
        figures |= {f"{name}_{what}": _rounded(value) for what, value in found.items()}
    return {
        "benchmark": "review_table",
        "ratios": {name: _rounded(_ratio(ours, found)) for name, found in peers.items()},
        "figures": figures | {"rows_count": rows},
        "goals": GOALS,
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
    }


def _ratio(ours: dict[str, float], peer: dict[str, float]) -> float:
    return statistics.geometric_mean(peer[name] / ours[name] for name in GOALS if name in peer)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def main() -> int:
    """Print the figures: as JSON with ``--json``, else also as a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows, for a first look")
    parser.add_argument("--rows", type=int, help=f"so many rows instead of {ROWS:,}")
    parser.add_argument("--keep", type=Path, help="a folder in which the project is made, or found from the last time")
    parser.add_argument("--json", action="store_true", help="nothing but the JSON object on standard output")
    options = parser.parse_args()
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    with tempfile.TemporaryDirectory() as temporary:
        keep = options.keep or Path(temporary)
        keep.mkdir(parents=True, exist_ok=True)
        result = measure(keep.resolve(), rows, QUICK_ROUNDS if options.quick else ROUNDS)
    if not options.json:
        figures = result["figures"]
        for name, goal in GOALS.items():
            others = " ".join(f"{peer} {figures.get(f'{peer}_{name}', '–')}" for peer in PEERS)
            print(f"{name:15} {figures[name]:>10} (goal: {goal}) {others}")
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
