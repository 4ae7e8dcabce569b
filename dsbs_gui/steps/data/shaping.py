"""From the values of one row to an example, or to the reason why it is none. Plain Python, no file access."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from dsbs_gui.core.tasks import ChoiceTask, Task

from .cells import Problem, UnfitError, filled, text_of
from .choices import choice_fields, choice_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_FIELD = 16 * 1024 * 1024
"""Characters of one field: more is no example but a mistake."""

MANY_LABELS, SHORT = 1_000, 100
"""How many spellings of labels are remembered, and of how many characters."""

_NO_COLUMN = "\ud800"  # no file can have it: half a surrogate pair

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


def shape(values: Mapping[str, Any], columns: Mapping[str, Sequence[str]], task: Task) -> Shaped | Problem:
    """Make an example of one row.

    Args:
        values: column to value, as the reader gives it.
        columns: field to columns, from :func:`~dsbs_gui.steps.data.mapping.resolve`.
    """
    try:
        return _shape(values, columns, task)
    except UnfitError as unfit:
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
        label = filled(others[1])
        if label not in settled:
            shaped = slow(values)
            if isinstance(shaped, Problem) or len(settled) > MANY_LABELS or len(label or "") > SHORT:
                return shaped
            settled[label] = shaped.label, shaped.respelt
        stored, respelt = settled[label]
        rationale, teacher = filled(others[2]), filled(others[3])
        return Shaped(filled(others[0]), fields, task.student_input(fields), stored, rationale, teacher, respelt)

    return quick


def _shape(values: Mapping[str, Any], columns: Mapping[str, Sequence[str]], task: Task) -> Shaped:
    texts = {name: text_of(name, values, columns[name]) for name in columns if name != "choices"}
    label = filled(texts.get("label"))
    respelt = None
    fields: dict[str, Any] = {name: texts[name] or "" for name in task.fields if name in texts}
    if isinstance(task, ChoiceTask):
        places, letters = choice_fields(fields, texts, values, columns)
        _check(task, fields, label)
        if label is not None and (meant := choice_label(label, places, letters)) != label:
            respelt, label = (label, meant), meant
    else:
        _check(task, fields, label)
        if label is not None and task.name == "nli":
            named = _nli_label(label, task, fields)
            if named != label:
                respelt, label = (label, named or ""), named
    if label is not None and (reason := task.label_problem(fields, label)):
        raise UnfitError("wrong_label", reason)
    return Shaped(
        id=filled(texts.get("id")),
        fields=fields,
        input=task.student_input(fields),
        label=label,
        rationale=filled(texts.get("rationale")),
        teacher=filled(texts.get("teacher")),
        respelt=respelt,
    )


def _check(task: Task, fields: Mapping[str, Any], label: str | None) -> None:
    if reason := task.problem(fields, label):
        raise UnfitError("missing_field", reason)
    for name, value in fields.items():
        if sum(map(len, value)) > MAX_FIELD if isinstance(value, list) else len(value) > MAX_FIELD:
            raise UnfitError("too_large", f"The {name} is longer than {MAX_FIELD >> 20} million characters.")


def _nli_label(label: str, task: Task, fields: Mapping[str, Any]) -> str | None:
    """The label's name; None for the code by which SNLI says that the annotators did not agree."""
    bare = label.strip().lower()
    if bare in _NO_NLI_LABEL:
        return None
    return _NLI_CODES.get(bare) or task.canonical(label, fields)
