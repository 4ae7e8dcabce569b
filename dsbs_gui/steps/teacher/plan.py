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


def cache_key(teacher: Teacher, spec: GenerateSpec, prompt: Prompt) -> str:
    """Identity of a question but for the row: teacher, prompt and every parameter that changes the answer.

    Whether the gold label was told is not in it: the sample index says so.
    """
    size = Path(teacher.model).stat().st_size if teacher.kind == "gguf" else 0
    parts: list[Any] = [teacher.kind, teacher.name if size else teacher.model, size, teacher.model_name, prompt.hash]
    parts += [spec.temperature, spec.top_p, spec.max_tokens, spec.seed if spec.temperature else 0]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _temperature(given: float | None, samples: int) -> float:
    if given is None:
        return SEVERAL_TEMPERATURE if samples > 1 else 0.0
    if given < 0:
        raise UserError("The temperature is negative.", "Use 0 for the most probable answer, 0.7 for varied ones.")
    return given


def _wanted(project: Project, split: str, limit: int | None, ids: Sequence[int] | None) -> list[int]:
    db = project.store.reader
    wanted = list(ids) if ids is not None else list(islice(examples.ids(db, Filter(splits=(split,))), limit))
    if not wanted:
        counts = examples.counts(db, "split")
        there = ", ".join(f"{name} {n}" for name, n in counts.items()) or "none at all"
        raise UserError(f"There are no examples in {split}.", f"There are: {there}. Import or split some first.")
    return wanted


def _rows(project: Project, wanted: Sequence[int], samples: int, *, tell_gold: bool) -> Iterator[dict[str, Any]]:
    """Rows as ``input.jsonl`` holds them, with every sample that is wanted."""
    found = examples.page(project.store.reader, wanted)
    for example_id in wanted:
        if (example := found.get(example_id)) is not None:
            gold = example.label if tell_gold else None
            samples_wanted = list(range(samples))
            yield {"example_id": example_id, "fields": example.fields, "samples": samples_wanted, "gold": gold}


def rows_left(project: Project, key: str, hint: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of ``rows`` with the samples that are wanted: what this teacher has not answered usably yet.

    Args:
        key: see :func:`cache_key`.
        hint: as in ``GenerateSpec``; with ``wrong``, answers that are there and wrong are asked for with the hint.
    """
    answered, right = answers.answered(project.store.reader, key), answers.agreeing(project.store.reader, key)
    for row in rows:
        plain, hinted = [], []
        for sample in row["samples"]:
            honest, told = (row["example_id"], sample), (row["example_id"], hinted_sample(sample))
            if row["gold"] and hint != "never" and told in answered:
                continue
            if row["gold"] and hint == "always":
                hinted.append(sample)
            elif honest not in answered:
                plain.append(sample)
            elif row["gold"] and hint == "wrong" and honest not in right:
                hinted.append(sample)
        if plain or hinted:
            yield {**row, "samples": plain, "hinted": hinted}
