"""Curves of a million points, beside pyqtgraph with its defaults and a matplotlib canvas (where it is installed).

Each contestant draws four noisy series of 250,000 points each, 900×400 px, without a screen (Qt's ``offscreen``
platform), in a process of its own, in turns, several rounds. A redraw is one act of the user - zoom, pan, all of it
again - or one new point of each series, up to the painted picture. ``append_ms`` is a redraw after new points alone.

Then ours opens a run of a million rows of metrics on the page, and takes in events of a run that is as long already
(``intake_growth`` is what a message costs there, over what it costs in a new run). At last a real worker trains the
starter student while the window shows the Training page and hides it, in turns: ``watching_percent`` is what showing it
takes of the processor time of all cores it may use, ``watching_percent_of_one_core`` of one. That is counted, not
timed, so it holds on a busy machine, too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POINTS, QUICK_POINTS, SERIES = 250_000, 100_000, 4
ROUNDS, QUICK_ROUNDS = 3, 1
ACTS, QUICK_ACTS = 120, 12
WATCHED_S, QUICK_WATCHED_S = 60, 3
LONGEST_S = 1_500
GOALS = {"redraw_p95_ms": 33, "append_ms": 33, "open_outline_s": 0.5, "intake_growth": 1.5, "watching_percent": 1}
PEERS = ("pyqtgraph", *(("matplotlib",) if find_spec("matplotlib") else ()))


def run(script: str, *words: object) -> dict[str, float]:
    """One contestant in a process of its own; its figures."""
    with tempfile.TemporaryDirectory() as home:
        names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        path = os.pathsep.join((str(ROOT), str(ROOT / "benchmarks")))
        environment = dict(os.environ) | {name: home for name in names}
        environment |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
        command = [sys.executable, str(ROOT / "benchmarks" / script), *map(str, words)]
        done = subprocess.run(
            command, env=environment, cwd=home, stdout=subprocess.PIPE, text=True, timeout=LONGEST_S, check=True
        )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{script} {words[0]}: {found}", file=sys.stderr)
    return found


def measure(points: int, rounds: int, acts: int, watched_s: int) -> dict[str, Any]:
    """All figures."""
    drawn: dict[str, list[dict[str, float]]] = {name: [] for name in ("ours", *PEERS)}
    for _ in range(rounds):
        for name, found in drawn.items():
            found.append(run("curves_drawing.py", name, SERIES, points, acts))
    middle = {name: _medians(found) for name, found in drawn.items()}
    figures = dict(middle["ours"])
    for name in PEERS:
        figures |= {f"{name}_{what}": value for what, value in middle[name].items()}
    figures |= run("curves_reading.py", points)
    figures |= run("curves_watching.py", watched_s)
    ratios = {
        f"{name}_{what}": _rounded(middle[name][f"{what}_ms"] / middle["ours"][f"{what}_ms"])
        for name in PEERS
        for what in ("redraw_median", "redraw_p95", "append")
    }
    return {
        "benchmark": "curves",
        "ratios": ratios,
        "figures": {name: _rounded(value) for name, value in figures.items()} | {"points_count": points * SERIES},
        "goals": GOALS,
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
    }


def _medians(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def main() -> int:
    """Print the figures: as JSON with ``--json``, else also as a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="one round of fewer points, for a first look")
    parser.add_argument("--json", action="store_true", help="nothing but the JSON object on standard output")
    options = parser.parse_args()
    if options.quick:
        result = measure(QUICK_POINTS, QUICK_ROUNDS, QUICK_ACTS, QUICK_WATCHED_S)
    else:
        result = measure(POINTS, ROUNDS, ACTS, WATCHED_S)
    if not options.json:
        for name, value in result["figures"].items():
            print(f"{name:28} {value:>10} {f'(goal: {GOALS[name]})' if name in GOALS else ''}")
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
