"""Which column of a file is which field of an example: given, checked, or guessed from the names.

A guess goes by names alone; what the values hold only helps to tell the task.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.arithmetic import evaluate
from dsbs_gui.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dsbs_gui.core.tasks import Task

FIELDS = ("input", "premise", "hypothesis", "question", "choices", "label", "rationale", "teacher", "id")
"""What can be mapped, in the order of the mapping sheet."""

NAMES: dict[str, tuple[str, ...]] = {
    "input": (
        "input",
        "text",
        "problem",
        "sentence",
        "prompt",
        "source",
        "document",
        "content",
        "questiontext",
    ),
    "premise": ("premise", "sentence1", "context", "passage"),
    "hypothesis": ("hypothesis", "sentence2", "claim"),
    "question": ("question", "query", "questionstem", "stem"),
    "choices": ("choices", "options", "answerchoices", "candidates", "endings"),
    "label": (
        "label",
        "answer",
        "goldlabel",
        "gold",
        "answerkey",
        "target",
        "output",
        "equation",
        "class",
        "category",
    ),
    "rationale": ("rationale", "explanation", "explanation1", "reasoning", "reason", "cot", "chainofthought"),
    "teacher": (
        "teacheroutput",
        "teacheranswer",
        "teacher",
        "rawanswer",
        "llmoutput",
        "modeloutput",
        "completion",
    ),
    "id": ("id", "uid", "exampleid", "questionid", "qid", "pairid", "key"),
}
_SERIES = re.compile(r"(?:choice|option|ending|answer|opt|sol)?[ _-]?([a-h]|[0-7])\Z", re.IGNORECASE)
_MOSTLY = 0.8


@dataclass(frozen=True)
class Guess:
    """A task and the mapping that fits it; fields without a column are absent."""

    task: str
    mapping: dict[str, str]


def parse_map(pairs: Iterable[str]) -> dict[str, str]:
    """``FIELD=COLUMN`` texts as a mapping; an empty column leaves the field out.

    Raises:
        UserError: if a text is no pair, or a field is unknown or given twice.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        name = name.strip().lower()
        if not equals:
            raise UserError(f"“{pair}” is no mapping.", "Write FIELD=COLUMN, for example label=answer.")
        if name not in FIELDS:
            raise UserError(f"There is no field “{name}”.", f"Choose one of {', '.join(FIELDS)}.")
        if name in mapping:
            raise UserError(f"The field “{name}” is mapped twice.", "Keep one of the two.")
        mapping[name] = column
    return mapping


def parts(name: str, column: str, columns: Sequence[str]) -> list[str]:
    """The columns that a mapped value names: one, ``Body+Question`` joined, or ``a,b,c`` for choices.

    A column whose name really holds ``+`` or ``,`` wins over a list of columns.
    """
    if column in columns:
        return [column]
    separator = "," if name == "choices" else "+"
    return [part.strip() for part in column.split(separator)]


def resolve(task: Task, given: Mapping[str, str], columns: Sequence[str]) -> dict[str, list[str]]:
    """Field to columns: ``given`` checked, the rest guessed by name.

    Raises:
        UserError: if a column does not exist, a given field is none of the task's, or one that the task needs
            has no column.
    """
    chosen = _in_terms_of(task, {**guess_fields(task.name, columns), **given})
    usable = _usable(task, chosen)
    for name in given:
        if given[name] and name in chosen and name not in usable:
            raise UserError(f"The task “{task.name}” has no field “{name}”.", f"It has {', '.join(usable)}.")
    resolved: dict[str, list[str]] = {}
    for name in usable:
        if chosen.get(name):
            resolved[name] = parts(name, chosen[name], columns)
            for part in resolved[name]:
                if part not in columns:
                    raise _missing_column(name, part, columns)
    missing = [name for name in task.fields if name not in resolved]
    if missing and "input" not in resolved:
        raise UserError(
            f"No column is mapped to {' and '.join(missing)}, which the task “{task.name}” needs.",
            f"Map it with --map {missing[0]}=COLUMN; the columns are {_listed(columns)}.",
        )
    return resolved


