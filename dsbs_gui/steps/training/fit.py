"""Whether a plan fits into its device, from the student's files and the rows at hand. Plain Python; waits for files,
the database and a GPU driver's tool, so ask it in a background thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.connection import Reader

from . import overview
from .choice import choose
from .devices import AUTO, Device, chosen, devices, last_measured, speed, torch_misses_gpu
from .memory import Estimate, Lengths, Load, Verdict, estimate, part_and_cure
from .methods import METHODS
from .shapes import DECODER, shape_of
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
    loads = loads_of(choices, lengths, device, joined=shape.family == DECODER)
    needed = max((estimate(shape, load) for load in loads), key=lambda found: found.total)
    return replace(here, parameters=shape.parameters, needed=needed)


def loads_of(choices: Mapping[str, Any], lengths: Lengths, device: Device, *, joined: bool = False) -> list[Load]:
    """The passes of a run with these settings that may take the most: the one that has the longest row in it, and of
    each task the one with the most rows that are shorter, since a pass has room for so many of the longest.

    Args:
        joined: input and target are one text, as in a decoder-only student.
    """
    first = load_of(choices, lengths, device)
    if first.widest is None:
        return [first]
    alike = replace(first, widest=None)
    tasks = [(first.label, replace(alike, rationale=0))]
    if first.rationale:
        tasks.append((first.rationale, alike))
    return [first, *(_filled(load, first.widest, target, choices, joined) for target, load in tasks)]


def _filled(load: Load, widest: tuple[int, int], target: int, choices: Mapping[str, Any], joined: bool) -> Load:
    """A pass of as many rows as there is room for: ``load`` has those of the longest."""
    times = sum(widest) / (load.input + target) if joined else widest[0] / load.input
    rows = min(_rows_of_a_process(choices), int(_micro(choices) * min(times, widest[1] / target)))
    return replace(load, rows=max(load.rows, rows))


def load_of(choices: Mapping[str, Any], lengths: Lengths, device: Device) -> Load:
    """What a run with these settings computes at once when the longest row is among them."""
    source = min(lengths.input, int(choices["max_input"]))
    label, rationale = _learnt(choices, lengths.label, lengths.rationale)
    longest = min(max(source, lengths.longest_input), int(choices["max_input"]))
    wide = max(label, rationale, *_learnt(choices, lengths.longest_label, lengths.longest_rationale))
    return Load(
        rows=min(_micro(choices), _rows_of_a_process(choices)),
        input=source,
        label=label,
        rationale=rationale,
        bf16=choices["precision"] == "bf16" or (choices["precision"] == "auto" and device.has_bf16),
        lora_rank=int(choices["lora_rank"]),
        device=device.kind,
        widest=(longest, wide) if (longest, wide) != (source, max(label, rationale)) else None,
        processes=_processes(choices) if device.kind == "cpu" else 1,  # each has a GPU of its own
    )


def _learnt(choices: Mapping[str, Any], label: int, rationale: int) -> tuple[int, int]:
    """Tokens of the targets of both tasks; the second is 0 where no rationale is learnt by itself."""
    method = METHODS[str(choices["method"])]
    label, rationale = min(label, int(choices["max_label"])), min(rationale, int(choices["max_target"]))
    if method.single_target:
        return label + rationale, 0
    return label, rationale if method.multitask and float(choices["rationale_weight"]) > 0 else 0


def _processes(choices: Mapping[str, Any]) -> int:
    return max(1, int(choices.get("processes") or 0))


def _micro(choices: Mapping[str, Any]) -> int:
    """Of the longest rows, so many are computed at once."""
    return int(choices["micro_batch"]) or LARGEST_MICRO_BATCH


def _rows_of_a_process(choices: Mapping[str, Any]) -> int:
    """Of one step."""
    return ceil(int(choices["batch_size"]) / _processes(choices))
