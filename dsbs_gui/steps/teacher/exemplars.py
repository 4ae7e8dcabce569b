"""Reading exemplars: the ones that come with the program and a user's own. Plain Python.

A TOML file holds a whole prompt (``version``, ``task``, ``instruction``, ``question_prefix``,
``answer_prefix``, ``trigger``, ``stop`` and ``[[exemplar]]`` tables). A JSONL file holds exemplars only
(the task's fields, ``rationale`` and ``label`` a line) and takes the rest from our own prompt.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from dsbs_gui.core import resources
from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import write_atomically
from dsbs_gui.core.tasks import TASKS, task_named

from .prompts import Exemplar, Prompt, is_equation

if TYPE_CHECKING:
    from tomlkit.items import Item

_TEXTS = ("question_prefix", "answer_prefix", "trigger")


def bundled(task: str, labels: Iterable[str] = ()) -> Prompt:
    """Our own prompt for a task; for math, that of equations or of numbers, whichever the labels are."""
    return bundled_named(bundled_name(task, labels), task)


def bundled_named(name: str, task: str) -> Prompt:
    """Our own prompt by the name of its file, without its ending."""
    return _from_toml(Path(resources.path(f"exemplars/{name}.toml")), task)


def bundled_name(task: str, labels: Iterable[str]) -> str:
    """The name of our exemplar file, without its ending."""
    if task_named(task).name != "math":
        return task
    kinds = [is_equation(label) for label in labels]
    return "math-equation" if 2 * sum(kinds) > len(kinds) else "math"


def from_file(path: Path, task: str, labels: Iterable[str] = ()) -> Prompt:
    """The prompt of a user's file. Raises UserError with the place and the cure."""
    if path.suffix.lower() == ".toml":
        return _from_toml(path, task)
    if path.suffix.lower() in {".jsonl", ".json"}:
        return replace(bundled(task, labels), exemplars=_from_jsonl(path, task), version=f"own: {path.name}")
    raise UserError(
        f"{path.name} is not an exemplar file.",
        "Give a TOML file like those in resources/exemplars, or a JSONL file with one exemplar a line.",
    )


def to_toml(prompt: Prompt, comment: str = "") -> str:
    """A prompt as the text of a file that :func:`from_file` reads back to the same prompt."""
    document = tomlkit.document()
    for line in comment.splitlines():
        document.add(tomlkit.comment(line))
    document.add("version", _toml_version(prompt.version))
    document.add("task", tomlkit.item(prompt.task))
    for name in ("instruction", *_TEXTS):
        document.add(name, _toml_text(getattr(prompt, name)))
    document.add("stop", tomlkit.item(list(prompt.stop)))
    tables = tomlkit.aot()
    for exemplar in prompt.exemplars:
        table = tomlkit.table()
        for name, value in {**exemplar.fields, "rationale": exemplar.rationale, "label": exemplar.label}.items():
            table.add(name, _toml_text(value) if isinstance(value, str) else tomlkit.item(list(value)))
        tables.append(table)
    if prompt.exemplars:
        document.add("exemplar", tables)
    return tomlkit.dumps(document)


def write(path: Path, text: str) -> None:
    """Write an exported prompt. Raises ResourceError if the place cannot be written."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise ResourceError(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error


def _toml_version(version: str) -> Item:
    """A number where it was one."""
    is_number = version.isdecimal() and str(int(version)) == version
    return tomlkit.item(int(version)) if is_number else tomlkit.item(version)


def _toml_text(text: str) -> Item:
    """A text of several lines stays readable; a carriage return needs the form with escapes."""
    return tomlkit.string(text, multiline="\n" in text and "\r" not in text)


def _from_toml(path: Path, task: str) -> Prompt:
    try:
        body = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} is not a TOML file: {error}.", "Correct the line that it names.") from error
    if body.get("task", task) != task:
        raise UserError(
            f"{path.name} holds exemplars for the task “{body['task']}”; this project's task is “{task}”.",
            "Choose another exemplar file.",
        )
    missing = [name for name in _TEXTS if not isinstance(body.get(name), str) or not body[name].strip()]
    if missing:
        raise UserError(f"{path.name} lacks {', '.join(missing)}.", "Add it as a line of text at the top.")
    items = body.get("exemplar", [])
    if not isinstance(items, list):
        raise UserError(f"{path.name} has no list of exemplars.", "Write each one under a heading [[exemplar]].")
    return Prompt(
        task=task,
        instruction=str(body.get("instruction", "")).strip(),
        question_prefix=body["question_prefix"].strip(),
        answer_prefix=body["answer_prefix"].strip(),
        trigger=body["trigger"].strip(),
        stop=tuple(str(text) for text in body.get("stop", ()) if str(text)),
        exemplars=tuple(_exemplar(item, task, f"{path.name}, exemplar {n}") for n, item in enumerate(items, 1)),
        version=str(body.get("version", "1")),
    )


def _from_jsonl(path: Path, task: str) -> tuple[Exemplar, ...]:
    found = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if line.strip():
            try:
                item = json.loads(line)
            except ValueError as error:
                raise UserError(f"{path.name}, line {number} is not JSON: {error}.", "Correct that line.") from error
            found.append(_exemplar(item, task, f"{path.name}, line {number}"))
    if not found:
        raise UserError(f"{path.name} holds no exemplars.", "Write one JSON object a line.")
    return tuple(found)


def _exemplar(item: Any, task_name: str, place: str) -> Exemplar:
    task = TASKS[task_name]
    if not isinstance(item, Mapping):
        raise UserError(f"{place} is not an object.", f"Give {', '.join(task.fields)}, rationale and label.")
    label, rationale = str(item.get("label", "")).strip(), str(item.get("rationale", "")).strip()
    fields = {name: item[name] for name in task.fields if name in item}
    reason = task.problem(fields, label)
    if reason is None and not rationale:
        reason = "The rationale is empty."
    if reason is None:
        reason = task.label_problem(fields, label) if label else "The label is empty."
    if reason:
        raise UserError(f"{place}: {reason}", f"An exemplar needs {', '.join(task.fields)}, rationale and label.")
    return Exemplar(fields, rationale, label)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"There is no file {path}.", "Check the path of the exemplars.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path.name} is not UTF-8 text.", "Save it as UTF-8.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Choose a readable file.") from error
