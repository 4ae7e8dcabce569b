"""A real project folder with examples and answers, as import and generation leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples, imports
from dsbs_gui.core.store.answers import NewAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dsbs_gui.core.store.database import Transaction


def add_examples(project: Project, rows: Sequence[dict[str, Any]], split: str = "train") -> list[int]:
    """Rows as ``{"fields": …, "label": …}``; returns their ids."""
    task = project.task

    def act(tx: Transaction) -> list[int]:
        name = f"import-{split}-{examples.count(tx)}"
        import_id = imports.start(tx, name, "file.jsonl", split, {}, None)
        taken = [
            {
                "line": n,
                "id": None,
                "fields": r["fields"],
                "input": task.student_input(r["fields"]),
                "label": r["label"],
            }
            for n, r in enumerate(rows, 1)
        ]
        return list(examples.add(tx, taken, split=split, import_id=import_id)[0])

    return project.store.write_now(act)


def add_answer(project: Project, example_id: int, rationale: str | None, label: str | None, **other: Any) -> int:
    """An answer that a generate run brought."""
    example = examples.get(project.store.reader, example_id)
    assert example is not None
    agree = project.task.same(label, example.label, example.fields) if label and example.label else None
    values: dict[str, Any] = {
        "run_id": "generate-1", "source": "teacher", "teacher": "smollm2-135m", "rung": "value", "agree": agree,
        "raw": f"{rationale} The answer is {label}.\n\nQ: another question",
    }  # fmt: skip
    new = NewAnswer(example_id, rationale=rationale, label=label, **(values | other))
    return project.store.write_now(lambda tx: answers.add(tx, new))


def apples(folder: Path, n: int = 12) -> Project:
    """Word problems 1 + 1, 2 + 2, … whose teacher is wrong at every third; the last one has no answer."""
    project = Project.create(folder, "math")
    rows = [
        {"fields": {"input": f"Ann has {k} apples, Ben has {k}. How many have they?"}, "label": str(2 * k)}
        for k in range(1, n + 1)
    ]
    for k, example_id in enumerate(add_examples(project, rows)[:-1], 1):
        label = str(2 * k + 1) if k % 3 == 0 else f"{k} + {k}"
        add_answer(project, example_id, f"Ann has {k} and Ben has {k}, so {k} + {k}.", label)
    return project
