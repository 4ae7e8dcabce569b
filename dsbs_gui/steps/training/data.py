"""The rows that a training run would use now, and what they consist of. Plain Python over the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import examples, policy, samples
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.store.examples import Example
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.policy import Rule

from .methods import Method
from .rows import Row, take_fraction

REVIEWED = ("accepted", "edited")
HELD_OUT = 0.1


@dataclass(frozen=True)
class Counts:
    """What the rows of a plan consist of.

    Attributes:
        train, valid: rows to learn from (before a fraction is taken) and to validate on.
        held_out: whether ``valid`` was taken from the train split, because there is no valid split.
        no_label: rows left out for want of a label; with the teacher's labels also those whose answer was told gold.
        rationales: rows with a rationale to learn, by who wrote it.
        rejected: rows that keep their label while their rationale was rejected.
        conflicts: rationales of the teacher that argue for another label than the one to learn.
        masked, dropped: rows whose rationale, and rows that as a whole, are not learnt because a rule says so.
        policy: each rule that held and how many rows it touched: ``{"rule", "what", "rows"}``, in their order.
    """

    train: int = 0
    valid: int = 0
    held_out: bool = False
    no_label: int = 0
    rationales: dict[str, int] | None = None
    rejected: int = 0
    conflicts: int = 0
    masked: int = 0
    dropped: int = 0
    policy: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Data:
    """The rows of a plan; ``train`` and ``valid`` never hold a row of the test split."""

    train: list[dict[str, Any]]
    valid: list[dict[str, Any]]
    counts: Counts


def collect(db: Reader, method: Method, labels: str, rows: str = "all", rationale_weight: float = 1.0) -> Data:
    """The rows that a run would use now. Raises UserError if there are too few, or no rationale where one is needed."""
    if labels not in ("gold", "teacher"):
        raise UserError(f"There are no labels “{labels}”.", "Choose gold or teacher.")
    if rows not in ("all", "reviewed"):
        raise UserError(f"There is no choice of rows “{rows}”.", "Choose all or reviewed.")
    states = REVIEWED if rows == "reviewed" else ()
    notes: dict[int, tuple[str, ...]] = {}
    gold: dict[int, str | None] = {}
    told = samples.told_gold(db) if labels == "teacher" else frozenset()
    several = samples.kept(db) == "all"
    rules = policy.in_force(policy.of_project(db), labels)
    places = policy.assigned(db, rules)
    train = []
    for e in examples.each(db, Filter(splits=("train",), states=states)):
        row, notes[e.id] = _row(e, labels, told=e.id in told, place=places.get(e.id), rules=rules)
        if row is None:
            continue
        gold[e.id] = e.label
        others = samples.others(db, e) if several and row["rationale"] else ()
        train.append(row | ({"others": others} if others else {}))
    if not train:
        raise UserError(*_nothing_to_train_on(labels, rows, _tally(notes)))
    valid = list(_valid_rows(db, labels))
    held_out = not valid and len(train) >= 2 / HELD_OUT
    if held_out:
        train, valid = _hold_out(train, gold)
        for row in valid:
            del notes[row["example_id"]]
    tally = _tally(notes)
    authors = {name.removeprefix("by_"): n for name, n in tally.items() if name.startswith("by_")}
    counts = Counts(
        len(train), len(valid), held_out, tally["no_label"], authors, tally["rejected"], tally["conflicts"],
        tally["masked"], tally["dropped"],
        tuple({"rule": rule.name, "what": rule.what, "rows": tally[f"rule_{i}"]} for i, rule in enumerate(rules)),
    )  # fmt: skip
    if (method.single_target or (method.multitask and rationale_weight > 0)) and not any(r["rationale"] for r in train):
        raise UserError(
            f"{method.title} needs rationales, and no training row has one.",
            "Let a teacher generate some, or choose a method that learns labels alone."
            if not tally["masked"]
            else f"Rules mask {tally['masked']}: change them on the Review page, or learn labels alone.",
        )
    return Data(train, valid, counts)


def _row(
    example: Example, labels: str, *, told: bool, place: int | None, rules: Sequence[Rule]
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The row to learn from one example, and what is to be counted of it.

    None if it has no label, or one that the teacher was ``told``, or if the rule at ``place`` drops it.
    """
    label = example.label if labels == "gold" else example.teacher_label
    if told or not label or not label.strip():
        return None, ("no_label",)
    what, notes = "keep", []
    if place is not None:
        what = rules[place].what
        notes.append(f"rule_{place}")
    if what == "drop":
        return None, (*notes, "dropped")
    rationale = example.rationale
    if what in ("mask", "ask"):
        notes.append("masked")
        rationale = None
    if rationale and example.state == "rejected":
        notes.append("rejected")
        rationale = None
    if rationale:
        notes.append(f"by_{example.origin or 'import'}")
        if labels == "gold" and example.agree == 0:
            # Kept, as in the paper, unless a rule of the user says otherwise; and counted.
            notes.append("conflicts")
    return _as_input(example, label, rationale), tuple(notes)


def _tally(notes: Mapping[int, tuple[str, ...]]) -> Counter[str]:
    return Counter(note for found in notes.values() for note in found)


def _valid_rows(db: Reader, labels: str) -> Iterator[dict[str, Any]]:
    """Judged by gold labels, as in the reference code; by the teacher's only where there is no gold label."""
    for example in examples.each(db, Filter(splits=("valid",))):
        label = example.label or (example.teacher_label if labels == "teacher" else None)
        if label:
            yield _as_input(example, label, None)


def _as_input(example: Example, label: str, rationale: str | None) -> dict[str, Any]:
    body = {"example_id": example.id, "input": example.input, "label": label, "rationale": rationale}
    return body | {"fields": example.fields}


def _hold_out(
    train: list[dict[str, Any]], gold: Mapping[int, str | None]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A tenth of the train split for validation, whatever the run's seeds, as in the reference code.

    Judged as rows of the valid split are.
    """
    ranked = take_fraction([Row(r["example_id"], "", "") for r in train], HELD_OUT, data_seed=0)
    chosen = {row.example_id for row in ranked}
    valid = [
        {**row, "label": gold[row["example_id"]] or row["label"], "rationale": None, "others": ()}
        for row in train
        if row["example_id"] in chosen
    ]
    return [row for row in train if row["example_id"] not in chosen], valid


def _nothing_to_train_on(labels: str, rows: str, tally: Counter[str]) -> tuple[str, str]:
    no_label = tally["no_label"]
    if tally["dropped"]:
        return "Rules leave no row to train on.", "Change the rules for doubtful rationales on the Review page."
    if no_label and labels == "teacher":
        return "No training row has a label of the teacher.", "Let the teacher answer some rows first."
    if no_label:
        return "No training row has a gold label.", "Import data with labels, or train on the teacher's labels."
    if rows == "reviewed":
        return "No training row has been accepted or edited.", "Review some rows, or train on all of them."
    return "There are no rows in the train split.", "Import some, or split the data."
