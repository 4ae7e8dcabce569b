"""Does a rationale help where it exposes what the label hides? Acceptance item M16 and the table of
``docs/signal-of-rationales.md``.

Trains small students from random weights on made-up tasks (``rationale_tasks.py``) in every way the program knows
(``rationale_setups.py``) over several seeds, with the program's own training, selection and prediction, and compares
them pairwise over seeds and test rows (``rationale_table.py``). The peer of distilling step-by-step is label-only
training in the same run. Finished runs are kept in a file, so that it can be interrupted and goes on.

    python benchmarks/rationale_signal.py --write docs/signal-of-rationales.md    # all setups, arms and seeds
    python benchmarks/rationale_signal.py --setups stories-500 --arms finetune step-by-step --seeds 1 2
    python benchmarks/rationale_signal.py --task odd --names 30 --rows 300 --steps 400   # a size of your own
    python benchmarks/rationale_signal.py --jobs 0 --write docs/signal-of-rationales.md    # no run: the table again

Hours on two cores in full. One thread a run: outcomes do not depend on how many cores there are.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import Any

import rationale_records
import rationale_table
import rationale_verdicts
from rationale_setups import ARMS, QUICK, SETUPS, Arm, Setup, key
from rationale_tasks import TASKS

from dsbs_gui.core.files import write_atomically

RUNS = Path(__file__).resolve().parent.parent / "docs" / "signal-of-rationales.jsonl"
BEGIN, END = "<!-- made by benchmarks/rationale_signal.py -->\n", "<!-- end -->\n"
SEEDS = range(1, 6)

Plan = tuple[Setup, Arm, int]


def plans(setups: Sequence[Setup], arms: Sequence[Arm], seeds: Sequence[int]) -> Iterator[Plan]:
    """Seed by seed, so that what an interruption leaves is balanced."""
    for seed in seeds:
        for setup in setups:
            for arm in arms:
                yield setup, arm, seed


def missing(wanted: Sequence[Plan], records: Sequence[dict[str, Any]]) -> list[Plan]:
    done = {json.dumps(record["key"], sort_keys=True) for record in records}
    return [plan for plan in wanted if json.dumps(key(*plan), sort_keys=True) not in done]


def work(wanted: Sequence[Plan], path: Path, jobs: int) -> None:
    """Do what is not in the file yet, ``jobs`` runs at once, each in a process of its own; keep each as it ends."""
    records = rationale_records.read(path)
    left = missing(wanted, records)
    if left:
        _warn_of_others(of_these(wanted, records))
    pool = ProcessPoolExecutor(jobs, get_context("spawn"))
    under_way = {pool.submit(train, plan): plan for plan in left}
    try:
        for number, future in enumerate(as_completed(under_way), start=1):
            rationale_records.append(path, future.result())
            setup, arm, seed = under_way[future]
            print(f"{number} of {len(left)}: {setup.name}, {arm.name}, seed {seed}", file=sys.stderr, flush=True)
    finally:
        pool.shutdown(cancel_futures=True)


def _warn_of_others(records: Sequence[dict[str, Any]]) -> None:
    """Say on stderr that the new runs join records made with something else."""
    others = rationale_records.made_otherwise(records)
    if others:
        print(
            f"{len(others)} of the {len(records)} kept runs of this plan were made with another torch, processor or "
            "commit, or do not say with which. A run made again here differs from its record: read means over seeds, "
            "not seeds.",
            file=sys.stderr,
            flush=True,
        )


def train(plan: Plan) -> dict[str, Any]:
    """In a worker process: torch is loaded there only."""
    os.environ["OMP_NUM_THREADS"] = "1"
    import rationale_runs

    return rationale_runs.run(*plan)


def of_these(wanted: Sequence[Plan], records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records of exactly these plans: the file may hold others, and older ones with other settings."""
    keys = {json.dumps(key(*plan), sort_keys=True) for plan in wanted}
    return [record for record in records if json.dumps(record["key"], sort_keys=True) in keys]


