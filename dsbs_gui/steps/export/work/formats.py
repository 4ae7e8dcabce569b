"""Writing rows, streamed, in each format. A row is a dict; columns say which of it and in what order."""

from __future__ import annotations

import csv
import json
import shutil
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.steps.export.rows import FLAGS, csv_cells, csv_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

BATCH = 10_000
SPLIT_NAMES = {"valid": "validation"}


def write_jsonl(rows: Iterable[dict[str, Any]], columns: Sequence[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False) + "\n")


def write_csv(rows: Iterable[dict[str, Any]], columns: Sequence[str], path: Path) -> None:
    """RFC 4180; cells that a spreadsheet would run are escaped and named in the last column."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # line ends CR LF: then a lone CR or LF in a cell is quoted too
        writer.writerow(csv_header(columns))
        writer.writerows(csv_cells(row, columns) for row in rows)


def write_parquet(rows: Iterable[dict[str, Any]], columns: Sequence[str], path: Path) -> None:
    import pyarrow.parquet as pq

    iterator = iter(rows)
    schema = _schema(columns)
    with pq.ParquetWriter(path, schema, write_page_checksum=True) as writer:
        for batch in _batches(iterator, columns, schema):
            writer.write_batch(batch)


def write_dataset(rows: Iterable[dict[str, Any]], columns: Sequence[str], folder: Path, scratch: Path) -> None:
    """A ``DatasetDict`` with one dataset a split, as ``load_from_disk`` reads it."""
    import datasets

    parts = scratch / "hf-parts"
    shutil.rmtree(parts, ignore_errors=True)
    parts.mkdir()
    try:
        files = _write_by_split(rows, columns, parts)
        loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=str(parts / "cache"))
        loaded.save_to_disk(str(folder))
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _write_by_split(rows: Iterable[dict[str, Any]], columns: Sequence[str], folder: Path) -> dict[str, str]:
    import pyarrow.parquet as pq

    schema = _schema(columns)
    writers: dict[str, Any] = {}
    files: dict[str, str] = {}
    try:
        iterator = iter(rows)
        while part := list(islice(iterator, BATCH)):
            for split in dict.fromkeys(str(row["split"]) for row in part):
                name = SPLIT_NAMES.get(split, split)
                if name not in writers:
                    files[name] = str(folder / f"{name}.parquet")
                    writers[name] = pq.ParquetWriter(files[name], schema)
                chosen = [row for row in part if row["split"] == split]
                for batch in _batches(iter(chosen), columns, schema):
                    writers[name].write_batch(batch)
    finally:
        for writer in writers.values():
            writer.close()
    return files


def _batches(rows: Iterator[dict[str, Any]], columns: Sequence[str], schema: Any) -> Iterator[Any]:
    import pyarrow as pa

    while part := list(islice(rows, BATCH)):
        yield pa.RecordBatch.from_pylist([{name: row.get(name) for name in columns} for row in part], schema=schema)


def _schema(columns: Sequence[str]) -> Any:
    """Flags are booleans, choices lists of text, all else text; nothing depends on the rows."""
    import pyarrow as pa

    def kind(name: str) -> Any:
        if name in FLAGS:
            return pa.bool_()
        return pa.list_(pa.string()) if name == "choices" else pa.string()

    return pa.schema([(name, kind(name)) for name in columns])


WRITERS: dict[str, Callable[[Any, Sequence[str], Path], None]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
}
