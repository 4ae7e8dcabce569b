"""A training run as the command that does the same. Plain Python."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .defaults import complete, defaults
from .options import OPTIONS, REQUIRED, said


def words(project: Path, choices: Mapping[str, Any]) -> list[str]:
    """The command's words: what must be said, and what is not the default anyway."""
    whole, usual = complete(choices), defaults({name: choices[name] for name in REQUIRED})
    if whole["preset"] != usual["preset"]:
        usual = defaults({name: whole[name] for name in (*REQUIRED, "preset")}) | {"preset": usual["preset"]}
    found = ["dsbs", "train", str(project)]
    for option in OPTIONS:
        value = whole[option.name]
        counted = option.name == "steps" and whole["epochs"]
        if option.name in REQUIRED or (value != usual[option.name] and not counted):
            found += _said(option.flag, said(value))
    return found


def _said(flag: str, value: str) -> list[str]:
    """A value that begins like an option would be taken for one if it stood by itself."""
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]


def command_line(project: Path, choices: Mapping[str, Any]) -> str:
    """The same as one line for a shell of this system."""
    found = words(project, choices)
    return subprocess.list2cmdline(found) if os.name == "nt" else shlex.join(found)
