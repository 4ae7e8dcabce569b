"""Word problems whose label is a number or an equation."""

from __future__ import annotations

from dsbs_gui.core.arithmetic import evaluate, same_value

from .base import Fields, Task


class MathTask(Task):
    """SVAMP and its like. Two labels are the same if they have the same value."""

    name = "math"
    title = "Math word problem"
    summary = "A problem in words; the label is a number or an equation."

    def label_problem(self, fields: Fields, label: str) -> str | None:
        if evaluate(label) is None:
            return f"The label “{label[:60]}” is neither a number nor an equation."
        return None

    def canonical(self, label: str, fields: Fields) -> str:
        value = evaluate(label)
        return super().canonical(label, fields) if value is None else f"{value:.10g}"

    def same(self, a: str, b: str, fields: Fields) -> bool:
        return same_value(a, b)
