from __future__ import annotations

import pytest

from dsbs_gui.steps.training.rows import Row
from dsbs_gui.steps.training.work.batches import (
    batch_indices,
    encode_rows,
    micro_batches,
    room_of_one,
    steps_per_epoch,
)
from dsbs_gui.students import single_target
from dsbs_gui.students.encoding import decode
from dsbs_gui.students.meta import DECODER_ONLY
from tests.students.families import FAMILIES, PROVED
from tests.students.tiny import tiny_llama, tiny_t5

ROWS = [Row(i, "Mia has 4 pens. " * i, str(i), "because " * (7 - i) if i != 3 else None) for i in range(1, 6)]


def test_each_epoch_shows_every_row_once_in_an_order_of_its_own() -> None:
    epochs = [[i for step in range(3) for i in batch_indices(10, 4, 0, 3 * epoch + step)] for epoch in (0, 1)]
    assert steps_per_epoch(10, 4) == 3
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1]
    assert batch_indices(10, 4, 0, 4) == batch_indices(10, 4, 0, 4) != batch_indices(10, 4, 1, 4)


@pytest.mark.parametrize("family", PROVED)
def test_micro_batches_hold_every_pair_once_and_name_the_place_of_each_target(family: str) -> None:
    student = FAMILIES[family]()
    pairs = [pair for example in encode_rows(student, ROWS)[0] for pair in example.pairs]
    batches = list(micro_batches(student, pairs, room_of_one(student, pairs).times(2)))
    assert len(batches) > 1
    found = []
    for batch in batches:
        width = batch.inputs["decoder_input_ids" if "decoder_input_ids" in batch.inputs else "input_ids"].shape[1]
        read = batch.inputs["input_ids"].tolist()
        real = batch.inputs["attention_mask"].sum(1).tolist()
        for row, (ids, n) in enumerate(zip(read, real, strict=True)):
            targets = batch.targets[batch.places // width == row].tolist()
            if student.kind == DECODER_ONLY:  # it reads all of the target but its last token
                n -= len(targets) - 1
                assert ids[n : n + len(targets) - 1] == targets[:-1]
            found.append((ids[:n], targets))
    assert sorted(found) == sorted((pair.input, pair.target) for pair in pairs)
    assert not any("labels" in batch.inputs for batch in batches)


def test_a_row_without_a_rationale_has_none_and_both_tasks_have_their_prefix() -> None:
    student = tiny_t5()
    examples, truncated = encode_rows(student, ROWS)
    assert [example.rationale is None for example in examples] == [False, False, True, False, False]
    assert decode(student, examples[0].label.input).startswith("predict: Mia")
    assert decode(student, examples[0].rationale.input).startswith("explain: Mia")
    assert (truncated.inputs, truncated.labels, truncated.rationales) == (0, 0, 0)


def test_one_target_holds_rationale_trigger_and_label() -> None:
    student = tiny_t5(single_target=True, explains=False)
    examples, _ = encode_rows(student, ROWS)
    assert decode(student, examples[4].label.target) == "because because  So the answer is 5"
    assert decode(student, examples[2].label.target) == "So the answer is 3"
    assert all(example.rationale is None for example in examples)


@pytest.mark.parametrize("make", [tiny_t5, tiny_llama])
def test_one_target_that_begins_with_the_label_is_left_open_where_there_is_no_rationale(make) -> None:
    student = make(single_target=True, label_first=True, explains=False)
    examples, _ = encode_rows(student, ROWS)
    assert decode(student, examples[4].label.target) == "5 Explanation: because because"
    assert examples[4].label.target[-1] == student.eos_id
    assert decode(student, examples[2].label.target) == "3 Explanation:"
    assert student.eos_id not in examples[2].label.target, "an empty rationale is not learnt"


@pytest.mark.parametrize("label_first", [False, True])
def test_in_one_target_a_long_rationale_costs_no_label_and_each_epoch_draws_one_of_several(label_first: bool) -> None:
    student = tiny_t5(single_target=True, label_first=label_first, explains=False, max_target=6, max_label=8)
    row = Row(1, "red", "blue", "Mia has 4 pens. " * 5, others=("4 + 3 = 7", "red"))
    (example,), truncated = encode_rows(student, [row])
    assert (truncated.labels, truncated.rationales) == (0, 1)
    found = [decode(student, example.drawn(0, epoch, 0).label.target) for epoch in range(20)]
    assert {single_target.read(student.meta, text)[0] for text in found} == {"blue"}
    assert {single_target.read(student.meta, text)[1] for text in found} >= {"4 + 3 = 7", "red"}
    assert len(set(found)) == 3


@pytest.mark.parametrize("make", [tiny_t5, tiny_llama])
def test_what_is_cut_is_counted_by_kind(make) -> None:
    student = make(max_input=20, max_target=4, max_label=4)
    _, truncated = encode_rows(student, [*ROWS, Row(6, "red", "a long label", None)])
    assert truncated.inputs >= 2
    assert truncated.labels == 1
    assert truncated.rationales == 4
