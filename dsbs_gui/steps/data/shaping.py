"""From the values of one row to an example, or to the reason why it is none. Plain Python, no file access."""

from __future__ import annotations

import json
import re
import string
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from dsbs_gui.core.tasks import ChoiceTask, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_FIELD = 16 * 1024 * 1024
"""Characters of one field: more is no example but a mistake."""

MANY_LABELS, SHORT = 1_000, 100
"""How many spellings of labels are remembered, and of how many characters."""

_NO_COLUMN = "\ud800"  # no file can have it: half a surrogate pair

_LETTERED = re.compile(r"^\s*\(?([A-Za-z])[).:]\s+(.*\S)\s*$")
_LETTER = re.compile(r"\s*\(?([A-Za-z])[).:]?\s*\Z")
_CHOICES_HEAD = re.compile(r"^\s*(?:answer )?(?:choices|options):?\s*$", re.IGNORECASE)
_NLI_CODES = {"0": "entailment", "1": "neutral", "2": "contradiction", "e": "entailment", "n": "neutral"}
_NLI_CODES["c"] = "contradiction"
_NO_NLI_LABEL = ("-1", "-")


class Shaped(msgspec.Struct, frozen=True):
    """An accepted row. ``label`` None: it has none.

    Attributes:
        respelt: ``(as in the file, as stored)`` where a code or alias became the label it stands for.
    """

    id: str | None
    fields: dict[str, Any]
    input: str
    label: str | None
    rationale: str | None
    teacher: str | None
    respelt: tuple[str, str] | None = None


@dataclass(frozen=True)
class Problem:
    """Why a row is no example; ``kind`` counts equal reasons."""

    kind: str
    reason: str


def shape(values: Mapping[str, Any], columns: Mapping[str, Sequence[str]], task: Task) -> Shaped | Problem:
    """Make an example of one row.

    Args:
        values: column to value, as the reader gives it.
        columns: field to columns, from :func:`~dsbs_gui.steps.data.mapping.resolve`.
    """
    try:
        return _shape(values, columns, task)
    except _UnfitError as unfit:
        return unfit.problem


def shaper(columns: Mapping[str, Sequence[str]], task: Task) -> Callable[[Mapping[str, Any]], Shaped | Problem]:
    """:func:`shape` for many rows of one file: what is the same for all of them is looked at once.

    Rows of plain texts, one column a field, take a third of the time; all others, and bad ones, go through
    :func:`shape` itself.
    """
    slow = partial(shape, columns=columns, task=task)
    if type(task).problem is not Task.problem or any(len(names) != 1 for names in columns.values()):
        return slow
    own = [(name, columns[name][0]) for name in task.fields if name in columns]
    key, label_column, rationale_column, teacher_column = (
        columns[name][0] if name in columns else _NO_COLUMN for name in ("id", "label", "rationale", "teacher")
    )
    settled: dict[str | None, tuple[str | None, tuple[str, str] | None]] = {None: (None, None)}

    def quick(values: Mapping[str, Any]) -> Shaped | Problem:
        fields: dict[str, Any] = {}
        for name, column in own:
            text = values.get(column)
            if type(text) is not str or not text or text.isspace() or len(text) > MAX_FIELD:
                return slow(values)
            fields[name] = text
        get = values.get
        others = get(key), get(label_column), get(rationale_column), get(teacher_column)
        for text in others:
            if text is not None and type(text) is not str:
                return slow(values)
        label = _filled(others[1])
        if label not in settled:
            shaped = slow(values)
            if isinstance(shaped, Problem) or len(settled) > MANY_LABELS or len(label or "") > SHORT:
                return shaped
            settled[label] = shaped.label, shaped.respelt
        stored, respelt = settled[label]
        rationale, teacher = _filled(others[2]), _filled(others[3])
        return Shaped(_filled(others[0]), fields, task.student_input(fields), stored, rationale, teacher, respelt)

    return quick


class _UnfitError(Exception):
    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.problem = Problem(kind, reason)


def _shape(values: Mapping[str, Any], columns: Mapping[str, Sequence[str]], task: Task) -> Shaped:
    texts = {name: _text(name, values, columns[name]) for name in columns if name != "choices"}
    label = _filled(texts.get("label"))
    respelt = None
    fields: dict[str, Any] = {name: texts[name] or "" for name in task.fields if name in texts}
    if isinstance(task, ChoiceTask):
        places, letters = _choice_fields(fields, texts, values, columns)
        _check(task, fields, label)
        if label is not None and (meant := _choice_label(label, places, letters)) != label:
            respelt, label = (label, meant), meant
    else:
        _check(task, fields, label)
        if label is not None and task.name == "nli":
            named = _nli_label(label, task, fields)
            if named != label:
                respelt, label = (label, named or ""), named
    if label is not None and (reason := task.label_problem(fields, label)):
        raise _UnfitError("wrong_label", reason)
    return Shaped(
        id=_filled(texts.get("id")),
        fields=fields,
        input=task.student_input(fields),
        label=label,
        rationale=_filled(texts.get("rationale")),
        teacher=_filled(texts.get("teacher")),
        respelt=respelt,
    )


