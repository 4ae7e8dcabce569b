"""The card that takes a student away: which one, in which format, where to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QWidget

from dsbs_gui.kit.buttons import PrimaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.choice_card import ChoiceCard
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import age, percent, size

from .target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dsbs_gui.core.store.exports import Export
    from dsbs_gui.steps.export.overview import Candidate

FORMATS = (
    ("safetensors", "safetensors", "Weights, tokenizer, model card and manifest. Runs in transformers on any machine."),
)


class StudentCard(Card):
    """Signals:
    export_asked: the user wants the chosen student in the chosen format.
    """

    export_asked = Signal()

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__("Student", gap="l", parent=parent)
        self._folder = folder
        self._exports: Sequence[Export] = ()
        self.runs = QComboBox()
        self.formats = QButtonGroup(self)
        self.cards: dict[str, ChoiceCard] = {}
        self.target = Target("Folder for the student")
        self.button = PrimaryButton("Export student", "export")
        self.why = PlainLabel("", tone="muted", wrap=True)
        self._build()
        self.runs.currentIndexChanged.connect(self._on_chosen)
        self.formats.buttonClicked.connect(lambda _: self._on_chosen())
        self.target.changed.connect(self._show_button)
        self.button.clicked.connect(self.export_asked)

    def _build(self) -> None:
        choices = column(gap="s")
        for key, title, text in FORMATS:
            card = self.cards[key] = ChoiceCard(title, text, "package")
            self.formats.addButton(card)
            choices.addWidget(card)
        next(iter(self.cards.values())).setChecked(True)
        self.add(
            FormField("Trained student", self.runs, "Its best checkpoint by validation accuracy is exported."),
            choices,
            FormField(
                "Folder", self.target, "A new folder. Files that are not from an earlier export are never replaced."
            ),
            row(self.button, None),
            self.why,
            None,
        )

    def show_students(self, students: Sequence[Candidate], exports: Sequence[Export]) -> None:
        """Offer these students; the one chosen stays chosen."""
        chosen = self.run_id()
        self._exports = exports
        self.runs.blockSignals(True)
        self.runs.clear()
        for student in students:
            accuracy = "" if student.accuracy is None else f" · {percent(student.accuracy)} valid"
            self.runs.addItem(f"{student.run_id} · {student.title}{accuracy}", student.run_id)
        at = self.runs.findData(chosen)
        self.runs.setCurrentIndex(max(0, at) if students else -1)
        self.runs.blockSignals(False)
        self._on_chosen()

    def run_id(self) -> str:
        """The chosen training run; empty if there is none."""
        return str(self.runs.currentData() or "")

    def format(self) -> str:
        return next(key for key, card in self.cards.items() if card.isChecked())

    def set_allowed(self, allowed: bool) -> None:
        """Whether the project may be written to."""
        self._allowed = allowed
        self._show_button()

    _allowed = True

    def _on_chosen(self) -> None:
        run_id = self.run_id()
        for key, card in self.cards.items():
            last = next((e for e in self._exports if e.student_run == run_id and e.format == key), None)
            if last is None:
                card.set_badge("not exported yet", "muted")
            else:
                when = age(datetime.fromtimestamp(last.created))
                card.set_badge(
                    f"{size(last.bytes)} · {'verified' if last.verified else 'not verified'} {when}",
                    "good" if last.verified else "attention",
                )
        if run_id:
            self.target.propose(self._folder / f"{run_id}-{self.format()}")
        self._show_button()

    def _show_button(self) -> None:
        self.button.setEnabled(self._allowed and bool(self.run_id() and self.target.text()))
        if not self.run_id():
            self.why.show_text("No student is trained yet. Train one on the Training page.", "muted")
        elif not self._allowed:
            self.why.show_text("The project is open for reading only.", "muted")
        else:
            self.why.show_text(
                "Afterwards a fresh process without a network loads the export and has to give the same answers.",
                "muted",
            )
