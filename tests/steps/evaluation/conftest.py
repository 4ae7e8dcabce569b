from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples, imports, runs


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project of ten test examples labelled yes and no, and two training runs."""
    made = Project.create(tmp_path / "project", "text")

    def fill(tx) -> None:
        import_id = imports.start(tx, "import-1", "toy", "test", {}, "")
        rows = [
            {"line": i, "id": None, "fields": {"input": f"q{i}"}, "input": f"q{i}", "label": "yes" if i % 2 else "no"}
            for i in range(10)
        ]
        examples.add(tx, rows, split="test", import_id=import_id)
        for name in ("one", "two"):
            run = runs.add(tx, kind="train", title=name, lane="gpu", spec={"method": "finetune"}, context={})
            runs.set_state(tx, run.id, "done")

    made.store.write_now(fill)
    yield made
    made.close()
