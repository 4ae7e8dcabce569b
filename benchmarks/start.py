"""How soon the window is there, beside a bare PySide6 window with six tabs started in the same way.

Both are started anew in each round, one after the other, without a screen (Qt's ``offscreen`` platform), and
timed from the start of the process to the moment after the window's first paint. The first round warms the
disk's cache and is not counted. Ours also says when the sample project's first page was there, and which heavy
modules were loaded by then.

The peer does nothing, so it is a lower bound: the ratio stays below 1 and says what our frame costs. What is
promised is the time.
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
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, QUICK_ROUNDS = 15, 4
GOAL_S = 1.0

PEER = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableWidget, QTabWidget, QVBoxLayout, QWidget

class Window(QTabWidget):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, self.say)

    def say(self):
        print('{"window_at": %r}' % time.time(), flush=True)
        self.close()

app = QApplication([])
window = Window()
for name in ("Data", "Teacher", "Review", "Training", "Evaluation", "Export"):
    page = QWidget()
    layout = QVBoxLayout(page)
    for part in (QLabel(name), QTableWidget(20, 5), QPushButton(name)):
        layout.addWidget(part)
    window.addTab(page, name)
window.resize(1280, 800)
window.show()
app.exec()
"""


def started(command: Sequence[str], environment: dict[str, str]) -> dict[str, Any]:
    """Start a program and wait for its end; its last line with times in seconds since the start."""
    began = time.time()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {name: value - began if name.endswith("_at") else value for name, value in said.items()}


def measure(rounds: int) -> dict[str, Any]:
    """All figures; alternating, a warm-up round first."""
    ours: list[dict[str, Any]] = []
    peers: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as home:
        names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        environment = dict(os.environ) | {name: home for name in names} | {"QT_QPA_PLATFORM": "offscreen"}
        for number in range(rounds + 1):
            own = started([sys.executable, "-m", "dsbs_gui.app.main", "--exit-when-shown"], environment)
            peer = started([sys.executable, "-c", PEER], environment)
            if number:
                ours.append(own)
                peers.append(peer)
            print(f"round {number}: ours {own['window_at']:.2f} s, peer {peer['window_at']:.2f} s", file=sys.stderr)
    window_s = statistics.median(run["window_at"] for run in ours)
    peer_s = statistics.median(run["window_at"] for run in peers)
    return {
        "benchmark": "start",
        "ratios": {"window_shown": round(peer_s / window_s, 3)},
        "figures": {
            "window_s": round(window_s, 3),
            "peer_window_s": round(peer_s, 3),
            "first_page_s": round(statistics.median(run["page_at"] for run in ours), 3),
            "slowest_window_s": round(max(run["window_at"] for run in ours), 3),
            "heavy_modules_count": len({name for run in ours for name in run["heavy"]}),
            "rounds_count": rounds,
        },
        "goals": {"window_s": GOAL_S, "heavy_modules_count": 0},
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
    }


def main() -> int:
    """Print the figures: as JSON with ``--json``, else also as sentences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a few rounds, for a first look")
    parser.add_argument("--json", action="store_true", help="nothing but the JSON object on standard output")
    options = parser.parse_args()
    result = measure(QUICK_ROUNDS if options.quick else ROUNDS)
    if not options.json:
        figures = result["figures"]
        print(f"The window is shown {figures['window_s']:.2f} s after the start (goal: under {GOAL_S:.0f} s),")
        print(f"a bare PySide6 window after {figures['peer_window_s']:.2f} s; the first page after "
              f"{figures['first_page_s']:.2f} s.")  # fmt: skip
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
