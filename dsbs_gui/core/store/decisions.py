"""Decisions and edits of a person: every change is a row of history, undo is the inverse batch.

The original is never overwritten: it stays in ``answers``. Works for one example and for a million,
and after a restart.
"""

from __future__ import annotations

from dsbs_gui.core.errors import UserError

from .database import Transaction
from .filters import Selection
from .history import (
    FIELDS,
    Batch,
    Change,
    Value,
    begin,
    first_example,
    redo,
    redoable,
    timeline,
    touch,
    undo,
    undoable,
    write,
    write_chosen,
)
from .standing import text_or_none

__all__ = [
    "DECISIONS", "Batch", "Change",
    "edit", "first_example", "merge", "redo", "redoable", "set_state", "take_answer", "timeline", "undo", "undoable",
]  # fmt: skip

DECISIONS = ("accepted", "rejected", "skipped", "unreviewed")
"""States that a person can give; ``unreviewed`` takes a decision back, *edited* comes from :func:`edit`."""

_VERBS = {"accepted": "Accept", "rejected": "Reject", "skipped": "Skip", "unreviewed": "Reopen"}
_WORDS = {"rationale": "a rationale", "teacher_label": "a label", "note": "a note"}


def set_state(tx: Transaction, selection: Selection, state: str) -> int:
    """Give the selected examples a state; returns how many changed.

    Examples without a rationale cannot be accepted: they are passed over; reopened they are *empty*.
    Accepting an edited one makes it *edited*: that says more.

    Raises:
        UserError: if ``state`` is not one of ``DECISIONS``.
    """
    if state not in DECISIONS:
        raise UserError(f"There is no decision “{state}”.", f"Choose one of {', '.join(DECISIONS)}.")
    chosen = selection.load(tx)
    results = _results(state)
    changing = _changing(tx, chosen, results)
    changed = sum(changing.values())
    if changed:
        batch = begin(tx, f"{_VERBS[state]} {changed} {'rationale' if changed == 1 else 'rationales'}")
        for result, n in changing.items():
            if n:
                write_chosen(tx, batch, "state", result, results[result])
        touch(tx, "chosen")
    return changed


def _changing(tx: Transaction, chosen: int, results: dict[str, str]) -> dict[str, int]:
    """Leave those of ``temp.chosen`` in it that change; returns how many, by the state that results.

    Reads the chosen examples and no others: deciding one must not cost more where there are a million.
    """
    conditions = [f"({where} AND state <> '{result}')" for result, where in results.items()]
    sums = ", ".join(f"coalesce(sum({condition}), 0)" for condition in conditions)
    counted = tx.execute(f"SELECT {sums} FROM temp.chosen CROSS JOIN examples USING (id)").fetchone()
    if sum(counted) < chosen:
        tx.execute(
            "DELETE FROM temp.chosen WHERE NOT EXISTS (SELECT 1 FROM examples WHERE examples.id = chosen.id"
            f" AND ({' OR '.join(conditions)}))"
        )
    return dict(zip(results, (int(n) for n in counted), strict=True))


def _results(state: str) -> dict[str, str]:
    """State that results → SQL condition; the conditions exclude each other and do not look at ``state``."""
    if state == "accepted":
        return {
            "accepted": "rationale IS NOT NULL AND edited = 0",
            "edited": "rationale IS NOT NULL AND edited = 1",
        }
    if state == "unreviewed":
        something = "(rationale IS NOT NULL OR teacher_label IS NOT NULL)"
        return {"unreviewed": something, "empty": f"NOT {something}"}
    return {state: "1"}


