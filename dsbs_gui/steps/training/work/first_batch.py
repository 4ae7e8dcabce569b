"""The job *preview-batch*: the first effective batch of a training as the student will see it, token by token.

The rows, their order and their encoding come from the functions that training itself uses; the weights are not loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from dsbs_gui.core.files import write_json
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop
from dsbs_gui.steps.training.rows import FIRST_BATCH_FILE
from dsbs_gui.steps.training.specs import LARGEST_MICRO_BATCH, TrainSpec
from dsbs_gui.students import starter
from dsbs_gui.students.encoding import encode_inputs
from dsbs_gui.students.loading import load_tokenizer
from dsbs_gui.students.meta import ENCODER_DECODER, StudentMeta
from dsbs_gui.students.student import Student

from .batches import Example, Pair, batch_indices, encode_rows, learnt_pairs
from .cutting import Room, Shape, cut
from .setup import starter_texts, told, training_rows

UNCUT = 1 << 20
_PACKED = ("t5", "mt5")
_SPACES = ("\u2581", "\u0120")
"""How tokens write that a space is before them: sentencepiece's, and GPT-2's."""


def run(spec: TrainSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Write ``first_batch.json``, as :mod:`dsbs_gui.steps.training.first_batch` describes it.

    Raises: UserError for unusable settings, data or students, ResourceError if the hub cannot be reached.
    """
    run_dir = Path(spec.run_dir)
    rows = training_rows(spec, run_dir)
    emit(Progress("Loading the tokenizer"))
    student, packed = _student(spec, rows)
    emit(Progress("Preparing the data", 0, len(rows), "rows"))
    examples, truncated = encode_rows(student, rows)
    chosen = batch_indices(len(rows), spec.batch_size, spec.seed, 0)
    batch = [examples[i].drawn(spec.seed, 0, i) for i in chosen]
    whole = replace(student, meta=_unlimited(student.meta))
    uncut, _ = encode_rows(whole, [rows[i] for i in chosen])
    shown = [
        {
            "example_id": rows[i].example_id,
            "tasks": list(_tasks(student, example, _fellow(examples[i], all_of, example))),
        }
        for i, example, all_of in zip(chosen, batch, uncut, strict=True)
    ]
    counts = _counts(spec, student, examples, batch, packed)
    body: dict[str, Any] = {
        "student": student.meta.base,
        "method": spec.method,
        "limits": {"input": spec.max_input, "rationale": spec.max_target, "label": spec.max_label},
        "rows": shown,
        "counts": counts | {"cut": _cut_in(shown)},
        "all": {"rows": len(rows), "cut": asdict(truncated)},
    }
    write_json(run_dir / FIRST_BATCH_FILE, body, durable=False)
    emit(Finished("done", {"rows": len(shown), **counts}))


def _student(spec: TrainSpec, rows: Sequence[Any]) -> tuple[Student, bool]:
    """As training will make it, without weights; and whether it will work on packed rows, as a T5 does."""
    architecture = "t5"
    if spec.student == starter.NAME:
        sizes = starter.StarterConfig.from_mapping(spec.starter)
        tokenizer = starter.train_tokenizer(starter_texts(rows), sizes.vocab_size)
        student = Student(None, tokenizer, ENCODER_DECODER, StudentMeta(kind=ENCODER_DECODER, base=starter.NAME))
    else:
        student, architecture = load_tokenizer(spec.student)
    student.meta = told(student.meta, spec)
    return student, architecture in _PACKED


def _unlimited(meta: StudentMeta) -> StudentMeta:
    return replace(meta, max_input=UNCUT, max_target=UNCUT, max_label=UNCUT)


def _fellow(example: Example, uncut: Example, drawn: Example) -> Example:
    """``uncut`` with the text that was drawn of ``example``."""
    own = [example.rationale or example.label, *example.others]
    fellow = [uncut.rationale or uncut.label, *uncut.others][own.index(drawn.rationale or drawn.label)]
    return Example(uncut.label, fellow) if drawn.rationale is not None else Example(fellow, None)


