"""Time of an optimiser step of distilling step-by-step, beside the reference's step and Seq2SeqTrainer.

The same T5 with random weights (size T5-small from its config, ``--size base`` for T5-base; dropout 0), the same
CommonsenseQA rows with PaLM's rationales and gold labels, the same effective batches in the same order, AdamW at 5e-5
with linear decay and clip 1.0:

* ``ours``: the loop of a training run, as it is (``dsbs_gui/steps/training/work``);
* ``reference``: a port of the reference code's step to transformers 5 (:mod:`train_step_peers`): a pandas frame a
  batch, two padded passes, ``Seq2SeqTrainer`` with its defaults;
* ``seq2seq_trainer``: ``Seq2SeqTrainer`` with our tensors for the whole batch, and its own loss and loop.

Each runs in a process of its own, in turn, for several rounds, all on the same device (the first GPU, else the CPU) and
in the same precision, ``--precision``: with bf16 the peers have ``bf16=True``, which is not their default. Loading and
the first step are not timed, on a GPU the first three; a step ends when the device has done all of it. Label loss and
rationale loss of every step must be the same for all three to 1e-5 (in float32; 0.03 in bf16), or the benchmark fails.

Tokens a second and the model FLOPs count real tokens, not padding, so they are the same for all three in a step:
2 FLOPs a weight that a token meets forward, twice as many backward (embeddings looked up, not multiplied, count
nothing; the keys and values of cross-attention meet input tokens; the head meets targets alone), and 4·length²·width a
layer for attention, times 3. Model FLOP utilisation divides their rate by what multiplying two large matrices reaches
on this device in this precision. ``computed_tflop_a_step`` is what each really multiplied, padding included, as torch
counts it.

Where our time goes is measured apart, in one more run, phase by phase. Without the data the benchmark says so and ends
with 0 steps.
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
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CQA = ROOT.parent / "shared" / "data" / "cqa" / "train.jsonl"
VOCABULARY = 32_128
LR = 5e-5
SIZES = {
    "small": {"d_model": 512, "d_ff": 2048, "d_kv": 64, "num_heads": 8, "num_layers": 6},
    "base": {"d_model": 768, "d_ff": 3072, "d_kv": 64, "num_heads": 12, "num_layers": 12},
}
GOALS = {"reference": 1.3, "seq2seq_trainer": 1.3}
GOALS_ON_A_GPU = {"reference": 4.0, "seq2seq_trainer": 4.0}
SAME = {"fp32": 1e-5, "bf16": 3e-2}
STEPS, UNTIMED = {"cpu": 3, "gpu": 20}, {"cpu": 1, "gpu": 3}
"""Steps of a round, and how many of them come before the first that is timed."""

Given = dict[str, Any]


# ---------------------------------------------------------------- what all are given


def make(folder: Path, options: argparse.Namespace) -> Given:
    """Write the student and the run folder; returns what every contestant reads.

    ``batches``: [step][row] → [input, label, input for the rationale, rationale], token ids.
    """
    from dsbs_gui.steps.training.rows import TRAIN_FILE
    from dsbs_gui.steps.training.work.batches import batch_indices, encode_rows
    from dsbs_gui.steps.training.work.setup import make_student, training_rows
    from dsbs_gui.students.saving import save_student

    rows = read_cqa(options.batch_size * options.steps)
    student = new_student(rows, SIZES[options.size])
    save_student(student, folder / "student", student.meta)
    spec = {
        "run_dir": str(folder), "student": str(folder / "student"), "task": "choice", "lr": LR, "steps": options.steps,
        "batch_size": options.batch_size, "micro_batch": options.batch_size, "precision": options.precision,
        "device": options.device,
    }  # fmt: skip
    with (folder / TRAIN_FILE).open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    known = training_rows(spec_of(spec), folder)
    examples, cut = encode_rows(make_student(spec_of(spec), folder, known), known)
    assert not any((cut.inputs, cut.labels, cut.rationales)), "no contestant may learn less than another"
    ids = [[e.label.input, e.label.target, e.rationale.input, e.rationale.target] for e in examples if e.rationale]
    order = [batch_indices(len(ids), options.batch_size, 0, step) for step in range(options.steps)]
    return {
        "folder": str(folder), "spec": spec, "batches": [[ids[i] for i in batch] for batch in order],
        "sizes": SIZES[options.size], "vocabulary": student.model.config.vocab_size,
        "untimed": UNTIMED[_kind(options.device)],
    }  # fmt: skip


def read_cqa(n: int) -> list[dict[str, Any]]:
    """The first ``n`` rows for which PaLM's answer has a rationale."""
    from dsbs_gui.core.tasks import task_named
    from dsbs_gui.steps.teacher.parsing import parse

    task, found = task_named("choice"), []
    for number, line in enumerate(CQA.open(encoding="utf-8"), 1):
        row = json.loads(line)
        rationale = parse(row["teacher_output"], task, row).rationale
        if rationale:
            fields = {name: row[name] for name in ("question", "choices")}
            found.append({"example_id": number, "input": task.student_input(fields), "label": row["answer"],
                          "rationale": rationale, "fields": fields})  # fmt: skip
        if len(found) == n:
            break
    return found


