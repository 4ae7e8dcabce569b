"""What the jobs of the Data step are to do. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsbs_gui.core.specs import Spec

FORMATS = ("csv", "tsv", "json", "jsonl", "parquet", "arrow", "folder", "hub")
"""``folder`` is a dataset saved by Hugging Face ``datasets``; ``hub`` an id on the Hugging Face hub."""

ON_ERROR = ("report", "stop")
ENCODINGS = (
    "utf-8",
    "cp1252",
    "latin-1",
    "cp1250",
    "cp1251",
    "iso8859_7",
    "shift_jis",
    "gb18030",
    "utf-16",
)
"""Offered when the encoding of a file cannot be told; any other that Python knows can be given too."""


@dataclass(frozen=True)
class SourceSpec(Spec):
    """Where rows come from.

    Attributes:
        path: a file, a folder, or a hub id such as ``owner/name``.
        file_format: one of :data:`FORMATS`; empty: told from content and name.
        encoding: of a CSV or TSV file; empty: found out.
        delimiter: of a CSV or TSV file; empty: found out.
        split: of the project, where the rows go.
        hub_config: configuration of a hub dataset.
        hub_split: which split of a dataset is read; empty: the one that answers to ``split``.
        mapping: field to column, for the fields that ``mapping.FIELDS`` names; a field that is not in it is
            guessed from the columns' names, one mapped to ``""`` is left out.
        task: name of a task; empty: guessed (preview only).
    """

    path: str = ""
    task: str = ""
    split: str = "train"
    mapping: dict[str, str] = field(default_factory=dict)
    file_format: str = ""
    encoding: str = ""
    delimiter: str = ""
    hub_config: str = ""
    hub_split: str = ""


@dataclass(frozen=True)
class ImportSpec(SourceSpec):
    """Read a dataset into the project.

    Attributes:
        on_error: ``report`` lists bad rows and keeps the good ones; ``stop`` takes nothing once one is bad.
        after_line: rows before this line are in the project, from an import that did not reach the end; 0: none.
        after_rows: of the rows on that line so many are in it too: a JSON file may have all its rows on one line.
        stamp: of the file when it was hashed, see :func:`~dsbs_gui.core.hashing.stamp`; empty: not looked at.
    """

    on_error: str = "report"
    after_line: int = 0
    after_rows: int = 0
    stamp: tuple[int, ...] = ()


@dataclass(frozen=True)
class PreviewSpec(SourceSpec):
    """Show the first rows of a dataset before it is imported."""

    limit: int = 50
