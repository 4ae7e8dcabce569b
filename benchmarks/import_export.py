"""A million rows in and out, beside ``pandas.read_csv``/``to_sql`` and ``datasets`` with the same file.

In: a CSV file of some 500 bytes a row into a project (every field counted, bad rows looked for, duplicates found,
committed with ``synchronous=FULL``). Out: the project's rows to Parquet. Each contestant runs in a process of its
own, alternating, timed from its start to its end; memory is the largest sum over the process and its children.
``datasets`` reads the file into its Arrow cache and writes Parquet; pandas reads it into SQLite and out of it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
ROWS, QUICK_ROWS = 1_000_000, 20_000
ROUNDS, QUICK_ROUNDS = 3, 1
POLL_S = 0.05
IMPORT_GOAL_S, MEMORY_GOAL_MB = 180.0, 1_500.0

OURS = """
import sys
from pathlib import Path
from dsbs_gui.core.project import Project
from dsbs_gui.steps.data import intake, plan
from dsbs_gui.steps.export import intake as exported, plan as export
what, source, folder, out = sys.argv[1:]
takes = {"import": intake.make(lambda *_: {}), "export-data": exported.take}
if what == "in":
    project = Project.create(Path(folder) / "project", "text", intakes=takes)
    request = plan.import_request(project, source)
else:
    project = Project.open(Path(folder) / "project", intakes=takes)
    request = export.data_request(project, format="parquet", out=out)
project.jobs.begin()
run = project.jobs.wait(project.jobs.submit(request).id)
project.close()
assert run.state == "done", run.reason
print(run.summary.get("imported", run.summary.get("rows")))
"""
PANDAS = """
import sqlite3, sys
import pandas
what, source, folder, out = sys.argv[1:]
with sqlite3.connect(folder + "/pandas.db") as db:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    if what == "in":
        frame = pandas.read_csv(source)
        frame.to_sql("examples", db, if_exists="replace", index=False)
    else:
        frame = pandas.read_sql("SELECT * FROM examples", db)
        frame.to_parquet(out, index=False)
print(len(frame))
"""
DATASETS = """
import sys
import datasets
what, source, folder, out = sys.argv[1:]
rows = datasets.load_dataset("csv", data_files=source, cache_dir=folder + "/datasets", split="train")
if what == "out":
    rows.to_parquet(out)
print(len(rows))
"""
CONTESTANTS = {"ours": OURS, "pandas": PANDAS, "datasets": DATASETS}


def write_rows(path: Path, rows: int) -> None:
    """Made-up problems of some 500 bytes with quotes, commas and line ends in them; the same for a seed."""
    chance = random.Random(0)
    words = [f"{chance.choice('bdfgklmnprst')}{chance.choice('aeiou')}{chance.choice('lnrst')}" for _ in range(400)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "input", "label"])
        for number in range(rows):
            text = " ".join(chance.choices(words, k=110))
            writer.writerow([f"row-{number}", f'{number}: "{text}",\nhow many?', number % 5])


def run_one(name: str, what: str, source: Path, folder: Path, out: Path, rows: int) -> dict[str, float]:
    """Seconds and peak memory in MB of one contestant. Raises RuntimeError if it fails or loses rows."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", CONTESTANTS[name], what, str(source), str(folder), str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory_of(process.pid))
        time.sleep(POLL_S)
    seconds = time.perf_counter() - began
    told, complained = process.communicate()
    if process.returncode or int(told.split()[-1]) != rows:
        raise RuntimeError(f"{name} {what}: {told[-300:]} {complained[-2000:]}")
    return {"seconds": seconds, "megabytes": peak / 1e6}


def memory_of(pid: int) -> int:
    """Bytes of a process and its children; pages that they share count twice."""
    try:
        process = psutil.Process(pid)
        return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
    except psutil.Error:
        return 0


def measure(rows: int, rounds: int) -> dict[str, Any]:
    """Medians of all contestants, alternating."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="dsbs-benchmark-") as place:
        source = Path(place) / "rows.csv"
        write_rows(source, rows)
        megabytes = source.stat().st_size / 1e6
        for number in range(rounds):
            for name in CONTESTANTS:
                folder = Path(place) / f"{name}-{number}"
                folder.mkdir()
                for what in ("in", "out"):
                    result = run_one(name, what, source, folder, folder / "out.parquet", rows)
                    found[f"{name}_{what}"].append(result)
                    told = f"{result['seconds']:.1f} s, {result['megabytes']:.0f} MB"
                    print(f"round {number + 1}: {name} {what}: {told}", file=sys.stderr, flush=True)
    return {"rows": rows, "file_mb": megabytes, **_figures(found, rows)}


def _figures(found: dict[str, list[dict[str, float]]], rows: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    for key, results in found.items():
        seconds = statistics.median(result["seconds"] for result in results)
        figures[f"{key}_s"] = round(seconds, 2)
        figures[f"{key}_rows_per_s"] = round(rows / seconds)
        figures[f"{key}_peak_mb"] = round(statistics.median(result["megabytes"] for result in results))
    return figures


def report(figures: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of design §10: above 1 we are faster, or take less memory."""
    ratios = {}
    for peer in ("pandas", "datasets"):
        for what in ("in", "out"):
            for unit, title in (("s", "speed"), ("peak_mb", "memory")):
                ratios[f"{what}_{title}_vs_{peer}"] = round(
                    figures[f"{peer}_{what}_{unit}"] / figures[f"ours_{what}_{unit}"], 3
                )
    return {
        "benchmark": "import_export",
        "ratios": ratios,
        "figures": figures,
        "goals": {"ours_in_s": IMPORT_GOAL_S, "ours_in_peak_mb": MEMORY_GOAL_MB, "ours_out_peak_mb": MEMORY_GOAL_MB},
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS} rows, one round; not to be quoted")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    arguments = parser.parse_args()
    rows, rounds = (QUICK_ROWS, QUICK_ROUNDS) if arguments.quick else (ROWS, ROUNDS)
    result = report(measure(rows, rounds))
    print(json.dumps(result, indent=None if arguments.json else 1))


if __name__ == "__main__":
    main()
