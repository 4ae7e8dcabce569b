"""Rationales per second of the local teacher, beside llama.cpp's own ways with the same file and rows.

The same GGUF, the same rows, the same 7-shot prompt, greedy, at most 96 new tokens:

* ``ours``: the engine of a generation job, as it is by default: it measures once, before the race, in which form
  the weights are read fastest on this machine;
* ``loop``: ``Llama.create_completion`` row after row, which keeps the prefix that the next prompt shares;
* ``server8``, ``server16``: llama.cpp's server (package ``xllamacpp``) with so many slots, all kept busy;
* ``limit``: every token that must be computed (the shared prefix once, the rest of each prompt, each answer)
  at the rate at which the machine reads a prompt of 512 tokens with the file's weights;
  ``limit_ours``: the same with the weights in the form that ours reads, where that is another one.

Each runs in a process of its own, in turn, for several rounds; loading and warming up are not timed. Our
answers are compared with those that ``Llama.create_completion`` gives one at a time (``alone``) with the weights
in the form that ours reads. Where they part, that loop is asked for its logits at the token where they do: a
distance between both tokens below ``TIE`` is a tie that rounding decides, and anything else is counted as
``unexplained_answers``. ``equal_to_given`` compares with the file's weights as they are: llama.cpp then rounds
what it multiplies them with to 8 bits, which moves more answers.

``--rows`` takes a JSONL file of math problems with ``input``; without it the SVAMP file of a developer's data
folder is used where there is one, and the sample project's problems otherwise.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dsbs_gui.steps.teacher import catalogue, exemplars, prompts  # noqa: E402
from dsbs_gui.steps.teacher.specs import GenerateSpec  # noqa: E402

N_ROWS, N_ROWS_QUICK = 96, 16
ROUNDS, ROUNDS_QUICK = 3, 1
N_SHOTS, MAX_TOKENS = 7, 96
TIE = 0.5  # nats; see tests/steps/teacher/test_llama_engine.py for what rounding was seen to do
SVAMP = ROOT.parent / "shared" / "data" / "svamp" / "train.jsonl"
SAMPLE = ROOT / "resources" / "sample" / "train.jsonl"
N_PROMPT, N_PROMPT_ROUNDS = 512, 3
GOALS = {"loop": 2.0, "server": 2.0, "fraction_of_limit": 0.7, "equal_answers": 0.95}


def work(rows: Path, n: int) -> dict[str, Any]:
    """What every contestant is given: the model file, the prompts, their common prefix and the stop strings."""
    lines = rows.read_text("utf-8").splitlines()[:n]
    prompt = exemplars.bundled("math", ["( 1.0 + 2.0 )"])
    prompt = replace(prompt, exemplars=prompt.exemplars[:N_SHOTS])
    return {
        "model": str(catalogue.resolve("smollm2-135m").model),
        "prompt": prompt.to_json(),
        "prefix": prompts.prefix(prompt),
        "prompts": [prompts.render(prompt, {"input": str(json.loads(line)["input"])}) for line in lines],
        "stop": list(prompt.stop),
    }


# ---------------------------------------------------------------- the contestants, each in a process of its own


def ours(given: dict[str, Any]) -> dict[str, Any]:
    from dsbs_gui.steps.teacher.work.asking import Request
    from dsbs_gui.steps.teacher.work.llama_engine import LlamaEngine

    spec = GenerateSpec(task="math", model=given["model"], prompt=given["prompt"], max_tokens=MAX_TOKENS)
    longest = sorted(given["prompts"], key=len, reverse=True)[:16]
    engine = LlamaEngine(spec, given["prefix"], given["stop"], longest)
    requests = [Request(place, 0, prompt) for place, prompt in enumerate(given["prompts"])]
    began = time.perf_counter()
    replies = sorted(engine.answer(iter(requests), lambda: False), key=lambda reply: reply.request.example_id)
    seconds = time.perf_counter() - began
    facts = engine.facts()
    engine.close()
    return {
        "seconds": seconds,
        "texts": [reply.raw for reply in replies],
        "tokens_out": sum(reply.tokens_out for reply in replies),
        "engine": facts,
    }


def loop(given: dict[str, Any], path: str = "") -> dict[str, Any]:
    import llama_cpp

    path = path or given["model"]
    model = llama_cpp.Llama(path, n_ctx=2048, n_threads=_threads(), n_threads_batch=_threads(), verbose=False)
    began = time.perf_counter()
    answers = [_completed(model, given, prompt) for prompt in given["prompts"]]
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "texts": [answer["choices"][0]["text"] for answer in answers],
        "tokens_out": sum(answer["usage"]["completion_tokens"] for answer in answers),
    }


def _completed(model: Any, given: dict[str, Any], prompt: str, **options: Any) -> Any:
    stop, n = given["stop"], MAX_TOKENS
    return model.create_completion(prompt, **({"max_tokens": n, "temperature": 0.0, "stop": stop} | options))


def server(given: dict[str, Any], n_slots: int) -> dict[str, Any]:
    """llama.cpp's server with separate streams, its default and the faster way here; called without HTTP."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = given["model"]
    parameters.n_parallel = n_slots
    parameters.n_ctx = 1024 * n_slots
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = _threads()
    parameters.fit_params = False
    running = xllamacpp.Server(parameters)

    def ask(prompt: str) -> Any:
        body = {"prompt": prompt, "max_tokens": MAX_TOKENS, "temperature": 0.0, "stop": given["stop"]}
        return running.handle_completions(body | {"cache_prompt": True})

    began = time.perf_counter()
    with ThreadPoolExecutor(n_slots) as pool:
        answers = list(pool.map(ask, given["prompts"]))
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "texts": [answer["choices"][0]["text"] for answer in answers],
        "tokens_out": sum(answer["usage"]["completion_tokens"] for answer in answers),
    }


