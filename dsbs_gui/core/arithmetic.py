"""A small, safe evaluator for the arithmetic in labels and rationales.

Numbers, ``+ - * /``, parentheses and unary signs; nothing else has a value. It never calls
``eval``: the reference code did, on text that a model had written.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable

MAX_LENGTH = 500
MAX_DEPTH = 50
RELATIVE_TOLERANCE = 1e-6

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_ALLOWED = re.compile(r"[0-9.+\-*/() \t]*\Z")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SYMBOLS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-"})


def evaluate(text: str) -> float | None:
    """The value of an expression such as ``( 84.0 / 2.0 )``; None if it has none.

    Never raises, and takes no longer than the text is long: the length and the depth are bounded.
    """
    text = _THOUSANDS.sub("", text.strip().translate(_SYMBOLS))
    if not text or len(text) > MAX_LENGTH or not _ALLOWED.match(text) or "**" in text or "//" in text:
        return None
    if _depth(text) > MAX_DEPTH:
        return None
    try:
        value = _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, MemoryError):
        return None
    return value if math.isfinite(value) else None


def same_value(a: str, b: str) -> bool:
    """Whether two expressions have the same value (relative tolerance 1e-6)."""
    x, y = evaluate(a), evaluate(b)
    return x is not None and y is not None and math.isclose(x, y, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-9)


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest + max((len(run) for run in re.findall(r"[+\-]+", text.replace(" ", ""))), default=0)


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    raise ValueError("not arithmetic")
