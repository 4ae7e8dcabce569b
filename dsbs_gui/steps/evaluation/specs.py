"""What a prediction job is to do. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.specs import Spec


@dataclass(frozen=True)
class PredictSpec(Spec):
    """One student asked for every row of ``input.jsonl``, which holds no labels.

    Attributes:
        student_dir: a student folder, or a run folder with one.
        task: name of a task; "" for the student's own.
        split: carried through to the results.
        rationales: also let it explain, where it learnt to.
        max_input, max_tokens: tokens of an input and of a label; 0 for the student's own limits.
        batch_size: inputs at a time.
    """

    student_dir: str = ""
    task: str = ""
    split: str = "test"
    rationales: bool = False
    max_input: int = 0
    max_tokens: int = 0
    batch_size: int = 32

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.max_input < 0 or self.max_tokens < 0:
            raise UserError("A limit of the prediction is not positive.", "Use 0 for the student's own limits.")
