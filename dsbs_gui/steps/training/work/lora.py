"""Low-rank adaptation with peft, where it is installed."""

from __future__ import annotations

import copy
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.students.student import Student


def adapt(student: Student, rank: int) -> None:
    """Freeze the model and train matrices of rank ``rank`` in its attention instead.

    Raises: UserError if peft is missing or does not know the model's attention.
    """
    try:
        import peft
    except ImportError:
        raise UserError(
            "Training with LoRA needs the package peft, which is not installed.",
            "Install it with: pip install peft. Or set the LoRA rank to 0 to train all weights.",
        ) from None
    kind = "SEQ_2_SEQ_LM" if student.model.config.is_encoder_decoder else "CAUSAL_LM"
    config = peft.LoraConfig(task_type=kind, r=rank, lora_alpha=2 * rank, lora_dropout=0.0)
    try:
        adapted: Any = peft.get_peft_model(student.model, config)
    except ValueError as error:
        raise UserError(f"LoRA does not know this student: {error}", "Set the LoRA rank to 0.") from error
    student.model = adapted


def merged(student: Student) -> Student:
    """The student with its adaptation worked into a copy of the weights; itself if it has none.

    The copy is made in the machine's memory: on a GPU a run that just fits would end at its first validation.
    """
    if not hasattr(student.model, "merge_and_unload"):
        return student
    whole, device = copy.copy(student), student.device
    student.model.to("cpu")
    try:
        whole.model, whole.packing = copy.deepcopy(student.model).merge_and_unload(), None
    finally:
        student.model.to(device)
    return whole
