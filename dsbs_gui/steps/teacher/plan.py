"""From what the user wants of a teacher to a job. Owner's side, plain Python.

A row that this teacher has answered with this prompt and these parameters is never asked again: the same
request, given again after an interruption, asks exactly what is missing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples
from dsbs_gui.core.store.filters import Filter

from . import exemplars as exemplar_files
from . import parse_rules
from .catalogue import Teacher, resolve
from .prompts import Prompt
from .specs import HINTS, GenerateSpec, hinted_sample

MAX_TOKENS = 128
SEVERAL_TEMPERATURE = 0.7
KEY_VARIABLE = "DSBS_API_KEY"
_LABELS_LOOKED_AT = 200


def generate_request(
    project: Project,
    *,
    teacher: str,
    model_name: str = "",
    split: str = "train",
    limit: int | None = None,
    samples: int = 1,
    temperature: float | None = None,
    max_tokens: int = MAX_TOKENS,
    exemplars: Path | None = None,
    prompt: Prompt | None = None,
    parallel: int = 0,
    seed: int = 0,
    hint_gold: str = "never",
    budget_tokens: int | None = None,
    requests_per_minute: int = 0,
    tokens_per_minute: int = 0,
    structured: bool = False,
    api_key: str | None = None,
    ids: Sequence[int] | None = None,
) -> JobRequest:
    """The job that asks a teacher for what it has not answered yet.

    Args:
        teacher: a GGUF file, an id of the catalogue, or an address.
        limit: only the first so many examples of the split, answered ones included, so that the same request
            goes on where it was interrupted.
        samples: answers an example.
        temperature: None: 0 for one sample, 0.7 for several.
        exemplars: a user's file of exemplars; ``prompt`` goes before it, None for both: our own.
        hint_gold: when the gold label is told: ``never``, ``wrong`` or ``always``.
        requests_per_minute, tokens_per_minute: the most that a server is sent; 0: no limit.
        structured: ask a server for JSON that keeps to a schema, where it can do that.
        ids: these examples instead of a split's.

    Raises:
        UserError: for a teacher, file or setting that makes no sense, or when there is nothing to ask about.
        ResourceError: if what a local teacher needs is not installed.
    """
    if hint_gold not in HINTS:
        raise UserError(f"There is no way “{hint_gold}” to tell the gold label.", f"Choose one of {', '.join(HINTS)}.")
    chosen = resolve(f"{teacher}#{model_name}" if model_name and "://" in teacher else teacher)
    if chosen.kind == "gguf":
        demand_llama_cpp()
    prompt = prompt or choose_prompt(project, exemplars)
    spec = GenerateSpec(
        task=project.task.name,
        teacher_kind=chosen.kind,
        model=chosen.model,
        model_name=chosen.model_name,
        prompt=prompt.to_json(),
        temperature=_temperature(temperature, samples),
        max_tokens=max_tokens,
        seed=seed,
        parallel=parallel,
        budget_tokens=budget_tokens or 0,
        hint=hint_gold,
        parse_rules=parse_rules.of_project(project.store.reader).to_json() if hint_gold == "wrong" else [],
        protocol=chosen.protocol,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        structured=structured and chosen.kind == "server",
    )
    key = cache_key(chosen, spec, prompt)
    wanted = _rows(project, _wanted(project, split, limit, ids), samples, tell_gold=hint_gold != "never")
    rows = list(rows_left(project, key, hint_gold, wanted))
    n = _n_asked(rows)
    return JobRequest(
        kind="generate",
        title=f"Generate {n} {'rationale' if n == 1 else 'rationales'} with {chosen.name}",
        lane="gpu" if chosen.kind == "gguf" else "network",
        spec=spec,
        inputs={"input.jsonl": rows},
        context={"teacher": chosen.name, "prompt_hash": prompt.hash, "cache_key": key, "split": split},
        secrets={KEY_VARIABLE: api_key} if api_key and chosen.kind == "server" else {},
    )


def demand_llama_cpp() -> None:
    """Raises ResourceError with the cure if llama-cpp-python is not installed. Does not import it."""
    if importlib.util.find_spec("llama_cpp") is None:
        raise ResourceError(
            "Local teachers need the package llama-cpp-python, which is not installed.",
            "Install a C++ compiler and CMake, then run “python3 start.py --retry-teacher”. A server works without it.",
        )


def choose_prompt(project: Project, exemplars: Path | None = None) -> Prompt:
    """The prompt of a user's file, or our own for the project's task and kind of labels."""
    db = project.store.reader
    looked_at = examples.page(db, list(islice(examples.ids(db), _LABELS_LOOKED_AT)))
    labels = [example.label for example in looked_at.values() if example.label]
    if exemplars is not None:
        return exemplar_files.from_file(exemplars.expanduser(), project.task.name, labels)
    return exemplar_files.bundled(project.task.name, labels)


def pending(project: Project, request: JobRequest) -> int:
    """How many answers a request will ask for."""
    return _n_asked(request.inputs["input.jsonl"])


def _n_asked(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(len(row["samples"]) + len(row.get("hinted", ())) for row in rows)


def _temperature(given: float | None, samples: int) -> float:
    if given is None:
        return SEVERAL_TEMPERATURE if samples > 1 else 0.0
    if given < 0:
        raise UserError("The temperature is negative.", "Use 0 for the most probable answer, 0.7 for varied ones.")
    return given


def _wanted(
    project: Project, split: str, limit: int | None, ids: Sequence[int] | None, only_failed: bool
) -> Sequence[int]:
    db = project.store.reader
    if only_failed:
        failing = answers.failing(db, split)[:limit]
        if not failing:
            raise UserError(f"No answer in {split} has failed.", "There is nothing to ask again.")
        return failing
    wanted = list(ids) if ids is not None else examples.ids(db, Filter(splits=(split,)))[:limit]
    if not wanted:
        counts = examples.counts(db, "split")
        there = ", ".join(f"{name} {n}" for name, n in counts.items()) or "none at all"
        raise UserError(f"There are no examples in {split}.", f"There are: {there}. Import or split some first.")
    return wanted


def _budgeted(project: Project, spec: GenerateSpec, teacher: str) -> GenerateSpec:
    """The spec with what the budget holds and what earlier runs took of it."""
    if spec.budget_tokens < 0 or not 0 <= spec.budget_money < float("inf"):
        raise UserError("The budget is negative or no number.", "Leave it out for no limit.")
    if not spec.budget_tokens and not spec.budget_money:
        return spec
    if spec.budget_money and not prices.of_spec(spec.to_json()).known:
        raise UserError(
            "A budget in money needs prices.", "Enter what a million tokens cost, or give the budget in tokens."
        )
    for run in runs.all_runs(project.store.reader, spending.KIND, runs.LIVE):
        if run.context.get("teacher") == teacher and spending.is_budgeted(run):
            raise UserError(f"{run.id} is spending this budget.", "Wait until it has ended, or stop it.")
    spent = spending.of_teacher(project, teacher)
    return replace(spec, spent_tokens=spent.tokens, spent_money=spent.money)


def _request(
    project: Project, spec: GenerateSpec, asking: Asking, missing: Missing, context: Mapping[str, Any], title: str
) -> JobRequest:
    inputs: dict[str, Iterable[Mapping[str, Any]]] = {INPUT: missing}
    if missing.reused:
        inputs[CACHED] = list(missing.cached())
    if accused := suspects(project, asking.key, again=asking.again):
        inputs[SUSPECTS] = accused
    lane = "gpu" if asking.local else "network"
    return JobRequest("generate", title, lane, spec, inputs, context)


def _rationales(n: int) -> str:
    return f"Generate {n} {'rationale' if n == 1 else 'rationales'}"


def continued(project: Project, run: Run, api_key: str | None = None) -> JobRequest:
    """The job that goes on where a run stopped, failed or was interrupted: its settings, its rows, what is missing.

    Raises: UserError if nothing is missing or its rows are gone; ResourceError if what it needs is not installed.
    """
    if run.spec.get("teacher_kind") == "gguf":
        demand_llama_cpp()
    spec = GenerateSpec.from_json(run.spec)
    try:
        rows = [(row["example_id"], row) for row in read_jsonl(project.run_folder(run.id) / INPUT)]
    except OSError as error:
        raise UserError(f"The rows of {run.id} are gone.", "Start a new run on the Teacher page.") from error
    samples = sorted({sample for _, row in rows for sample in (*row["samples"], *row.get("hinted", ()))})
    prompt = Prompt.from_json(run.spec["prompt"])
    asking = Asking(
        key=str(run.context["cache_key"]),
        settings=str(run.context.get("settings_key", "")),
        teacher=str(run.context["teacher"]),
        prompt=prompt,
        task=project.task,
        samples=tuple(samples),
        hint=spec.hint,
        local=spec.teacher_kind == "gguf",
    )
