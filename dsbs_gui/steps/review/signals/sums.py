"""Arithmetic that a text shows: expressions, and equations that do not hold. Never ``eval``.

Read are numbers (with thousands separators, decimals, currency signs and %), ``+ - * / × ÷ x``, parentheses, *of*
after a fraction or a percentage, and ``=``, *is* or *equals* between two sides. What holds a variable, a power or a
root, or breaks off, is passed over. Time is linear in the length of the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from dsbs_gui.core.arithmetic import evaluate

from .sum_tokens import Token, number, tokens

_VARIABLES = frozenset("abcdknmpqrxyz")
_PARTS = ("number", "operator", "open", "close")
_UNREADABLE = frozenset("^√∛²³⁴⁵⁶⁷⁸⁹|&#@_\\")
_DIGIT = re.compile(r"\d")
_MOST_TOKENS = 200
_TOLERANCE = 1e-9
"""Of doubles that were calculated in another order; two large whole numbers must not be taken for the same."""


class Side(NamedTuple):
    """One side of an equation, or an expression by itself.

    Attributes:
        text: as one reads it. spelt: as the evaluator reads it.
        operators, percents: how many stand in it; a sign is no operator.
        start, end: its place in the text.
    """

    text: str
    spelt: str
    value: float
    operators: int
    percents: int
    start: int
    end: int

    @property
    def ambiguous(self) -> bool:
        """*100 + 20 %* means something else than its signs say."""
        return 0 < self.percents <= self.operators and bool(re.search(r"\d[%)]? [-+−–] ", self.text))


class Equation(NamedTuple):
    """Two sides that the text puts as equal."""

    left: Side
    right: Side

    @property
    def text(self) -> str:
        return f"{self.left.text} = {self.right.text}"

    @property
    def holds(self) -> bool:
        """Also where a plain number is rounded or cut off behind its point; a whole number is exact."""
        x, y = self.left.value, self.right.value
        plain = self.right if not self.right.operators else self.left
        unit = 0.0 if plain.operators else 10.0 ** -_decimals(plain.text)
        candidates = [x, x * 100, x / 100] if self.left.percents or self.right.percents else [x]
        return any(_same(v, y) or (unit < 1.0 and _shortened(v, y, unit)) for v in candidates)


def _same(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _shortened(x: float, y: float, unit: float) -> bool:
    """Whether one is the other rounded to ``unit``, or cut off there."""
    off = abs(x - y)
    return off <= unit / 2 * (1 + _TOLERANCE) or (off < unit and abs(y) < abs(x))


def _decimals(text: str) -> int:
    """Digits behind the point of a plain number."""
    return len(text.rstrip("% ").partition(".")[2])


def wrong(text: str) -> list[Equation]:
    """The equations of ``text`` that do not hold, in order."""
    return [equation for equation in equations(text) if not equation.holds]


def equations(text: str) -> list[Equation]:
    """Equations with a value on both sides and an operator on one."""
    return [
        Equation(left, right)
        for sides in _sides(text)
        for left, right in pairwise(sides)
        if left is not None and right is not None and (left.operators or right.operators)
        if not left.ambiguous and not right.ambiguous
    ]


def expressions(text: str) -> list[Side]:
    """All expressions with a value, single numbers too, in order."""
    return [side for sides in _sides(text) for side in sides if side is not None]


def values(text: str) -> set[float]:
    """Values of the expressions with an operator, of their parts, and of what the text says that they are."""
    found: set[float] = set()
    for side in expressions(text):
        if side.operators:
            found |= _parts(side)
    for equation in equations(text):
        found |= {equation.left.value, equation.right.value}
    return found


def _parts(side: Side) -> set[float]:
    """4 + 22 + 16 is 42, and gives 26 on its way."""
    pieces = re.split(r"(?<=[\d)]) ([^\d()]) ", side.spelt) if "(" not in side.spelt else []
    spelt = re.findall(r"\(([^()]*)\)", side.spelt)
    spelt += [" ".join(pieces[:end]) for end in range(3, min(len(pieces), 20), 2)]
    return {side.value} | {value for part in spelt if (value := evaluate(part)) is not None}


@lru_cache(maxsize=4)
def _sides(text: str) -> list[list[Side | None]]:
    """Kept for the few signals that ask of the same text one after the other."""
    return list(_chains(tokens(text))) if _DIGIT.search(text) else []


def _chains(found: list[Token]) -> Iterator[list[Side | None]]:
    """Runs of sides that stand between equals signs; None where a side cannot be read."""
    sides: list[Side | None] = []
    start = 0
    for place, token in enumerate([*found, Token("stop", "", -1, -1)]):
        if token.kind in _PARTS:
            continue
        if start < place or sides or token.kind == "equals":
            sides.append(_side(found, start, place) if start < place else None)
        start = place + 1
        if token.kind != "equals" and sides:
            yield sides
            sides = []


def _side(tokens: list[Token], start: int, end: int) -> Side | None:
    """What stands from ``start`` to before ``end``; None if it is none, or belongs to something that is not read."""
    before = tokens[start - 1] if start else None
    after = tokens[end] if end < len(tokens) else None
    run = _trimmed(tokens[start:end], before) if end - start <= _MOST_TOKENS else []
    if not run or (run[0] is tokens[start] and _belongs_before(before, run)) or _belongs_after(run[-1], after):
        return None
    shown = " ".join(token.text + "%" * token.percent for token in run)
    spelt = " ".join(_spelt(token) for token in run)
    value = evaluate(spelt) if len(run) > 1 or run[0].percent else number(spelt)
    if value is None:
        return None
    operators = sum(
        token.kind == "operator" and earlier.kind in ("number", "close") for earlier, token in pairwise(run)
    )
    percents = sum(token.percent for token in run)
    shown = shown.replace("( ", "(").replace(" )", ")")
    return Side(shown, spelt, value, operators, percents, run[0].start, run[-1].end)


def _spelt(token: Token) -> str:
    if token.kind != "number":
        return token.text
    number = token.text.lstrip("0") or "0"
    number = f"0{number}" if number.startswith(".") else number
    return f"({number} / 100)" if token.percent else number


def _trimmed(run: list[Token], before: Token | None) -> list[Token]:
    """Without the sign of a list, the number of one such as *1)*, and brackets that end or begin outside."""
    at_line_start = before is None or before.text == "\n"
    if at_line_start and len(run) > 1 and run[0].kind == "operator" and run[0].end < run[1].start:
        run = run[1:]
    opened: list[int] = []
    closed = -1
    for place, token in enumerate(run):
        if token.kind == "open":
            opened.append(place)
        elif token.kind == "close" and opened:
            opened.pop()
        elif token.kind == "close":
            closed, opened = place, []
    if closed == len(run) - 1 and closed > 0:
        return _trimmed(run[:-1], None if at_line_start else before)
    return run[max([closed, *opened]) + 1 :]


def _belongs_before(before: Token | None, run: list[Token]) -> bool:
    """Whether a side goes on at its left: *some - 7*, *f(3)*, *x2*, *2^3*; not so *weighed -53 - 140*."""
    first = run[0]
    if before is None or before.kind in ("equals", "stop"):
        return False
    touches = before.end == first.start
    if before.kind == "other":
        return touches or before.text in _UNREADABLE
    signed = len(run) > 1 and first.end == run[1].start
    return touches or (first.kind == "operator" and not signed)


def _belongs_after(last: Token, after: Token | None) -> bool:
    """Whether a side goes on at its right: *10 + y*, *5x*, *2^3*."""
    if last.kind == "operator":
        return True
    if after is None or after.end < 0:
        return False
    touches = last.end == after.start
    return after.text in _UNREADABLE or (touches and after.kind == "word" and after.text.lower() in _VARIABLES)
