"""What a student folder says about itself: ``dsbs_student.json``. Standard library only."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from dsbs_gui.core.files import read_json, write_json

FILE = "dsbs_student.json"
ENCODER_DECODER = "encoder-decoder"
DECODER_ONLY = "decoder-only"
LABEL_PREFIX = "predict: "
RATIONALE_PREFIX = "explain: "
TRIGGER = "So the answer is"
"""Stands between rationale and label where one target holds both."""
EXPLANATION = "Explanation:"
"""Stands between label and rationale where the label comes first."""


@dataclass(frozen=True)
class StudentMeta:
    """How a student wants to be asked, beside what ``config.json`` says.

    Attributes:
        kind: ``encoder-decoder`` or ``decoder-only``.
        task: name of the task it was trained for; "" for a base model.
        method: how it was trained; "" for a base model.
        label_prefix: put before an input to ask for the label ("" for the standard baselines,
            which have no prefix in the reference code).
        rationale_prefix: put before an input to ask for the rationale.
        explains: whether it learnt to write rationales after ``rationale_prefix``.
        single_target: it writes rationale, ``TRIGGER`` and label in one target.
        label_first: the one target is label, ``EXPLANATION`` and rationale instead.
        separator: stands between input and answer of a decoder-only student.
        max_input: tokens of an input, prefix and end token included.
        max_target: tokens of a rationale.
        max_label: tokens of a label.
        base: catalogue id, hub id or folder name it was trained from.
    """

    kind: str = ENCODER_DECODER
    task: str = ""
    method: str = ""
    label_prefix: str = LABEL_PREFIX
    rationale_prefix: str = RATIONALE_PREFIX
    explains: bool = False
    single_target: bool = False
    label_first: bool = False
    separator: str = "\n"
    max_input: int = 256
    max_target: int = 128
    max_label: int = 64
    base: str = ""


def write_meta(folder: Path, meta: StudentMeta) -> None:
    write_json(folder / FILE, asdict(meta))


def read_meta(folder: Path) -> StudentMeta | None:
    """The description in ``folder``; None for a model that is not one of our students.

    Unknown keys, of a newer version, are left out.
    """
    body = read_json(folder / FILE)
    if not isinstance(body, dict):
        return None
    known = {field.name for field in fields(StudentMeta)}
    return StudentMeta(**{key: value for key, value in body.items() if key in known})
