"""Whether a plan fits into its device, from the student's files and the rows at hand. Plain Python; waits for files,
the database and a GPU driver's tool, so ask it in a background thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.connection import Reader

from . import overview
from .choice import choose
from .devices import AUTO, Device, chosen, devices, last_measured, speed, torch_misses_gpu
from .memory import Estimate, Lengths, Load, Verdict, estimate, part_and_cure
from .methods import METHODS
from .shapes import shape_of
from .specs import LARGEST_MICRO_BATCH


@dataclass(frozen=True)
class Fit:
    """A plan against its device.

    Attributes:
        devices: all that there are.
        device: the one that the plan would use.
        problem: why torch cannot use a GPU that is there, with the cure; "" if it can.
        speeds: device → what its self-test measured, in words; {} before the first one.
        measuring: a self-test is under way or waits for the run before it.
        parameters, needed: None where the student's size cannot be told without loading it.
    """

    devices: Sequence[Device]
    device: Device
    problem: str = ""
    parameters: int | None = None
    needed: Estimate | None = None
    speeds: Mapping[str, str] = field(default_factory=dict)
    measuring: bool = False

    @property
    def verdict(self) -> Verdict | None:
        return self.needed.verdict(self.device.free) if self.needed is not None else None

    def advice(self) -> str:
        """What to change where it is tight or does not fit; "" where nothing has to be."""
        if self.needed is None or self.verdict == "fits":
            return ""
        part, n_bytes, cure = part_and_cure(self.needed)
        return f"Most of it, {n_bytes / 1e9:.2g} GB, is for {part}: {cure} takes less."


def fit(db: Reader, choices: Mapping[str, Any]) -> Fit:
    """Of a plan as the form has it: keywords of ``train_request``."""
    found, measured = devices(), last_measured(db)
    problem = measured["problem"] if measured else torch_misses_gpu(found)
    device = chosen(found, str(choices.get("device") or AUTO), problem)
    speeds = {one["id"]: speed(one) for one in measured.get("devices", ())}
    here = Fit(found, device, problem, speeds=speeds, measuring=bool(runs.all_runs(db, "devices", runs.LIVE)))
    try:
        shape = shape_of(choose(str(choices["student"])))
    except UserError:
        return here
    lengths = overview.lengths(db, str(choices["labels"]), str(choices["rows"]))
    if shape is None or lengths is None:
        return here
    needed = estimate(shape, load_of(choices, lengths, device))
    return replace(here, parameters=shape.parameters, needed=needed)


def load_of(choices: Mapping[str, Any], lengths: Lengths, device: Device) -> Load:
    """What a run with these settings computes at once."""
    method = METHODS[str(choices["method"])]
    rationale = min(lengths.rationale, int(choices["max_target"]))
    label = min(lengths.label, int(choices["max_label"]))
    if method.single_target:
        label, rationale = label + rationale, 0
    elif not (method.multitask and float(choices["rationale_weight"]) > 0):
        rationale = 0
    return Load(
        rows=min(int(choices["micro_batch"]) or LARGEST_MICRO_BATCH, int(choices["batch_size"])),
        input=min(lengths.input, int(choices["max_input"])),
        label=label,
        rationale=rationale,
        bf16=choices["precision"] == "bf16" or (choices["precision"] == "auto" and device.has_bf16),
        lora_rank=int(choices["lora_rank"]),
        device=device.kind,
    )