def as_read(given: dict[str, Any]) -> str:
    """The file that ours reads on this machine: the given one, or the one with expanded weights."""
    from dsbs_gui.steps.teacher.work.llama_weights import model_in_best_form

    model, _ = model_in_best_form(Path(given["model"]), "auto", lambda: False)
    model.close()
    return str(model.path)


def limit(given: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Prompt tokens per second when nothing but a prompt is read, from an empty context."""
    from dsbs_gui.steps.teacher.work.llama_context import Batch, LlamaContext, Shape
    from dsbs_gui.steps.teacher.work.llama_model import LlamaModel

    model = LlamaModel(Path(path or given["model"]))
    shape = Shape(n_sequences=1, n_ctx=N_PROMPT, n_threads=_threads(), n_batch=N_PROMPT)
    context, batch = LlamaContext(model, shape), Batch(model.llama, N_PROMPT)
    prefix = model.tokens(given["prefix"])
    tails = sum(len(model.tokens(prompt)) - len(prefix) for prompt in given["prompts"])
    seconds = []
    for _ in range(N_PROMPT_ROUNDS):
        context.forget(0)
        batch.clear()
        for place in range(N_PROMPT):
            batch.add(prefix[place % len(prefix)], place, 0, logits=False)
        began = time.perf_counter()
        context.decode(batch)
        context.wait()
        seconds.append(time.perf_counter() - began)
    return {"tokens_per_s": N_PROMPT / min(seconds), "tokens_in": len(prefix) + tails}


def apart(given: dict[str, Any]) -> dict[str, Any]:
    """Of answers that are not the loop's: how far apart both choices were where they part, in nats."""
    import llama_cpp

    model = llama_cpp.Llama(as_read(given), n_ctx=2048, n_threads=_threads(), verbose=False, logits_all=True)
    gaps = []
    for prompt, first, second in given["pairs"]:
        a, b = (model.tokenize((prompt + text).encode(), add_bos=False) for text in (first, second))
        same = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        model.reset()
        model.eval(a[:same])
        logits = model.scores[same - 1]
        ends = (a[same] if same < len(a) else model.token_eos(), b[same] if same < len(b) else model.token_eos())
        gaps.append(round(abs(float(logits[ends[0]] - logits[ends[1]])), 4))
    return {"gaps": gaps}


CONTESTANTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ours": ours,
    "loop": loop,
    "server8": lambda given: server(given, 8),
    "server16": lambda given: server(given, 16),
    "limit": limit,
    "limit_ours": lambda given: limit(given, as_read(given)),
    "alone": lambda given: loop(given, as_read(given)),
    "apart": apart,
    "warm": lambda given: {"path": as_read(given)},  # on this machine for the first time, it measures
}
NOT_RACED = ("alone", "apart", "warm")


