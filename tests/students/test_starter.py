from __future__ import annotations

import pytest
import torch

from dsbs_gui.core.errors import UserError
from dsbs_gui.students import starter
from tests.students.tiny import SIZES, TEXTS


@pytest.mark.parametrize("text", ["Mia has 24 pens", "日本 😀 é", "a\nb\tc  d", "( 84.0 / 2.0 )", "x</s>y"])
def test_every_text_can_be_written_and_nothing_is_unknown(text: str) -> None:
    tokenizer = starter.train_tokenizer(TEXTS, 300)
    ids = tokenizer(text)["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids).replace("</s> ", "</s>") == text + "</s>"


def test_digits_stand_alone_and_are_the_same_in_a_label_and_in_a_sentence() -> None:
    tokenizer = starter.train_tokenizer(TEXTS * 5 + ["1234 1234 1234"] * 50, 400)
    assert tokenizer.tokenize("1234") == ["Ġ1", "2", "3", "4"]
    assert tokenizer.tokenize("has 12")[-2:] == tokenizer.tokenize("12")


def test_the_same_texts_and_seed_make_the_same_student_and_another_seed_another() -> None:
    sizes = starter.StarterConfig(**SIZES)
    a, b, c = (starter.build(TEXTS, seed, sizes) for seed in (1, 1, 2))
    assert a.tokenizer.get_vocab() == b.tokenizer.get_vocab()
    assert all(torch.equal(x, y) for x, y in zip(a.model.parameters(), b.model.parameters(), strict=True))
    assert not torch.equal(a.model.shared.weight, c.model.shared.weight)


def test_making_a_student_does_not_move_the_random_state() -> None:
    before = torch.get_rng_state()
    starter.build(TEXTS, 3, starter.StarterConfig(**SIZES))
    assert torch.equal(before, torch.get_rng_state())


def test_no_text_and_unknown_sizes_are_refused() -> None:
    with pytest.raises(UserError, match="no text"):
        starter.build(["", " "], 0)
    with pytest.raises(UserError, match="wings"):
        starter.StarterConfig.from_mapping({"wings": 2})
