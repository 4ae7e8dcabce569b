"""Seeded splits that keep near-duplicates together."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.steps.data.splitting import body, split, twin_keys, twins

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[tuple[int, dict[str, Any]]]


def problems(n: int, twins: int = 1) -> Rows:
    return [
        (i, {"input": f"Story {'abcdefghij'[i // twins % 10]}{'x' * (i // twins)} {i}.\nHow many?"}) for i in range(n)
    ]


def test_105_of_the_200_svamp_test_problems_have_a_twin_in_train(shared: Path) -> None:
    train, test = (list(read_jsonl(shared / f"data/svamp/{name}.jsonl")) for name in ("train", "test"))
    assert twins(test, twin_keys(train)) == 105


def test_twins_are_equal_but_for_numbers_case_and_space() -> None:
    a = {"input": "Tom has 3 pens and 1,250.5 nails.\nHow many pens?"}
    b = {"input": "tom  has 17 pens and 2 nails.\nHow many nails?"}
    assert body(a) == body(b) == "tom has # pens and # nails."
    assert body({"premise": "A 1", "hypothesis": "b"}) == body({"premise": "a 2", "hypothesis": "c"})


@given(
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.1, 0.25]),
    st.sampled_from([0.1, 0.2, 0.4]),
    st.integers(1, 4),
)
def test_no_group_spans_two_splits_and_the_shares_are_met(seed: int, valid: float, test: float, twins: int) -> None:
    report = split(problems(120, twins), valid, test, seed)
    homes = defaultdict(set)
    for example_id, fields in problems(120, twins):
        homes[body(fields)].add(report.splits[example_id])
    assert all(len(names) == 1 for names in homes.values())
    assert sum(report.counts.values()) == len(report.splits) == 120
    assert abs(report.counts["test"] - test * 120) < twins
    assert abs(report.counts["valid"] - valid * 120) < twins


def test_the_seed_decides_and_nothing_else_does() -> None:
    rows = problems(200)
    assert split(rows, 0.1, 0.2, 0).splits == split(rows, 0.1, 0.2, 0).splits
    assert split(rows, 0.1, 0.2, 0).splits != split(rows, 0.1, 0.2, 1).splits


def test_a_field_groups_and_an_unknown_one_is_named() -> None:
    rows: Rows = [(i, {"premise": f"p{i // 10}", "hypothesis": f"h{i}"}) for i in range(100)]
    report = split(rows, 0.1, 0.2, 0, "premise")
    assert (report.groups, report.largest) == (10, 10)
    assert report.counts == {"train": 70, "valid": 10, "test": 20}
    with pytest.raises(UserError, match="no field “author”") as caught:
        split(rows, 0.1, 0.2, 0, "author")
    assert "premise" in caught.value.hint


def test_none_splits_twins_too() -> None:
    rows: Rows = [(i, {"input": "Tom has 3 pens.\nHow many?"}) for i in range(10)]
    assert split(rows, 0.1, 0.2, 0, "none").counts == {"train": 7, "valid": 1, "test": 2}
    with pytest.raises(UserError, match="empty"):
        split(rows, 0.1, 0.2, 0)


@pytest.mark.parametrize(("valid", "test"), [(0.6, 0.5), (-0.1, 0.2), (1.0, 0.0)])
def test_impossible_fractions_are_refused(valid: float, test: float) -> None:
    with pytest.raises(UserError, match="train on"):
        split(problems(10), valid, test, 0)


def test_many_rows_split_quickly() -> None:
    rows: Rows = [(i, {"input": f"A problem of {i} things.\nHow many?"}) for i in range(50_000)]
    before = time.process_time()
    split(rows, 0.1, 0.2, 0, "input")
    assert time.process_time() - before < 3
