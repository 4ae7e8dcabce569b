"""Puts examples and answers into a store, the way an import and a generate run do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsbs_gui.core.store import answers, examples, imports
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.database import Store, Transaction


def add_examples(
    store: Store, inputs: Sequence[str], labels: Sequence[str | None] = (), split: str = "train"
) -> list[int]:
    """One example an input; returns their ids."""

    def act(tx: Transaction) -> list[int]:
        import_id = imports.start(tx, f"import-{split}-{len(inputs)}", "file.jsonl", split, {}, None)
        rows = [
            {"line": i + 1, "id": None, "fields": {"input": text}, "input": text, "label": label}
            for i, (text, label) in enumerate(zip(inputs, labels or [None] * len(inputs), strict=True))
        ]
        return list(examples.add(tx, rows, split=split, import_id=import_id)[0])

    return store.write_now(act)


def answer(example_id: int, rationale: str | None = "Because.", label: str | None = "4", **other: Any) -> NewAnswer:
    """An answer as a generate run stores it."""
    values: dict[str, Any] = {
        "run_id": "generate-1",
        "source": "teacher",
        "teacher": "smollm2-135m",
        "raw": f"{rationale} The answer is {label}.",
        "rung": "value",
        "parser": "robust-1",
    }
    return NewAnswer(example_id, rationale=rationale, label=label, **(values | other))


def add_answer(
    store: Store, example_id: int, rationale: str | None = "Because.", label: str | None = "4", **other: Any
) -> int:
    return store.write_now(lambda tx: answers.add(tx, answer(example_id, rationale, label, **other)))


def reviewed(store: Store, example_id: int) -> tuple[str, str | None, str | None]:
    """State, rationale and label that stand."""
    found = examples.get(store.reader, example_id)
    assert found is not None
    return found.state, found.rationale, found.teacher_label
