"""The peers of ``train_step.py``: transformers' own trainer, with the reference code's step and with our tensors.

``reference`` follows google-research/distilling-step-by-step (Apache-2.0) in what it does, written anew for
transformers 5, on which the original no longer runs: the collator makes a pandas frame of the batch, splits it into
the two tasks and pads each with ``DataCollatorForSeq2Seq``; the loss is α·label + (1-α)·rationale of two whole passes,
each the mean over its target tokens; everything else is ``Seq2SeqTrainer`` by default, but for the precision and the
device, which are those of our run.

``seq2seq_trainer`` has no pandas: our own collation of the whole batch, one pass a task, and L = label + λ·rationale.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import pandas
import torch
from transformers import (
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    T5ForConditionalGeneration,
    TrainerCallback,
)

ALPHA = 0.5
COLUMNS = {"expl_input_ids": "input_ids", "expl_attention_mask": "attention_mask", "aux_labels": "labels"}


class PandasCollator(DataCollatorForSeq2Seq):
    """Both tasks of a batch by way of a frame, as the reference does it."""

    def __call__(self, features: Any, return_tensors: Any = None) -> dict[str, Any]:
        frame = pandas.DataFrame(features)
        label = frame[[column for column in frame.columns if column not in COLUMNS]]
        rationale = frame[list(COLUMNS)].rename(columns=COLUMNS)
        return {
            "label": super().__call__(label.to_dict("records"), return_tensors),
            "rationale": super().__call__(rationale.to_dict("records"), return_tensors),
        }


class OurCollator:
    """Our tensors, straight from token ids: the whole batch in one pass a task."""

    def __init__(self, student: Any) -> None:
        self._student = student

    def __call__(self, features: Sequence[dict[str, list[int]]]) -> dict[str, Any]:
        from dsbs_gui.steps.training.work.batches import Pair, collate

        found = {}
        for name, read, written in (
            ("label", "input_ids", "labels"),
            ("rationale", "expl_input_ids", "aux_labels"),
        ):
            batch = collate(self._student, [Pair(row[read], row[written]) for row in features])
            targets = torch.full_like(batch.inputs["decoder_input_ids"], -100)
            targets.view(-1)[batch.places] = batch.targets
            found[name] = {**batch.inputs, "labels": targets}
        return found


class TwoTaskTrainer(Seq2SeqTrainer):
    """The weighted sum of two passes; notes the losses of each step, which are read when all is done."""

    def __init__(self, label_weight: float, rationale_weight: float, count: Callable[..., float], **given: Any) -> None:
        super().__init__(**given)
        self.weights = label_weight, rationale_weight
        self.noted: list[torch.Tensor] = []
        self.computed_flop = 0.0
        self._count = count

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        label, rationale = model(**inputs["label"]).loss, model(**inputs["rationale"]).loss
        self.noted.append(torch.stack([label.detach(), rationale.detach()]))
        return self.weights[0] * label + self.weights[1] * rationale

    def training_step(self, *given: Any, **named: Any) -> torch.Tensor:
        if self.computed_flop:
            return super().training_step(*given, **named)
        kept: list[torch.Tensor] = []
        self.computed_flop = self._count(
            lambda: kept.append(super(TwoTaskTrainer, self).training_step(*given, **named))
        )
        return kept[0]

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return torch.utils.data.SequentialSampler(self.train_dataset)


class _Clock(TrainerCallback):
    def __init__(self) -> None:
        self.done_at: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.done_at.append(time.perf_counter())


def run(name: str, given: dict[str, Any], count: Callable[..., float]) -> dict[str, Any]:
    """Train for all steps; times of their ends, losses, and the FLOPs of the first."""
    spec, student = given["spec"], given["spec"]["student"]
    model = T5ForConditionalGeneration.from_pretrained(student)
    tokenizer = AutoTokenizer.from_pretrained(student)
    names = ("input_ids", "labels", "expl_input_ids", "aux_labels")
    rows = [dict(zip(names, row, strict=True)) for batch in given["batches"] for row in batch]
    clock = _Clock()
    with tempfile.TemporaryDirectory() as folder:
        arguments = Seq2SeqTrainingArguments(
            folder,
            remove_unused_columns=False,
            max_steps=len(given["batches"]),
            learning_rate=spec["lr"],
            per_device_train_batch_size=spec["batch_size"],
            logging_strategy="no",
            save_strategy="no",
            disable_tqdm=True,
            bf16=spec["precision"] == "bf16",
            use_cpu=spec["device"] == "cpu",
            dataloader_pin_memory=spec["device"] != "cpu",
        )
        collator, weights = _way(name, given, tokenizer, model, rows)
        trainer = TwoTaskTrainer(
            *weights,
            count,
            model=model,
            args=arguments,
            train_dataset=rows,
            data_collator=collator,
            processing_class=tokenizer,
            callbacks=[clock],
        )
        trainer.train()
    losses = torch.stack(trainer.noted).tolist()
    return {"done_at": clock.done_at, "losses": losses, "computed_flop": trainer.computed_flop}


def _way(
    name: str, given: dict[str, Any], tokenizer: Any, model: Any, rows: list[dict[str, Any]]
) -> tuple[Any, tuple[float, float]]:
    """Collator and weights of a peer; completes the rows with what its collator reads."""
    if name == "reference":
        for row in rows:
            row["attention_mask"] = [1] * len(row["input_ids"])
            row["expl_attention_mask"] = [1] * len(row["expl_input_ids"])
        return PandasCollator(tokenizer=tokenizer, model=model), (ALPHA, 1 - ALPHA)
    from dsbs_gui.students.loading import load_student

    return OurCollator(load_student(given["spec"]["student"])), (1.0, 1.0)
