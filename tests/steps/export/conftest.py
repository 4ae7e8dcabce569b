"""A tiny student that answers, and a way to run an export job in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXTS = [f"Mia has {i} pens and Tom has {i + 1}. How many pens?" for i in range(40)]


@pytest.fixture(scope="session")
def student_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained T5 of width 16 with its tokenizer: random answers, but always the same."""
    from dsbs_gui.students.meta import StudentMeta
    from dsbs_gui.students.saving import save_student
    from dsbs_gui.students.starter import StarterConfig, build

    sizes = StarterConfig(16, 32, 8, 2, 1, 1, vocab_size=300)
    student = build(TEXTS, 0, sizes)
    folder = tmp_path_factory.mktemp("runs") / "student"
    save_student(student, folder, StudentMeta(task="math", method="step-by-step", explains=True, max_target=8))
    return folder


@pytest.fixture
def run_dir(tmp_path: Path) -> Callable[[list[dict[str, Any]]], Path]:
    """Makes a run folder with these rows as ``input.jsonl``."""

    def make(rows: list[dict[str, Any]]) -> Path:
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / "input.jsonl").write_text(lines, "utf-8")
        return folder

    return make