def edit(tx: Transaction, example_id: int, *, agree: bool | None = None, **values: str | None) -> bool:
    """Change ``rationale``, ``teacher_label`` or ``note`` of one example; returns False if nothing differs.

    A blank text is none. The example becomes *edited*, or *empty* when neither rationale nor label is left.

    Args:
        agree: whether the new label means the gold label; looked at only when ``teacher_label`` is given.

    Raises:
        UserError: if the example is not there.
    """
    if unknown := set(values) - set(_WORDS):
        raise TypeError(f"cannot edit {unknown}")
    row = _row(tx, example_id)
    wanted: dict[str, Value] = {
        name: text_or_none(text) for name, text in values.items() if text_or_none(text) != row[name]
    }
    if not wanted:
        return False
    action = "Edit " + " and ".join(_WORDS[name] for name in wanted)
    if "teacher_label" in wanted:
        wanted["agree"] = None if agree is None or wanted["teacher_label"] is None else int(agree)
    if "rationale" in wanted or "teacher_label" in wanted:
        after = row | wanted
        something = after["rationale"] is not None or after["teacher_label"] is not None
        wanted |= {"state": "edited" if something else "empty", "edited": int(something)}
    if "rationale" in wanted and row["rationale"] is None:
        wanted["origin"] = "person"
    write(tx, begin(tx, action), example_id, row, wanted)
    return True


def take_answer(tx: Transaction, example_id: int, answer_id: int) -> bool:
    """Put an answer of the teacher in the place of what stands: to revert an edit or to choose a sample.

    The example is *unreviewed* then: a decision was about another text.

    Returns False if it stands already, as it came.

    Raises:
        UserError: if the answer is not there, belongs to another example, or holds nothing usable.
    """
    row = _row(tx, example_id)
    answer = tx.execute(
        "SELECT rationale, label, source, agree, failure FROM answers WHERE id = ? AND example_id = ?",
        (answer_id, example_id),
    ).fetchone()
    if answer is None or answer["failure"] is not None:
        raise UserError("This answer cannot be used.", "Choose another one, or write the rationale.")
    wanted: dict[str, Value] = {
        "rationale": text_or_none(answer["rationale"]),
        "teacher_label": text_or_none(answer["label"]),
        "agree": answer["agree"],
        "origin": answer["source"],
        "answer_id": answer_id,
        "edited": 0,
        "merged_with": None,
    }
    if row["offered"] == answer_id:
        wanted["offered"] = None
    if all(row[name] == value for name, value in wanted.items()):
        return False
    again = row["answer_id"] == answer_id
    action = "Go back to the teacher’s text" if again else "Use another answer"
    write(tx, begin(tx, action), example_id, row, wanted | {"state": "unreviewed"})
    return True


def merge(
    tx: Transaction, example_id: int, second: int, rationale: str, label: str | None, *, agree: bool | None = None
) -> bool:
    """Let a text stand that was made of what stands and of a second answer, and keep of which one.

    The example is *edited* then; an answer that is compared with what stands counts as seen. Returns False if nothing
    differs.

    Args:
        second: the answer that what stands was merged with.
        agree: whether the label means the gold label.

    Raises:
        UserError: if the text is blank, or the answer is not there or belongs to another example.
    """
    row = _row(tx, example_id)
    sql = "SELECT 1 FROM answers WHERE id = ? AND example_id = ?"
    if tx.execute(sql, (second, example_id)).fetchone() is None:
        raise UserError("This answer is no longer there.", "Look at the answers again.")
    if text_or_none(rationale) is None:
        raise UserError("There is no text to keep.", "Write a rationale, or keep one of the two.")
    wanted: dict[str, Value] = {
        "rationale": rationale,
        "teacher_label": text_or_none(label),
        "agree": None if agree is None or text_or_none(label) is None else int(agree),
        "edited": 1,
        "state": "edited",
        "merged_with": second,
    }
    if row["offered"] == second:
        wanted["offered"] = None
    if all(row[name] == value for name, value in wanted.items()):
        return False
    write(tx, begin(tx, "Merge two answers"), example_id, row, wanted)
    return True


def _row(tx: Transaction, example_id: int) -> dict[str, Value]:
    row = tx.execute(f"SELECT {', '.join(FIELDS)} FROM examples WHERE id = ?", (example_id,)).fetchone()
    if row is None:
        raise UserError("This example is no longer there.", "Refresh the table.")
    return dict(row)
