"""One example in full: the input as it is asked, its gold label, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.layout import column, px
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import ReadingText
from dsbs_gui.kit.words import visible

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_ORIGINS = {"import": "from the file", "textbook": "textbook", "teacher": "by the teacher", "person": "edited"}


class ExampleCard(Card):
    """Shows an example, or says why there is none."""

    def __init__(self, title: str = "Example", parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self.input = ReadingText("Input")
        self.label = PlainLabel(type="emphasis", wrap=True, selectable=True)
        self._label_name = PlainLabel("Gold label", type="caption", tone="muted")
        self.rationale_name = PlainLabel("Rationale", type="caption", tone="muted")
        self.rationale = PlainLabel(wrap=True, selectable=True)
        self.problem = PlainLabel(tone="bad", wrap=True)
        self.add(
            self.input,
            column(self._label_name, self.label, gap="xs"),
            column(self.rationale_name, self.rationale, gap="xs"),
            self.problem,
            None,
        )
        self.body.setStretch(0, 100)  # the input takes what it needs, up to all
        self.input.document().documentLayout().documentSizeChanged.connect(self._fit_input)
        self.show_nothing("Choose a row to read it here.")

    def show_example(
        self,
        text: str,
        label: str | None,
        rationale: str | None = None,
        origin: str = "",
        note: str = "",
        rationale_name: str = "Rationale",
    ) -> None:
        """Show an example that is in order."""
        self.set_note(note)
        self.input.set_source(text)
        self.label.show_text(visible(label or "none", 600), "text" if label else "muted")
        name = f"Rationale, {_ORIGINS.get(origin, origin)}" if origin else rationale_name
        self.rationale_name.show_text(name if rationale else "", "muted")
        self.rationale.show_text(visible(rationale, 2_000) if rationale else "")
        self.problem.show_text("")
        self._label_name.show()
        self.input.show()

    def show_problem(self, text: str, raw: str, note: str = "") -> None:
        """Show why a row is no example, above what the file has."""
        self.set_note(note)
        self.input.set_source(raw)
        self.input.show()
        for label in (self.label, self.rationale_name, self.rationale):
            label.show_text("")
        self._label_name.hide()
        self.problem.show_text(text, "bad")

    def show_nothing(self, why: str) -> None:
        """Say why there is no example."""
        self.set_note("")
        self.input.set_source("")
        self.input.hide()
        self._label_name.hide()
        for label in (self.label, self.rationale_name, self.rationale):
            label.show_text("")
        self.problem.show_text(why, "muted")

    def _fit_input(self) -> None:
        self.input.setMaximumHeight(int(self.input.document().size().height()) + px("m"))