def new_student(rows: Sequence[dict[str, Any]], sizes: dict[str, int]) -> Any:
    """A T5 of this size with T5's vocabulary size, and a tokenizer trained on CommonsenseQA's own words."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    from dsbs_gui.students import starter
    from dsbs_gui.students.meta import ENCODER_DECODER, StudentMeta
    from dsbs_gui.students.student import Student

    texts = [json.loads(line)["teacher_output"] for line in CQA.open(encoding="utf-8")]
    texts += [row[name] for row in rows for name in ("input", "label")]
    tokenizer = starter.train_tokenizer(texts, VOCABULARY)
    config = T5Config(
        **sizes,
        vocab_size=VOCABULARY,
        dropout_rate=0.0,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(0)
    return Student(T5ForConditionalGeneration(config), tokenizer, ENCODER_DECODER, StudentMeta())


def spec_of(body: dict[str, Any]) -> Any:
    from dsbs_gui.steps.training.specs import TrainSpec

    return TrainSpec.from_json(body)


# ---------------------------------------------------------------- the contestants, each in a process of its own


def ours(given: Given) -> dict[str, Any]:
    session, taken, take = _session(given)
    done: list[float] = []
    counted = 0.0
    for step in range(session.total):
        if step == 0:
            counted = computed(take)
        else:
            take()
        _wait()
        done.append(time.perf_counter())
    losses = [[one.losses.label, one.losses.rationale] for one in taken]
    return {"done_at": done, "losses": losses, "computed_flop": counted, "tokens": [one.tokens for one in taken]}


def _session(given: Given) -> tuple[Any, list[Any], Callable[[], None]]:
    """A training run before its first step, the steps it has taken, and how to take the next one."""
    from dsbs_gui.steps.training.work import setup, training
    from dsbs_gui.steps.training.work.reporting import Reporter

    taken: list[Any] = []

    class Noting(Reporter):
        def step(self, step: Any) -> None:
            taken.append(step)
            super().step(step)

    session = setup.prepare(spec_of(given["spec"]), lambda _: None)
    report = Noting(lambda _: None, session.total, session.accelerator.device)
    return session, taken, lambda: training._take_step(session, report, lambda _: None)


def peer(name: str) -> Callable[[Given], dict[str, Any]]:
    def run(given: Given) -> dict[str, Any]:
        import train_step_peers

        return train_step_peers.run(name, given, computed)

    return run


def phases(given: Given) -> dict[str, Any]:
    """Where our time goes: milliseconds a step in each phase, untimed steps left out; and what it ran on."""
    import torch

    from dsbs_gui.steps.training.work import losses, training

    spent: dict[str, float] = defaultdict(float)
    passes = {"n": 0}

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            _wait()
            began = time.perf_counter()
            result = work(*arguments, **named)
            _wait()
            spent[name] += time.perf_counter() - began
            passes["n"] += name == "forward"
            return result

        return run

    session, _, take = _session(given)
    losses.token_loss_sum = timed("forward", losses.token_loss_sum)
    session.accelerator.backward = timed("backward", session.accelerator.backward)
    training._clip = timed("clip", training._clip)
    session.optimiser.step = timed("optimiser", session.optimiser.step)
    losses.micro_batches = _timed_batches(timed, losses.micro_batches)
    for _ in range(given["untimed"]):
        take()
    spent.clear()
    passes["n"] = 0
    steps = session.total - given["untimed"]
    _wait()
    began = time.perf_counter()
    for _ in range(steps):
        take()
    _wait()
    whole = time.perf_counter() - began
    found = {f"phase_{name}_ms": 1e3 * seconds / steps for name, seconds in spent.items()}
    rest = {"phase_rest_ms": 1e3 * (whole - sum(spent.values())) / steps, "passes_a_step": passes["n"] / steps}
    weights = sum(p.numel() for p in session.student.model.parameters())
    device = session.student.device
    machine = {
        "device": str(device), "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "threads": torch.get_num_threads(), "torch": torch.__version__,
    }  # fmt: skip
    return {"figures": found | rest | {"weights": weights}, "machine": machine}


def _timed_batches(timed: Callable[..., Any], make_batches: Callable[..., Any]) -> Callable[..., Any]:
    """Cutting and padding of a whole term at once, as its own phase."""
    return timed("batches", lambda *arguments: list(make_batches(*arguments)))


def peak(given: Given) -> dict[str, Any]:
    """FLOPs a second of a product of two large matrices in the precision of our run: the best of ten."""
    import torch

    device = given["spec"]["device"]
    n = 2048 if device == "cpu" else 8192
    kind = torch.bfloat16 if given["spec"]["precision"] == "bf16" else torch.float32
    a, b = (torch.randn(n, n, dtype=kind, device=device) for _ in range(2))
    seconds = []
    for _ in range(10):
        _wait()
        began = time.perf_counter()
        a @ b
        _wait()
        seconds.append(time.perf_counter() - began)
    return {"flop_per_s": 2 * n**3 / min(seconds)}


def computed(work: Callable[[], Any]) -> float:
    """FLOPs of all matrix products within ``work``, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops())


