"""From a path to a reader: tells formats by content first, by name second."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.data.sources import SUFFIXES, locate
from dsbs_gui.steps.data.specs import FORMATS, SourceSpec

from .delimited import Delimited
from .encodings import BOMS, unmarked
from .json_rows import JsonLines, open_json
from .tables import open_arrow, open_folder, open_hub, open_parquet

if TYPE_CHECKING:
    from .records import Source

_SAVE = "Save the rows as CSV, JSON lines or Parquet and choose that file."
FOREIGN = (
    (b"\x89PNG", "a picture (PNG)", "Choose the file that holds the rows."),
    (b"\xff\xd8\xff", "a picture (JPEG)", "Choose the file that holds the rows."),
    (b"GIF8", "a picture (GIF)", "Choose the file that holds the rows."),
    (b"%PDF", "a PDF document", _SAVE),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Unpack it, or save the sheet as CSV."),
    (b"PK\x05\x06", "an empty ZIP archive", _SAVE),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"\x1f\x8b", "compressed (gzip)", "Unpack it first."),
    (b"BZh", "compressed (bzip2)", "Unpack it first."),
    (b"\xfd7zXZ", "compressed (xz)", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", "Unpack it first."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"SQLite format 3", "an SQLite database", _SAVE),
    (b"GGUF", "a GGUF model", "Choose it as a teacher or student; rows come from a dataset file."),
    (b"\x80\x04\x95", "a Python pickle, which is never opened", _SAVE),
    (b"\x7fELF", "a program", "Choose the file that holds the rows."),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_MOST_CONTROL = 0.1


def open_source(spec: SourceSpec) -> Source:
    """The reader for ``spec``.

    Raises:
        UserError: if the file is absent, empty, of another kind, unreadable.
        ResourceError: if the hub cannot be reached.
    """
    file_format = spec.file_format or _format_of(spec.path)
    if file_format not in FORMATS:
        raise UserError(f"There is no format “{file_format}”.", f"Choose one of {', '.join(FORMATS)}.")
    path = Path(spec.path).expanduser()
    if spec.encoding and file_format not in ("csv", "tsv"):
        raise UserError(f"{path.name} is no CSV or TSV file: it has no encoding to choose.", "Leave the encoding out.")
    if file_format == "hub":
        return open_hub(spec)
    if file_format == "folder":
        return open_folder(path, spec)
    if file_format in ("csv", "tsv"):
        return Delimited(path, spec, file_format)
    if file_format == "json":
        return open_json(path)
    if file_format == "jsonl":
        return open_json(path) if _first_character(path) == b"[" else JsonLines(path)
    return open_parquet(path) if file_format == "parquet" else open_arrow(path)


def _format_of(text: str) -> str:
    path = Path(text).expanduser()
    if path.is_dir():
        return _folder_format(path)
    if not path.exists():
        locate(text)
        return "hub"
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise UserError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            "Check its permissions, or copy it elsewhere.",
        ) from error
    if not head.strip():
        raise UserError(f"{path.name} is empty.", "Choose a file with at least one row.")
    return _by_content(path, head)


def _by_content(path: Path, head: bytes) -> str:
    for mark, what, hint in FOREIGN:
        if head.startswith(mark):
            raise UserError(f"{path.name} is {what}, not a dataset.", hint)
    if head.startswith((b"PAR1", b"ARROW1")):
        return "parquet" if head.startswith(b"PAR1") else "arrow"
    suffix = SUFFIXES.get(path.suffix.lower(), "")
    if suffix == "parquet":
        raise UserError(f"{path.name} is no Parquet file.", "Save or download the file again.")
    if suffix == "arrow" or head.startswith(b"\xff\xff\xff\xff"):
        return "arrow"
    wide = any(head.startswith(mark) for mark, _ in BOMS) or unmarked(head)
    if not wide and _is_binary(head):
        raise UserError(f"{path.name} is not text that can be read.", "Save it as UTF-8 text, or choose another file.")
    return suffix or ("json" if head.lstrip()[:1] in (b"{", b"[") else "csv")


def _is_binary(head: bytes) -> bool:
    """Many control characters in what is no UTF-8, or many NULs. Texts with many of the others are odd, but texts."""
    if len(head) <= 100 or len(head.translate(None, _CONTROL)) >= (1 - _MOST_CONTROL) * len(head):
        return False
    if head.count(0) > _MOST_CONTROL * len(head):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # which may end within a character
    except UnicodeDecodeError:
        return True
    return False


def _folder_format(path: Path) -> str:
    if (path / "dataset_dict.json").exists() or (path / "state.json").exists():
        return "folder"
    files = sorted(child.name for child in path.iterdir() if child.suffix.lower() in SUFFIXES)
    if files:
        raise UserError(f"{path.name} is a folder, not a saved dataset.", f"Choose a file in it, such as {files[0]}.")
    raise UserError(f"{path.name} is a folder without a dataset.", "Choose a file, or a folder from save_to_disk.")


def _first_character(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 16).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
