"""Build the wheel, install it into a clean environment and ask it whether it is well: `dsbs doctor`.

    python3 packaging/smoke_test.py [--extra NAME …]

Without an extra only the command line is installed, which must work where there is neither Qt nor torch.
Needs the network, or a package index that pip knows. Leaves nothing behind.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What the wheel must hold beside the code, and what must stay out of it.
CARRIED = ("dsbs_gui/resources/", "dsbs_gui/models/")
KEPT_OUT = ("tests/", "benchmarks/", "docs/", "dsbs_gui/models/weights/")


def run(*command: str | Path) -> str:
    """Standard output of a command; its standard error is shown. Raises CalledProcessError."""
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def build(into: Path) -> Path:
    """The wheel of this checkout, made in `into`."""
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", into, ROOT)
    return next(into.glob("dsbs_gui-*.whl"))


def faults_of(wheel: Path) -> list[str]:
    """What is wrong with the wheel's contents."""
    names = zipfile.ZipFile(wheel).namelist()
    lacking = [f"{folder} is missing" for folder in CARRIED if not any(n.startswith(folder) for n in names)]
    return lacking + [f"{name} does not belong in it" for name in names if name.startswith(KEPT_OUT)]


def install(wheel: Path, extras: list[str], into: Path) -> Path:
    """A clean environment with the wheel; returns its folder of programs."""
    run(sys.executable, "-m", "venv", into)
    programs = into / ("Scripts" if os.name == "nt" else "bin")
    wanted = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    constraints = ROOT / "constraints.txt"
    run(programs / "python", "-m", "pip", "install", "--quiet", "--constraint", constraints, wanted)
    return programs


def main() -> int:
    parser = argparse.ArgumentParser(description="Check the wheel in a clean environment.")
    parser.add_argument("--extra", action="append", default=[], help="install this extra, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder))
        print(f"{wheel.name}, {wheel.stat().st_size / 1e6:.1f} MB")
        faults = faults_of(wheel)
        if faults:
            print("\n".join(faults))
            return 1
        programs = install(wheel, options.extra, Path(folder) / "venv")
        report = json.loads(run(programs / "dsbs", "doctor", "--json"))
        print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
