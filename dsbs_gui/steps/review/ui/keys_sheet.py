"""The sheet in which the keys of the page are changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QKeySequenceEdit, QWidget

from dsbs_gui.kit.layout import px
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.steps.review.keymap import ACTS, MOST_KEYS, Act, Keymap

if TYPE_CHECKING:
    from collections.abc import Collection

_HEIGHT, _FIELD = 560, 148
_ORDER = ("first", "second")
_REFUSED = "refused"


class KeysSheet(Sheet):
    """Up to two keys an act; a key that cannot be is refused with the reason, and the field shows the old one again.

    ``map`` holds what was chosen; nothing is in force before the sheet is accepted.
    """

    def __init__(self, parent: QWidget | None, keymap: Keymap, of_window: Collection[str]) -> None:
        super().__init__(
            parent,
            "Change keys",
            subtitle="Click a field, or go to it with Tab, and press the new key. The cross takes a key away.",
        )
        self.map = keymap
        self._of_window = of_window
        self.fields: dict[str, list[QKeySequenceEdit]] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(px("m"))
        grid.setVerticalSpacing(px("xs"))
        grid.setColumnStretch(0, 1)
        group = ""
        for act in ACTS:
            if act.group != group:
                group = act.group
                grid.addWidget(PlainLabel(group, type="emphasis"), grid.rowCount(), 0)
            self._add(grid, act)
        content = QWidget()
        content.setLayout(grid)
        grid.setContentsMargins(0, 0, px("m"), 0)
        self.add(Scroller(content))
        self.reset = self.add_side_button("Reset to defaults")
        self.reset.clicked.connect(lambda: self._show(Keymap({})))
        self.add_accept("Use these keys")
        self.resize(self.minimumWidth(), _HEIGHT)
        self._show(keymap)

    def _add(self, grid: QGridLayout, act: Act) -> None:
        line = grid.rowCount()
        grid.addWidget(PlainLabel(act.meaning), line, 0)
        self.fields[act.name] = []
        for number in range(MOST_KEYS):
            field = QKeySequenceEdit()
            field.setMaximumSequenceLength(1)
            field.setClearButtonEnabled(True)
            field.setMinimumWidth(_FIELD)
            field.setAccessibleName(f"{act.meaning}: {_ORDER[number]} key")
            # Qt clears a field before it shows the key that was pressed, and tells both: only the last one counts.
            field.keySequenceChanged.connect(partial(self._on_changed, act.name, number))
            self.fields[act.name].append(field)
            grid.addWidget(field, line, number + 1)

    def _on_changed(self, name: str, number: int, sequence: QKeySequence) -> None:
        QTimer.singleShot(0, self, partial(self._take, name, number))

    def _take(self, name: str, number: int) -> None:
        """Give an act the key that its field shows, or say why not."""
        keys = list(self.map.keys(name))
        held = keys[number] if number < len(keys) else ""
        key = self.fields[name][number].keySequence().toString()
        if key == held:
            return
        self.messages.clear(_REFUSED)
        problem = self.map.problem(name, key, self._of_window) if key else ""
        if problem:
            self.messages.show_message("attention", problem, key=_REFUSED, dismissible=False)
        elif key not in keys:
            keys[number : number + 1] = [key] if key else []
            self.map = self.map.having(name, keys)
        self._show(self.map)

    def _show(self, keymap: Keymap) -> None:
        """Put the keys of a map into the fields."""
        self.map = keymap
        for name, fields in self.fields.items():
            keys = keymap.keys(name)
            for number, field in enumerate(fields):
                wanted = QKeySequence(keys[number]) if number < len(keys) else QKeySequence()
                if field.keySequence() != wanted:
                    field.blockSignals(True)
                    field.setKeySequence(wanted)
                    field.blockSignals(False)
