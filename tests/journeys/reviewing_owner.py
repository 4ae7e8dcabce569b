"""A person who edits and decides in a project without a pause, and says what was acknowledged; tests kill the process.

What is done as the n-th act depends on a seed and on n alone, so that a test can do the same beside it, unharmed.
"""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, drafts, examples
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.steps.review import editing
from dsbs_gui.steps.review.editing import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.database import Transaction

KINDS = ("edit", "decide", "decide", "decide", "undo", "redo")


@dataclass(frozen=True)
class Act:
    """``kind`` is one of ``KINDS``; ``ids`` are those decided, or the one edited."""

    kind: str
    ids: Sequence[int]
    edit: Edit = field(default_factory=Edit)
    state: str = ""

    @property
    def is_bulk(self) -> bool:
        return self.kind != "edit" and len(self.ids) != 1


def act(seed: int, n: int, ids: Sequence[int]) -> Act:
    """The n-th act of a seed in a project of these examples."""
    luck = random.Random(f"{seed} {n}")
    kind = luck.choice(KINDS)
    if kind == "edit":
        label = luck.choice([None, str(n), ""])
        return Act(kind, [luck.choice(ids)], Edit(luck.choice([f"Edit {n}.", f"Edit {n}, again.", ""]), label))
    chosen = luck.choice([ids, ids, ids[: len(ids) // 2], [luck.choice(ids)]])
    return Act(kind, chosen, state=luck.choice(decisions.DECISIONS))


def perform(project: Project, wanted: Act) -> None:
    """Do it and return once it is committed."""
    if wanted.kind == "edit":
        example = examples.get(project.store.reader, wanted.ids[0])
        assert example is not None
        label = example.teacher_label if wanted.edit.label is None else wanted.edit.label
        agree = editing.agreement(project.task, example, label)

        def save(tx: Transaction) -> None:
            decisions.edit(tx, example.id, agree=agree, **wanted.edit.values())
            drafts.discard(tx, example.id)

        project.store.write_now(save)
    elif wanted.kind == "decide":
        project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of(wanted.ids), wanted.state))
    else:
        project.store.write_now(decisions.undo if wanted.kind == "undo" else decisions.redo)


def tell(word: str, n: int, wanted: Act) -> None:
    print(word, n, "bulk" if wanted.is_bulk else "one", flush=True)


def plainly(folder: Path, seed: int, n: int) -> int:
    project = Project.open(folder)
    ids = list(examples.ids(project.store.reader))
    while True:
        wanted = act(seed, n, ids)
        tell("begun", n, wanted)
        perform(project, wanted)
        tell("done", n, wanted)
        n += 1


def in_a_window(folder: Path, seed: int, n: int) -> int:
    """The Review page itself: an act is acknowledged when the page is told that it is saved."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.theme.apply import apply_theme
    from dsbs_gui.steps.review.ui.page import ReviewPage

    app = QApplication([])
    apply_theme(app, "light")
    project = Project.open(folder)
    ids = list(examples.ids(project.store.reader))
    page = ReviewPage(project, Bridge(project))
    page.resize(1200, 800)
    page.show()
    page.refresh()
    acts = page.acts

    def begin(n: int) -> None:
        wanted = act(seed, n, ids)
        signal: Any = {"edit": acts.saved, "decide": acts.decided}.get(wanted.kind, acts.went)

        def on_done(*_: object) -> None:
            signal.disconnect(on_done)
            tell("done", n, wanted)
            QTimer.singleShot(0, partial(begin, n + 1))

        signal.connect(on_done)
        tell("begun", n, wanted)
        if wanted.kind == "edit":
            example = examples.get(project.store.reader, wanted.ids[0])
            assert example is not None
            acts.save(example, wanted.edit)
        elif wanted.kind == "decide":
            acts.decide(wanted.ids, wanted.state)
        else:
            acts.undo() if wanted.kind == "undo" else acts.redo()

    QTimer.singleShot(0, partial(begin, n))
    return int(app.exec())


if __name__ == "__main__":
    owner = in_a_window if sys.argv[4] == "window" else plainly
    sys.exit(owner(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
