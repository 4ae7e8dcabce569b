"""The job *export-data*: the curated rows as JSON lines, Parquet, CSV or a saved dataset, whole or not at all."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from dsbs_gui.core.errors import Stopped, UserError
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop
from dsbs_gui.steps.export.specs import DATA_FORMATS, ExportDataSpec

from .formats import WRITERS, Page, write_dataset
from .placing import MANIFEST, beside, check_free, file_entries, file_entry, new_file, new_folder, write_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRESS_EVERY_S = 0.25


def run(spec: ExportDataSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Write the rows of ``input.jsonl`` to ``spec.out``.

    Raises:
        UserError: for an unknown format, or a target that holds other files.
        ResourceError: for a full or read-only disk.
    """
    if spec.format not in DATA_FORMATS:
        raise UserError(f"Data cannot be exported as “{spec.format}”.", f"Choose {' or '.join(DATA_FORMATS)}.")
    out = Path(spec.out).expanduser()
    check_free(out)
    pages = _Pages(spec, emit, should_stop)
    try:
        files = _write(spec, out, pages)
    except Stopped:
        emit(Finished("stopped", {"format": spec.format, "path": str(out), "rows": 0}))
        return
    emit(
        Finished(
            "done",
            {
                "format": spec.format,
                "path": str(out),
                "rows": pages.count,
                "files": list(files),
                "bytes": sum(entry["size"] for entry in files.values()),
            },
        )
    )


def _write(spec: ExportDataSpec, out: Path, pages: _Pages) -> dict[str, dict[str, Any]]:
    columns = list(spec.columns)

    def manifest(path: Path, files: dict[str, dict[str, Any]]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        facts = {"kind": "data", "format": spec.format, "created": now, "rows": pages.count, "columns": columns}
        write_manifest(path, files, **facts, **spec.origin)

    if spec.format == "hf":
        with new_folder(out) as folder:
            write_dataset(pages, columns, folder, Path(spec.run_dir))
            files = file_entries(folder)
            manifest(folder / MANIFEST, files)
        return files
    with new_file(out) as staging:
        WRITERS[spec.format](pages, columns, staging)
    files = {out.name: file_entry(out)}
    manifest(beside(out), files)
    return files


class _Pages:
    """The rows to export, page by page, counted as they are read; raises Stopped when the job is to stop."""

    def __init__(self, spec: ExportDataSpec, emit: Emit, should_stop: ShouldStop) -> None:
        self._spec = spec
        self._emit = emit
        self._should_stop = should_stop
        self._next_progress = 0.0
        self.count = 0

    def __iter__(self) -> Iterator[Page]:
        decode = msgspec.json.Decoder(dict[str, list[Any]]).decode
        with (Path(self._spec.run_dir) / "input.jsonl").open("rb") as lines:
            for line in lines:
                if self._should_stop():
                    raise Stopped
                self._say_progress()
                page = decode(line)
                self.count += len(page[self._spec.columns[0]])
                yield page

    def _say_progress(self) -> None:
        now = time.monotonic()
        if now >= self._next_progress:
            self._next_progress = now + PROGRESS_EVERY_S
            self._emit(Progress("Writing", self.count, self._spec.rows or None, "rows"))
