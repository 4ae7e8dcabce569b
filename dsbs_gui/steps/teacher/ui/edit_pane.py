"""A version of the prompt in editors, its exemplars or its wording, with what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher import exemplar_rules

from .exemplars_pane import ExemplarsPane
from .wording_pane import WordingPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.steps.teacher.exemplar_rules import Problem
    from dsbs_gui.steps.teacher.held_out import Row
    from dsbs_gui.steps.teacher.prompts import Prompt

_MOST_FAULTS_SHOWN = 9


class EditPane(Card):
    """Signals:
    changed(Prompt): the user made it this one.
    """

    changed = Signal(object)

    def __init__(self, task: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self._prompt: Prompt | None = None
        self._problems: list[Problem] = []
        self.exemplars, self.wording = ExemplarsPane(task), WordingPane()
        self.part = SegmentedControl([("exemplars", "Exemplars"), ("wording", "Wording")], "exemplars", "Edit")
        self.undo_button = IconButton("arrow-counter-clockwise", "Undo the last change · Ctrl+Z")
        self.faults = Chip("", "bad")
        self._parts = QStackedWidget()
        self._parts.addWidget(self.exemplars)
        self._parts.addWidget(self.wording)
        self.add(row(self.part, self.faults, None, self.undo_button, gap="s"), self._parts)
        self.body.setStretch(1, 1)
        self.faults.hide()
        self.part.chosen.connect(lambda part: self._parts.setCurrentIndex(part == "wording"))
        self.exemplars.changed.connect(self._on_exemplars_changed)
        self.wording.changed.connect(self._on_wording_changed)

    @property
    def is_faulty(self) -> bool:
        """Something is wrong with which nobody can be asked."""
        return any(problem.blocks for problem in self._problems)

    def show_prompt(self, prompt: Prompt) -> None:
        """Put a prompt into the editors."""
        self._prompt = prompt
        self.exemplars.show_exemplars(prompt.exemplars)
        self.wording.show_prompt(prompt)

    def check(self, prompt: Prompt, rows: Mapping[bytes, Row], classes: tuple[str, ...]) -> None:
        """Say at once what is wrong, at the field, in the list and over both."""
        self._problems = exemplar_rules.problems(prompt, rows, classes)
        self.exemplars.show_problems(self._problems, classes)
        self.wording.show_problems(self._problems)
        blocking = [problem for problem in self._problems if problem.blocks]
        self.faults.setVisible(bool(blocking))
        self.faults.set_state(plural(len(blocking), "fault"), "bad")
        self.faults.setToolTip("\n".join(map(str, blocking[:_MOST_FAULTS_SHOWN])))

    def set_read_only(self, read_only: bool) -> None:
        self.exemplars.setEnabled(not read_only)
        self.wording.setEnabled(not read_only)

    def _on_exemplars_changed(self, exemplars_now: Any) -> None:
        if self._prompt is not None:
            self._change(replace(self._prompt, exemplars=tuple(exemplars_now)))

    def _on_wording_changed(self) -> None:
        if self._prompt is not None:
            self._change(self.wording.apply(self._prompt))

    def _change(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self.changed.emit(prompt)
