"""One rule for doubtful rationales: its place, its condition, what is done, and to how many rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QWidget

from dsbs_gui.core.store.policy import WHATS
from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import column, grow, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import policies

if TYPE_CHECKING:
    from dsbs_gui.core.store.policy import Effect, Rule


class PolicyRow(QWidget):
    """Signals:
    changed(Rule): the user wants this rule in the place of the one shown.
    move_asked(int): a step up (-1) or down (1).
    remove_asked: the rule is to go.
    """

    changed = Signal(object)
    move_asked = Signal(int)
    remove_asked = Signal()

    def __init__(
        self, rule: Rule, place: int, last: bool, read_only: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rule = rule
        self.name = ElidedLabel(f"{place}. {rule.name}", type="emphasis")
        self.what = QComboBox()
        self.what.setAccessibleName(f"What is done: {rule.name}")
        for what in WHATS:
            self.what.addItem(policies.WHATS[what], what)
        self.what.setCurrentIndex(WHATS.index(rule.what))
        self.below = QDoubleSpinBox(minimum=-100, maximum=0, singleStep=0.1, decimals=2)
        self.below.setAccessibleName("Log-probability below")
        self.below.setToolTip("Nats a token on average")
        self.below.setValue(rule.matching.logprob_below or 0.0)
        self.below.setKeyboardTracking(False)
        self.up = IconButton("caret-up", f"Look at “{rule.name}” earlier", role="muted")
        self.down = IconButton("caret-down", f"Look at “{rule.name}” later", role="muted")
        self.remove = IconButton("trash", f"Remove “{rule.name}”", role="muted")
        self.effect = PlainLabel("", type="caption")
        self.meaning = ElidedLabel(policies.MEANINGS[rule.what], type="caption", tone="muted")
        head = row(grow(self.name), self.below, self.what, self.up, self.down, self.remove, gap="s")
        foot = row(self.effect, grow(self.meaning), gap="m")
        layout = column(head, foot, gap="none", parent=self)
        layout.setContentsMargins(0, px("xs"), 0, px("s"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.below.setVisible(rule.matching.logprob_below is not None)
        for widget, on in ((self.up, place > 1), (self.down, not last), (self.what, True), (self.below, True)):
            widget.setEnabled(on and not read_only)
        self.remove.setEnabled(not read_only)
        self.what.currentIndexChanged.connect(lambda _: self._on_changed())
        self.below.valueChanged.connect(lambda _: self._on_changed())
        self.up.clicked.connect(lambda: self.move_asked.emit(-1))
        self.down.clicked.connect(lambda: self.move_asked.emit(1))
        self.remove.clicked.connect(self.remove_asked)
        self.show_effect(None)

    def show_effect(self, found: Effect | None) -> None:
        """How many rows it would take now; None while that is being counted."""
        self.effect.setText("Counting…" if found is None else policies.effect(found))
        said = self.effect.text() if found is None else f"{count(found.rows)} rows"
        self.setAccessibleName(f"{self.name.text()}: {self.what.currentText()}, {said}")

    def _on_changed(self) -> None:
        rule = replace(self.rule, what=str(self.what.currentData()))
        if rule.matching.logprob_below is not None:
            matching = replace(rule.matching, logprob_below=round(self.below.value(), 2))
            rule = policies.named(matching, rule.what)
        self.changed.emit(rule)
