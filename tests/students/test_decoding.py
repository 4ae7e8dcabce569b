from __future__ import annotations

from dataclasses import replace

import pytest

from dsbs_gui.students.decoding import generate, generate_ids, split_single_target
from dsbs_gui.students.encoding import decode, encode_inputs, encode_targets
from tests.students.tiny import MAKERS, TEXTS, talkative, tiny_llama, tiny_t5


@pytest.mark.parametrize("kind", MAKERS)
def test_an_answer_is_the_same_alone_and_in_a_batch(kind: str) -> None:
    student = talkative(MAKERS[kind](seed=1))
    together = generate(student, TEXTS, "predict: ", 12, batch_size=4)
    assert together == [generate(student, [text], "predict: ", 12)[0] for text in TEXTS]
    assert len(set(together)) > 1


@pytest.mark.parametrize("kind", MAKERS)
def test_padding_of_17_does_not_change_what_is_generated(kind: str) -> None:
    student = talkative(MAKERS[kind](seed=1))
    short, long = encode_inputs(student, ["red", "Mia has 4 pens. " * 5], "", 256).ids
    assert len(long) - len(short) >= 17
    (alone,) = generate_ids(student, [short], 10)
    assert generate_ids(student, [short, long], 10)[0][: len(alone)] == alone


def test_generating_leaves_the_model_in_its_mode() -> None:
    student = tiny_t5()
    student.model.train()
    generate(student, ["red"], "", 2)
    assert student.model.training


def test_inputs_are_cut_and_counted_and_still_end_properly() -> None:
    t5, llama = tiny_t5(), tiny_llama()
    for student, last in ((t5, [t5.eos_id]), (llama, llama.tokenizer("\n", add_special_tokens=False)["input_ids"])):
        ids, cut = encode_inputs(student, ["red", "Mia has 4 pens. " * 9], "predict: ", 12)
        assert cut == 1
        assert len(ids[1]) == 12
        assert all(row[-len(last) :] == last for row in ids)


def test_targets_end_with_the_end_token_and_come_back_as_they_were() -> None:
    student = tiny_llama()
    ids, cut = encode_targets(student, ["Tom has 7 pens."], 64)
    assert (ids[0][-1], cut) == (student.eos_id, 0)
    assert decode(student, [*ids[0], 77, 78]) == "Tom has 7 pens."


def test_language_inference_uses_the_students_own_end_token_between_its_texts() -> None:
    student = tiny_t5()
    student.meta = replace(student.meta, task="nli")
    student.tokenizer.eos_token = "<pad>"
    ids = encode_inputs(student, ["red</s>blue"], "", 32).ids[0]
    assert student.tokenizer.convert_tokens_to_ids("<pad>") in ids[:-1]


def test_one_target_splits_into_label_and_rationale() -> None:
    assert split_single_target("4 + 3 = 7. So the answer is 7") == ("7", "4 + 3 = 7.")
    assert split_single_target("So the answer is 1. So the answer is 2") == ("2", "So the answer is 1.")
    assert split_single_target("it never came") == ("", "it never came")
