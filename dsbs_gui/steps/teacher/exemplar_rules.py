"""What makes an exemplar or a wording unfit, said at the field. Plain Python; quick enough for each key press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.tasks import Task, task_named

from . import held_out

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project

    from .held_out import Row
    from .prompts import Exemplar, Prompt

WORDING = ("question_prefix", "answer_prefix", "trigger")
_TITLES = {"question_prefix": "question prefix", "answer_prefix": "answer prefix", "trigger": "trigger"}


class Problem(NamedTuple):
    """Why a prompt cannot be used.

    Attributes:
        exemplar: its place, from 0; None: the wording.
        field: a field of the task, ``rationale``, ``label`` or an attribute of the prompt.
        blocks: False for what is only odd: it may be asked with.
    """

    exemplar: int | None
    field: str
    text: str
    blocks: bool = True

    def __str__(self) -> str:
        return self.text if self.exemplar is None else f"Exemplar {self.exemplar + 1}: {self.text}"


def problems(prompt: Prompt, rows: Mapping[bytes, Row], classes: Sequence[str] = ()) -> list[Problem]:
    """Everything that is wrong with a prompt.

    Args:
        rows: of valid and test, see :mod:`.held_out`.
        classes: the labels of the project where they are a closed set that the task does not know by itself. A
            label beside them is told but may be asked with: our own exemplars cannot know the classes.
    """
    task = task_named(prompt.task)
    found = [
        Problem(None, name, f"The {_TITLES[name]} is empty.") for name in WORDING if not getattr(prompt, name).strip()
    ]
    first: dict[bytes, int] = {}
    for place, exemplar in enumerate(prompt.exemplars):
        wrong = _problem(task, exemplar)
        if wrong is not None:
            found.append(Problem(place, *wrong))
        elif classes and not any(task.same(exemplar.label, name, exemplar.fields) for name in classes):
            text = f"The label “{exemplar.label[:60]}” is none of this project’s: {', '.join(classes)}."
            found.append(Problem(place, "label", text, blocks=False))
        if _is_whole(task, exemplar):
            identity = held_out.identity(task, exemplar.fields)
            row, twin = rows.get(identity), first.setdefault(identity, place)
            if row is not None:
                text = f"This is {row}: an exemplar must not come from valid or test."
                found.append(Problem(place, task.fields[0], text))
            elif twin != place:
                found.append(Problem(place, task.fields[0], f"This is exemplar {twin + 1} again.", blocks=False))
    return found


def demand_fit(project: Project, prompt: Prompt) -> None:
    """Raises UserError if this prompt must not be asked with: it says what is wrong, and where."""
    held_out.demand_none(project, prompt)
    for problem in problems(prompt, {}):
        if problem.blocks:
            raise UserError(f"The prompt is not finished. {problem}", "Correct it under “Prompts”.")


def _is_whole(task: Task, exemplar: Exemplar) -> bool:
    """Whether there is a question that could be that of a row."""
    return all(name in exemplar.fields for name in task.fields) and task.problem(exemplar.fields, None) is None


def _problem(task: Task, exemplar: Exemplar) -> tuple[str, str] | None:
    for name in task.fields:
        if name not in task.list_fields and not str(exemplar.fields.get(name, "")).strip():
            return name, f"The {name} is empty."
    wrong = task.problem(exemplar.fields, exemplar.label)
    if wrong is not None:
        return (task.list_fields or task.fields)[0], wrong
    if not exemplar.rationale.strip():
        return "rationale", "The rationale is empty."
    if not exemplar.label.strip():
        return "label", "The label is empty."
    wrong = task.label_problem(exemplar.fields, exemplar.label)
    return None if wrong is None else ("label", wrong)


def classes(task: Task, counts: Mapping[str, int]) -> tuple[str, ...]:
    """The labels of a project if they are classes.

    Args:
        counts: label → rows, see ``examples.counts``; blank ones do not count.
    """
    if task.name != "text":
        return ()
    named = {label: n for label, n in counts.items() if label}
    repeated = [label for label, n in named.items() for _ in range(min(n, 3))]
    return task.label_set(repeated)
