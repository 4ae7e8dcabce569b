"""The choices of a question in the many shapes that files give them, and the one that a label means. Plain Python."""

from __future__ import annotations

import json
import re
import string
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.tasks import ChoiceTask

from .cells import UnfitError, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LETTERED = re.compile(r"^\s*\(?([A-Za-z])[).:]\s+(.*\S)\s*$")
_LETTER = re.compile(r"\s*\(?([A-Za-z])[).:]?\s*\Z")
_CHOICES_HEAD = re.compile(r"^\s*(?:answer )?(?:choices|options):?\s*$", re.IGNORECASE)


def choice_fields(
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
            places = [text_of("choices", values, [name]) or "" for name in names]
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
        raise UnfitError("wrong_type", "A choice is not text.")
    texts = ["" if item is None else str(item) for item in items]
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        raise UnfitError("lone_surrogate", "A choice holds half of a surrogate pair.") from None
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


def choice_label(label: str, choices: Sequence[str], letters: Sequence[str]) -> str:
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
