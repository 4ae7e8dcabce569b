"""Writing a student folder that needs nothing but itself: weights, tokenizer, ``dsbs_student.json``."""

from __future__ import annotations

import shutil
from pathlib import Path

from transformers.utils import cached_file

from .folders import write_folder
from .meta import StudentMeta, write_meta
from .student import Student

SENTENCEPIECE = "spiece.model"


def save_student(student: Student, folder: Path, meta: StudentMeta) -> None:
    """Write ``folder`` in one step, with a manifest of sizes and sha256. Raises OSError."""

    def fill(unfinished: Path) -> None:
        write_files(student, unfinished, meta)

    write_folder(folder, fill)


def write_files(student: Student, folder: Path, meta: StudentMeta) -> None:
    """The files of a student, into an existing folder and without a manifest."""
    student.model.save_pretrained(folder)
    student.tokenizer.save_pretrained(folder)
    # Current transformers save tokenizer.json alone; a GGUF export of a T5 needs the original.
    original = _sentencepiece(student.source)
    if original is not None and not (folder / SENTENCEPIECE).exists():
        shutil.copyfile(original, folder / SENTENCEPIECE)
    write_meta(folder, meta)


def _sentencepiece(source: str) -> Path | None:
    if not source:
        return None
    if Path(source).is_dir():
        path = Path(source, SENTENCEPIECE)
        return path if path.is_file() else None
    found = cached_file(
        source,
        SENTENCEPIECE,
        local_files_only=True,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
        _raise_exceptions_for_gated_repo=False,
    )
    return Path(found) if found else None
