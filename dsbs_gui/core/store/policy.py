"""What becomes of doubtful rationales in training: saved rules, of which the first that matches a row holds.

A rule names rows by a filter and says what is done with them. Rules look at rationales of the train split about which
nobody has decided: accepted, edited and rejected ones stay as they are. They change no row; they hold each time that
training rows are frozen. To save others is an act, which undo takes back.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import msgspec

from dsbs_gui.core.errors import UserError

from . import project_info, queues, search, versioned
from .filters import AGREEMENTS, EVERYTHING, SPLITS, STATES, Filter

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction

WHATS = ("keep", "mask", "drop", "ask")
"""*keep*: rationale and label are learnt, and no later rule looks at the row. *mask*: the label alone is learnt.
*drop*: the row is left out. *ask*: the teacher is to be asked again with the gold label; until then as *mask*."""

DECIDED = ("accepted", "edited", "rejected")
_LOOKED_AT = "split = 'train' AND rationale IS NOT NULL"
_DECIDED = f"state IN ({', '.join(repr(state) for state in DECIDED)})"
ACTION = "Save the rules"
_KEY = "rules"
_BEFORE_ACTS = "policy"  # rules that were saved when that was no act: in force until others are saved


@dataclass(frozen=True, slots=True)
class Rule:
    """``name`` is what people read: the condition in words. ``what`` is one of ``WHATS``."""

    name: str
    matching: Filter
    what: str

    @property
    def looks_at_gold(self) -> bool:
        """Whether the gold label decides which rows match."""
        chosen = self.matching
        # Queues compare labels, and count labels that mean the gold one as the same.
        return bool(chosen.agreement or chosen.queue or chosen.label is not None or "conflict" in chosen.signals)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule would do now: to so many ``rows``. So many more match it and are ``decided``: they stay."""

    rule: Rule
    rows: int
    decided: int


def of_project(db: Reader) -> tuple[Rule, ...]:
    """The saved rules in their order."""
    return from_json(_saved(db))


def save(tx: Transaction, rules: Sequence[Rule]) -> bool:
    """Put these rules in the place of the saved ones, as an act; returns False if they are saved already."""
    new = [to_json(rule) for rule in rules]
    if new == _saved(tx):
        return False
    versioned.add(tx, _KEY, ACTION, rules=new)
    return True


def _saved(db: Reader) -> Any:
    found = versioned.in_force(db, _KEY)
    return found[0].said["rules"] if found else project_info.get(db, _BEFORE_ACTS, [])


def to_json(rule: Rule) -> dict[str, Any]:
    """``{"name", "what", "matching": {…}}``, the last one with the conditions that there are."""
    given = {f.name: getattr(rule.matching, f.name) for f in fields(Filter)}
    said = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in given.items()
        if value != getattr(EVERYTHING, name)
    }
    return {"name": rule.name, "what": rule.what, "matching": said}


def from_json(found: object) -> tuple[Rule, ...]:
    """Rules as :func:`to_json` writes them.

    Raises:
        UserError: for anything else; a condition that is not known is never passed over, for more rows would match.
    """
    if not isinstance(found, list):
        raise UserError("These are no rules: a list is wanted.", "“dsbs policy --json” shows one under “rules”.")
    return tuple(_rule(place, one) for place, one in enumerate(found, 1))


def _rule(place: int, found: object) -> Rule:
    if not isinstance(found, Mapping) or not isinstance(found.get("matching"), Mapping):
        raise UserError(f"Rule {place} does not say which rows it matches.", "It needs “matching” and “what”.")
    if found.get("what") not in WHATS:
        raise UserError(f"Rule {place} does not say what to do.", f"Let “what” be one of {', '.join(WHATS)}.")
    if unknown := set(found["matching"]) - {f.name for f in fields(Filter)}:
        raise UserError(f"Rule {place} has an unknown condition “{min(unknown)}”.", "Update the program, or remove it.")
    try:
        matching = msgspec.convert(found["matching"], Filter)
    except msgspec.ValidationError as error:
        raise UserError(f"Rule {place} cannot be read: {error}.", "Compare it with the guide.") from error
    _check(place, matching)
    return Rule(str(found.get("name") or f"Rule {place}"), matching, str(found["what"]))


def _check(place: int, matching: Filter) -> None:
    for given, known in (
        (matching.splits, SPLITS), (matching.states, STATES), (matching.agreement, AGREEMENTS),
        ((matching.mode,), search.MODES), ((matching.queue,) if matching.queue else (), tuple(queues.QUEUES)),
    ):  # fmt: skip
        for name in given:
            if name not in known:
                raise UserError(f"Rule {place} has a condition “{name}” that there is not.", f"Use {', '.join(known)}.")
    if problem := search.problem(matching.text, matching.mode):
        raise UserError(f"Rule {place}: {problem}", "Correct the pattern.")


def in_force(rules: Sequence[Rule], labels: str) -> tuple[Rule, ...]:
    """The rules that hold where students learn ``gold`` or the ``teacher``'s labels.

    Who learns the teacher's labels is not told the gold ones: not by leaving rows out either.
    """
    return tuple(rule for rule in rules if labels == "gold" or not rule.looks_at_gold)


def effects(db: Reader, rules: Sequence[Rule]) -> list[Effect]:
    """What each rule would do now, the earlier ones having had their rows.

    Reads all rows of train: never on the window's thread.
    """
    if not rules:
        return []
    place, values = _case(rules)
    sql = f"SELECT {place}, {_DECIDED}, count(*) FROM examples WHERE {_LOOKED_AT} GROUP BY 1, 2"
    found = {(row[0], bool(row[1])): int(row[2]) for row in db.execute(sql, values)}
    return [Effect(rule, found.get((i, False), 0), found.get((i, True), 0)) for i, rule in enumerate(rules)]


def assigned(db: Reader, rules: Sequence[Rule]) -> dict[int, int]:
    """Undecided examples that a rule matches → the place of the first that does, from 0."""
    if not rules:
        return {}
    place, values = _case(rules)
    sql = f"SELECT id, {place} AS place FROM examples WHERE {_LOOKED_AT} AND NOT {_DECIDED} AND place IS NOT NULL"
    return {row[0]: row[1] for row in db.execute(sql, values)}


def to_ask(db: Reader, rules: Sequence[Rule]) -> array[int]:
    """The examples with a gold label about which the teacher is to be asked again, told that label; in id order."""
    places = {place for place, rule in enumerate(rules) if rule.what == "ask"}
    wanted = [example_id for example_id, place in assigned(db, rules).items() if place in places]
    sql = "SELECT id FROM examples WHERE label IS NOT NULL AND id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return array("q", (row[0] for row in db.execute(sql, (msgspec.json.encode(wanted).decode(),))))


def what_sql(rules: Sequence[Rule]) -> tuple[str, list[object]]:
    """What is done with a row, in SQL over ``examples``: one of ``WHATS``; and its parameters."""
    if not rules:
        return "'keep'", []
    place, values = _case(rules, tuple(f"'{rule.what}'" for rule in rules))
    return f"CASE WHEN {_DECIDED} OR rationale IS NULL THEN 'keep' ELSE coalesce({place}, 'keep') END", values


def _case(rules: Sequence[Rule], results: Sequence[str] = ()) -> tuple[str, list[object]]:
    """The place of the first rule that matches, or its result; NULL if none does."""
    cases: list[str] = []
    values: list[object] = []
    for place, rule in enumerate(rules):
        where, wanted = rule.matching.where()
        cases.append(f"WHEN ({where}) THEN {results[place] if results else place}")
        values += wanted
    return f"CASE {' '.join(cases)} END", values
