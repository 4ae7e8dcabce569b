"""Writing a parse rule of one's own: its name, its pattern, and at once what it finds in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from dsbs_gui.core.errors import UserError
from dsbs_gui.kit.form import Form
from dsbs_gui.kit.layout import px
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.theme.roles import set_type
from dsbs_gui.steps.teacher.own_rules import EXAMPLE, TooSlow, check_pattern, search
from dsbs_gui.steps.teacher.parse_rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.kit.theme.tokens import Tone

_SAMPLE = "Seven rows of thirty crayons are 210 crayons.\n#### 210"
_PATTERN_HELP = (
    "A regular expression. (?P<label>…) is the label; (?P<rationale>…) may be the rationale, else it is the text before"
    " the match. Capitals do not matter, ^ and $ are the ends of a line, and the last match counts."
)


class RuleSheet(Sheet):
    """After ``ask()``: ``rule`` is what was written, None if the rule is to go.

    Args:
        rule: the rule to change; None for a new one.
        problem: why a rule cannot be taken; None if it can.
        sample: a raw answer to try it on.
    """

    def __init__(
        self,
        parent: QWidget | None,
        rule: Rule | None,
        problem: Callable[[Rule], UserError | None],
        sample: str = "",
    ) -> None:
        super().__init__(parent, "Change the rule" if rule else "Add a rule", width="m")
        self._problem, self._on = problem, rule is None or rule.on
        self.rule = rule
        self.name, self.pattern = QLineEdit(rule.name if rule else ""), QLineEdit(rule.pattern if rule else "")
        self.pattern.setPlaceholderText(EXAMPLE)
        self.text = QPlainTextEdit(sample or _SAMPLE)
        self.found = PlainLabel(wrap=True)
        for field in (self.pattern, self.text):
            set_type(field, "mono")
        self.text.setFixedHeight(4 * px("xl"))
        self.text.setTabChangesFocus(True)
        form = Form()
        self.name_field = form.add("Name", self.name, "Shown where answers are counted by rule.")
        self.pattern_field = form.add("Pattern", self.pattern, _PATTERN_HELP)
        form.add("Try it on", self.text, "The raw answer that is shown, or any other text. Nothing of it is kept.")
        self.add(form, self.found)
        if rule is not None:
            self.add_side_button("Remove").clicked.connect(self._on_remove)
        self.accept_button = self.add_accept("Take the rule")
        for changed in (self.name.textChanged, self.pattern.textChanged, self.text.textChanged):
            changed.connect(self._show_found)
        self._show_found()

    def accept(self) -> None:
        """Take the rule, or say at the field why it cannot be taken."""
        made = Rule(self.name.text().strip(), self.pattern.text(), self._on)
        if (wrong := _wrong(made.pattern)) is not None:
            self.pattern_field.set_error(str(wrong))
        elif (error := self._problem(made)) is not None:
            self.name_field.set_error(str(error))
        else:
            self.rule = made
            super().accept()

    def _on_remove(self) -> None:
        self.rule = None
        super().accept()

    def _show_found(self) -> None:
        self.name_field.set_error("")
        self.pattern_field.set_error("")
        pattern = self.pattern.text()
        if not pattern.strip():
            self.found.show_text("What the pattern finds in the text is shown here.", "muted")
        elif (wrong := _wrong(pattern)) is not None:
            self.found.show_text(wrong.message, "attention")
        else:
            self.found.show_text(*_found(pattern, self.text.toPlainText()))


def _wrong(pattern: str) -> UserError | None:
    try:
        check_pattern(pattern)
    except UserError as error:
        return error
    return None


def _found(pattern: str, text: str) -> tuple[str, Tone]:
    try:
        match = search(pattern, text)
    except TooSlow:
        return "The pattern takes too long on this text.", "bad"
    if match is None:
        return "It finds no label in this text.", "attention"
    return f"Label: {match.label}\nRationale: {match.rationale or 'none'}", "good"