def _in_terms_of(task: Task, chosen: dict[str, str]) -> dict[str, str]:
    """The same mapping by the names of the task: a math problem's question is its input, and so on."""
    if task.fields == ("input",) and not chosen.get("input") and chosen.get("question"):
        chosen["input"] = chosen.pop("question")
    if task.name == "choice" and chosen.get("input"):
        if chosen.get("choices"):
            chosen["question"] = chosen.pop("input")
        else:
            chosen.pop("question", None)
    return chosen


def _usable(task: Task, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Fields that mean something for the task; a choice question may come with its choices in one text."""
    own = ("input",) if task.name == "choice" and chosen.get("input") else task.fields
    return (*own, "label", "rationale", "teacher", "id")


def _missing_column(name: str, part: str, columns: Sequence[str]) -> UserError:
    close = get_close_matches(part.lower(), [column.lower() for column in columns], n=1, cutoff=0.5)
    nearest = next((column for column in columns if close and column.lower() == close[0]), None)
    hint = f"Did you mean “{nearest}”? " if nearest else ""
    return UserError(f"There is no column “{part}” for {name}.", f"{hint}The columns are {_listed(columns)}.")


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(f"“{column[:40]}”" for column in columns[:20])
    return shown + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")


def guess(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Guess:
    """Task and mapping from the names of the columns and some rows."""
    task = _guess_task(columns, rows)
    return Guess(task, guess_fields(task, columns))


def guess_fields(task: str, columns: Sequence[str]) -> dict[str, str]:
    """The mapping that the names suggest for a task."""
    plain = {_bare(column): column for column in reversed(columns)}
    found = {
        name: plain[known]
        for name, spellings in NAMES.items()
        if (known := next((spelling for spelling in spellings if spelling in plain), None))
    }
    if "choices" not in found and task == "choice" and (series := _series(columns)):
        found["choices"] = ",".join(series)
    if "body" in plain and "question" in plain:
        found["input"] = f"{plain['body']}+{plain['question']}"
    return _without_doubles(task, found)


def _without_doubles(task: str, found: dict[str, str]) -> dict[str, str]:
    """Drop what belongs to other tasks, so that no column serves two fields."""
    belongs = {
        "nli": ("premise", "hypothesis"),
        "choice": ("question", "choices") if "question" in found else ("input", "choices"),
        "math": ("input",) if "input" in found else ("question",),
        "text": ("input",) if "input" in found else ("question",),
    }[task]
    kept = {n: c for n, c in found.items() if n in belongs or n in ("label", "rationale", "teacher", "id")}
    if task in ("math", "text") and "question" in kept:
        kept["input"] = kept.pop("question")
    if task == "choice" and "question" not in kept and "input" in kept and "choices" in kept:
        kept["question"] = kept.pop("input")
    return {name: kept[name] for name in FIELDS if name in kept}


def _guess_task(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    plain = {_bare(column) for column in columns}

    def has(name: str) -> bool:
        return any(spelling in plain for spelling in NAMES[name])

    if has("premise") and has("hypothesis"):
        return "nli"
    if has("choices") or (has("question") and len(_series(columns)) > 2):
        return "choice"
    label = guess_fields("text", columns).get("label")
    values = [str(row[label]) for row in rows if label and row.get(label) not in (None, "")]
    numeric = sum(evaluate(value) is not None for value in values)
    return "math" if values and numeric >= _MOSTLY * len(values) else "text"


def _series(columns: Sequence[str]) -> list[str]:
    """Columns such as choice_a, choice_b, … or ending0, ending1, …, in their order."""
    found = [column for column in columns if _SERIES.match(column.strip())]
    stems = {re.sub(r"[a-h0-7]\Z", "", column.strip().lower()) for column in found}
    return found if len(found) >= 2 and len(stems) == 1 else []


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
