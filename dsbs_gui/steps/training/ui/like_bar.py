"""Says after which run or recipe the form was filled, and what has been changed since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.steps.training.options import Option, differing, said


class LikeBar(QFrame):
    """Hidden until ``begin``.

    Signals:
        forgotten: the user wants no comparison any more.
    """

    forgotten = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "message")
        self.setProperty("meaning", "info")
        self._name, self._first = "", {}  # type: tuple[str, dict[str, Any]]
        self.title = PlainLabel(type="emphasis", wrap=True)
        self.changes = PlainLabel(type="caption", wrap=True)
        cross = IconButton("x", "Compare no longer")
        cross.clicked.connect(self.forgotten)
        layout = row(gap="s", margin="s", parent=self)
        layout.addLayout(column(self.title, self.changes, gap="xs"), 1)
        layout.addWidget(cross, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def begin(self, name: str, choices: Mapping[str, Any]) -> None:
        """Compare with these choices from now on; they are called ``name``."""
        self._name, self._first = name, dict(choices)
        self.title.setText(f"Like {name}")
        self.show()

    def end(self) -> None:
        self._name, self._first = "", {}
        self.hide()

    def name(self) -> str:
        """What is compared with; "" for nothing."""
        return self._name

    def compare(self, choices: Mapping[str, Any]) -> list[Option]:
        """Say what differs now, and return it."""
        found = differing(dict(choices), self._first)
        told = [f"{o.short} {_short(o, self._first[o.name])} → {_short(o, choices[o.name])}" for o in found]
        self.changes.show_text(", ".join(told) or "Nothing is changed yet.", "accent" if told else "muted")
        return found


def _short(option: Option, value: object) -> str:
    return option.zero if option.zero and not value else said(value)
