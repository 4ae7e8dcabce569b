"""What can be said about a training run: the one table behind form, command line, recipes and their pages.

Each option is a keyword of ``train_request``. Standard library only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from .methods import METHODS
from .specs import LARGEST_LR, PRECISIONS
from .trackers import TRACKERS, names

Kind = Literal["whole", "number", "text"]
MOST = 2**31 - 1
_KINDS: dict[Kind, str] = {"whole": "a whole number", "number": "a number", "text": "a text"}
_FLAGS = {"rationale_weight": "lambda", "lora_rank": "lora"}
_SHORT = {"rationale_weight": "λ"}


@dataclass(frozen=True)
class Option:
    """One setting.

    Attributes:
        name: keyword of ``train_request``.
        title: its label in the window.
        help: one phrase; says the unit.
        zero: what 0 means, where it means something of its own.
        above: the value must be more than ``low``, not equal to it.
        several: a text is several of the choices, separated by commas, or empty.
        default: where nobody says anything; None for the preset's.
        metavar: on the command line.
    """

    name: str
    kind: Kind
    title: str
    help: str
    low: float = 0
    high: float = 1_000_000
    above: bool = False
    zero: str = ""
    choices: tuple[str, ...] = ()
    several: bool = False
    default: Any = None
    metavar: str = "N"
    decimals: int = 0

    @property
    def key(self) -> str:
        """Its name on the command line and in a recipe."""
        return _FLAGS.get(self.name, self.name.replace("_", "-"))

    @property
    def flag(self) -> str:
        return f"--{self.key}"

    @property
    def short(self) -> str:
        """For a line that has little room: λ, or the title in lower case."""
        return _SHORT.get(self.name, self.title[:1].lower() + self.title[1:])

    def problem(self, value: object) -> str:
        """Why ``value`` cannot be used, as the end of a sentence about it; "" if it can."""
        if self.kind == "text":
            if not isinstance(value, str):
                return f"is not {_KINDS['text']}"
            if self.several:
                wrong = next((part for part in names(value) if part not in self.choices), "")
                return f"is no list of {', '.join(self.choices)}" if wrong else ""
            return f"is none of {', '.join(self.choices)}" if self.choices and value not in self.choices else ""
        if isinstance(value, bool) or not isinstance(value, int if self.kind == "whole" else int | float):
            return f"is not {_KINDS[self.kind]}"
        if isinstance(value, float) and not math.isfinite(value):  # it cannot take a whole number of 400 digits
            return "is not a number that can be used"
        if value < self.low or (self.above and value <= self.low):
            return f"is too small: {'more than' if self.above else 'at least'} {self.low:g}"
        return f"is too large: at most {self.high:g}" if value > self.high else ""


OPTIONS: tuple[Option, ...] = (
    Option("method", "text", "Method", "How it is trained", choices=tuple(METHODS)),
    Option("student", "text", "Student", "A model folder, hub id, GGUF file or id of the catalogue",
           metavar="DIR|HUB-ID|GGUF|CATALOGUE-ID"),
    Option("labels", "text", "Labels", "Whose labels are learnt; the method's own if nobody says",
           choices=("gold", "teacher")),
    Option("rows", "text", "Rows", "All examples, or accepted and edited ones", choices=("all", "reviewed"),
           default="all"),
    Option("fraction", "number", "Share of the rows", "Part of the training rows, up to 1", 0, 1, above=True,
           default=1.0, metavar="X", decimals=4),
    Option("rationale_weight", "number", "Rationale weight λ", "Loss = label loss + λ · rationale loss", 0,
           default=1.0, metavar="λ", decimals=2),
    Option("preset", "text", "Preset", "Settings that belong together; the student's own if nobody says",
           choices=("starter", "faster", "paper", "decoder-only")),
    Option("steps", "whole", "Steps", "Optimiser steps in all", 1, MOST),
    Option("epochs", "number", "Epochs", "Passes over the rows, instead of steps", zero="by steps", decimals=2),
    Option("batch_size", "whole", "Batch size", "Rows of one step", 1, 4096),
    Option("lr", "number", "Learning rate", "Of AdamW; falls linearly to 0", 0, LARGEST_LR, above=True, metavar="X",
           decimals=8),
    Option("seed", "whole", "Seed", "Order, dropout, new weights", 0, MOST, default=0),
    Option("data_seed", "whole", "Data seed", "Which rows a share takes", 0, MOST, default=0),
    Option("eval_every", "whole", "Validate every", "Steps between validations", zero="automatic"),
    Option("patience", "whole", "Patience", "Stops after validations without gain; the best is kept", zero="off"),
    Option("valid_limit", "whole", "Validation rows", "At most so many each time", zero="all"),
    Option("save_every", "whole", "Checkpoint every", "Steps; automatic: with each validation, within ten minutes",
           zero="automatic"),
    Option("micro_batch", "whole", "Micro-batch", "Rows computed at once; the result is the same", 0, 4096,
           zero="automatic"),
    Option("lora_rank", "whole", "LoRA rank", "Trains small matrices instead of all weights", 0, 512, zero="off",
           metavar="R"),
    Option("warmup", "whole", "Warm-up", "Steps over which the rate rises first", zero="none"),
    Option("weight_decay", "number", "Weight decay", "Of AdamW", 0, 1, metavar="X", decimals=3),
    Option("clip", "number", "Gradient clip", "Largest norm of a step's gradient", 0, 100, zero="none", metavar="X",
           decimals=2),
    Option("max_input", "whole", "Input tokens", "Longer inputs are cut, with a warning", 2, 8192),
    Option("max_target", "whole", "Rationale tokens", "Longer rationales are cut", 2, 8192),
    Option("max_label", "whole", "Label tokens", "Longer labels are cut", 2, 8192),
    Option("precision", "text", "Precision", "bf16 is faster on a GPU that has it, weights stay in fp32; auto chooses",
           choices=PRECISIONS),
    Option("device", "text", "Device", "auto, cpu, cuda:0, mps …; auto is the first GPU that can be used",
           default="auto", metavar="DEVICE"),
    Option("log_to", "text", "Log to", "Experiment trackers beside the project; each must be installed",
           choices=tuple(TRACKERS), several=True, zero="nowhere else", metavar="NAME,…"),
    Option("processes", "whole", "Processes", "Train together, one on each GPU; the result is the same", 0, 64,
           zero="one"),
)  # fmt: skip

BY_NAME = {option.name: option for option in OPTIONS}
BY_KEY = {option.key: option for option in OPTIONS}
REQUIRED = ("method", "student")


def differing(choices: dict[str, Any], others: dict[str, Any]) -> list[Option]:
    """Options that both name and give different values."""
    return [o for o in OPTIONS if o.name in choices and o.name in others and choices[o.name] != others[o.name]]


def said(value: object) -> str:
    """A value as the command line takes it: exact, and without needless digits."""
    if not isinstance(value, float):
        return str(value)
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
