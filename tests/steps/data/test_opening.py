"""Files that are no datasets: one clear sentence each, with a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.errors import UserError

if TYPE_CHECKING:
    from .conftest import Importing


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "picture"),
        ("a.csv", b"PK\x03\x04" + b"\0" * 200, "Excel"),
        ("a.jsonl", b"\x1f\x8b\x08" + b"\0" * 200, "gzip"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n\n  \n", "empty"),
        ("a.jsonl", b"", "empty"),
        ("a.csv", b"input,label\n", "no rows"),
        ("a.json", b"[]", "no rows"),
        ("a.csv", bytes(range(256)) * 40, "not text"),
        ("a.txt", b"GGUF\x03\0\0\0", "GGUF"),
        ("a.csv", b"SQLite format 3\0" + b"\0" * 100, "SQLite"),
    ],
)
def test_a_file_of_another_kind_is_refused(imported: Importing, name: str, content: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        imported(imported.write(name, content))
    assert "a." in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there_is_named(imported: Importing) -> None:
    with pytest.raises(UserError, match="There is no file"):
        imported(imported.folder / "absent.csv")
    with pytest.raises(UserError, match="There is no file") as caught:
        imported("no/such/folder/absent.csv")
    assert "folder" in caught.value.hint


def test_a_folder_that_is_no_dataset_names_a_file_to_choose(imported: Importing) -> None:
    (imported.folder / "data").mkdir()
    (imported.folder / "data/part.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError) as caught:
        imported(imported.folder / "data")
    assert "part.csv" in caught.value.hint


def test_unknown_formats_and_ways_are_refused(imported: Importing) -> None:
    path = imported.write("a.csv", "input\nx\n")
    with pytest.raises(UserError, match="format"):
        imported(path, file_format="xml")
    with pytest.raises(UserError, match="bad rows"):
        imported(path, on_error="ignore")
    with pytest.raises(UserError, match="encoding"):
        imported(path, encoding="klingon")
    with pytest.raises(UserError, match="no CSV or TSV file"):
        imported(imported.write("a.jsonl", '{"input": "x"}\n'), encoding="cp1252")


def test_a_file_without_an_ending_is_told_by_its_content(imported: Importing) -> None:
    assert imported(imported.write("rows", '{"input": "x"}\n{"input": "y"}\n')).summary["format"] == "jsonl"
    assert imported(imported.write("rows", "input\tlabel\nx\ty\n")).summary["delimiter"] == "\t"
