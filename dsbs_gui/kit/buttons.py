"""The buttons: one primary action a page, secondary ones beside it, danger only for what cannot be undone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.theme.icons import set_icon
from dsbs_gui.kit.theme.roles import set_property
from dsbs_gui.kit.words import tooltip as in_plain_text


class _Button(KeyRing, QPushButton):
    """A push button of one kind; Return presses it when it has the focus."""

    kind = "secondary"
    icon_role = "text"

    def __init__(
        self, text: str, icon: str = "", *, tooltip: str = "", shortcut: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", self.kind)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon:
            set_icon(self, icon, 16, self.icon_role)
        if shortcut:
            self.setShortcut(shortcut)
        self.set_tooltip(tooltip)

    def set_tooltip(self, text: str) -> None:
        """A plain-text tooltip; the shortcut is added to it."""
        keys = self.shortcut().toString() if not self.shortcut().isEmpty() else ""
        full = " · ".join(part for part in (text, keys) if part)
        self.setToolTip(in_plain_text(full))

    def set_menu(self, menu: QMenu) -> None:
        """Open a menu on click, with an arrow that says so."""
        # Qt does not own the menu; without this reference it would be collected.
        self._menu = menu
        self.setMenu(menu)
        set_property(self, "kind", "menu" if self.kind == "secondary" else self.kind)


class PrimaryButton(_Button):
    """The one action that a page is for."""

    kind = "primary"
    icon_role = "on_accent"


class SecondaryButton(_Button):
    """Any other action."""


class DangerButton(_Button):
    """An action that destroys something."""

    kind = "danger"
    icon_role = "on_accent"


class LinkButton(_Button):
    """An action that reads like a link, for the least important ways on."""

    kind = "link"
    icon_role = "accent"


class IconButton(_Button):
    """A square button with only an icon; its name is read by screen readers and shown as tooltip."""

    kind = "icon"

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        size: int = 16,
        checkable: bool = False,
        shortcut: str = "",
        role: str = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", tooltip=name, shortcut=shortcut, parent=parent)
        self.setAccessibleName(name)
        self.setCheckable(checkable)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._size, self._role = size, role
        self.set_icon(icon, name)
        self.set_tooltip(name)

    def set_icon(self, icon: str, name: str) -> None:
        """Change icon and name together, e.g. of a pause button that becomes a resume button."""
        set_icon(self, icon, self._size, self._role)
        self.setAccessibleName(name)
        self.set_tooltip(name)
