"""The log: one rotating file, named categories (``jobs``, ``ui``, ``store`` …), keys taken out.

What libraries say through ``logging`` goes the same way. Never dataset text; a run's own output is in its
``worker.log``.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
from pathlib import Path
from typing import Any

import structlog

FILE = "dsbs-gui.log"
_MOST_BYTES = 1_000_000
_OLDER_FILES = 3
_GONE = "[removed]"

_SECRETS = (
    re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)((?:api[_-]?key|token|secret|password|authorization|key)[\"']?\s*[=:]\s*[\"']?)([^\s\"'&,}]{6,})"),
    re.compile(r"\b(?:sk|hf|gsk|xai|pk|rk)[-_][A-Za-z0-9_-]{8,}"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
)
_SECRET_NAMES = re.compile(r"(?i)api.?key|token$|secret|password|authorization")


def redacted(text: str) -> str:
    """``text`` without what looks like a key, a token or a password."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: (found[1] if found.re.groups == 2 else "") + _GONE, text)
    return text


def set_up(folder: Path, *, level: int = logging.INFO) -> Path | None:
    """Write the log of this process to ``folder``; returns the file, or None where it cannot be written.

    Called once a process; a second call replaces the first file.
    """
    handler = _file_handler(folder)
    root = logging.getLogger()
    for earlier in [h for h in root.handlers if getattr(h, "dsbs", False)]:
        root.removeHandler(earlier)
        earlier.close()
    if handler is not None:
        handler.setFormatter(_formatter())
        handler.dsbs = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "urllib3", "filelock"):  # httpx logs whole addresses, keys in them too
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return None if handler is None else folder / FILE


def _file_handler(folder: Path) -> logging.Handler | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return logging.handlers.RotatingFileHandler(
            folder / FILE, maxBytes=_MOST_BYTES, backupCount=_OLDER_FILES, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        return None  # a full or read-only disk must not keep the program from starting


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _line],
    )


def redact(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A structlog step that takes keys out of names and texts, however deep they lie."""
    return {name: value if name.startswith("_") else _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if _SECRET_NAMES.search(name):
        return _GONE
    if isinstance(value, list | tuple):
        return [_clean(name, inner) for inner in value]
    return redacted(value if isinstance(value, str) else repr(value)) if not isinstance(value, _PLAIN) else value


_PLAIN = (int, float, bool, type(None))


def _line(logger: object, method: str, event: structlog.typing.EventDict) -> str:
    """``2026-01-31T12:00:00Z warning jobs: cannot store what jobs say error='…'`` and the traceback below."""
    event = dict(event)
    head = (
        f"{event.pop('timestamp', '')} {event.pop('level', ''):<8} {event.pop('logger', '')}: {event.pop('event', '')}"
    )
    trace = event.pop("exception", "")
    rest = " ".join(f"{name}={value!r}" for name, value in event.items())
    return "\n".join(part for part in (f"{head} {rest}".rstrip(), str(trace)) if part)
