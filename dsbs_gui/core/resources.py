"""Where the files beside the code lie: ``resources/`` and ``models/`` of a checkout or of the installed wheel.

Never a path relative to any other file: this is the one function that knows.
"""

from __future__ import annotations

from pathlib import Path

import dsbs_gui

_PACKAGE = Path(dsbs_gui.__file__).resolve().parent


def _find(folder: str) -> Path:
    """In a checkout the folders stand beside the package, in a wheel inside it."""
    beside = _PACKAGE.parent / folder
    inside = _PACKAGE / folder
    return beside if (_PACKAGE.parent / "pyproject.toml").is_file() and beside.is_dir() else inside


def path(name: str) -> Path:
    """A file under ``resources/``, e.g. ``exemplars/math.toml``."""
    return _find("resources") / name


def models_path(name: str) -> Path:
    """A file under ``models/``, e.g. ``catalogue.toml``."""
    return _find("models") / name
