from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.training.rows import Row, data_hash, read_rows, shuffle_rationales, take_fraction

ROWS = [Row(i, f"input {i}", str(i), f"because {i}" if i % 5 else None) for i in range(1, 41)]


def _ids(rows: list[Row]) -> set[int]:
    return {row.example_id for row in rows}


def test_smaller_fractions_lie_within_larger_ones() -> None:
    parts = [_ids(take_fraction(ROWS, fraction, data_seed=3)) for fraction in (0.125, 0.25, 0.5, 1.0)]
    assert [len(part) for part in parts] == [5, 10, 20, 40]
    assert parts[0] < parts[1] < parts[2] < parts[3]


def test_the_data_seed_picks_other_rows_and_the_order_of_rows_stays() -> None:
    one, two = take_fraction(ROWS, 0.5, 1), take_fraction(ROWS, 0.5, 2)
    assert _ids(one) != _ids(two)
    assert one == sorted(one, key=lambda row: row.example_id)


def test_shuffling_moves_every_rationale_to_another_row_and_leaves_labels_and_gaps() -> None:
    moved = shuffle_rationales(ROWS, 0)
    assert sorted(filter(None, (row.rationale for row in moved))) == sorted(filter(None, (r.rationale for r in ROWS)))
    for before, after in zip(ROWS, moved, strict=True):
        assert (before.label, before.input) == (after.label, after.input)
        assert (before.rationale is None) == (after.rationale is None)
        assert before.rationale is None or before.rationale != after.rationale
    assert moved == shuffle_rationales(ROWS, 0) != shuffle_rationales(ROWS, 1)


def test_the_hash_sees_every_change_and_nothing_else() -> None:
    rows = [{"example_id": 1, "input": "ab", "label": "c", "rationale": None}]
    first = data_hash(rows)
    assert data_hash([rows[0] | {"fields": {"x": 1}}]) == first
    for change in ({"input": "a"}, {"label": "bc"}, {"rationale": ""}, {"example_id": 2}):
        assert data_hash([rows[0] | change]) != first


def test_blank_rationales_are_none_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "input.train.jsonl"
    assert read_rows(path) == []
    path.write_text(json.dumps({"example_id": 1, "input": "a", "label": "b", "rationale": " "}) + "\n")
    assert read_rows(path) == [Row(1, "a", "b", None)]
    path.write_text('{"a": 1}\n')
    with pytest.raises(UserError, match="not a file of training rows"):
        read_rows(path)
