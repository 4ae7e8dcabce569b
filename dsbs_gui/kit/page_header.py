"""The top of a page: its title, what it acts on, and at the right the one primary action."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import boxed, clear, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.apply import current


class PageHeader(QWidget):
    """Title and subtitle on one line, tools after them, actions at the right edge.

    `tools` takes filters and a search field; `set_actions` puts secondary buttons before the primary one.
    """

    def __init__(self, title: str, subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(current().size.header)
        self.title = PlainLabel(title, type="title")
        self.subtitle = ElidedLabel(subtitle, tone="muted")
        self.tools: QHBoxLayout = row(gap="s")
        self._actions: QHBoxLayout = row(gap="s")
        self._row = layout = row(self.title, self.subtitle, gap="m", parent=self)
        layout.addStretch(1)
        layout.addLayout(self.tools)
        layout.addSpacing(px("s"))
        layout.addWidget(boxed(self._actions))
        layout.setAlignment(self.title, Qt.AlignmentFlag.AlignVCenter)
        self.set_title(title, subtitle)

    def set_edge(self, side: int) -> None:
        """Free space at the left and the right."""
        self._row.setContentsMargins(side, 0, side, 0)

    def set_switch(self, switch: QWidget) -> None:
        """Put what chooses the view of the page beside its title."""
        self._row.insertWidget(1, switch, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_title(self, title: str, subtitle: str | None = None) -> None:
        """Change the title and, if given, the subtitle."""
        self.title.setText(title)
        self.setAccessibleName(title)
        if subtitle is not None:
            self.set_subtitle(subtitle)

    def set_subtitle(self, text: str) -> None:
        """Say what the page acts on, e.g. `1 200 rows · 3 shown`."""
        self.subtitle.setText(text)
        self.subtitle.updateGeometry()

    def add_actions(self, buttons: QWidget) -> None:
        """Add a group of buttons, for a page whose views have their own; show one group at a time."""
        self._actions.addWidget(buttons)

    def set_actions(self, primary: QWidget | None = None, *secondary: QWidget) -> None:
        """Replace the buttons at the right; earlier ones are deleted unless given again."""
        kept = {id(w) for w in (primary, *secondary)}
        for i in reversed(range(self._actions.count())):
            item = self._actions.itemAt(i)
            if item is not None and (widget := item.widget()) is not None and id(widget) in kept:
                self._actions.removeWidget(widget)
        clear(self._actions)
        for button in (*secondary, primary):
            if button is not None:
                self._actions.addWidget(button)
