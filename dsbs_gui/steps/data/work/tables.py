"""Parquet, Arrow, saved Hugging Face datasets and the hub: formats with typed columns.

Rows come batch by batch. Class labels become their names. A file that is damaged in the middle gives the rows
before the damage and says so.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import ResourceError, UserError

from .records import BadRecord, Facts, Record, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsbs_gui.steps.data.specs import SourceSpec

BATCH = 1_000
SPLITS = {
    "train": ("train", "training"),
    "valid": ("validation", "valid", "dev", "val", "validation_matched"),
    "test": ("test", "testing"),
}
"""How datasets call our splits."""


class Table:
    """Rows out of Arrow record batches.

    Args:
        batches: an iterator of ``pyarrow.RecordBatch``.
        names: column to the names of its classes, for class label columns.
    """

    def __init__(self, facts: Facts, batches: Iterator[Any], names: dict[str, list[str]], place: str) -> None:
        self.facts = facts
        self._batches = batches
        self._names = names
        self._place = place

    def close(self) -> None:
        self._batches = iter(())

    def __iter__(self) -> Iterator[Record | BadRecord]:
        row = 0
        try:
            for batch in self._batches:
                batch.validate(full=True)
                for values in batch.to_pylist():
                    row += 1
                    yield self._record(row, values)
                self.facts.done = row
        except (
            OSError,
            ValueError,
            MemoryError,
            NotImplementedError,
        ) as error:  # pyarrow's own derive from these
            yield BadRecord(row + 1, "corrupt", _damage(self._place, error), last=True)

    def _record(self, row: int, values: dict[str, Any]) -> Record | BadRecord:
        texts = {name: _plain(value, self._names.get(name)) for name, value in values.items()}
        if not is_text(list(texts.values())):
            return BadRecord(row, "lone_surrogate", "A text holds half of a surrogate pair.")
        return Record(row, texts)


def open_parquet(path: Path) -> Table:
    """Raises UserError if it is no whole Parquet file."""
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        schema = file.schema_arrow
        rows = file.metadata.num_rows
    except (OSError, ValueError, NotImplementedError) as error:
        raise UserError(f"{path.name} is no Parquet file that can be read: {_first_line(error)}", _AGAIN) from error
    facts = Facts("parquet", list(schema.names), total=rows, unit="rows")
    return Table(facts, file.iter_batches(batch_size=BATCH), _class_names(schema), path.name)


def open_arrow(path: Path) -> Table:
    """An Arrow file or stream. Raises UserError if it is neither."""
    import pyarrow as pa

    try:
        with path.open("rb") as head:
            is_file = head.read(6) == b"ARROW1"
        source = pa.memory_map(str(path))
        reader = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
    except (OSError, ValueError) as error:
        raise UserError(f"{path.name} is no Arrow file that can be read: {_first_line(error)}", _AGAIN) from error
    facts = Facts("arrow", list(reader.schema.names), unit="rows")
    return Table(facts, _arrow_batches(reader), _class_names(reader.schema), path.name)


def open_folder(path: Path, spec: SourceSpec) -> Table:
    """A dataset written by ``save_to_disk``. Raises UserError if it is none or lacks the split."""
    import datasets

    try:
        loaded = datasets.load_from_disk(str(path))
    except Exception as error:  # datasets raises anything for a damaged folder
        raise UserError(
            f"{path.name} is no saved dataset that can be read: {_folder_reason(error)}",
            "Choose a folder written by save_to_disk, or one of the files in it.",
        ) from error
    return _from_dataset(loaded, spec, "folder", path.name)


def _folder_reason(error: Exception) -> str:
    """What a saved dataset lacks: ``datasets`` stumbles over it in many ways, few of them words for a person."""
    if isinstance(error, FileNotFoundError):
        return f"{Path(error.filename).name if error.filename else 'state.json or dataset_info.json'} is missing in it."
    if isinstance(error, LookupError | TypeError | AttributeError | json.JSONDecodeError):
        return "its state.json, dataset_info.json or dataset_dict.json is empty or damaged."
    return _first_line(error)


def open_hub(spec: SourceSpec) -> Table:
    """A dataset of the Hugging Face hub, or of its local cache when offline.

    Raises:
        ResourceError: if the hub cannot be reached and the dataset is not in the cache.
        UserError: if there is no such dataset, configuration or split.
    """
    import datasets

    try:
        loaded = datasets.load_dataset(spec.path, spec.hub_config or None)
    except Exception as error:  # the library raises dozens of kinds
        raise _hub_error(spec, error) from error
    return _from_dataset(loaded, spec, "hub", spec.path)


def _from_dataset(loaded: Any, spec: SourceSpec, file_format: str, place: str) -> Table:
    import datasets

    notes: list[str] = []
    if isinstance(loaded, datasets.DatasetDict):
        name = _split_of(list(loaded), spec, place)
        if not spec.hub_split and name not in SPLITS.get(spec.split, ()):
            notes.append(f"{place} has no split for {spec.split}; “{name}” was read.")
        loaded = loaded[name]
    names = {k: list(f.names) for k, f in loaded.features.items() if isinstance(f, datasets.ClassLabel)}
    facts = Facts(file_format, list(loaded.column_names), notes=notes, total=len(loaded), unit="rows")
    tables = loaded.with_format("arrow").iter(batch_size=BATCH)
    return Table(facts, (batch for table in tables for batch in table.to_batches()), names, place)


def _split_of(available: list[str], spec: SourceSpec, place: str) -> str:
    if spec.hub_split in available:
        return spec.hub_split
    if not spec.hub_split:
        for name in SPLITS.get(spec.split, ()):
            if name in available:
                return name
        if len(available) == 1:
            return available[0]
    wanted = spec.hub_split or spec.split
    raise UserError(f"{place} has no split “{wanted}”.", f"It has {', '.join(available)}.")


def _hub_error(spec: SourceSpec, error: Exception) -> UserError | ResourceError:
    text = f"{type(error).__name__}: {error}"
    if "DatasetNotFound" in text and not _offline(text):
        return UserError(
            f"There is no file, folder or hub dataset “{spec.path}”.",
            "Check the spelling; a hub id is owner/name.",
        )
    if "Config name is missing" in text or "BuilderConfig" in text:
        return UserError(f"{spec.path} needs a configuration: {_first_line(error)}", "Name it in the import window.")
    if "script" in text and "supported" in text:
        return UserError(
            f"{spec.path} is a dataset script, which is not run.",
            "Look for a Parquet version of it on the hub.",
        )
    return ResourceError(
        f"The dataset {spec.path} could not be fetched from the Hugging Face hub: {_first_line(error)}",
        "Connect to the network and try again, or choose a file on this machine.",
    )


def _offline(text: str) -> bool:
    return any(sign in text for sign in ("Offline", "offline", "Connection", "reach", "resolve"))


def _class_names(schema: Any) -> dict[str, list[str]]:
    """Names of the classes that ``datasets`` wrote into an Arrow schema; it is imported only if so."""
    if b"huggingface" not in (schema.metadata or {}):
        return {}
    import datasets

    features = datasets.Features.from_arrow_schema(schema)
    return {name: list(f.names) for name, f in features.items() if isinstance(f, datasets.ClassLabel)}


def _arrow_batches(reader: Any) -> Iterator[Any]:
    if hasattr(reader, "num_record_batches"):
        for index in range(reader.num_record_batches):
            yield from _slices(reader.get_batch(index))
    else:
        for batch in reader:
            yield from _slices(batch)


def _slices(batch: Any) -> Iterator[Any]:
    for start in range(0, batch.num_rows, BATCH):
        yield batch.slice(start, BATCH)


def _plain(value: Any, names: list[str] | None = None) -> Any:
    """Text, None, or lists and dicts of these. A class number beyond the names (−1: no label) is None."""
    if value is None or isinstance(value, str):
        return value
    if names is not None and isinstance(value, int):
        return names[value] if 0 <= value < len(names) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


_AGAIN = "Save or download the file again."


def _damage(place: str, error: Exception) -> str:
    return f"{place} is damaged from here on: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:300].rstrip(".") + "."
