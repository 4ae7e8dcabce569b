"""Parquet, Arrow and saved datasets."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Importing

TABLE = pa.table({"input": ["a\0b", "", "c"], "label": [1, 2, None], "unused": [[1], [], [2, 3]]})
CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from dsbs_gui.core.errors import DsbsError
from dsbs_gui.steps.data.specs import ImportSpec
from dsbs_gui.steps.data.work import importing
for path in sys.argv[2:]:
    try:
        spec = ImportSpec(sys.argv[1], path=path, task="text", mapping={"input": "min_fl"})
        importing.run(spec, lambda message: None, lambda: False)
        print("read")
    except DsbsError as error:
        print("refused", error)
"""


def test_parquet_rows_come_in_and_bad_ones_are_named_by_their_number(imported: Importing) -> None:
    path = imported.folder / "a.parquet"
    pq.write_table(TABLE, path)
    outcome = imported(path)
    assert [(row["line"], row["input"], row["label"]) for row in outcome.rows] == [
        (1, "a\0b", "1"),
        (3, "c", None),
    ]
    assert outcome.lines == [2]
    assert outcome.summary["blank_labels"] == 1


@pytest.mark.parametrize("stream", [True, False])
def test_arrow_files_and_streams_are_read(imported: Importing, stream: bool) -> None:
    path = imported.folder / "a.arrow"
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink, make(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    assert [row["input"] for row in imported(path).rows] == ["a\0b", "c"]


def test_a_damaged_page_is_noticed_and_the_rows_before_it_stay(imported: Importing) -> None:
    path = imported.folder / "a.parquet"
    table = pa.table({"input": [f"problem number {i}" for i in range(4_000)]})
    pq.write_table(
        table, path, write_page_checksum=True, compression="none", row_group_size=1_000, use_dictionary=False
    )
    raw = bytearray(path.read_bytes())
    at = raw.index(b"problem number 2500")
    raw[at + 3] ^= 1
    path.write_bytes(raw)
    outcome = imported(path)
    assert len(outcome.rows) == 2_000
    assert "damaged" in outcome.rejected[0]["reason"]
    assert "end" in outcome.warnings


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"x" * 400 + b"PAR1", b"no parquet at all, really"])
def test_what_is_no_parquet_file_is_refused(imported: Importing, content: bytes) -> None:
    with pytest.raises(UserError, match=r"a\.parquet"):
        imported(imported.write("a.parquet", content))


def test_damaged_parquet_files_of_others_never_crash_the_process(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "data/corpora/parquet_bad_data").glob("*.parquet"))
    before = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.count("refused") + result.stdout.count("read\n") >= len(files) == 8
    assert result.stdout.count("refused") >= 6
    assert time.monotonic() - before < 60


def test_a_saved_dataset_gives_its_split_and_the_names_of_its_classes(imported: Importing) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "premise": datasets.Value("string"),
            "hypothesis": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["entailment", "neutral", "contradiction"]),
        }
    )
    rows = {"premise": ["p"] * 4, "hypothesis": ["h"] * 4, "label": [0, 1, 2, -1]}
    part = datasets.Dataset.from_dict(rows, features=features)
    folder = imported.folder / "saved"
    datasets.DatasetDict({"train": part, "validation": part.select([1])}).save_to_disk(str(folder))
    outcome = imported(folder, task="nli")
    assert [row["label"] for row in outcome.rows] == ["entailment", "neutral", "contradiction", None]
    assert len(imported(folder, task="nli", split="valid").rows) == 1
    with pytest.raises(UserError, match="no split") as caught:
        imported(folder, task="nli", split="test")
    assert "validation" in caught.value.hint
    part.to_parquet(str(imported.folder / "a.parquet"))
    assert imported(imported.folder / "a.parquet", task="nli").rows[2]["label"] == "contradiction"


def test_a_hub_dataset_without_a_network_is_one_clear_sentence(imported: Importing) -> None:
    with pytest.raises(DsbsError) as caught:
        imported("some-owner/some-dataset")
    assert isinstance(caught.value, ResourceError)
    assert "some-owner/some-dataset" in caught.value.message
    assert "network" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("state.json", "", "empty or damaged"),
        ("state.json", "{}", "empty or damaged"),
        ("state.json", "[]", "empty or damaged"),
        ("dataset_info.json", '{"features": 3}', "empty or damaged"),
        ("dataset_info.json", None, r"dataset_info\.json is missing"),
        ("data-00000-of-00001.arrow", None, r"data-00000-of-00001\.arrow is missing"),
    ],
)
def test_what_a_saved_dataset_lacks_is_said_in_words(
    imported: Importing, name: str, content: str | None, words: str
) -> None:
    datasets = pytest.importorskip("datasets")
    folder = imported.folder / "saved"
    datasets.Dataset.from_list([{"input": "one", "label": "a"}]).save_to_disk(str(folder))
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(UserError, match=words):
        imported(folder)
