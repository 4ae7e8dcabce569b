"""The first batch before the start: what is shown is what is trained on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import Finished, Message
from dsbs_gui.kit.record_table.column import Mark
from dsbs_gui.steps.training import first_batch
from dsbs_gui.steps.training.rows import FIRST_BATCH_FILE
from dsbs_gui.steps.training.ui.first_batch_sheet import FirstBatchSheet
from dsbs_gui.steps.training.ui.token_text import TokenText
from dsbs_gui.steps.training.work import first_batch as work
from dsbs_gui.steps.training.work import training
from dsbs_gui.steps.training.work.packing import packing_of
from dsbs_gui.students.saving import save_student
from tests.students.families import FAMILIES

from .toy import ROWS, make_run, spec_for

LONG = [row | {"rationale": f"{row['rationale']} " * 6} for row in ROWS]


def look(folder: Path, rows: list[dict] | None = None, **changes: Any) -> dict[str, Any]:
    make_run(folder, rows)
    said: list[Message] = []
    work.run(spec_for(folder, **changes), said.append, lambda: False)
    assert isinstance(said[-1], Finished)
    found: dict[str, Any] = json.loads((folder / FIRST_BATCH_FILE).read_text("utf-8"))
    return found


def ids(pieces: list[dict], **flags: bool) -> list[int]:
    return [p["id"] for p in pieces if all(bool(p.get(name)) == on for name, on in flags.items())]


def text(pieces: list[dict], **flags: bool) -> str:
    return "".join(p["text"] for p in pieces if all(bool(p.get(name)) == on for name, on in flags.items()))


def trained(folder: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict] | None = None, **changes: Any) -> list[Any]:
    """The examples of the first step of a real training."""
    make_run(folder, rows)
    seen: list[Any] = []
    real = training.step_losses
    monkeypatch.setattr(
        training, "step_losses", lambda student, batch, *rest: (seen.append(batch), real(student, batch, *rest))[1]
    )
    training.run(spec_for(folder, steps=1, eval_every=1, **changes), lambda _: None, lambda: False)
    return list(seen[0])


@pytest.mark.parametrize(
    "method", ["step-by-step", "finetune", "single-task", "label-then-rationale", "shuffled-rationale"]
)
@pytest.mark.parametrize("student", ["starter", "llama"])
def test_what_is_shown_is_what_the_first_step_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, student: str
) -> None:
    rows = [row | {"others": [f"once more: {row['rationale']}"]} for row in LONG]
    changes: dict[str, Any] = {"method": method, "max_target": 12, "max_input": 7, "seed": 3}
    if student != "starter":
        made = FAMILIES[student]()
        save_student(made, tmp_path / "student", made.meta)
        changes["student"] = str(tmp_path / "student")
    body = look(tmp_path / "look", rows, **changes)
    learnt = trained(tmp_path / "train", monkeypatch, rows, **changes)
    assert len(body["rows"]) == len(learnt) == 4
    for row, example in zip(body["rows"], learnt, strict=True):
        pairs = [example.label, *([example.rationale] if example.rationale else [])]
        shown = [(ids(task["input"], cut=False), ids(task["target"], cut=False)) for task in row["tasks"]]
        assert shown == [(pair.input, pair.target) for pair in pairs]
    total = sum(
        len(p.input) + len(p.target) for e in learnt for p in (e.label, *([e.rationale] if e.rationale else []))
    )
    assert body["counts"]["tokens"] == total


def test_prefix_special_tokens_and_what_is_cut_are_marked(tmp_path: Path) -> None:
    body = look(tmp_path / "run", LONG, max_target=8)
    row = body["rows"][0]
    label, rationale = row["tasks"]
    source = LONG[row["example_id"]]
    assert (label["task"], rationale["task"]) == ("label", "rationale")
    assert text(label["input"], prefix=True).strip() == "predict:"
    assert text(rationale["input"], prefix=True).strip() == "explain:"
    assert text(label["input"], prefix=False, special=False).strip() == source["input"]
    assert text(label["target"], special=True) == "</s>"
    assert text(rationale["target"], special=False).strip() == source["rationale"].strip()
    assert len(ids(rationale["target"], cut=False)) == 8
    assert rationale["target"][-1] == {"text": "</s>", "id": rationale["target"][-1]["id"], "special": True}
    assert body["counts"]["cut"] == {"inputs": 0, "labels": 0, "rationales": 4}
    assert body["all"] == {"rows": 6, "cut": {"inputs": 0, "labels": 0, "rationales": 6}}
    assert "Of all 6 rows 6 rationales are cut to 8 tokens, 4 of them here." in first_batch.summary(body)
    assert "[cut: " in first_batch.told(body)


def test_padding_is_counted_where_there_is_some(tmp_path: Path) -> None:
    alike = [ROWS[0] | {"example_id": i} for i in range(6)]
    odd = [ROWS[0], ROWS[0] | {"example_id": 1, "input": "red box " * 9}] * 3
    made = FAMILIES["llama"]()
    save_student(made, tmp_path / "student", made.meta)
    llama = {"student": str(tmp_path / "student")}
    assert look(tmp_path / "alike", alike, **llama)["counts"]["padding"] == 0
    body = look(tmp_path / "odd", odd, **llama)
    assert 0 < body["counts"]["padding"] < 1
    assert "Nothing is cut, here or in any other row." in first_batch.summary(body)
    assert look(tmp_path / "packed", odd)["counts"]["padding"] == 0  # rows of a T5 lie one behind the other


def test_one_row_without_a_rationale_is_shown(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"rationale": None}, ROWS[1]]
    body = look(tmp_path / "run", rows, batch_size=2)
    assert sorted(len(row["tasks"]) for row in body["rows"]) == [1, 2]


def test_odd_characters_are_shown_as_they_are_written_or_by_the_names_of_their_bytes(tmp_path: Path) -> None:
    rows = [row | {"input": "naïve ☃ 蛇\n\ttab"} for row in ROWS]
    body = look(tmp_path / "run", rows)
    shown = text(body["rows"][0]["tasks"][0]["input"])
    assert "na" in shown
    assert "\ufffd" not in shown


def test_without_rows_it_says_so(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    (tmp_path / "run" / "input.train.jsonl").write_text("")
    with pytest.raises(UserError, match="no rows"):
        work.run(spec_for(tmp_path / "run"), lambda _: None, lambda: False)


# ---------------------------------------------------------------- the sheet


def test_the_sheet_shows_a_row_and_the_arrow_keys_the_next(tmp_path: Path, qtbot) -> None:
    body = look(tmp_path / "run", LONG, max_target=8)
    sheet = FirstBatchSheet(None, body)
    qtbot.addWidget(sheet)
    sheet.show()
    assert sheet.model.rowCount() == 4
    assert "4 rows" in sheet.subtitle.text()
    assert [t.accessibleName() for t in sheet.texts] == [
        "Input of the label task", "Label to write", "Input of the rationale task", "Rationale to write",
    ]  # fmt: skip
    assert sheet.texts[0].source().strip().startswith("predict:")
    first = sheet.texts[0].source()
    assert any(span.struck for span in sheet.texts[3]._spans)
    sheet.table.selectRow(1)
    assert sheet.texts[0].source() != first
    marks = sheet.model.columns[0].decoration((0, body["rows"][0]))
    assert marks == [Mark("bad", "scissors", "something is cut off")]


def test_every_character_of_a_token_text_belongs_to_its_token(qtbot) -> None:
    shown = TokenText("Input")
    qtbot.addWidget(shown)
    pieces = [
        {"text": "predict:", "prefix": True}, {"text": " a"}, {"text": "\n"}, {"text": " b", "cut": True},
        {"text": "</s>", "special": True},
    ]  # fmt: skip
    shown.show_pieces(pieces)
    assert shown.source() == "predict: a↵ b</s>"
    marked = [(shown.source()[s.start : s.end], s.tone, s.struck) for s in shown._spans]
    assert marked == [
        ("predict:", "info", False),
        (" a", "text", False),
        (" b", "bad", True),
        ("</s>", "accent", False),
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_students_that_work_without_padding_are_those_that_training_teaches_it(family: str) -> None:
    model = FAMILIES[family]().model
    assert (packing_of(model) is not None) == (model.config.model_type in work._PACKED)
