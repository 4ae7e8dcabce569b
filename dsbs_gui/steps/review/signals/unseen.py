"""*unseen*: numbers or names in the rationale that are neither in the input nor results of arithmetic that it shows."""

from __future__ import annotations

import re

from .finding import Finding, Subject, excerpt
from .sum_tokens import numbers
from .sums import values
from .words import sentences, stem, words

NAME = "unseen"
_MOST_SHOWN = 5
_SMALL_TEXT = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty
"""
_SMALL = _SMALL_TEXT.split()
_SPELT = {word: float(number) for number, word in enumerate(_SMALL)} | {
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "seventy": 70.0, "eighty": 80.0, "ninety": 90.0,
    "hundred": 100.0, "thousand": 1000.0, "dozen": 12.0, "half": 0.5, "twice": 2.0, "double": 2.0, "week": 7.0,
}  # fmt: skip
_ORDINAL = re.compile(r"(?<!\d)\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
_LISTED = re.compile(r"^[ \t]*(?:step[ \t]+)?\d{1,2}[ \t]?[.):]\s", re.IGNORECASE | re.MULTILINE)
_CUT = re.compile(r"(?<![\d.,])[\d.,]*\d\Z")
_FREE = frozenset({0.0, 1.0})
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BEGINS = frozenset(".!?:;\"“‘'([*-–—")
_NO_NAMES = frozenset({"i", "i'm", "i'd", "i'll", "i've", "i’m", "i’d", "i’ll", "i’ve"})


def find(subject: Subject) -> list[Finding]:
    """The detail lists the first few of them."""
    strange = [*_numbers(subject), *_names(subject)]
    return [Finding(NAME, excerpt(", ".join(strange[:_MOST_SHOWN])))] if strange else []


def _numbers(subject: Subject) -> list[str]:
    """Zero and one are everywhere and free; the sign does not matter."""
    whole = _CUT.sub("", subject.rationale)  # of a number at which the text breaks off, nobody knows the end
    text = _LISTED.sub(" ", _ORDINAL.sub(" ", whole))
    said = numbers(text)
    if not said:
        return []
    known = {_rounded(value) for value in values(text)} | _FREE
    known |= {_rounded(value) for _, value in numbers(subject.input)}
    known |= {_SPELT[word] for word in words(subject.input) if word in _SPELT}
    return list(dict.fromkeys(number for number, value in said if _rounded(value) not in known))


def _rounded(value: float) -> float:
    return round(abs(value), 6)


def _names(subject: Subject) -> list[str]:
    """Words with a capital within a sentence, unless that is how the text is written."""
    found = [word for sentence in sentences(subject.rationale) for word in _inner_words(sentence)]
    capital = [word for word in found if word[0].isupper() and len(word) > 1 and word.casefold() not in _NO_NAMES]
    if 2 * len(capital) > len(found):
        return []
    given = words(f"{subject.input} {subject.label}")
    known = {form for word in given for form in (word, stem(word), word.removesuffix("n"))}  # American: America
    strange = (word for word in capital if not all(_forms(part) & known for part in words(word)))
    return list(dict.fromkeys(strange))


def _forms(word: str) -> set[str]:
    return {word, stem(word), word.removesuffix("s")}


def _inner_words(sentence: str) -> list[str]:
    """The words that do not begin a sentence, a quotation or the like."""
    found = []
    for match in _WORD.finditer(sentence):
        before = sentence[max(0, match.start() - 2) : match.start()].rstrip()
        if before and before[-1] not in _BEGINS:
            found.append(match[0])
    return found