def _check(task: Task, fields: Mapping[str, Any], label: str | None) -> None:
    if reason := task.problem(fields, label):
        raise _UnfitError("missing_field", reason)
    for name, value in fields.items():
        if sum(map(len, value)) > MAX_FIELD if isinstance(value, list) else len(value) > MAX_FIELD:
            raise _UnfitError("too_large", f"The {name} is longer than {MAX_FIELD >> 20} million characters.")


def _text(name: str, values: Mapping[str, Any], columns: Sequence[str]) -> str | None:
    """The text of a field; several columns are joined by line ends, empty ones left out."""
    texts = []
    for column in columns:
        value = values.get(column)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
            value = value[0]  # datasets store single answers as lists of one
        if isinstance(value, list | dict):
            what = "a list" if isinstance(value, list) else "an object"
            raise _UnfitError("wrong_type", f"The column “{column[:60]}” for {name} holds {what}, not text.")
        if value is not None:
            texts.append(str(value))
    if len(columns) == 1:
        return texts[0] if texts else None
    return "\n".join(text for text in texts if text.strip()) if texts else None


def _filled(text: str | None) -> str | None:
    return text if text and not text.isspace() else None


def _choice_fields(
    fields: dict[str, Any],
    texts: Mapping[str, str | None],
    values: Mapping[str, Any],
    columns: Mapping[str, Sequence[str]],
) -> tuple[list[str], list[str]]:
    """Fill in question and choices; returns the choices by their places in the file, and its names of them.

    A column that is blank is no choice, but has its place: the labels of the others are not shifted.
    """
    if "choices" in columns:
        names = columns["choices"]
        if len(names) > 1:
            places = [_text("choices", values, [name]) or "" for name in names]
            fields["choices"] = [text for text in places if text.strip()]
            return places, _numbers_of(names)
        fields["choices"], letters = _choices(values.get(names[0]))
        return fields["choices"], letters
    question, choices, letters = _split_lettered(texts.get("input") or "")
    fields["question"] = question
    fields["choices"] = choices
    return choices, letters


def _numbers_of(names: Sequence[str]) -> list[str]:
    """1, 2, … of columns such as option1, option2; [] for other names."""
    numbers = [str(place) for place in range(1, len(names) + 1)]
    stems = {name.strip().removesuffix(number) for name, number in zip(names, numbers, strict=True)}
    return numbers if len(stems) == 1 and names[0].strip() not in stems else []


def _choices(value: Any) -> tuple[list[str], list[str]]:
    """Choices and letters of a list, ``{"label": […], "text": […]}``, JSON text or lettered lines."""
    if isinstance(value, str):
        stripped = value.strip()
        if stripped[:1] in ("[", "{"):
            try:
                return _choices(json.loads(stripped, parse_float=str, parse_int=str))
            except (ValueError, RecursionError):
                pass  # text that only looks like JSON
        _, choices, letters = _split_lettered(value)
        return choices or [line for line in value.splitlines() if line.strip()], letters
    if isinstance(value, dict):
        if isinstance(value.get("text"), list):
            labels = value.get("label")
            return _texts(value["text"]), [str(x) for x in labels] if isinstance(labels, list) else []
        return _texts(list(value.values())), [str(key) for key in value]
    if isinstance(value, list):
        if value and all(isinstance(item, dict) and "text" in item for item in value):
            return _texts([item["text"] for item in value]), [str(item.get("label", "")) for item in value]
        return _texts(value), []
    return [], []


def _texts(items: Sequence[Any]) -> list[str]:
    if any(isinstance(item, list | dict) for item in items):
        raise _UnfitError("wrong_type", "A choice is not text.")
    texts = ["" if item is None else str(item) for item in items]
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        raise _UnfitError("lone_surrogate", "A choice holds half of a surrogate pair.") from None
    return texts


def _split_lettered(text: str) -> tuple[str, list[str], list[str]]:
    """Question, choices and letters of a text that ends in lines such as ``(a) park``."""
    lines = text.splitlines()
    start = len(lines)
    while start and _LETTERED.match(lines[start - 1]):
        start -= 1
    matches = [match for line in lines[start:] if (match := _LETTERED.match(line))]
    letters = [match[1].lower() for match in matches]
    if letters != list(string.ascii_lowercase[: len(letters)]):
        return text, [], []
    head = lines[:start]
    if head and _CHOICES_HEAD.match(head[-1]):
        head.pop()
    return "\n".join(head), [match[2] for match in matches], letters


def _choice_label(label: str, choices: Sequence[str], letters: Sequence[str]) -> str:
    """The choice that a text, letter or number names; ``label`` itself if it names none.

    A number counts from 0, unless the file numbers its choices itself.
    """
    if (exact := ChoiceTask().choice_of(label, choices)) is not None:
        return exact
    names = [letter.strip().lower() for letter in letters]
    bare = label.strip().lower()
    if bare in names:
        index = names.index(bare)
    elif match := _LETTER.match(label):
        index = string.ascii_lowercase.index(match[1].lower())
    elif bare.isdecimal() and len(bare) < 3 and not (names and all(map(str.isdecimal, names))):
        index = int(bare)
    else:
        return label
    return choices[index] if index < len(choices) and choices[index].strip() else label


def _nli_label(label: str, task: Task, fields: Mapping[str, Any]) -> str | None:
    """The label's name; None for the code by which SNLI says that the annotators did not agree."""
    bare = label.strip().lower()
    if bare in _NO_NLI_LABEL:
        return None
    return _NLI_CODES.get(bare) or task.canonical(label, fields)
