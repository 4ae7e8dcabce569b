"""Training health: what goes wrong with rows, tokenizer, memory or numbers, each named in one sentence with a remedy.

What cannot go on is raised, what can is warned of. Memory that runs out in a step halves the micro-batch
instead (``training``); here is told where even that does not help.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from statistics import median

import torch
from accelerate.utils.memory import should_reduce_batch_size

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError
from dsbs_gui.core.failures import add_recogniser
from dsbs_gui.core.protocol import Emit, Warned
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.training.rows import Row
from dsbs_gui.students.meta import ENCODER_DECODER
from dsbs_gui.students.student import Student

from .batches import Example, Truncated, encode_rows
from .losses import Losses

WINDOW = 50
IN_A_ROW = 5
LEAST_HISTORY = 10
MOST_WARNINGS = 3
_NAMED = 5


class Watch:
    """Looks at losses and gradients step by step, and warns of a training that seems to diverge.

    It diverges when for several steps in a row the loss is twice its recent median and a nat above it, or the
    gradient ten times its median while the loss rises too. Healthy steps alone make the median. Nothing is stopped:
    a run may recover, and the best student is kept.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._losses: deque[float] = deque(maxlen=WINDOW)
        self._norms: deque[float] = deque(maxlen=WINDOW)
        self._far = self._warned = 0

    def look(self, step: int, loss: float, grad_norm: float) -> None:
        """Take in optimiser step ``step``: its loss in nats per token, and its gradient's norm before clipping."""
        if len(self._losses) < LEAST_HISTORY or not self._is_far(loss, grad_norm):
            self._far = 0
            self._losses.append(loss)
            self._norms.append(grad_norm)
            return
        self._far += 1
        if self._far == IN_A_ROW and self._warned < MOST_WARNINGS:
            self._warned += 1
            usual, norm = median(self._losses), median(self._norms)
            self._emit(
                Warned(
                    f"Training seems to diverge: at step {step} the loss is {loss:.3g}, usually {usual:.3g}, "
                    f"and the gradient's norm {grad_norm:.3g}, usually {norm:.3g}.",
                    "If it does not come down again, stop and lower the learning rate or add warm-up. "
                    "The best student so far is kept.",
                )
            )

    def _is_far(self, loss: float, grad_norm: float) -> bool:
        usual, norm = median(self._losses), median(self._norms)
        exploded = loss > max(2 * usual, usual + 1)
        return exploded or (grad_norm > 10 * norm and loss > 1.2 * usual + 0.1)


def refuse_numbers(step: int, losses: Losses, grad_norm: float, checkpoint: int, in_bf16: bool) -> None:
    """Raise UserError if a number of optimiser step ``step`` is not finite: the step is not taken.

    Args:
        checkpoint: step of the last checkpoint; 0 if there is none.
    """
    what = _not_finite(losses, grad_norm)
    if what:
        kept = f"the checkpoint of step {checkpoint} is kept" if checkpoint else "there is no checkpoint yet"
        other = " or train in fp32" if in_bf16 else " or add warm-up steps"
        raise UserError(
            f"{what} at step {step} is {_kind(losses, grad_norm)}: training has diverged.",
            f"Lower the learning rate{other}. The weights before this step were not changed; {kept}.",
        )


def _not_finite(losses: Losses, grad_norm: float) -> str:
    if not math.isfinite(losses.total):
        return "The loss"
    return "" if math.isfinite(grad_norm) else "The gradient"


def _kind(losses: Losses, grad_norm: float) -> str:
    return "not a number" if math.isnan(losses.total) or math.isnan(grad_norm) else "infinite"


def encode(student: Student, rows: Sequence[Row]) -> tuple[list[Example], Truncated]:
    """As :func:`~.batches.encode_rows`. Raises UserError naming the row that the tokenizer cannot read, and for a
    tokenizer that knows more tokens than the model: on a GPU that would end the process."""
    try:
        encoded = encode_rows(student, rows)
    except (DsbsError, MemoryError):
        raise
    except Exception as error:  # tokenizers are foreign code
        raise _unreadable(student, rows, error) from error
    known = student.model.get_input_embeddings().weight.shape[0]
    most = max((_highest(example) for example in encoded[0]), default=0)
    if most >= known:
        raise UserError(
            f"The tokenizer writes token {most}, the model knows {known}: they do not belong together.",
            "Take model and tokenizer from the same folder, or choose another student.",
        )
    _demand_positions(student, encoded[0])
    return encoded


def _demand_positions(student: Student, examples: Sequence[Example]) -> None:
    """Raises UserError for texts longer than the positions that a model has learnt, if it has: it would crash."""
    config, meta = student.model.config, student.meta
    known = getattr(config, "max_position_embeddings", None)
    if known is None or getattr(config, "rope_parameters", None):
        return
    pairs = [pair for example in examples for pair in example.pairs]
    read = max((len(pair.input) for pair in pairs), default=0)
    written = max((len(pair.target) for pair in pairs), default=0)
    longest = max(read, written) if student.kind == ENCODER_DECODER else read + written
    if longest > known:
        raise UserError(
            f"The student reads and writes at most {known} tokens, and a row has {longest}.",
            f"Lower the token limits; they are {meta.max_input} for inputs and {meta.max_target} for rationales.",
        )


def _unreadable(student: Student, rows: Sequence[Row], error: Exception) -> UserError:
    for row in rows:
        try:
            encode_rows(student, [row])
        except Exception as own:
            return UserError(
                f"The student's tokenizer cannot read the row of example {row.example_id}: {_first_line(own)}.",
                "Correct that row on the Review page or leave it out, or choose another student.",
            )
    return UserError(f"The student's tokenizer failed: {_first_line(error)}.", "Choose another student.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _highest(example: Example) -> int:
    pairs = [pair for pair in (example.label, example.rationale, *example.others) if pair is not None]
    return max((token for pair in pairs for token in (*pair.input, *pair.target)), default=0)


def look_at_rows(task: str, train: Sequence[Row], valid: Sequence[Row], emit: Emit) -> None:
    """Warn of rows from which little can be learnt: a single one, or classes that only the validation rows have."""
    if len(train) == 1:
        emit(Warned("There is only one row to learn from.", "The student will know it by heart: import more rows."))
    labels = [row.label for row in (*train, *valid)]
    classes = task_named(task).label_set(labels)
    seen = {row.label for row in train}
    unseen = sorted({row.label for row in valid if row.label in classes} - seen)
    if unseen:
        named = ", ".join(f"“{label}”" for label in unseen[:_NAMED]) + (" …" if len(unseen) > _NAMED else "")
        n = sum(row.label in unseen for row in valid)
        which = "label" if len(unseen) == 1 else "labels"
        emit(
            Warned(
                f"No training row has the {which} {named}, which {n} of {len(valid)} validation rows have.",
                "The student cannot learn what it never sees: add such rows, or split the data again.",
            )
        )


def out_of_memory(error: BaseException) -> bool:
    """Whether a library tells that memory ran out, in whichever of its ways."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and (
        should_reduce_batch_size(error) or "CUBLAS_STATUS_ALLOC_FAILED" in text or "Cannot allocate memory" in text
    )


def _named(error: BaseException) -> DsbsError | None:
    """Where no smaller micro-batch helps: loading, the optimiser's own memory, one row at a time."""
    if not out_of_memory(error):
        return None
    return ResourceError(
        "There is too little memory for this student.",
        "Choose a smaller student, shorter token limits, or LoRA. Close what else uses the memory.",
    )


add_recogniser(_named)
