"""Running the import job in this process, as the worker would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.hashing import input_hash
from dsbs_gui.core.protocol import Finished, Message, RowsRead, RowsRejected, Warned
from dsbs_gui.steps.data import chunks
from dsbs_gui.steps.data.specs import ImportSpec
from dsbs_gui.steps.data.work import importing

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Outcome:
    """What one import said and handed over."""

    messages: list[Message]
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rejected(self) -> list[dict[str, Any]]:
        return [row for m in self.messages if isinstance(m, RowsRejected) for row in m.rows]

    @property
    def lines(self) -> list[int]:
        return [row["line"] for row in self.rejected]

    @property
    def warnings(self) -> str:
        return "\n".join(m.text for m in self.messages if isinstance(m, Warned))

    @property
    def summary(self) -> dict[str, Any]:
        last = self.messages[-1]
        assert isinstance(last, Finished)
        return last.summary


class Importing:
    """Writes files and imports them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 0

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def __call__(self, path: Path | str, task: str = "text", **settings: Any) -> Outcome:
        self._number += 1
        run_dir = self.folder / f"run-{self._number}"
        run_dir.mkdir()
        messages: list[Message] = []
        spec = ImportSpec(str(run_dir), path=str(path), task=task, **settings)
        importing.run(spec, messages.append, lambda: False)
        return Outcome(messages, handed_over(run_dir, messages))


def handed_over(run_dir: Path, messages: list[Message]) -> list[dict[str, Any]]:
    """The rows of all chunks, by name."""
    names = ("id", "fields", "input", "label", "line", "hash", "rationale", "teacher")
    found = []
    for message in messages:
        if isinstance(message, RowsRead):
            for block in chunks.read(run_dir / message.chunk, message.rows):
                for row in block:
                    values = dict(zip(names, row, strict=True))
                    assert values.pop("hash") == input_hash(values["input"])
                    found.append(values | {"fields": chunks.fields_of(values["fields"], values["input"])})
    return found


@pytest.fixture
def imported(tmp_path: Path) -> Importing:
    return Importing(tmp_path)
