"""What a person does to examples: save, decide, use an answer, undo, redo.

Each is queued at once in the order of the keys and told when it is committed. Texts whose saving
failed are kept here until they are saved after all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dsbs_gui.core.store import audits, decisions, drafts, history, reviews
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.steps.review import editing
from dsbs_gui.steps.review.editing import Edit

from .writes import Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.audits import Audit
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.core.store.decisions import Batch
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.bridge import Bridge


@dataclass(eq=False, slots=True)
class _Saving:
    """An edit that was submitted and whose end the window has not heard of."""

    edit: Edit
    written: Future[None] | None = None

    @property
    def on_its_way(self) -> bool:
        """Not for an edit that is committed: an undo behind it may have taken it back before the window hears of it."""
        return self.written is None or not self.written.done() or self.written.exception() is not None


class Acts(QObject):
    """Signals:
    save_failed(id, DsbsError): the texts are kept in ``unsaved``.
    saved(id): texts were committed.
    decided(state, n): n examples changed.
    went(Batch or None, example id or None): an undo or a redo is done; None if there was nothing to do.
    """

    save_failed = Signal(object, object)
    saved = Signal(object)
    decided = Signal(str, int)
    went = Signal(object, object)

    def __init__(self, project: Project, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._task = project.task
        self._writes = Writes(project, bridge, self)
        self._pending: dict[int, list[_Saving]] = {}
        self.unsaved: dict[int, Edit] = {}

    def save(self, example: Example, edit: Edit) -> None:
        """Save texts that differ from what stands; an empty edit writes nothing."""
        if not edit:
            return
        label = edit.label if edit.label is not None else example.teacher_label
        agree = editing.agreement(self._task, example, label)
        saving = _Saving(edit)
        self._pending.setdefault(example.id, []).append(saving)

        def act(tx: Transaction) -> None:
            decisions.edit(tx, example.id, agree=agree, **edit.values())
            drafts.discard(tx, example.id)

        saving.written = self._writes.submit(
            act, lambda _: self._on_saved(example.id, saving), partial(self._on_save_failed, example.id, saving)
        )

    def as_it_will_be(self, example: Example) -> Example:
        """The example with the texts that are on their way to the disk."""
        edit = Edit()
        for saving in self._pending.get(example.id, ()):
            if saving.on_its_way:
                edit = saving.edit.over(edit)
        if not edit:
            return example
        return replace(
            example,
            state="edited" if edit.decides else example.state,
            note=example.note if edit.note is None else edit.note or None,
            rationale=example.rationale if edit.rationale is None else edit.rationale or None,
            teacher_label=example.teacher_label if edit.label is None else edit.label or None,
        )

    def decide(self, ids: Sequence[int], state: str) -> None:
        """Give examples a state, as one act."""
        selection = Selection.of(ids)
        self._writes.submit(lambda tx: decisions.set_state(tx, selection, state), lambda n: self.decided.emit(state, n))

    def remark(self, change: Callable[[Transaction], int], on_done: Callable[[int], object]) -> None:
        """Rate or tag examples, as one act; ``on_done`` is told how many changed."""
        self._writes.submit(change, on_done)

    def accept_rest(self, audit: Audit) -> None:
        """Accept the rows that a sample speaks of and that nobody has decided, as one act."""
        self._writes.submit(lambda tx: audits.accept_rest(tx, audit), lambda n: self.decided.emit("accepted", n))

    def settle(self, example_id: int, reviewer: str) -> None:
        """Let the decision of a reviewer stand; '' is the one that was made here."""
        self._writes.submit(lambda tx: reviews.settle(tx, example_id, reviewer))

    def take(self, example_id: int, answer_id: int) -> None:
        """Put an answer in the place of what stands."""
        self._writes.submit(lambda tx: decisions.take_answer(tx, example_id, answer_id))

    def go_back(self, example_id: int, batch_id: int) -> None:
        """Make an example what it was just after an act."""
        self._writes.submit(lambda tx: history.go_back(tx, example_id, batch_id))

    def undo(self) -> None:
        """Take back the last act."""
        self._go(decisions.undo)

    def redo(self) -> None:
        """Do the last undone act again."""
        self._go(decisions.redo)

    def _go(self, way: Callable[[Transaction], Batch | None]) -> None:
        def act(tx: Transaction) -> tuple[Batch | None, int | None]:
            batch = way(tx)
            return batch, None if batch is None else decisions.first_example(tx, batch.id)

        self._writes.submit(act, lambda went: self.went.emit(*went))

    def _on_saved(self, example_id: int, saving: _Saving) -> None:
        self._arrived(example_id, saving)
        left = self.unsaved.pop(example_id, Edit()).without(saving.edit)
        if left:
            self.unsaved[example_id] = left
        else:
            self.saved.emit(example_id)

    def _on_save_failed(self, example_id: int, saving: _Saving, error: DsbsError) -> None:
        self._arrived(example_id, saving)
        self.unsaved[example_id] = saving.edit.over(self.unsaved.get(example_id, Edit()))
        self.save_failed.emit(example_id, error)

    def _arrived(self, example_id: int, saving: _Saving) -> None:
        pending = self._pending[example_id]
        pending.remove(saving)
        if not pending:
            del self._pending[example_id]
