"""The row of train for which a prompt is shown in the workshop, and how long the prompt is with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from dsbs_gui.core.store import examples

if TYPE_CHECKING:
    from array import array

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.prompts import Prompt

    from .ask_view import AskView
    from .preview_card import PreviewCard

_COUNT_MS = 400


class PreviewRow(QObject):
    """Fills the card “Preview”. ``ask`` is the view in which the teacher is chosen, whose tokens are counted."""

    def __init__(self, project: Project, bridge: Bridge, card: PreviewCard, ask: AskView, view: QWidget) -> None:
        super().__init__(view)
        self._project, self._bridge, self._card, self._ask, self._view = project, bridge, card, ask, view
        self._ids: array[int] | None = None
        self._place = 0
        self._example: Example | None = None
        self._prompt: Prompt | None = None
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._counting.timeout.connect(self._count_tokens)
        card.step_asked.connect(self._step)
        card.text_changed.connect(lambda _: self._counting.start())

    def set_rows(self, ids: array[int]) -> None:
        """The rows there are; the one shown is read anew."""
        self._ids = ids
        self._read()

    def show_prompt(self, prompt: Prompt) -> None:
        """Show another prompt for the same row."""
        self._prompt = prompt
        self._show()

    def _step(self, step: int) -> None:
        self._place += step
        self._read()

    def _read(self) -> None:
        store = self._project.store
        if not self._ids:
            self._show()
            return
        self._place = max(0, min(self._place, len(self._ids) - 1))
        example_id = self._ids[self._place]
        self._bridge.run(lambda: examples.get(store.reader, example_id), self._on_read, owner=self)

    def _on_read(self, example: Example | None) -> None:
        self._example = example
        self._show()

    def _show(self) -> None:
        if self._prompt is None or self._ids is None:
            return
        if not self._ids:
            self._card.show_nothing(self._prompt)
        elif self._example is not None:
            limits = int(self._ask.choices()["max_tokens"]), self._ask.teacher.facts.context
            self._card.show_prompt(self._prompt, self._example, self._place + 1, len(self._ids))
            self._card.show_length(*limits)

    def _count_tokens(self) -> None:
        counter, teacher, text = self._ask.counter, self._ask.teacher.teacher(), self._card.text.source()
        if self._view.isVisible() and teacher and not self._ask.teacher.facts.problem:
            counter.wake()
            self._bridge.run(
                lambda: counter.length(teacher, text),
                lambda length: self._card.set_tokens(text, length),
                lambda _: None,  # the teacher's card says what is wrong with it
                owner=self,
            )