def _threads() -> int:
    """The same for all."""
    from dsbs_gui.steps.teacher.work.llama_model import threads

    return threads()


# ---------------------------------------------------------------- the race


def measured(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Run one contestant in a fresh process."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(given, file)
        file.flush()
        command = [sys.executable, __file__, "--as", name, "--input", file.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def race(given: dict[str, Any], rounds: int) -> dict[str, Any]:
    names = [name for name in CONTESTANTS if name not in NOT_RACED]
    results: dict[str, list[dict[str, Any]]] = defaultdict(list)
    n = len(given["prompts"])
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            results[name].append(measured(name, given))
            told = results[name][-1]
            speed = f"{n / told['seconds']:.2f} rows/s" if "seconds" in told else f"{told['tokens_per_s']:.0f} tokens/s"
            print(f"round {number + 1}: {name:10} {speed}", file=sys.stderr, flush=True)
    rows_per_s = {
        name: statistics.median(n / r["seconds"] for r in results[name])
        for name in names
        if not name.startswith("limit")
    }
    last = results["ours"][-1]
    tokens = results["limit"][0]["tokens_in"] + last["tokens_out"]
    at_limit = {
        name: n / tokens * statistics.median(r["tokens_per_s"] for r in results[name])
        for name in ("limit", "limit_ours")
    }
    server_best = max(rows_per_s["server8"], rows_per_s["server16"])
    return {
        "ratios": {
            "loop": round(rows_per_s["ours"] / rows_per_s["loop"], 3),
            "server": round(rows_per_s["ours"] / server_best, 3),
        },
        "figures": {
            "rows_per_s": round(rows_per_s["ours"], 3),
            **{f"{name}_rows_per_s": round(value, 3) for name, value in rows_per_s.items() if name != "ours"},
            **{f"{name}_rows_per_s": round(value, 3) for name, value in at_limit.items()},
            "fraction_of_limit": round(rows_per_s["ours"] / at_limit["limit"], 3),
            "fraction_of_limit_ours": round(rows_per_s["ours"] / at_limit["limit_ours"], 3),
            **compared(given, last["texts"], results["loop"][-1]["texts"]),
            "tokens_per_row": round(tokens / n, 1),
        },
        "engine": last["engine"],
    }


def compared(given: dict[str, Any], texts: list[str], loop_texts: list[str]) -> dict[str, Any]:
    """Our answers beside those given one at a time."""
    n = len(texts)
    pairs = zip(given["prompts"], texts, measured("alone", given)["texts"], strict=True)
    differing = [[prompt, ours, alone] for prompt, ours, alone in pairs if ours != alone]
    gaps = measured("apart", given | {"pairs": differing})["gaps"] if differing else []
    return {
        "equal_answers": round(1 - len(differing) / n, 4),
        "equal_to_given": round(sum(a == b for a, b in zip(texts, loop_texts, strict=True)) / n, 4),
        "unexplained_answers": sum(gap > TIE for gap in gaps),
        "largest_gap_nats": max(gaps, default=0.0),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{N_ROWS_QUICK} rows, one round")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"default: {ROUNDS}, or {ROUNDS_QUICK} with --quick")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--rows", type=Path, default=SVAMP if SVAMP.exists() else SAMPLE, help="JSONL with `input`")
    parser.add_argument("--as", dest="contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--input", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.contestant:
        print(json.dumps(CONTESTANTS[asked.contestant](json.loads(asked.input.read_text()))))
        return
    n, rounds = (N_ROWS_QUICK, ROUNDS_QUICK) if asked.quick else (N_ROWS, ROUNDS)
    rounds = asked.rounds or rounds
    machine = {"system": platform.platform(), "processor": platform.processor(), "threads": _threads()}
    given = work(asked.rows, n)
    measured("warm", given)
    result = {"benchmark": "teacher_throughput", **race(given, rounds), "goals": GOALS}
    print(json.dumps(result | {"machine": machine | {"rows": n, "rounds": rounds}}, indent=None if asked.json else 1))


if __name__ == "__main__":
    main()
