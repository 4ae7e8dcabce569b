"""A server's API key: typed once, then kept and never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, row

if TYPE_CHECKING:
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.keys import Keys, Place

_WHERE: dict[Place, str] = {
    "keyring": "Kept in the system's keyring, never in a file",
    "memory": "This system has no keyring: kept in memory until the project is closed, never in a file",
}


class KeyField(QWidget):
    """Stores what is typed when the field is left. All talk with the keyring is in the background."""

    def __init__(self, keys: Keys, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys, self._bridge = keys, bridge
        self._address = ""
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setAccessibleName("API key")
        self.forget = LinkButton("Forget", tooltip="Forget the key of this server")
        self.field = FormField("API key", boxed(row(self.edit, self.forget, gap="xs")), _WHERE["keyring"])
        self.field.label.setBuddy(self.edit)
        row(self.field, parent=self)
        self.forget.hide()
        self.edit.editingFinished.connect(self._on_edited)
        self.forget.clicked.connect(lambda: self._save(""))
        bridge.run(keys.place, lambda place: self.field.set_help(_WHERE[place]), owner=self)

    def set_address(self, address: str) -> None:
        """Another server, which may have a key already."""
        if address != self._address:
            self._address = address
            self.edit.clear()
            self._bridge.run(lambda: bool(self._keys.load(address)), lambda kept: self._show(address, kept), owner=self)

    def typed(self) -> str:
        """A key that is typed and not kept yet; usually nothing."""
        return self.edit.text().strip()

    def _on_edited(self) -> None:
        if self.typed() and self._address:
            self._save(self.typed())

    def _save(self, key: str) -> None:
        address = self._address

        def on_saved(place: Place) -> None:
            self.field.set_help(_WHERE[place])
            if self.typed() == key:
                self.edit.clear()
            self._show(address, bool(key))

        self._bridge.run(lambda: self._keys.save(address, key), on_saved, owner=self)

    def _show(self, address: str, kept: bool) -> None:
        if address == self._address:
            self.forget.setVisible(kept)
            self.edit.setPlaceholderText("A key is kept; type to replace it" if kept else "None")
