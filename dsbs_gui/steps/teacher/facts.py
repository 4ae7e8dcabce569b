"""What can be said of a teacher before it is asked: for the model card. Plain Python.

Reads the head of a GGUF file (0.1 s) and loads nothing; a server is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from dsbs_gui.core import catalogue, gguf_header
from dsbs_gui.core.errors import DsbsError
from dsbs_gui.kit import words

from . import plan
from .catalogue import Teacher, resolve
from .specs import PROTOCOLS

ROOM_FOR_CONTEXT = 1.3
"""Memory that a model takes beside its file: context cells and buffers."""
TIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Facts:
    """A teacher as a card shows it.

    Attributes:
        details: (name, value) pairs.
        context: tokens that fit into it; 0 where nobody knows.
        verdict: whether it fits into the free memory; empty where nothing is loaded here.
        problem, hint: why it cannot be asked, and the cure; empty if it can.
    """

    title: str
    summary: str = ""
    details: tuple[tuple[str, str], ...] = ()
    context: int = 0
    verdict: Literal["", "fits", "tight", "too large"] = ""
    problem: str = ""
    hint: str = ""


def facts(teacher: str, model_name: str = "") -> Facts:
    """The facts of what ``plan.generate_request`` takes as teacher; never raises a ``DsbsError``."""
    if not teacher:
        return Facts("No teacher chosen yet", "Choose a file or give the address of a server.")
    entry = next((entry for entry in catalogue.entries() if entry.id == teacher), None)
    try:
        found = resolve(teacher)
        known = _of_server(found, model_name) if found.kind == "server" else _of_file(found, entry)
    except DsbsError as error:
        title, details = (entry.title, _of_entry(entry)) if entry else (Path(teacher).name, ())
        return Facts(title, entry.summary if entry else "", details, problem=error.message, hint=error.hint)
    return known


def _of_server(found: Teacher, model_name: str) -> Facts:
    model = model_name or found.model_name or "the only one of the server"
    return Facts(
        found.model.split("://")[1].split("/")[0],
        "A server. The rows are sent to it.",
        (("Address", found.model), ("Protocol", PROTOCOLS[found.protocol]), ("Model", model)),
    )


def _of_file(found: Teacher, entry: catalogue.Entry | None) -> Facts:
    path = Path(found.model)
    header = gguf_header.read(path)
    details = [("Size", words.size(header.size))]
    if entry is not None and entry.parameters:
        details.append(("Weights", f"{words.figure(entry.parameters / 1e6)}{words.NBSP}million"))
    if header.context_length:
        details.append(("Context", words.plural(header.context_length, "token")))
    licence = entry.licence if entry else str(header.metadata.get("general.license", ""))
    details.append(("Licence", licence or "not stated in the file"))
    title = entry.title if entry else header.name or path.name
    summary = entry.summary if entry else path.name
    problem, hint = _missing_engine()
    return Facts(title, summary, tuple(details), header.context_length, _verdict(header.size), problem, hint)


def _of_entry(entry: catalogue.Entry) -> tuple[tuple[str, str], ...]:
    details = [("Size", f"about {words.size(entry.size_bytes)}")] if entry.size_bytes else []
    return (*details, ("Licence", entry.licence))


def _missing_engine() -> tuple[str, str]:
    try:
        plan.demand_llama_cpp()
    except DsbsError as error:
        return error.message, error.hint
    return "", ""


def _verdict(size_bytes: int) -> Literal["fits", "tight", "too large"]:
    needed, free = size_bytes * ROOM_FOR_CONTEXT, psutil.virtual_memory().available
    if needed > free:
        return "too large"
    return "fits" if needed <= TIGHT * free else "tight"
