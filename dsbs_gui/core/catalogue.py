"""The catalogue of teachers and students, and where a model of it lies on this machine.

Reads ``models/catalogue.toml``; ``models/README.md`` says what its keys mean. It downloads nothing and
imports no package that carries a model. Standard library only.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from . import resources
from .errors import UserError

WEIGHTS = "weights"
"""Folder under ``models/`` for weights that a person downloaded; git ignores it."""
FOLDERS_VARIABLE = "DSBS_MODELS"
"""Environment variable: more such folders, separated as in ``PATH``. The settings put theirs there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. Sizes are 0 where nobody has measured or published them.

    Attributes:
        kind: ``gguf``, ``hub`` or ``config``.
        roles: ``teacher``, ``student`` or both.
        package, file: the installed package that carries the file, and the file's name.
        hub_id, hub_pattern: the repository on the hub, and which of its files to take.
        config: sizes of a model that is built with random weights.
        shape: sizes of one on the hub, as in its ``config.json``; {} where nobody has written them down.
        verified: whether somebody has run this program with it.
    """

    id: str
    title: str
    summary: str
    kind: str
    architecture: str
    roles: tuple[str, ...]
    licence: str
    package: str = ""
    file: str = ""
    hub_id: str = ""
    hub_pattern: str = ""
    sha256: str = ""
    size_bytes: int = 0
    parameters: int = 0
    context_length: int = 0
    quantisation: str = ""
    chat_template: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    shape: dict[str, Any] = field(default_factory=dict)
    verified: bool = False

    def local_path(self) -> Path | None:
        """The model's file on this machine; None if it is not there (or is built, or has its own cache)."""
        if self.package:
            return _carried(self.package, self.file)
        return _downloaded(self.id, self.hub_pattern) if self.kind == "gguf" else None


HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?\Z")
"""How the hub names models."""


@cache
def entries() -> tuple[Entry, ...]:
    """All models, in the catalogue's order. Raises UserError if the catalogue is missing or damaged."""
    path = resources.models_path("catalogue.toml")
    try:
        items = tomllib.loads(path.read_text("utf-8"))["model"]
        return tuple(_entry(item) for item in items)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The catalogue of models cannot be read: {error}.", "Install the program again.") from error


def find(model_id: str) -> Entry:
    """The model of that id. Raises UserError for an unknown one."""
    for entry in entries():
        if entry.id == model_id:
            return entry
    known = ", ".join(entry.id for entry in entries())
    raise UserError(f"There is no model “{model_id}” in the catalogue.", f"It holds {known}.")


def _entry(item: dict[str, Any]) -> Entry:
    known = {name: item[name] for name in Entry.__dataclass_fields__ if name in item}
    known["roles"] = tuple(item["roles"])
    for name in ("size_bytes", "parameters"):
        known.setdefault(name, item.get(f"approximate_{name}", 0))
    return Entry(**known)


def _carried(package: str, file: str) -> Path | None:
    """A file of an installed package, found through the package's own list and without importing it."""
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = (Path(str(found.locate())) for found in files if found.name == file)
    return next((path for path in paths if path.is_file()), None)


def _downloaded(model_id: str, pattern: str) -> Path | None:
    """A GGUF in one of :func:`folders`: in a folder named by the id, or beside it under its own name."""
    found: list[Path] = []
    for folder in folders():
        found += [*sorted((folder / model_id).glob("*.gguf")), *(sorted(folder.glob(pattern)) if pattern else [])]
    return next((path for path in found if _is_of(path, model_id)), None)


def folders() -> list[Path]:
    """Where downloaded weights are looked for: ``models/weights/``, then the folders that ``DSBS_MODELS`` names."""
    named = os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)
    return [resources.models_path(WEIGHTS), *(Path(name) for name in named if name)]


def _is_of(path: Path, model_id: str) -> bool:
    """Whether a file's name (or its folder) begins as the id does: patterns alone fit several models."""
    return path.parent.name == model_id or path.name.lower().startswith(model_id.lower())
