"""Recipes: what a training run is to do, as a TOML file that people read, change and hand on. Plain Python.

A key is an option of ``dsbs train`` without its dashes; what is left out takes the default of the preset.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import write_atomically

from .defaults import complete, defaults
from .options import BY_KEY, OPTIONS, REQUIRED, Option, said
from .presets import source

VERSION = 1
SUFFIX = ".toml"
LARGEST = 1_000_000
"""Bytes; one that we write has 4,000. What is larger was chosen by mistake, and takes long to parse."""
_HEAD = """\
A recipe of DSBS Studio: what a training run is to do.
“dsbs train PROJECT --recipe FILE” does it; options given beside it win.
A key that is left out takes the default of the preset.
"""


def write(path: Path, choices: Mapping[str, Any]) -> None:
    """Save the choices with every value, its unit and its default. Raises ResourceError if that fails."""
    try:
        write_atomically(path, text(choices))
    except OSError as error:
        raise ResourceError(
            f"The recipe “{path.name}” cannot be written: {error.strerror}.", "Choose another place."
        ) from error


def text(choices: Mapping[str, Any]) -> str:
    """The recipe as TOML."""
    whole, usual = complete(choices), defaults(choices)
    document = tomlkit.document()
    for line in _HEAD.splitlines():
        document.add(tomlkit.comment(line))
    document.add("version", tomlkit.item(VERSION))
    unused = "steps" if whole["epochs"] else "epochs"
    for option in OPTIONS:
        if option.name != unused:
            document.add(tomlkit.nl())
            document.add(tomlkit.comment(_about(option, usual)))
            document.add(option.key, tomlkit.item(_value(option, whole[option.name])))
    return tomlkit.dumps(document)


def read(path: Path) -> dict[str, Any]:
    """The choices of a recipe: only what it says.

    Raises: UserError that names line and key for what cannot be used.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise UserError(
                f"“{path.name}” is too large for a recipe: more than {LARGEST // 1_000_000} MB.",
                "Choose a recipe: a TOML file.",
            )
        found = raw.decode("utf-8-sig")  # editors on Windows begin a text with a byte-order mark
    except UnicodeDecodeError as error:
        raise UserError(f"“{path.name}” is not text in UTF-8.", "Choose a recipe: a TOML file.") from error
    except OSError as error:
        raise UserError(f"“{path}” cannot be read: {error.strerror}.", "Check the path.") from error
    return parse(found, path.name)


def parse(found: str, name: str = "recipe.toml") -> dict[str, Any]:
    """The same for a text. Raises UserError."""
    try:
        body = tomlkit.parse(found).unwrap()
    except TOMLKitError as error:
        line = getattr(error, "line", None)
        at = f", line {line}" if line else ""
        raise UserError(f"“{name}”{at} is not TOML: {error}.", "Correct it, or save the recipe anew.") from error
    _demand_version(body.pop("version", None), found, name)
    choices: dict[str, Any] = {}
    for key, value in body.items():
        option = BY_KEY.get(key)
        if option is None:
            raise UserError(
                f"{_place(found, name, key)}: there is no setting “{key}”.", f"There are {', '.join(BY_KEY)}."
            )
        if problem := option.problem(value):
            hint = f"{option.title}: {option.help[:1].lower()}{option.help[1:]}."
            hint += "" if option.name in REQUIRED else " Without this line its default holds."
            raise UserError(f"{_place(found, name, key)}: {key} = {_shown(value)} {problem}.", hint)
        choices[option.name] = float(value) if option.kind == "number" else value
    if choices.get("epochs") and choices.get("steps"):
        raise UserError(f"{_place(found, name, 'epochs')}: a run counts steps or epochs.", "Take one of both away.")
    return choices


def _demand_version(version: object, found: str, name: str) -> None:
    if version is None:
        raise UserError(f"“{name}” does not say its version.", f"Is it a recipe? Then write “version = {VERSION}”.")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise UserError(f"{_place(found, name, 'version')}: the version is not a number.", f"It is {VERSION}.")
    if version > VERSION:
        raise UserError(
            f"“{name}” is a recipe of version {_shown(version)}; this program knows version {VERSION}.",
            "Open it with a newer DSBS Studio.",
        )


def _place(found: str, name: str, key: str) -> str:
    """File and line of a key; the file alone where the key is written in some other way."""
    own = re.compile(rf"""\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[.=\]]""")
    line = next((i for i, text in enumerate(found.splitlines(), 1) if own.match(text)), None)
    return f"“{name}”, line {line}" if line else f"“{name}”"


def _shown(value: object) -> str:
    try:
        body = f"“{value}”" if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    except ValueError:  # Python writes no whole number of more than 4300 digits, but reads one in hexadecimal
        return "…"
    return body if len(body) <= 60 else f"{body[:60]}…"


def _value(option: Option, value: Any) -> Any:
    return float(value) if option.kind == "number" else value


def _about(option: Option, usual: Mapping[str, Any]) -> str:
    parts = [f"{option.title}: {option.help[:1].lower()}{option.help[1:]}."]
    if option.choices:
        known = ", ".join(option.choices)
        parts.append(f"Some of {known}, separated by commas." if option.several else f"One of {known}.")
    if option.zero and option.kind != "text":
        parts.append(f"0: {option.zero}.")
    if option.name in usual and option.name not in ("preset", "labels"):
        where = source(usual["preset"], option.name)
        default = said(usual[option.name]) or option.zero
        parts.append(f"Default: {default}{f' ({where.tag})' if where else ''}.")
    return " ".join(parts)
