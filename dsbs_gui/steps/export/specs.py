"""What the jobs of the Export step are to do. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dsbs_gui.core.specs import Spec

STUDENT_FORMATS = ("safetensors",)
DATA_FORMATS = ("jsonl", "parquet", "csv", "hf")
"""``hf`` is a folder that Hugging Face ``datasets.load_from_disk`` reads."""


@dataclass(frozen=True)
class ExportStudentSpec(Spec):
    """Take a trained student away. Probe inputs, ``{"example_id", "input"}``, lie in ``input.jsonl``.

    Attributes:
        student_dir: a student folder, or the folder of its training run.
        format: one of :data:`STUDENT_FORMATS`.
        out: the folder to make.
        card: what the model card says, see :mod:`~dsbs_gui.steps.export.card`.
        origin: run id, data hash and versions for the manifest.
    """

    student_dir: str = ""
    format: str = "safetensors"
    out: str = ""
    card: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportDataSpec(Spec):
    """Take the curated data away. The rows lie in ``input.jsonl``, a page of them a line: column to values.

    Attributes:
        format: one of :data:`DATA_FORMATS`.
        out: the file, or for ``hf`` the folder, to make.
        columns: which columns, in order; see :mod:`~dsbs_gui.steps.export.rows`.
        rows: how many rows are expected, for the progress.
        origin: project, filter and content hash for the manifest.
    """

    format: str = "jsonl"
    out: str = ""
    columns: tuple[str, ...] = ()
    rows: int = 0
    origin: dict[str, Any] = field(default_factory=dict)