def _wait() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


CONTESTANTS: dict[str, Callable[[Given], dict[str, Any]]] = {
    "ours": ours,
    "reference": peer("reference"),
    "seq2seq_trainer": peer("seq2seq_trainer"),
    "phases": phases,
    "peak": peak,
}
RACED = ("ours", "reference", "seq2seq_trainer")


# ---------------------------------------------------------------- the race


def measured(name: str, given: Given) -> dict[str, Any]:
    """Run one contestant in a fresh process, which sees one GPU at most: ``Seq2SeqTrainer`` would take all."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(given, file)
        file.flush()
        command = [sys.executable, __file__, "--as", name, "--input", file.name]
        # As our worker has it, for all: threads that spin while they wait are slow where other programs use the cores.
        environment = {"OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
        environment["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=3600, check=False, env=os.environ | environment
        )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def race(given: Given, rounds: int) -> dict[str, Any]:
    """All figures, in milliseconds a step: the median over all timed steps of all rounds."""
    times: dict[str, list[float]] = defaultdict(list)
    last: dict[str, dict[str, Any]] = {}
    for number in range(rounds):
        for name in RACED[number % len(RACED) :] + RACED[: number % len(RACED)]:
            last[name] = measured(name, given)
            done = last[name]["done_at"]
            own = [1e3 * (after - before) for before, after in pairwise(done[given["untimed"] - 1 :])]
            times[name] += own
            print(f"round {number + 1}: {name:16} {statistics.median(own):8.0f} ms a step", file=sys.stderr, flush=True)
    apart = compare(last, SAME[given["spec"]["precision"]])
    ms = {name: statistics.median(found) for name, found in times.items()}
    flop, tokens = model_flop(given), statistics.mean(last["ours"]["tokens"][given["untimed"] :])
    where = measured("phases", given)
    top = measured("peak", given)["flop_per_s"]
    return {
        "ratios": {name: round(ms[name] / ms["ours"], 3) for name in RACED[1:]},
        "figures": {
            **{f"{name}_ms_a_step": round(value, 1) for name, value in ms.items()},
            **{f"{name}_tokens_per_s": round(1e3 * tokens / value, 1) for name, value in ms.items()},
            **{f"{name}_mfu_fraction": round(1e3 * flop / value / top, 4) for name, value in ms.items()},
            **{f"{name}_computed_tflop_a_step": round(run["computed_flop"] / 1e12, 4) for name, run in last.items()},
            "model_tflop_a_step": round(flop / 1e12, 4),
            "peak_tflop_per_s": round(top / 1e12, 3),
            "largest_difference_of_losses": apart,
            **{name: round(value, 1) for name, value in where["figures"].items()},
        },
        "machine": where["machine"],
    }  # fmt: skip


def compare(runs: dict[str, dict[str, Any]], within: float) -> float:
    """The largest relative difference of any loss of any step from ours. Ends the program if it is too large."""
    worst = 0.0
    for name, run in runs.items():
        assert len(run["losses"]) == len(runs["ours"]["losses"]), f"{name} took another number of steps"
        for step, (theirs, own) in enumerate(zip(run["losses"], runs["ours"]["losses"], strict=True), 1):
            for a, b in zip(theirs, own, strict=True):
                worst = max(worst, abs(a - b) / abs(b))
                if worst > within:
                    raise SystemExit(f"{name} has other losses at step {step}: {theirs}, ours {own}")
    return worst


def model_flop(given: Given) -> float:
    """Mean over the timed steps; see the module's docstring for what is counted."""
    timed = given["batches"][given["untimed"] :]
    return statistics.mean(sum(_row_flop(given, row) for row in batch) for batch in timed)


