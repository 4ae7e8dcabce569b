"""CSV and TSV: nothing shifted, nothing dropped, every line named."""

from __future__ import annotations

import csv
import io
import json
import string
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.data.specs import ImportSpec
from dsbs_gui.steps.data.work import delimited
from dsbs_gui.steps.data.work.delimited import Delimited
from dsbs_gui.steps.data.work.opening import open_source
from dsbs_gui.steps.data.work.records import BadRecord, Record

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Importing

CORPORA = ("csvkit", "frictionless")
UNMARKED = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


def read(path: Path, **settings: Any) -> tuple[list[Record], list[BadRecord], Any]:
    with closing(open_source(ImportSpec(path=str(path), **settings))) as source:
        rows = list(source)
    return (
        [r for r in rows if isinstance(r, Record)],
        [r for r in rows if isinstance(r, BadRecord)],
        source.facts,
    )


def test_a_row_that_is_too_long_is_rejected_and_shifts_nothing(imported: Importing) -> None:
    path = imported.write("a.csv", "input,label\none,1\ntwo,2,extra\nthree,3\n")
    outcome = imported(path)
    assert [(row["input"], row["label"]) for row in outcome.rows] == [("one", "1"), ("three", "3")]
    assert outcome.lines == [3]
    assert "3 fields" in outcome.rejected[0]["reason"]
    assert outcome.rejected[0]["excerpt"] == "two,2,extra"


def test_line_numbers_are_physical_lines_where_the_record_starts(imported: Importing) -> None:
    path = imported.write("a.csv", 'input,label\n"two\nlines",1\n\nshort\nlast,2\n')
    outcome = imported(path)
    assert [row["line"] for row in outcome.rows] == [2, 6]
    assert outcome.lines == [5]


def test_an_open_quote_costs_its_own_line_only(imported: Importing) -> None:
    path = imported.write("a.csv", 'input,label\n"open,1\ntwo,2\nthree,3\n')
    outcome = imported(path)
    assert outcome.lines == [2]
    assert [row["input"] for row in outcome.rows] == ["two", "three"]
    assert "lines after it" in outcome.rejected[0]["reason"]


def test_cells_stay_byte_for_byte(imported: Importing) -> None:
    cells = [
        "nul\0inside",
        "nb\u00a0sp",
        "line\u2028sep",
        "a\r\nb",
        "a\rb",
        " spaces ",
        "\ufeffbom",
        "\x1b[31m",
    ]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["input", "label"], *[[cell, "x"] for cell in cells]])
    outcome = imported(imported.write("a.csv", text.getvalue()))
    assert [row["fields"]["input"] for row in outcome.rows] == cells


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=20)] * 3),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_the_csv_module_writes_comes_back(tmp_path: Path, rows: list[tuple[str, str, str]], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *rows])
    path = tmp_path / "any.csv"
    assume(text.getvalue().count("\0") < 0.1 * len(text.getvalue()))  # a file full of NULs is none of text
    path.write_bytes(text.getvalue().encode())
    records, bad, _ = read(path, delimiter=",")
    assert not bad
    assert [tuple(record.values.values()) for record in records] == rows


def test_a_text_of_control_characters_is_a_text_and_binary_data_is_refused(imported: Importing) -> None:
    path = imported.write("a.csv", "")
    for cell in ("\x1f\x0b" * 50, "\x08é" * 50):
        path.write_bytes(f"a,b\n{cell},x\n".encode())
        assert [record.values["a"] for record in read(path, delimiter=",")[0]] == [cell]
    for head in (bytes(range(256)) * 2, b"a,b\n" + b"\0" * 200):
        path.write_bytes(head)
        with pytest.raises(UserError, match="not text that can be read"):
            read(path, delimiter=",")


@pytest.mark.parametrize(("text", "delimiter"), [("a;b\n1;2\n", ";"), ("a\tb\n1\t2\n", "\t"), ("a|b\n1|2\n", "|")])
def test_delimiters_are_found(imported: Importing, text: str, delimiter: str) -> None:
    _, bad, facts = read(imported.write("a.csv", text))
    assert facts.delimiter == delimiter
    assert facts.columns == ["a", "b"]
    assert not bad


def test_commas_in_the_text_do_not_win_over_the_real_delimiter(imported: Importing) -> None:
    path = imported.write("a.csv", "input;label\nYes, no, maybe, so;1\nOne, two;2\n")
    records, bad, _ = read(path)
    assert not bad
    assert records[0].values == {"input": "Yes, no, maybe, so", "label": "1"}


