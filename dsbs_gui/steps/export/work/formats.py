"""Writing rows, streamed, in each format. They come in pages, column to values; ``columns`` says which and in what
order."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from dsbs_gui.steps.export.rows import FLAGS, LISTS, NUMBERS, WHOLE, csv_cells, csv_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Page = dict[str, list[Any]]

GROUP_BYTES = 32 << 20
"""Of Arrow memory: so much becomes one row group of a Parquet file."""

SPLIT_NAMES = {"valid": "validation"}


def write_jsonl(pages: Iterable[Page], columns: Sequence[str], path: Path) -> None:
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for page in pages:
            file.write(encoder.encode_lines(list(_rows(page, columns))))


def write_csv(pages: Iterable[Page], columns: Sequence[str], path: Path) -> None:
    """RFC 4180; cells that a spreadsheet would run are escaped and named in the last column."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # line ends CR LF: then a lone CR or LF in a cell is quoted too
        writer.writerow(csv_header(columns))
        for page in pages:
            writer.writerows(csv_cells(row, columns) for row in _rows(page, columns))


def _rows(page: Page, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for values in zip(*(page[name] for name in columns), strict=True):
        yield dict(zip(columns, values, strict=True))


def write_parquet(pages: Iterable[Page], columns: Sequence[str], path: Path) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(columns), write_page_checksum=True) as writer:
        for table in _tables(pages, columns):
            writer.write_table(table)


def _tables(pages: Iterable[Page], columns: Sequence[str]) -> Iterator[Any]:
    """Each becomes one row group."""
    import pyarrow as pa

    schema = _schema(columns)
    batches: list[Any] = []
    for page in pages:
        batches.append(_batch(page, schema))
        if sum(batch.nbytes for batch in batches) >= GROUP_BYTES:
            yield pa.Table.from_batches(batches, schema)
            batches = []
    if batches:
        yield pa.Table.from_batches(batches, schema)


def write_dataset(pages: Iterable[Page], columns: Sequence[str], folder: Path, scratch: Path) -> None:
    """A ``DatasetDict`` with one dataset a split, as ``load_from_disk`` reads it."""
    import datasets

    parts = scratch / "hf-parts"
    shutil.rmtree(parts, ignore_errors=True)
    parts.mkdir()
    try:
        files = _write_by_split(pages, columns, parts)
        loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=str(parts / "cache"))
        loaded.save_to_disk(str(folder))
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _write_by_split(pages: Iterable[Page], columns: Sequence[str], folder: Path) -> dict[str, str]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = _schema(columns)
    writers: dict[str, Any] = {}
    files: dict[str, str] = {}
    try:
        for table in _tables(pages, columns):
            for split in table["split"].unique().to_pylist():
                name = SPLIT_NAMES.get(split, split)
                if name not in writers:
                    files[name] = str(folder / f"{name}.parquet")
                    writers[name] = pq.ParquetWriter(files[name], schema)
                writers[name].write_table(table.filter(pc.equal(table["split"], split)))
    finally:
        for writer in writers.values():
            writer.close()
    return files


def _batch(page: Page, schema: Any) -> Any:
    import pyarrow as pa

    return pa.record_batch([pa.array(page[field.name], field.type) for field in schema], schema=schema)


def _schema(columns: Sequence[str]) -> Any:
    """Flags are booleans, numbers double or whole, choices and tags lists of text, all else text.

    Nothing depends on the rows.
    """
    import pyarrow as pa

    def kind(name: str) -> Any:
        if name in FLAGS:
            return pa.bool_()
        if name in NUMBERS:
            return pa.float64()
        if name in WHOLE:
            return pa.int64()
        return pa.list_(pa.string()) if name in LISTS else pa.string()

    return pa.schema([(name, kind(name)) for name in columns])


WRITERS: dict[str, Callable[[Any, Sequence[str], Path], None]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
}
