"""The import job: chunks, messages, stopping."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_json
from dsbs_gui.core.protocol import Event, Finished, Message, RowsRead, RowsRejected, encode
from dsbs_gui.steps.data.specs import ImportSpec, PreviewSpec
from dsbs_gui.steps.data.work import chunk_file, importing, preview

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Importing


def lines(n: int) -> str:
    return "".join(json.dumps({"input": f"problem {i}", "label": str(i)}) + "\n" for i in range(n))


def test_rows_are_handed_over_in_chunks_of_bounded_size(imported: Importing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk_file, "CHUNK_ROWS", 1_000)
    outcome = imported(imported.write("a.jsonl", lines(2_500)))
    chunks = [m for m in outcome.messages if isinstance(m, RowsRead)]
    assert [(m.chunk, m.rows) for m in chunks] == [
        ("rows-000001.jsonl", 1_000),
        ("rows-000002.jsonl", 1_000),
        ("rows-000003.jsonl", 500),
    ]
    assert [row["input"] for row in outcome.rows] == [f"problem {i}" for i in range(2_500)]
    assert outcome.summary["imported"] == 2_500


def test_a_chunk_row_has_all_that_the_store_needs(imported: Importing) -> None:
    row = {
        "id": "q1",
        "question": "Where?",
        "choices": ["a b", "c"],
        "answer": "C",
        "teacher_output": "So (a).",
    }
    outcome = imported(imported.write("a.jsonl", json.dumps(row)), task="choice", mapping={"label": "answer"})
    assert outcome.rows == [
        {
            "line": 1,
            "id": "q1",
            "fields": {"question": "Where?", "choices": ["a b", "c"]},
            "input": "Where?\nAnswer Choices:\n(a) a b\n(b) c",
            "label": "c",
            "rationale": None,
            "teacher": "So (a).",
        }
    ]


def test_on_error_stop_names_the_line_and_hands_nothing_over(
    imported: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_file, "CHUNK_ROWS", 10)
    path = imported.write("a.jsonl", lines(50) + "broken\n" + lines(5))
    messages: list[Message] = []
    (tmp_path / "run").mkdir()
    spec = ImportSpec(str(tmp_path / "run"), path=str(path), task="text", on_error="stop")
    with pytest.raises(UserError, match="Line 51"):
        importing.run(spec, messages.append, lambda: False)
    assert not [m for m in messages if isinstance(m, RowsRead)]
    assert len(imported(imported.write("b.jsonl", lines(50)), on_error="stop").rows) == 50


def test_a_stopped_import_keeps_what_it_read(imported: Importing, tmp_path: Path) -> None:
    path = imported.write("a.jsonl", lines(3_000))
    (tmp_path / "run").mkdir()
    messages: list[Message] = []
    answers = iter([False, False, True])
    importing.run(
        ImportSpec(str(tmp_path / "run"), path=str(path), task="text"), messages.append, lambda: next(answers)
    )
    last = messages[-1]
    assert isinstance(last, Finished)
    assert (last.status, last.summary["imported"]) == ("stopped", 512)
    assert sum(m.rows for m in messages if isinstance(m, RowsRead)) == 512


def test_every_message_can_be_written_whatever_the_file_holds(imported: Importing) -> None:
    hostile = '{"input": "\\udc00"}\n\x00\x01\n{"\\ud800": 1}\n{"input": "\u2028"}\n' + "[" * 5_000 + "\n"
    outcome = imported(imported.write("a.jsonl", hostile.encode() + b"\xff\xfe\n"))
    for seq, message in enumerate(outcome.messages, 1):
        assert "\n" not in encode(Event(seq, 0.0, message))
    assert outcome.lines == [1, 2, 3, 4, 5, 6]


def test_rejected_rows_travel_in_small_batches(imported: Importing) -> None:
    outcome = imported(imported.write("a.csv", "input,label\nx,y\n" + "too,many,fields\n" * 450))
    sizes = [len(m.rows) for m in outcome.messages if isinstance(m, RowsRejected)]
    assert sizes == [200, 200, 50]
    assert outcome.summary["rejected"] == 450
    assert outcome.summary["reasons"] == {"too_many_fields": 450}


def test_a_missing_column_names_those_that_exist_and_the_closest(imported: Importing) -> None:
    path = imported.write("a.csv", "problem_text,anwser\nx,1\n")
    with pytest.raises(UserError, match="answer") as caught:
        imported(path, mapping={"input": "problem_text", "label": "answer"})
    assert "Did you mean “anwser”" in caught.value.hint
    assert "problem_text" in caught.value.hint


def test_svamp_and_cqa_come_in_whole_with_their_teacher_answers(shared: Path, imported: Importing) -> None:
    svamp = imported(shared / "data/svamp/train.jsonl", task="math", mapping={"teacher": "teacher_output"})
    assert (len(svamp.rows), svamp.rejected) == (800, [])
    assert all(row["teacher"] and row["label"] for row in svamp.rows)
    cqa = imported(shared / "data/cqa/test.jsonl", task="choice", mapping={"teacher": "teacher_output"})
    assert (len(cqa.rows), cqa.rejected) == (1_221, [])
    assert cqa.rows[0]["label"] == "wooded area"
    assert cqa.rows[0]["id"] == "080ef6941410139d6869e78122bc741e"


def test_the_preview_has_rows_columns_and_a_guess(shared: Path, tmp_path: Path) -> None:
    messages: list[Message] = []
    spec = PreviewSpec(str(tmp_path), path=str(shared / "data/cqa/train.jsonl"))
    preview.run(spec, messages.append, lambda: False)
    found = read_json(tmp_path / "preview.json")
    assert len(found["rows"]) == 50
    assert found["task"] == "choice"
    assert found["mapping"] == {
        "question": "question",
        "choices": "choices",
        "label": "answer",
        "teacher": "teacher_output",
        "id": "id",
    }
    assert found["rows"][0]["values"]["choices"][1] == "coloring book"
    assert isinstance(messages[-1], Finished)


def test_the_preview_lists_bad_rows_and_cuts_long_text(imported: Importing, tmp_path: Path) -> None:
    path = imported.write("a.csv", "input,label\n" + "x" * 9_000 + ",1\nshort\n")
    preview.run(PreviewSpec(str(tmp_path), path=str(path)), lambda message: None, lambda: False)
    found = read_json(tmp_path / "preview.json")
    assert len(found["rows"][0]["values"]["input"]) == preview.MAX_TEXT + 1
    assert found["problems"][0]["line"] == 3


def test_a_column_that_comes_too_late_to_be_read_is_named(imported: Importing) -> None:
    rows = [{"input": f"row {i}"} for i in range(300)]
    rows[0]["label"] = "x"
    rows[250]["rationale"] = "because"
    rows[260]["note"] = "of no use"
    path = imported.write("late.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    found = imported(path)
    assert len(found.rows) == 300
    assert "The column “rationale” came only after the first 200 rows; it was not read as rationale." in found.warnings
    assert "note" not in found.warnings


def test_a_preview_offers_the_columns_that_the_import_will_know(imported: Importing) -> None:
    rows: list[dict[str, str]] = [{"input": f"row {i}"} for i in range(300)]
    rows[150]["rationale"], rows[250]["label"] = "because", "x"
    path = imported.write("late.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    preview.run(PreviewSpec(str(imported.folder), path=str(path), task="text"), lambda _: None, lambda: False)
    found = read_json(imported.folder / "preview.json")
    assert found["columns"] == ["input", "rationale"]
    assert len(found["rows"]) == 50
