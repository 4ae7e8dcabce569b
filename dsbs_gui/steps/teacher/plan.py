"""From what the user wants of a teacher to a job. Owner's side, plain Python.

A request that this teacher has answered with these parameters is never made again: the same job, given again
after an interruption, asks exactly what is missing (:mod:`.missing`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.store import answers, examples
from dsbs_gui.core.store.filters import Filter

from . import exemplar_rules, parse_rules, spending, versions
from .cache import cache_key, settings_key
from .catalogue import resolve
from .missing import CACHED, INPUT, SUSPECTS, Asking, Missing, find, suspects
from .prices import FREE, Price
from .prompts import Prompt
from .specs import HINTS, GenerateSpec

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run

    from .catalogue import Teacher

MAX_TOKENS = 128
SEVERAL_TEMPERATURE = 0.7
KEY_VARIABLE = "DSBS_API_KEY"


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
    prompt_name: str = "",
    parallel: int = 0,
    weights: str = "auto",
    seed: int = 0,
    hint_gold: str = "never",
    budget_tokens: int | None = None,
    budget_money: float | None = None,
    price: Price = FREE,
    requests_per_minute: int = 0,
    tokens_per_minute: int = 0,
    structured: bool = False,
    constrain_label: bool = False,
    api_key: str | None = None,
    ids: Sequence[int] | None = None,
    only_failed: bool = False,
    aside: bool = False,
) -> JobRequest:
    """The job that asks a teacher for what it has not answered yet.

    Args:
        teacher: a GGUF file, an id of the catalogue, or an address.
        limit: only the first so many examples of the split, answered ones included, so that the same request
            goes on where it was interrupted.
        samples: answers an example.
        temperature: None: 0 for one sample, 0.7 for several.
        exemplars: a user's file of exemplars; ``prompt``, called ``prompt_name``, goes before it. None for both:
            the project's chosen version.
        parallel: answers in progress at the same time; 0: what suits the teacher.
        weights: the form in which a GGUF file's weights are read, see :class:`.specs.GenerateSpec`.
        hint_gold: when the gold label is told: ``never``, ``wrong`` or ``always``.
        budget_tokens, budget_money: hard limits, see :mod:`.spending`; money needs a ``price``.
        requests_per_minute, tokens_per_minute: the most that a server is sent; 0: no limit.
        constrain_label: a local teacher may write only a label of the row behind the words that announce it.
        structured: ask a server for JSON that keeps to a schema, where it can do that.
        ids: these examples instead of a split's. Whoever names rows wants failed ones among them asked again,
            also where the same failure is to be expected.
        only_failed: only the examples of the split to which the newest answer is of no use; they are asked again.
        aside: the answers are to be compared: they stand beside what is there until a person takes them.

    Raises:
        UserError: for a teacher, file or setting that makes no sense, or when there is nothing to ask about.
        ResourceError: if what a local teacher needs is not installed.
    """
    if hint_gold not in HINTS:
        raise UserError(f"There is no way “{hint_gold}” to tell the gold label.", f"Choose one of {', '.join(HINTS)}.")
    chosen = resolve(f"{teacher}#{model_name}" if model_name and "://" in teacher else teacher)
    constrain_label = constrain_label and chosen.kind == "gguf"
    if chosen.kind == "gguf":
        demand_llama_cpp()
    if prompt is None:
        prompt, prompt_name = versions.to_ask_with(project, exemplars)
    exemplar_rules.demand_fit(project, prompt)
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
        weights=weights,
        hint=hint_gold,
        protocol=chosen.protocol,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        structured=structured and chosen.kind == "server",
        constrain_label=constrain_label,
        classes=_classes(project) if constrain_label else (),
        parse_rules=_rules(project) if hint_gold == "wrong" or chosen.kind == "gguf" else [],
        price_in=price.million_in,
        price_out=price.million_out,
    )
    spec = spending.budgeted(project, spec, chosen.name, budget_tokens or 0, budget_money or 0.0)
    asking = Asking(
        key=cache_key(chosen, spec, prompt),
        settings=settings_key(chosen, spec, prompt.stop),
        teacher=chosen.name,
        prompt=prompt,
        task=project.task,
        samples=tuple(range(samples)),
        hint=hint_gold,
        local=chosen.kind == "gguf",
        again=only_failed or ids is not None,
    )
    missing = find(project, _wanted(project, split, limit, ids, only_failed), asking)
    context = _context(chosen, prompt, asking, split) | {"prompt_name": prompt_name}
    context |= {"aside": True} if aside else {}
    request = _request(project, spec, asking, missing, context, f"{_rationales(missing.n)} with {chosen.name}")
    return replace(request, secrets={KEY_VARIABLE: api_key} if api_key and chosen.kind == "server" else {})


def continued(project: Project, run: Run) -> JobRequest:
    """The job that goes on where a run stopped, failed or was interrupted: its settings, the rest of its rows.

    Raises: UserError if nothing is missing or its rows are gone; ResourceError if what it needs is not installed.
    """
    if run.spec.get("teacher_kind") == "gguf":
        demand_llama_cpp()
    spec, teacher = GenerateSpec.from_json(run.spec), str(run.context.get("teacher"))
    spec = spending.budgeted(project, spec, teacher, spec.budget_tokens, spec.budget_money)
    samples: set[int] = set()
    ids: list[int] = []
    try:
        for row in read_jsonl(project.run_folder(run.id) / INPUT):
            ids.append(row["example_id"])
            samples.update(row["samples"], row.get("hinted", ()))
    except OSError as error:
        raise UserError(f"The rows of {run.id} are gone.", "Start a new run on the Teacher page.") from error
    settings = run.context.get("settings_key")
    asking = Asking(
        key=str(run.context.get("cache_key")),
        settings=str(settings or ""),
        teacher=teacher,
        prompt=Prompt.from_json(spec.prompt) if settings else None,
        task=project.task,
        samples=tuple(sorted(samples)),
        hint=spec.hint,
        local=spec.teacher_kind == "gguf",
    )
    missing = find(project, ids, asking)
    if not missing.n:
        raise UserError(f"{run.id} has all its answers.", "There is nothing left to ask.")
    title = f"{_rationales(missing.n)}, continued from {run.id}"
    return replace(_request(project, spec, asking, missing, run.context, title), lane=run.lane)


def pending(_: Project, request: JobRequest) -> int:
    """How many answers a request will bring."""
    rows = request.inputs[INPUT]
    return rows.n if isinstance(rows, Missing) else 0


def demand_llama_cpp() -> None:
    """Raises ResourceError with the cure if llama-cpp-python is not installed. Does not import it."""
    if importlib.util.find_spec("llama_cpp") is None:
        raise ResourceError(
            "Local teachers need the package llama-cpp-python, which is not installed.",
            "Install a C++ compiler and CMake, then run “python3 start.py --retry-teacher”. A server works without it.",
        )


def choose_prompt(project: Project, exemplars: Path | None = None) -> Prompt:
    """The prompt of a user's file, or the project's chosen one."""
    return versions.to_ask_with(project, exemplars)[0]


def _context(teacher: Teacher, prompt: Prompt, asking: Asking, split: str) -> dict[str, Any]:
    """What the owner needs to take the answers in."""
    return {
        "teacher": teacher.name,
        "prompt_hash": prompt.hash,
        "cache_key": asking.key,
        "settings_key": asking.settings,
        "split": split,
        "samples": len(asking.samples),
    }


def _request(
    project: Project, spec: GenerateSpec, asking: Asking, missing: Missing, context: Mapping[str, Any], title: str
) -> JobRequest:
    inputs: dict[str, Iterable[Mapping[str, Any]]] = {INPUT: missing}
    if missing.reused:
        inputs[CACHED] = list(missing.cached())
    if accused := suspects(project, asking.key, again=asking.again):
        inputs[SUSPECTS] = accused
    return JobRequest("generate", title, "gpu" if asking.local else "network", spec, inputs, context)


def _rules(project: Project) -> list[dict[str, Any]]:
    return parse_rules.of_project(project.store.reader).to_json()


def _classes(project: Project) -> tuple[str, ...]:
    """The labels that a task without labels of its own has in this project. Raises UserError if they are open."""
    if project.task.name != "text":
        return ()
    classes = exemplar_rules.classes(project.task, examples.counts(project.store.reader, "label"))
    if not classes:
        raise UserError(
            "The labels of this project are no classes that a teacher could be kept to.",
            "Let it write labels freely, or import examples with a few labels that recur.",
        )
    return classes


def _rationales(n: int) -> str:
    return f"Generate {n} {'rationale' if n == 1 else 'rationales'}"


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
    if ids is not None:
        wanted: Sequence[int] = list(ids)
    elif only_failed:
        wanted = answers.failing(db, split)[:limit]
        if not wanted:
            raise UserError(f"No answer in {split} has failed.", "There is nothing to ask again.")
    else:
        wanted = examples.ids(db, Filter(splits=(split,)))[:limit]
    if not wanted:
        counts = examples.counts(db, "split")
        there = ", ".join(f"{name} {n}" for name, n in counts.items()) or "none at all"
        raise UserError(f"There are no examples in {split}.", f"There are: {there}. Import or split some first.")
    return wanted