def _row_flop(given: Given, row: Sequence[Sequence[int]]) -> float:
    sizes = given["sizes"]
    d, inner, ff, layers = sizes["d_model"], sizes["num_heads"] * sizes["d_kv"], sizes["d_ff"], sizes["num_layers"]
    attention, feed = 4 * d * inner, 2 * d * ff
    total = 0.0
    for n, m in ((len(row[0]), len(row[1])), (len(row[2]), len(row[3]))):
        read = layers * (attention + feed + attention / 2) * n  # the last half: cross-attention's keys and values
        written = layers * (attention + feed + attention / 2) * m + d * given["vocabulary"] * m
        looked = layers * 4 * inner * (n * n + m * m + n * m)
        total += 3 * (2 * (read + written) + looked)
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rows and one round, for a first look")
    parser.add_argument("--json", action="store_true", help="nothing but the JSON object on standard output")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument(
        "--batch-size", type=int, metavar="N", help="effective batch (default: 64, the paper's; 4 with --quick)"
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="of each round (default: 3, the first not timed; on a GPU 20, and three)"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="default: 3, or 1 with --quick")
    parser.add_argument("--precision", choices=SAME, default="fp32", help="of all three")
    parser.add_argument("--as", dest="contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--input", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.contestant:
        print(json.dumps(CONTESTANTS[options.contestant](json.loads(options.input.read_text()))))
        return 0
    options.batch_size = options.batch_size or (4 if options.quick else 64)
    options.device = "cuda:0" if _sees_a_gpu() else "cpu"
    kind = _kind(options.device)
    options.steps = options.steps or STEPS[kind]
    if options.steps <= UNTIMED[kind]:
        parser.error(f"--steps {options.steps} leaves nothing to time: it begins after step {UNTIMED[kind]}")
    rounds = options.rounds or (1 if options.quick else 3)
    if not CQA.is_file():
        result: dict[str, Any] = {"ratios": {}, "figures": {}, "skipped": f"{CQA} is not there"}
        print("Skipped: CommonsenseQA with PaLM's answers is not on this machine.", file=sys.stderr)
    else:
        with tempfile.TemporaryDirectory() as folder:
            result = race(make(Path(folder), options), rounds)
    if not options.json:
        _tell(result)
    machine = {"system": platform.platform(), "processor": platform.processor(), "size": options.size,
               "batch_size": options.batch_size, "steps": options.steps, "rounds": rounds,
               "precision": options.precision, "peer_precision": options.precision}  # fmt: skip
    goals = GOALS_ON_A_GPU if kind == "gpu" else GOALS
    print(
        json.dumps(
            {"benchmark": "train_step", **result, "goals": goals, "machine": machine | result.get("machine", {})}
        )
    )
    return 0


def _sees_a_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _kind(device: str) -> str:
    return "cpu" if device == "cpu" else "gpu"


def _tell(result: dict[str, Any]) -> None:
    figures = result["figures"]
    for name in RACED if figures else ():
        ms, tokens, flop, mfu = (
            figures[f"{name}_{what}"] for what in ("ms_a_step", "tokens_per_s", "computed_tflop_a_step", "mfu_fraction")
        )
        print(f"{name:16} {ms:8.0f} ms a step, {tokens:7.0f} tokens/s, {flop:6.3f} TFLOP computed, MFU {mfu:.0%}")
    for name, value in figures.items():
        if name.startswith("phase_"):
            print(f"  ours, {name[6:-3]:10} {value:8.0f} ms a step")


if __name__ == "__main__":
    sys.exit(main())
