"""The ways to train a student: distilling step-by-step, the paper's baselines and a control.

The two standard baselines put no prefix before the input, as in the reference code; that is why
λ = 0 is not the same as standard finetuning. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One way to train.

    Attributes:
        name: as on the command line.
        title: as on the screen.
        summary: one sentence for its card.
        labels: ``gold`` or ``teacher``: whose labels it takes unless told otherwise.
        multitask: trains the rationale task beside the label task, weighted by λ.
        single_target: rationale and label in one target.
        label_first: that target begins with the label.
        shuffled: each rationale is given to another row.
        prefixed: the label task has the prefix ``predict: ``.
    """

    name: str
    title: str
    summary: str
    labels: str = "gold"
    multitask: bool = False
    single_target: bool = False
    label_first: bool = False
    shuffled: bool = False

    @property
    def prefixed(self) -> bool:
        return self.multitask

    @property
    def uses_rationales(self) -> bool:
        return self.multitask or self.single_target


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "step-by-step",
            "Distilling step-by-step",
            "Learns the label and, beside it, why.",
            multitask=True,
        ),
        Method("finetune", "Standard finetuning", "Gold labels alone: the usual baseline."),
        Method(
            "distill",
            "Standard distillation",
            "The teacher's labels: no gold needed.",
            labels="teacher",
        ),
        Method(
            "single-task",
            "Rationale then label",
            "One text that ends with the label.",
            single_target=True,
        ),
        Method(
            "label-then-rationale",
            "Label then rationale",
            "One text that begins with the label.",
            single_target=True,
            label_first=True,
        ),
        Method(
            "shuffled-rationale",
            "Shuffled rationales",
            "A control: rationales of other rows.",
            multitask=True,
            shuffled=True,
        ),
    )
}


def alpha(rationale_weight: float) -> float:
    """The reference code's α = 1/(1+λ), the label's share of its loss."""
    return 1.0 / (1.0 + rationale_weight)


def rationale_weight(alpha: float) -> float:
    """λ = (1-α)/α. Raises ValueError unless 0 < α <= 1."""
    if not 0 < alpha <= 1:
        raise ValueError(f"α = {alpha} is not in (0, 1]")
    return (1.0 - alpha) / alpha
