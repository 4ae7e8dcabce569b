"""JSON and JSON lines: strict, row by row, nothing guessed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.data.work import json_rows

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Importing

ROWS = [{"input": f"problem {i}", "label": str(i)} for i in range(5)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", "\n".join(map(json.dumps, ROWS))),
        ("a.json", json.dumps(ROWS)),
        ("a.json", json.dumps(ROWS, indent=2)),
        ("a.json", json.dumps({"version": 1, "data": ROWS})),
        ("a.json", "\n".join(map(json.dumps, ROWS)) + "\n"),
        ("a.jsonl", "\ufeff" + json.dumps(ROWS)),
        ("a.txt", json.dumps(ROWS)),
    ],
)
def test_every_layout_gives_the_same_rows(imported: Importing, name: str, text: str) -> None:
    outcome = imported(imported.write(name, text))
    assert [{"input": row["input"], "label": row["label"]} for row in outcome.rows] == ROWS
    assert not outcome.rejected


def test_a_single_object_is_one_row(imported: Importing) -> None:
    assert len(imported(imported.write("a.json", json.dumps(ROWS[0], indent=1))).rows) == 1


def test_numbers_stay_as_the_file_spells_them(imported: Importing) -> None:
    path = imported.write("a.jsonl", '{"input": "x", "label": 1.10}\n{"input": "y", "label": 1e400}\n')
    assert [row["label"] for row in imported(path).rows] == ["1.10", "1e400"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"input": "x", "label": NaN}', "NaN"),
        ('{"input": "x", "label": -Infinity}', "-Infinity"),
        ('{"input": "\\ud800", "label": "1"}', "surrogate"),
        ('{"input": "x", "label": "1"', "not valid JSON"),
        ('["x", "1"]', "not an object"),
        ('{"input": "x", "label": "1", "label": "2"}', "twice"),
        ('{"input": {"a": 1}, "label": "2"}', "object, not text"),
        ('{"input": "", "label": "2"}', "input is empty"),
        ('{"label": "2"}', "input is empty"),
        ("[" * 100_000, "too deeply"),
    ],
)
def test_a_bad_line_is_named_with_its_reason_and_the_others_stay(imported: Importing, line: str, words: str) -> None:
    good = json.dumps(ROWS[0])
    outcome = imported(imported.write("a.jsonl", f"{good}\n{line}\n{good}\n"))
    assert len(outcome.rows) == 2
    assert outcome.lines == [2]
    assert words.lower() in outcome.rejected[0]["reason"].lower()
    outcome.rejected[0]["excerpt"].encode("utf-8")


def test_bytes_that_are_not_utf8_cost_their_line(imported: Importing) -> None:
    outcome = imported(imported.write("a.jsonl", b'{"input": "a\xff", "label": "1"}\n{"input": "b"}\n'))
    assert outcome.lines == [1]
    assert [row["input"] for row in outcome.rows] == ["b"]


def test_a_key_that_is_not_used_may_stand_twice(imported: Importing) -> None:
    outcome = imported(imported.write("a.jsonl", '{"input": "x", "note": 1, "note": 2}\n'))
    assert len(outcome.rows) == 1


def test_a_broken_array_gives_the_rows_before_the_break_and_says_so(imported: Importing) -> None:
    outcome = imported(imported.write("a.json", '[{"input": "a"},\n {"input": "b"},\n {"input": c}]'))
    assert [row["line"] for row in outcome.rows] == [1, 2]
    assert outcome.lines == [3]
    assert "could not be read to its end" in outcome.warnings


def test_a_file_of_which_nothing_can_be_read_is_one_clear_error(imported: Importing) -> None:
    with pytest.raises(UserError, match="line 1"):
        imported(imported.write("a.json", "[{broken"))
    with pytest.raises(UserError, match="single value"):
        imported(imported.write("a.json", "42"))


def test_a_line_without_end_does_not_take_all_the_memory(imported: Importing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_RECORD", 1_000)
    path = imported.write("a.jsonl", '{"input": "' + "x" * 5_000 + '"}\n{"input": "b"}\n')
    outcome = imported(path)
    assert outcome.lines == [1]
    assert [(row["line"], row["input"]) for row in outcome.rows] == [(2, "b")]


def test_an_array_is_read_through_a_small_window(imported: Importing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "CHUNK", 7)
    path = imported.write("a.json", json.dumps(ROWS, indent=1))
    assert [row["line"] for row in imported(path).rows] == [2, 6, 10, 14, 18]


def test_the_json_test_suite_never_crashes_the_import(shared: Path, imported: Importing) -> None:
    files = sorted((shared / "data/corpora/json_test_suite/test_parsing").glob("*.json"))
    assert len(files) == 318
    for path in files:
        try:
            outcome = imported(path, mapping={"input": "a"})
        except UserError:
            continue
        assert not (path.name.startswith("n_") and outcome.rows), path.name
        assert outcome.rejected or outcome.rows, path.name


@pytest.mark.parametrize("where", ["jsonl", "json"])
def test_strings_of_every_kind_survive_byte_for_byte(shared: Path, imported: Importing, where: str) -> None:
    naughty = json.loads((shared / "data/corpora/naughty_strings/blns.json").read_text("utf-8"))
    hidden = json.loads((shared / "data/corpora/invisible_text/strings.json").read_text("utf-8"))
    entries = hidden if isinstance(hidden, list) else hidden["strings"]
    strings = [text for text in [*naughty, *[entry["text"] for entry in entries]] if text.strip()]
    rows = [{"input": text, "label": text} for text in strings]
    text = "\n".join(map(json.dumps, rows)) if where == "jsonl" else json.dumps(rows, ensure_ascii=False)
    outcome = imported(imported.write(f"a.{where}", text))
    assert len(strings) > 500
    assert [row["input"].encode() for row in outcome.rows] == [text.encode() for text in strings]
    assert [row["label"] for row in outcome.rows] == strings
