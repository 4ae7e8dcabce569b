from __future__ import annotations

from dataclasses import replace

import pytest

from dsbs_gui.students.decoding import generate, generate_batches, generate_ids
from dsbs_gui.students.encoding import decode, encode_inputs, encode_targets, shorten
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


@pytest.mark.parametrize("kind", MAKERS)
def test_an_answer_ends_where_it_has_written_what_ends_it(kind: str) -> None:
    student = talkative(MAKERS[kind](seed=1))
    whole = dict(pair for batch in generate_batches(student, TEXTS, "predict: ", 12, 4) for pair in batch)
    stop = next(c for text in whole.values() for c in text[1:-1] if c.isascii() and c.isprintable())
    found = dict(pair for batch in generate_batches(student, TEXTS, "predict: ", 12, 4, stop) for pair in batch)
    assert any(stop in text for text in found.values())
    for index, text in found.items():
        assert whole[index].startswith(text)
        if stop in whole[index]:
            assert stop in text
            assert len(text) < len(whole[index])
        else:
            assert text == whole[index]


def test_a_text_is_cut_to_what_would_be_learnt_of_it() -> None:
    student = tiny_llama()
    texts = ["red", "Mia has 4 pens. " * 9, ""]
    kept, cut = shorten(student, texts, 10)
    assert (kept[0], kept[2], cut) == ("red", "", 1)
    assert texts[1].startswith(kept[1])
    assert encode_targets(student, kept, 10).ids == encode_targets(student, texts, 10).ids
