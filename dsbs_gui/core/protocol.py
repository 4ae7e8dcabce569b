"""What a job says while it works: frozen messages, one JSON object a line in ``events.jsonl``.

A worker writes them, the owner of the project reads them; nothing else passes between the two.
Standard library only, so that a bare training machine can speak it. An unknown message type is
kept as :class:`Unknown`, never an error: an older window may follow a newer worker.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Message:
    """Base of all messages. ``durable`` ones cost money or time and are fsynced when written."""

    durable: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Started(Message):
    """The worker runs: written by the worker's entry, not by the job."""

    kind: str
    pid: int
    versions: dict[str, str] = field(default_factory=dict)


SAVING = "Saving"
"""Phase of a job that saves. Nobody who stops it wants to lose that: only silence ends the worker meanwhile."""


@dataclass(frozen=True, slots=True)
class Progress(Message):
    """``done`` of ``total`` units of ``phase`` (total None: not known yet)."""

    phase: str
    done: int = 0
    total: int | None = None
    unit: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Warned(Message):
    """Something the user should know that does not stop the job."""

    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RowsRead(Message):
    """A chunk file of accepted rows lies in the run folder, ready to be taken in.

    The file is as :mod:`dsbs_gui.steps.data.chunks` writes it; the event comes once the disk has it.
    """

    durable: ClassVar[bool] = True
    chunk: str
    rows: int


@dataclass(frozen=True, slots=True)
class RowsRejected(Message):
    """Rows that were not accepted: ``[{"line": int, "reason": str, "excerpt": str}, …]``."""

    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TeacherAnswer(Message):
    """One raw answer. ``failure`` is empty or the reason why there is no usable text.

    ``mean_logprob`` is in nats per token, ``label_logprob`` in nats for all tokens of the label together, as the
    job's own rules read it; None where the teacher does not say, or no label was found.
    """

    durable: ClassVar[bool] = True
    example_id: int
    sample: int
    raw: str
    finish_reason: str
    failure: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    mean_logprob: float | None = None
    label_logprob: float | None = None
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class StepMetrics(Message):
    """Training metrics after optimiser step ``step``: ``label_loss``, ``rationale_loss``, ``loss``, ``lr``,
    ``grad_norm``, ``examples_per_s``, ``tokens_per_s`` (inputs and targets, without padding), on a CUDA GPU
    ``gpu_memory_mb`` (the most so far); losses in nats per target token."""

    step: int
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Evaluated(Message):
    """Validation during training. ``samples``: ``[{"example_id", "prediction", "rationale", "correct"}, …]``."""

    durable: ClassVar[bool] = True
    step: int
    split: str
    n: int
    correct: int
    samples: tuple[dict[str, Any], ...] = ()

    @property
    def accuracy(self) -> float:
        return self.correct / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class CheckpointSaved(Message):
    """A complete checkpoint folder, relative to the run folder."""

    durable: ClassVar[bool] = True
    step: int
    path: str
    best: bool = False


@dataclass(frozen=True, slots=True)
class Predicted(Message):
    """Student outputs for a batch: ``[{"example_id": int, "prediction": str, "rationale": str | None}, …]``."""

    durable: ClassVar[bool] = True
    split: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SignalsFound(Message):
    """What holds of some rationales: ``[{"example_id", "mark", "found": [[signal, detail], …]}, …]``.

    ``mark`` is, in hex, that of the text that was read. ``over_all``: what was judged over all rows at once, without a
    mark; with ``first`` it takes the place of everything of the kind that there was.
    """

    durable: ClassVar[bool] = True
    rows: tuple[dict[str, Any], ...]
    over_all: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class TeacherReady(Message):
    """The teacher is loaded; ``facts`` say how it works on this machine: layers on the GPU, answers at once …"""

    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrainingReady(Message):
    """The student is loaded and its longest rows have been tried.

    ``facts``: ``device``, ``name``, ``precision`` it computes in, ``rows`` computed at once, ``input_tokens`` and
    ``target_tokens`` of the longest, ``peak_bytes`` taken, ``free_bytes`` before, ``seconds`` of the trial,
    ``holders``: other programs on the GPU, None where nobody can tell.
    """

    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SketchesMade(Message):
    """Sketches of texts: ``[[example id, mark of the text, sketch], …]``, the last two in hex."""

    durable: ClassVar[bool] = True
    field: str
    rows: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class LiftsMeasured(Message):
    """How probable gold labels are: ``[[example id, mark of its texts, without, given the rationale], …]``, in nats."""

    durable: ClassVar[bool] = True
    rows: tuple[tuple[int, str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Failed(Message):
    """The job cannot go on. ``kind`` is ``user``, ``resource`` or ``bug``; ``report`` a traceback for bugs."""

    durable: ClassVar[bool] = True
    kind: str
    message: str
    hint: str = ""
    report: str = ""


@dataclass(frozen=True, slots=True)
class Finished(Message):
    """The job's last word: ``status`` is ``done`` or ``stopped``; ``summary`` is what the command line prints."""

    durable: ClassVar[bool] = True
    status: str
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown(Message):
    """A message of a type that this version does not know."""

    type: str
    body: dict[str, Any]


Emit = Callable[[Message], None]
"""How a job speaks. Not thread-safe: call it from the job's own thread."""

ShouldStop = Callable[[], bool]
"""Asked between units of work; blocks while the job is paused."""

TYPES: dict[str, type[Message]] = {
    cls.__name__: cls
    for cls in (
        Started,
        Progress,
        Warned,
        RowsRead,
        RowsRejected,
        TeacherAnswer,
        StepMetrics,
        Evaluated,
        CheckpointSaved,
        Predicted,
        SignalsFound,
        TeacherReady,
        TrainingReady,
        SketchesMade,
        LiftsMeasured,
        Failed,
        Finished,
    )
}


@dataclass(frozen=True, slots=True)
class Event:
    """A message with its place in the run: ``seq`` counts from 1, ``t`` is Unix time in seconds."""

    seq: int
    t: float
    message: Message


def encode(event: Event) -> str:
    """One line without its newline. Raises ValueError for a NaN or infinite number outside ``StepMetrics``."""
    body = asdict(event.message)
    if isinstance(event.message, StepMetrics):
        body["values"] = {name: _finite_or_text(value) for name, value in body["values"].items()}
    head = {"seq": event.seq, "t": round(event.t, 3), "type": type(event.message).__name__}
    return json.dumps(head | body, ensure_ascii=False, allow_nan=False)


def decode(line: str) -> Event:
    """The event of one line. Raises ValueError if the line is not a whole event."""
    body = json.loads(line)
    if not isinstance(body, dict):
        raise ValueError("an event is a JSON object")
    try:
        seq, t, name = int(body.pop("seq")), float(body.pop("t")), str(body.pop("type"))
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"an event needs seq, t and type: {error}") from error
    return Event(seq, t, _message(name, body))


def _message(name: str, body: dict[str, Any]) -> Message:
    cls = TYPES.get(name)
    if cls is None:
        return Unknown(name, body)
    known = {f.name for f in fields(cls)}
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in body.items() if key in known}
    try:
        if cls is StepMetrics:
            values["values"] = {key: float(value) for key, value in values["values"].items()}
        return cls(**values)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{name}: {error}") from error


def _finite_or_text(value: float) -> float | str:
    """JSON has no NaN; ``float("nan")`` reads the text back."""
    return value if value == value and abs(value) != float("inf") else str(value)
