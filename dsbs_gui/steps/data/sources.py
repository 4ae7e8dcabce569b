"""Where a dataset is: a file or folder on this machine, or an id of the Hugging Face hub. Plain Python."""

from __future__ import annotations

import re
from pathlib import Path

from dsbs_gui.core.errors import UserError

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?\Z")


def locate(source: str) -> str:
    """``source`` as an absolute path, or as it is if it can only be a hub id.

    Raises:
        UserError: if it is neither.
    """
    if not source.strip():
        raise UserError("No file was named.", "Choose a file, a saved dataset folder or a hub id.")
    path = Path(source).expanduser()
    if path.exists():
        if not (path.is_file() or path.is_dir()):
            raise UserError(f"{source} is a device or a pipe, not a file.", "Save the rows to a file and choose that.")
        return str(path.absolute())
    if is_hub_id(source):
        return source
    hint = "Check the spelling." if path.parent.is_dir() else f"The folder {path.parent} does not exist either."
    raise UserError(f"There is no file {source}.", hint)


def is_hub_id(source: str) -> bool:
    """Whether ``source`` can be a hub id: ``name`` or ``owner/name`` without the ending of a data file."""
    return bool(_HUB_ID.match(source)) and Path(source).suffix.lower() not in SUFFIXES