def test_repeated_and_missing_column_names_are_numbered_and_said(imported: Importing) -> None:
    records, _, facts = read(imported.write("a.csv", "a,b,b,\n1,2,3,4\n"))
    assert records[0].values == {"a": "1", "b": "2", "b (2)": "3", "column 4": "4"}
    assert len(facts.notes) == 2


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        *(("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "UTF-16"), ("cp1252", "cp1252")),
        *((codec, f"no byte order mark; it was read as {codec.upper()}") for codec in UNMARKED),
    ],
)
def test_encodings_that_can_be_told_are_read_and_named(imported: Importing, codec: str, said: str) -> None:
    text = "input,label\nZoë went to the café for 3 crêpes.,3\n"
    outcome = imported(imported.write("a.csv", text.encode(codec)))
    assert outcome.rows[0]["input"] == "Zoë went to the café for 3 crêpes."
    assert said in outcome.warnings
    assert bool(said) == bool(outcome.warnings)


@pytest.mark.parametrize("codec", ["utf-16", *UNMARKED])
def test_a_cut_file_in_wide_letters_is_called_damaged(imported: Importing, codec: str) -> None:
    with pytest.raises(UserError, match=r"a\.csv is damaged: not all of it is UTF"):
        imported(imported.write("a.csv", "input,label\none,1\n".encode(codec)[:-1]))


def test_an_encoding_that_cannot_be_told_is_refused_and_can_be_given(imported: Importing) -> None:
    path = imported.write("a.csv", "input,label\nПять яблок и три,8\n".encode("koi8-r"))
    with pytest.raises(UserError, match="encoding") as caught:
        imported(path)
    assert "UTF-8" in caught.value.hint
    assert imported(path, encoding="koi8-r").rows[0]["input"] == "Пять яблок и три"


def test_a_broken_byte_in_a_utf8_file_costs_one_row(imported: Importing) -> None:
    good = "".join(f"Zoë und Ärger {i},1\n" for i in range(10))
    path = imported.write("a.csv", b"input,label\n" + good.encode() + b"bro\xffken,1\n" + good.encode())
    outcome = imported(path)
    assert len(outcome.rows) == 20
    assert outcome.lines == [12]
    assert "\\xff" not in outcome.rows[0]["input"]


def test_valid_csv_spectrum_gives_its_records(shared: Path) -> None:
    folder = shared / "data/corpora/csv_spectrum"
    for path in sorted((folder / "csvs").glob("*.csv")):
        expected = json.loads((folder / "json" / f"{path.stem}.json").read_text("utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        records, bad, _ = read(path)
        found = [dict(record.values) for record in records]
        if path.stem == "location_coordinates":  # the telephone numbers of the two files differ (upstream's slip)
            for row in [*found, *expected]:
                row.pop("Contact Phone Number")
        assert not bad, path.name
        assert found == expected, path.name


@pytest.mark.parametrize("corpus", CORPORA)
def test_hostile_csv_files_come_in_as_expected(shared: Path, corpus: str) -> None:
    folder = shared / "data/corpora" / corpus
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    refused: list[tuple[str, str]] = []
    for name, wanted in expected.items():
        try:
            records, bad, facts = read(folder / name)
        except UserError:
            refused.append((name, wanted["refuse"]))
            continue
        assert wanted["refuse"] != "must" or not records, name
        may_be_bad = {row["line"] for row in [*wanted["rejected"], *wanted["either"]]}
        lines = {row.line for row in bad}
        assert {row["line"] for row in wanted["rejected"]} <= lines <= may_be_bad, name
        assert wanted["accepted_min"] <= len(records) or wanted["what"] == "duplicate", name
        if wanted["columns"] and None not in wanted["columns"]:
            shown = [c if w.strip() else w for c, w in zip(facts.columns, wanted["columns"], strict=True)]
            assert shown == wanted["columns"], name
        by_line = {record.line: record.values for record in records}
        for value in wanted["values"]:
            if "text" in value and value["line"] in by_line and value["column"] in facts.columns:
                assert by_line[value["line"]][value["column"]] == value["text"], (name, value)
    assert [name for name, allowed in refused if allowed == "never"] == []
    assert len(refused) < len(expected) / 5


def test_progress_reaches_the_end_of_the_file(imported: Importing) -> None:
    path = imported.write("a.csv", "a,b\n" + "1,2\n" * 5_000)
    with closing(Delimited(path, ImportSpec(path=str(path)), "csv")) as source:
        assert sum(1 for _ in source) == 5_000
    assert 0 < source.facts.done <= path.stat().st_size


def test_letters_of_every_kind_survive(imported: Importing) -> None:
    text = f"{string.punctuation}äß–“”漢字🙂e\u0301".replace('"', "")
    outcome = imported(imported.write("a.csv", f'input,label\n"{text}",x\n'))
    assert outcome.rows[0]["input"] == text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='ab,"\n\r é', max_size=120), st.integers(1, 40))
def test_where_a_block_ends_changes_nothing(tmp_path: Path, text: str, block: int) -> None:
    (tmp_path / "t.csv").write_bytes(f"x,y\n{text}".encode())
    whole = read(tmp_path / "t.csv", file_format="csv", delimiter=",")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", block)
        pieces = read(tmp_path / "t.csv", file_format="csv", delimiter=",")
    assert pieces[:2] == whole[:2]