def _tasks(student: Student, example: Example, uncut: Example) -> Iterator[dict[str, Any]]:
    """Label task and, if the row has one, rationale task: input and target of each, in pieces."""
    meta = student.meta
    pairs = [("label", meta.label_prefix, example.label, uncut.label)]
    if example.rationale is not None and uncut.rationale is not None:
        pairs.append(("rationale", meta.rationale_prefix, example.rationale, uncut.rationale))
    for task, prefix, pair, whole in pairs:
        prefixed = _prefix_length(student, prefix, pair.input)
        yield {
            "task": "both" if task == "label" and meta.single_target else task,
            "input": _pieces(student, pair.input, whole.input, prefixed),
            "target": _pieces(student, pair.target, whole.target, 0),
        }


def _prefix_length(student: Student, prefix: str, ids: Sequence[int]) -> int:
    """How many tokens of ``ids`` are the prefix."""
    if not prefix:
        return 0
    alone = encode_inputs(replace(student, meta=replace(student.meta, separator="")), [prefix], "", UNCUT).ids[0]
    return _shared(alone, ids)


def _pieces(student: Student, kept: Sequence[int], whole: Sequence[int], prefixed: int) -> list[dict[str, Any]]:
    """Tokens in order, those that the limit cuts off at their place.

    ``{"text", "id"}`` each, and where it holds ``"special"``, ``"prefix"`` or ``"cut"``: true.
    """
    start = _shared(kept, whole)
    end = min(_shared(kept[::-1], whole[::-1]), len(kept) - start)
    lost = whole[start : len(whole) - end] if len(whole) > len(kept) else []
    specials = set(student.tokenizer.all_special_ids)
    pieces = []
    for place, (token, is_cut) in enumerate(
        [(t, False) for t in kept[:start]] + [(t, True) for t in lost] + [(t, False) for t in kept[start:]]
    ):
        flags = {"special": token in specials, "prefix": place < prefixed, "cut": is_cut}
        pieces.append({"text": _text(student, token), "id": token} | {name: True for name, on in flags.items() if on})
    return pieces


def _text(student: Student, token: int) -> str:
    """What a token stands for, with the space before it; its own name where it is a part of a character."""
    name = str(student.tokenizer.convert_ids_to_tokens(token))
    space = name.startswith(_SPACES)
    bare = name[1:] if space else name
    text = str(student.tokenizer.convert_tokens_to_string([bare])) if bare else ""
    return (" " if space else "") + (bare if "\ufffd" in text or (bare and not text) else text)


def _shared(a: Sequence[int], b: Sequence[int]) -> int:
    """How many tokens both begin with."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _cut_in(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many inputs and targets of the batch are cut, by kind."""
    found = {"inputs": 0, "labels": 0, "rationales": 0}
    for row in rows:
        for task in row["tasks"]:
            found["inputs"] += task["task"] != "rationale" and any(piece.get("cut") for piece in task["input"])
            target = any(piece.get("cut") for piece in task["target"])
            found["rationales" if task["task"] != "label" else "labels"] += target
    return found


def _counts(
    spec: TrainSpec, student: Student, examples: Sequence[Example], batch: Sequence[Example], packed: bool
) -> dict[str, Any]:
    """Tokens of the batch, the passes it is cut into, and the share of padding in them."""
    weight = spec.rationale_weight if student.meta.explains else 0.0
    joined = student.kind != ENCODER_DECODER
    on_gpu = torch.cuda.is_available() and spec.device in ("auto", "cuda", "cuda:0")
    shapes = (pair.shape for example in examples for pair in example.pairs)
    micro = min(spec.micro_batch or LARGEST_MICRO_BATCH, spec.batch_size)
    room = Room.of(shapes, joined=joined, packed=packed, device="cuda" if on_gpu else "cpu").times(micro)
    tokens = computed = passes = 0
    for pairs in learnt_pairs(batch, weight):
        for places in cut([pair.shape for pair in pairs], room):
            passes += 1
            tokens += sum(sum(pairs[place].shape) for place in places)
            computed += 0 if packed else _computed([pairs[place] for place in places], joined)
    return {
        "tokens": tokens,
        "target_tokens": sum(len(pair.target) for pairs in learnt_pairs(batch, weight) for pair in pairs),
        "padding": 1 - tokens / computed if computed else 0.0,  # packed rows have none
        "passes": passes,
    }


def _computed(pairs: Sequence[Pair], joined: bool) -> int:
    """Tokens of a pass with its padding."""
    shapes: list[Shape] = [pair.shape for pair in pairs]
    if joined:
        return len(shapes) * max(sum(shape) for shape in shapes)
    return len(shapes) * (max(s.input for s in shapes) + max(s.target for s in shapes))
