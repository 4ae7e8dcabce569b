"""Servers that a person may mean: those that run on this machine, and providers with a known address.

Plain Python. Looking takes a second at most, and the start of a small process: background threads only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dsbs_gui

_FINDER = "dsbs_gui.steps.teacher.work.find_servers"
_PATIENCE_S = 10.0
_NO_WINDOW = 0x08000000  # Windows; subprocess names it there only


@dataclass(frozen=True, slots=True)
class Server:
    """An address to ask.

    Attributes:
        models: what it has; empty where it was not asked.
    """

    title: str
    address: str
    models: tuple[str, ...] = ()


PROVIDERS = (
    Server("OpenAI", "https://api.openai.com/v1"),
    Server("Anthropic", "https://api.anthropic.com/v1"),
    Server("Google Gemini", "https://generativelanguage.googleapis.com/v1beta/openai"),
    Server("Mistral", "https://api.mistral.ai/v1"),
    Server("DeepSeek", "https://api.deepseek.com/v1"),
    Server("Groq", "https://api.groq.com/openai/v1"),
    Server("Together", "https://api.together.xyz/v1"),
    Server("OpenRouter", "https://openrouter.ai/api/v1"),
)
"""Base addresses from the providers' public references. All need a key and send the rows to the provider."""


def local_servers(ports: Sequence[int] = ()) -> list[Server]:
    """What runs on this machine: Ollama, LM Studio, llama-server and vLLM at their usual ports (or at ``ports``).

    Never raises: what cannot be found is not there.
    """
    root = str(Path(dsbs_gui.__file__).resolve().parent.parent)
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    try:
        done = subprocess.run(
            [sys.executable, "-m", _FINDER, *map(str, ports)],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            env=os.environ | {"PYTHONPATH": paths, "PYTHONUTF8": "1"},
            creationflags=_NO_WINDOW if os.name == "nt" else 0,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    return [_server(entry) for entry in found]


def _server(entry: dict[str, Any]) -> Server:
    return Server(entry["title"], entry["address"], tuple(entry["models"]))
