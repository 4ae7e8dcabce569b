"""What the project keeps of a teacher's answers: the raw text for ever, and what the ladder read from it.

Parsing happens here, on the owner's side, so that reading the answers again never asks the teacher again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import Event, Finished, TeacherAnswer, TeacherReady
from dsbs_gui.core.store import answers, examples, project_info, prompts, runs, standing
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.examples import Example
from dsbs_gui.core.store.runs import Run
from dsbs_gui.core.tasks import Fields, Task, task_named

from . import parse_rules, parsing
from .cache import request_key
from .marking import label_place
from .parse_rules import DEFAULT, Ladder
from .prompts import Prompt
from .wording import Wording


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Store an answer, and how the teacher works; at the end, count what came of the run."""
    if isinstance(event.message, TeacherAnswer):
        _take_answer(tx, run, event.message)
    elif isinstance(event.message, TeacherReady):
        runs.set_context(tx, run.id, run.context | {"engine": event.message.facts})
    elif isinstance(event.message, Finished):
        if event.message.status == "done" and not (run.context.get("trial") or run.context.get("aside")):
            standing.let_trials_stand(tx, str(run.context["cache_key"]))
        counted = answers.tally(tx, run.id)
        names = ("done", "failed", "parsed", "agree", "compared")
        runs.set_summary(tx, run.id, event.message.summary | {name: counted[name] for name in names})


def importing(db: Reader) -> Callable[[str, Task, Fields, str | None], dict[str, Any]]:
    """:func:`parse_for_import` by the project's own ladder."""
    return partial(parse_for_import, ladder=parse_rules.of_project(db))


def parse_for_import(
    raw: str, task: Task, fields: Fields, gold: str | None, stop: Sequence[str] = (), ladder: Ladder = DEFAULT
) -> dict[str, Any]:
    """The parsed parts of a ``NewAnswer``: failure, rationale, label, rung, flags, parser and agree."""
    parsed = parsing.parse(raw, task, fields, stop=stop, ladder=ladder)
    empty = not parsed.rationale and parsed.label is None
    agree = None
    if parsed.label is not None and gold:
        agree = parsing.same_label(task, parsed.label, gold, fields)
    return {
        "failure": "empty" if empty else None,
        "rationale": parsed.rationale or None,
        "label": parsed.label,
        "rung": parsed.rung,
        "flags": parsed.flags,
        "parser": parsing.version(ladder),
        "agree": agree,
    }


def same_place(raw: str, before: Mapping[str, Any], after: Mapping[str, Any], task: Task, stop: Sequence[str]) -> bool:
    """Whether two readings of one answer (as of :func:`parse_for_import`) found the label in the same place."""
    one, other = ((reading["rationale"], reading["label"], reading["rung"]) for reading in (before, after))
    if one == other:
        return True
    place = label_place(raw, one[0], one[1], one[2], task, stop)
    return place is not None and place == label_place(raw, other[0], other[1], other[2], task, stop)


def _take_answer(tx: Transaction, run: Run, message: TeacherAnswer) -> None:
    example = examples.get(tx, message.example_id)
    if example is None:
        raise UserError(f"The teacher answered example {message.example_id}, which is not there.")
    prompt, name = run.spec["prompt"], str(run.context.get("prompt_name") or "Prompt")
    parts: dict[str, Any] = {"failure": message.failure}
    label_logprob = None
    if not message.failure:
        task = task_named(str(project_info.get(tx, "task")))
        ladder = parse_rules.of_project(tx)
        parts = parse_for_import(message.raw, task, example.fields, example.label, prompt["stop"], ladder)
        if message.label_logprob is not None:
            told = Ladder.from_json(run.spec.get("parse_rules") or ())
            theirs = parts
            if told != ladder:  # the rules have changed since the job began
                theirs = parse_for_import(message.raw, task, example.fields, example.label, prompt["stop"], told)
            same = same_place(message.raw, theirs, parts, task, prompt["stop"])
            label_logprob = message.label_logprob if same else None
    answers.add(
        tx,
        NewAnswer(
            example_id=message.example_id,
            run_id=run.id,
            source="teacher",
            teacher=str(run.context["teacher"]),
            raw=message.raw,
            sample=message.sample,
            prompt_id=prompts.keep_used(tx, str(run.context["prompt_hash"]), prompt, name),
            cache_key=str(run.context["cache_key"]),
            request_key=_request_key(run, example, message),
            finish_reason=message.finish_reason,
            tokens_in=message.tokens_in,
            tokens_out=message.tokens_out,
            seconds=message.seconds,
            mean_logprob=message.mean_logprob,
            label_logprob=label_logprob,
            hinted=message.hinted,
            **parts,
        ),
        trial=bool(run.context.get("trial")),
        aside=bool(run.context.get("aside")),
    )


def _request_key(run: Run, example: Example, message: TeacherAnswer) -> bytes | None:
    """By which the answer is found again when another row asks the same; None for a run that has no such keys."""
    settings = run.context.get("settings_key")
    if not settings:
        return None
    text = _wording(run).text(example.fields, example.label if message.hinted else None)
    return request_key(str(settings), text, message.sample)


_wordings: dict[str, Wording] = {}


def _wording(run: Run) -> Wording:
    """The wording of the run's prompt, made once for all its answers."""
    digest = str(run.context["prompt_hash"])
    if digest not in _wordings:
        _wordings.clear()
        prompt = Prompt.from_json(run.spec["prompt"])
        _wordings[digest] = Wording(prompt, task_named(prompt.task))
    return _wordings[digest]
