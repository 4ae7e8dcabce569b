"""A small project of word problems for the tests of the prompt workshop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples, imports, prompts
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.steps.teacher.prompts import Exemplar, Prompt

SERVER = "http://localhost:9/v1"
CHOICES: dict[str, Any] = {"teacher": SERVER, "model_name": "", "max_tokens": 64, "split": "train", "limit": None}
PROMPT = Prompt(
    task="math",
    instruction="",
    question_prefix="Q:",
    answer_prefix="A:",
    trigger="The answer is",
    stop=("\nQ:",),
    exemplars=(
        Exemplar({"input": "Two and two?"}, "2 + 2 = 4.", "4"),
        Exemplar({"input": "Three and three?"}, "3 + 3 = 6.", "6"),
    ),
)


def import_rows(project: Project, inputs: Sequence[str], split: str = "train", label: str | None = "7") -> list[int]:
    """One row an input; returns their ids."""

    def write(tx) -> list[int]:
        import_id = imports.start(tx, f"import-{split}-{inputs[0]}", "toy", split, {}, None)
        rows = [
            {"line": n, "id": None, "fields": {"input": text}, "input": text, "label": label}
            for n, text in enumerate(inputs, 1)
        ]
        return list(examples.add(tx, rows, split=split, import_id=import_id)[0])

    return project.store.write_now(write)


def store_answer(
    project: Project, example_id: int, prompt: Prompt, cache_key: str = "k", *, name: str = "Used", **other
) -> int:
    """An answer to a row, as a run with this prompt stores it."""

    def write(tx) -> int:
        number = tx.execute("SELECT count(*) FROM answers").fetchone()[0]
        made = NewAnswer(
            example_id, f"generate-{number}", "teacher", "Tina", "So. The answer is 7.", rationale="So.", label="7",
            rung="value", agree=True, cache_key=cache_key,
            prompt_id=prompts.keep_used(tx, prompt.hash, prompt.to_json(), name),
        )  # fmt: skip
        return answers.add(tx, replace(made, **other))

    return project.store.write_now(write)
