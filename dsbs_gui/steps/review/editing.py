"""What an edit changes, what a label may be, and whether it means the gold label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.tasks import Task

MOST_OPTIONS = 9
"""As many as there are number keys."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Texts that differ from what stands; None = not changed. A blank text takes the old one away."""

    rationale: str | None = None
    label: str | None = None
    note: str | None = None

    def __bool__(self) -> bool:
        return self.decides or self.note is not None

    @property
    def decides(self) -> bool:
        """Whether it makes the example an edited one; a note alone does not."""
        return self.rationale is not None or self.label is not None

    def over(self, earlier: Edit) -> Edit:
        """Both in one: what this one leaves alone is as ``earlier`` has it."""
        return Edit(
            earlier.rationale if self.rationale is None else self.rationale,
            earlier.label if self.label is None else self.label,
            earlier.note if self.note is None else self.note,
        )

    def without(self, saved: Edit) -> Edit:
        """What is left of it once ``saved`` stands."""
        return Edit(
            self.rationale if saved.rationale is None else None,
            self.label if saved.label is None else None,
            self.note if saved.note is None else None,
        )

    def values(self) -> dict[str, str | None]:
        """As ``decisions.edit`` wants them."""
        given = {"rationale": self.rationale, "teacher_label": self.label, "note": self.note}
        return {name: text for name, text in given.items() if text is not None}


def differing(example: Example, rationale: str | None, label: str | None, note: str | None = None) -> Edit:
    """What of the given texts (None = untouched) differs from the example; blank and absent are the same."""
    return Edit(
        _changed(example.rationale, rationale), _changed(example.teacher_label, label), _changed(example.note, note)
    )


def _changed(old: str | None, new: str | None) -> str | None:
    return None if new is None or new == (old or "") or not (new.strip() or old) else new


def agreement(task: Task, example: Example, label: str | None) -> bool | None:
    """Whether ``label`` means the gold label of the example; None if either is missing."""
    if not (label and label.strip() and example.label and example.label.strip()):
        return None
    return task.same(label, example.label, example.fields)


def label_options(task: Task, example: Example, seen: Sequence[str] = ()) -> tuple[str, ...]:
    """The labels to offer for one example: its choices, the task's closed set, or the few seen in the project."""
    if "choices" in task.list_fields:
        options = tuple(str(choice) for choice in example.fields.get("choices", ()))
    else:
        options = task.label_set(()) or (tuple(seen) if task.name == "text" else ())
    return options if len(options) <= MOST_OPTIONS else ()
