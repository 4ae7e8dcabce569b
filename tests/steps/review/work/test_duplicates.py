"""Near-duplicates and unsure answers, over all rows at once."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from dsbs_gui.steps.review.signals.words import ngrams, words
from dsbs_gui.steps.review.work.duplicates import N, Signatures, twins
from dsbs_gui.steps.review.work.unlikely import LEAST_ANSWERS, lowest

TEXT = "ann has many red apples and gives some of them to her friend ben who likes pears more than figs"
WORDS = TEXT.split()


def pairs(texts: list[str]) -> dict[int, int]:
    signatures = Signatures()
    for text in texts:
        signatures.add(text)
    return dict(twins(signatures.table()))


def similarity(a: str, b: str) -> float:
    """Jaccard, of the same runs of words."""
    x, y = set(ngrams(words(a), N)), set(ngrams(words(b), N))
    return len(x & y) / len(x | y)


def test_equal_and_nearly_equal_texts_are_twins_and_others_are_not() -> None:
    rng = random.Random(0)
    long = " ".join(rng.choices(WORDS, k=80))
    other = " ".join(rng.choices(WORDS, k=80))
    near = f"{long} indeed"
    assert similarity(long, near) > 0.95
    assert pairs([long, other, near, "It is so.", "IT IS SO", ""]) == {0: 2, 2: 0, 3: 4, 4: 3}


def test_no_text_and_one_text_have_no_twin() -> None:
    assert pairs([]) == {}
    assert pairs(["alone here"]) == {}
    assert pairs(["", "", " "]) == {}, "blank texts are like no other"


@settings(max_examples=20)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(" ".join), max_size=30))
def test_what_is_equal_is_always_a_twin_and_a_twin_is_similar(texts: list[str]) -> None:
    found = pairs(texts)
    for place, text in enumerate(texts):
        if texts.count(text) > 1:
            assert place in found
    for place, twin in found.items():
        assert place != twin
        assert similarity(texts[place], texts[twin]) > 0.4, "estimated at 0.8 or more"


def test_the_lowest_twentieth_of_each_teacher_is_told() -> None:
    measured = [(n, "a", -n / 100) for n in range(100)] + [(200 + n, "b", -5.0) for n in range(100)]
    measured += [(400 + n, "few", -float(n)) for n in range(LEAST_ANSWERS - 1)]
    assert list(lowest(measured)) == [(n, -n / 100) for n in (99, 98, 97, 96, 95)]
    assert list(lowest([*measured[:19], (99, "a", float("nan"))])) == []