def write_into(document: Path, table: str) -> None:
    """Replace what stands between the two marks. Raises ValueError if the document has no marks."""
    before, begin, rest = document.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{document} has no place for the table")
    write_atomically(document, f"{before}{BEGIN}\n{table}\n{END}{after}")


def report(records: Sequence[dict[str, Any]], setups: Sequence[Setup]) -> dict[str, Any]:
    """The JSON object of design §10. A ratio is accuracy over accuracy: above 1 step-by-step is better."""
    ratios, figures = {}, {}
    for setup in setups:
        right = rationale_verdicts.by_arm(records, setup)
        accuracies = {arm: fmean(map(fmean, seeds.values())) for arm, seeds in right.items()}
        for arm, accuracy in accuracies.items():
            figures[f"{setup.name}_{arm}_accuracy"] = round(accuracy, 4)
        for peer in ("finetune", "finetune-tokens"):
            if "step-by-step" in accuracies and accuracies.get(peer):
                ratios[f"{setup.name}_vs_{peer}"] = round(accuracies["step-by-step"] / accuracies[peer], 3)
    for one in rationale_verdicts.comparisons(records, setups):
        figures[f"{one.setup}_{one.a}_minus_{one.b}_points"] = round(100 * one.mean, 2)
    machine = {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    return {
        "benchmark": "rationale_signal",
        "ratios": ratios,
        "figures": figures,
        "goals": {},
        "machine": machine,
        "verdicts": [one.sentence() for one in rationale_verdicts.comparisons(records, setups)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two seeds of a toy, kept nowhere; not to be quoted")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--setups", nargs="+", choices=list(SETUPS), default=list(SETUPS))
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    parser.add_argument("--jobs", type=int, default=1, help="runs at once; 0 for none: what has been kept is enough")
    parser.add_argument("--runs", type=Path, help=f"file of finished runs; {RUNS.name} beside the table if not said")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="put the table into its place there")
    own = parser.add_argument_group("a setup of your own instead, kept only where --runs says")
    own.add_argument("--task", choices=list(TASKS))
    own.add_argument("--names", type=int, default=40)
    own.add_argument("--rows", type=int, default=400)
    own.add_argument("--steps", type=int, default=500)
    own.add_argument("--weight", type=float, default=1.0, help="λ")
    asked = parser.parse_args()
    setups, arms, seeds = [SETUPS[name] for name in asked.setups], [ARMS[name] for name in asked.arms], asked.seeds
    if asked.quick:
        setups, arms, seeds = [QUICK], [ARMS["finetune"], ARMS["step-by-step"]], [1, 2]
    elif asked.task:
        setups = [own_setup(asked)]
    with tempfile.TemporaryDirectory(prefix="dsbs-signal-") as place:
        passing = Path(place) / RUNS.name if asked.quick or asked.task else RUNS
        result = measure(setups, arms, seeds, asked.runs or passing, asked.jobs, asked.write)
    print(json.dumps(result, ensure_ascii=False, indent=None if asked.json else 1))


def own_setup(asked: argparse.Namespace) -> Setup:
    name = f"{asked.task}-{asked.names}-{asked.rows}-{asked.steps}"
    return Setup(name, "", asked.task, asked.names, asked.rows, asked.steps, weight=asked.weight)


def measure(
    setups: Sequence[Setup],
    arms: Sequence[Arm],
    seeds: Sequence[int],
    path: Path,
    jobs: int,
    document: Path | None = None,
) -> dict[str, Any]:
    """Do what is missing, then tell what the kept runs of this plan say."""
    wanted = list(plans(setups, arms, seeds))
    if jobs:
        work(wanted, path, jobs)
    records = of_these(wanted, rationale_records.read(path))
    if document:
        write_into(document, rationale_table.markdown(records, setups))
    return report(records, setups)


if __name__ == "__main__":
    main()
