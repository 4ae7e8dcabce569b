"""One rule of the ladder: on or off, its name, what it does, what it reads, and its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from dsbs_gui.kit.buttons import IconButton, LinkButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import column, px, row
from dsbs_gui.kit.words import count, without_mnemonic

if TYPE_CHECKING:
    from dsbs_gui.steps.teacher.parse_rules import Rule


class LadderRow(QWidget):
    """Signals:
    switched(bool): on or off.
    move_asked(int): a step up (-1) or down (1).
    edit_asked: only for one's own rules.
    chosen: the user wants to see the rows that it reads.
    """

    switched = Signal(bool)
    move_asked = Signal(int)
    edit_asked = Signal()
    chosen = Signal()

    def __init__(self, rule: Rule, first: bool, last: bool, read_only: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rule = rule
        self.box = QCheckBox(without_mnemonic(rule.title))
        self.box.setChecked(rule.on)
        self.box.setToolTip("Whether this rule is tried")
        self.number = LinkButton("", tooltip="Show the rows that it reads")
        self.up = IconButton("caret-up", f"Try “{rule.title}” earlier", role="muted")
        self.down = IconButton("caret-down", f"Try “{rule.title}” later", role="muted")
        self.edit = IconButton("pencil-simple", f"Change “{rule.title}”", role="muted")
        self.up.setEnabled(not first and not read_only)
        self.down.setEnabled(not last and not read_only)
        self.box.setEnabled(not read_only)
        help = ElidedLabel(rule.help, type="mono" if rule.pattern else "caption", tone="muted")
        head = row(self.box, None, self.number, gap="none")
        for button in (self.edit, self.up, self.down):
            head.addWidget(button)
        below = row(help)
        below.setContentsMargins(px("xl"), 0, 0, 0)
        layout = column(head, below, gap="none", parent=self)
        layout.setContentsMargins(0, 0, 0, px("xs"))
        self.edit.setVisible(bool(rule.pattern))
        self.edit.setEnabled(not read_only)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.box.toggled.connect(self.switched)
        self.up.clicked.connect(lambda: self.move_asked.emit(-1))
        self.down.clicked.connect(lambda: self.move_asked.emit(1))
        self.edit.clicked.connect(self.edit_asked)
        self.number.clicked.connect(self.chosen)
        self.show_number(None)

    def show_number(self, n: int | None) -> None:
        """How many answers it reads; None while unknown."""
        self.number.setText("" if n is None or not self.rule.on else count(n))
        self.number.setEnabled(bool(n))
        self.number.setAccessibleName(f"{self.rule.title} reads {n or 0}")
