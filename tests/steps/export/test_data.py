"""Exporting data: what went in comes out, in every format, and back in again."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_json
from dsbs_gui.core.protocol import Finished, Message, RowsRead
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.data import chunks
from dsbs_gui.steps.data.specs import ImportSpec
from dsbs_gui.steps.data.work import importing
from dsbs_gui.steps.export.rows import ESCAPED, columns_for
from dsbs_gui.steps.export.specs import ExportDataSpec
from dsbs_gui.steps.export.work import data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeRun = Callable[[list[dict[str, Any]]], Path]

COLUMNS = columns_for(task_named("text"))
TEXTS = [
    "=1+1",
    "+3",
    "-5",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\0x",
    "'=quoted",
    "plain",
    "a\r\nb",
    "a\rb",
    "nb\u00a0sp",
    "“ü”",
]


@pytest.fixture
def run_dir(tmp_path: Path) -> MakeRun:
    """Makes a run folder with these rows as the pages of ``input.jsonl``, four a page."""

    def make(rows: list[dict[str, Any]]) -> Path:
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        pages = [rows[start : start + 4] for start in range(0, len(rows), 4)]
        columns = [{name: [row[name] for row in page] for name in page[0]} for page in pages]
        lines = "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in columns)
        (folder / "input.jsonl").write_text(lines, "utf-8")
        return folder

    return make


def row(i: int, text: str, split: str = "train", **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(COLUMNS)
    return {
        **empty,
        "id": str(i),
        "split": split,
        "input": text,
        "label": text,
        "edited": False,
        "hinted": False,
        **more,
    }


ROWS = [row(i, text, rationale=f"{text} because", agree=True) for i, text in enumerate(TEXTS)]


def export(run: Path, out: Path, file_format: str, columns: tuple[str, ...] = COLUMNS) -> dict[str, Any]:
    messages: list[Message] = []
    data.run(
        ExportDataSpec(str(run), format=file_format, out=str(out), columns=columns), messages.append, lambda: False
    )
    last = messages[-1]
    assert isinstance(last, Finished)
    return last.summary


def imported(path: Path, folder: Path) -> list[dict[str, Any]]:
    folder.mkdir()
    messages: list[Message] = []
    importing.run(ImportSpec(str(folder), path=str(path), task="text"), messages.append, lambda: False)
    names = ("id", "fields", "input", "label", "line", "hash", "rationale", "teacher")
    chunked = [chunks.read(folder / m.chunk, m.rows) for m in messages if isinstance(m, RowsRead)]
    return [dict(zip(names, row, strict=True)) for blocks in chunked for block in blocks for row in block]


@pytest.mark.parametrize("file_format", ["jsonl", "csv", "parquet"])
def test_what_is_exported_and_imported_again_is_the_same(run_dir: MakeRun, tmp_path: Path, file_format: str) -> None:
    out = tmp_path / f"data.{file_format}"
    summary = export(run_dir(ROWS), out, file_format)
    assert summary["rows"] == len(ROWS)
    assert summary["bytes"] == out.stat().st_size
    back = imported(out, tmp_path / "import")
    assert [r["input"] for r in back] == TEXTS
    assert [r["label"] for r in back] == TEXTS
    assert [r["rationale"] for r in back] == [f"{text} because" for text in TEXTS]


def test_naughty_strings_survive_csv(shared: Path, run_dir: MakeRun, tmp_path: Path) -> None:
    strings = json.loads((shared / "data/corpora/naughty_strings/blns.json").read_text("utf-8"))
    strings = [text for text in strings if text.strip()]
    out = tmp_path / "data.csv"
    export(run_dir([row(i, text) for i, text in enumerate(strings)]), out, "csv")
    assert [r["input"].encode() for r in imported(out, tmp_path / "import")] == [text.encode() for text in strings]


def test_tags_are_a_list_in_one_cell_of_a_csv_and_nothing_where_there_are_none(
    run_dir: MakeRun, tmp_path: Path
) -> None:
    rows = [row(1, "x", tags=["odd", "two, three"], rating=4, note="ask Mia"), row(2, "y", tags=[])]
    export(run_dir(rows), tmp_path / "data.csv", "csv")
    with (tmp_path / "data.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["tags"], first["rating"], first["note"]) == ('["odd", "two, three"]', "4", "ask Mia")
    assert (second["tags"], second["rating"], second["note"]) == ("", "", "")


def test_no_cell_of_a_csv_begins_a_formula(run_dir: MakeRun, tmp_path: Path) -> None:
    out = tmp_path / "data.csv"
    export(run_dir(ROWS), out, "csv")
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert not [cell for r in rows for cell in r.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))]
    assert rows[0]["input"] == "'=1+1"
    assert rows[0][ESCAPED] == "input label rationale"
    assert rows[7]["input"] == "'=quoted"
    assert rows[7][ESCAPED] == ""


def test_parquet_has_types_that_do_not_depend_on_the_rows(run_dir: MakeRun, tmp_path: Path) -> None:
    columns = columns_for(task_named("choice"))
    rows = [{**row(1, "x"), "question": "q", "choices": ["a", "b"], "agree": None, "rating": 4, "tags": ["odd"]}]
    export(run_dir(rows), tmp_path / "a.parquet", "parquet", columns)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column_names == list(columns)
    assert str(table.schema.field("choices").type).startswith("list")
    assert str(table.schema.field("agree").type) == "bool"
    assert str(table.schema.field("rating").type) == "int64"
    assert table.to_pylist()[0]["choices"] == ["a", "b"]
    assert (table.to_pylist()[0]["rating"], table.to_pylist()[0]["tags"]) == (4, ["odd"])
    export(run_dir([]), tmp_path / "none.parquet", "parquet", columns)
    assert pq.read_table(tmp_path / "none.parquet").schema == table.schema


def test_a_saved_dataset_has_one_part_a_split(run_dir: MakeRun, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = [row(1, "a"), row(2, "b", "test"), row(3, "c", "valid"), row(4, "d")]
    summary = export(run_dir(rows), tmp_path / "saved", "hf")
    assert summary["rows"] == 4
    loaded = datasets.load_from_disk(str(tmp_path / "saved"))
    assert {name: part["input"][:] for name, part in loaded.items()} == {
        "train": ["a", "d"],
        "test": ["b"],
        "validation": ["c"],
    }
    assert read_json(tmp_path / "saved" / "manifest.json")["rows"] == 4
    assert not (tmp_path / "run" / "hf-parts").exists()


def test_the_manifest_stands_beside_and_guards_the_file(run_dir: MakeRun, tmp_path: Path) -> None:
    out = tmp_path / "data.jsonl"
    export(run_dir(ROWS), out, "jsonl")
    manifest = read_json(tmp_path / "data.jsonl.manifest.json")
    assert manifest["rows"] == len(ROWS)
    assert manifest["columns"] == list(COLUMNS)
    export(run_dir(ROWS[:3]), out, "jsonl")
    assert len(out.read_text().splitlines()) == 3
    out.write_text("mine")
    with pytest.raises(UserError, match="exists already"):
        export(run_dir(ROWS), out, "jsonl")
    assert out.read_text() == "mine"


def test_a_stopped_export_leaves_the_old_one(run_dir: MakeRun, tmp_path: Path) -> None:
    out = tmp_path / "data.jsonl"
    export(run_dir(ROWS), out, "jsonl")
    before = out.read_bytes()
    messages: list[Message] = []
    spec = ExportDataSpec(str(run_dir(ROWS)), format="jsonl", out=str(out), columns=COLUMNS)
    data.run(spec, messages.append, lambda: True)
    last = messages[-1]
    assert isinstance(last, Finished)
    assert last.status == "stopped"
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.jsonl", "data.jsonl.manifest.json", "run"]


def test_an_unknown_format_is_named(run_dir: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="jsonl or parquet"):
        export(run_dir(ROWS), tmp_path / "a.xlsx", "xlsx")
