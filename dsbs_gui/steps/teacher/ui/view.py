"""What the three views of the Teacher page have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.page import View

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge


class TeacherView(View):
    """A view that the page builds when it is first shown. Override ``refresh``.

    Attributes:
        subtitle: what the view acts on; the page shows it beside its title.
        header_buttons: holds the view's buttons; the page takes it into its header.

    Signals:
        go_to(step): the user wants to go to another step.
        view_asked(key): the user wants to go to another view of the page.
        ask_about(ids, title): ask a teacher about these rows; ``array('q')`` and words for them.
        subtitle_changed(text).
    """

    go_to = Signal(str)
    view_asked = Signal(str)
    ask_about = Signal(object, str)
    subtitle_changed = Signal(str)

    def __init__(self, name: str, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self._project, self._bridge = project, bridge
        self.subtitle = ""
        self.header_buttons = boxed(row(gap="s"), parent=self)
        self.header_buttons.hide()

    def refresh(self) -> None:
        """Bring everything up to date in the background; what the user has chosen stays."""

    def set_actions(self, primary: QWidget | None = None, *secondary: QWidget) -> None:
        """The buttons of the view, once: the primary one stands at the right edge."""
        layout = self.header_buttons.layout()
        assert layout is not None
        for button in (*secondary, primary):
            if button is not None:
                layout.addWidget(button)

    def set_subtitle(self, text: str) -> None:
        """Say what the view acts on."""
        self.subtitle = text
        self.subtitle_changed.emit(text)
