"""Where a remote teacher is: what runs on this machine, known providers, or an address; its model, key and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget
from typing_extensions import override

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher.servers import PROVIDERS, Server, local_servers

from .key_field import KeyField

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.keys import Keys

_LOOKED_FOR = "Ollama, LM Studio, llama-server and vLLM"
_OTHER = "Another address"
_MOST_REQUESTS, _MOST_TOKENS = 99_999, 99_999_999  # a minute; wider figures would need a wider column


class ServerForm(QWidget):
    """Signals:
    edited: the address or the model is being typed.
    chosen: a server or a model was chosen from a list.
    changed: a limit or the kind of answer was changed.
    """

    edited = Signal()
    chosen = Signal()
    changed = Signal()

    def __init__(self, keys: Keys, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._looked = False
        self.box = QComboBox()
        self.look = LinkButton("Look again", tooltip=f"Look for {_LOOKED_FOR} on this machine")
        self.address = QLineEdit(placeholderText="http://localhost:8080/v1")
        self.model = QComboBox()
        self.model.setLineEdit(QLineEdit(placeholderText="The only one that the server has"))
        self.key = KeyField(keys, bridge)
        self.requests = _limit("Requests a minute", _MOST_REQUESTS)
        self.tokens = _limit("Tokens a minute", _MOST_TOKENS)
        self.structured = QCheckBox("Ask for JSON")
        self._build()
        self._connect()
        self._fill([])

    def _build(self) -> None:
        self.model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.structured.setToolTip("Where the server can: answers that keep to a JSON schema. It can cost accuracy.")
        picked = row(gap="s")
        picked.addWidget(self.box, 1)
        picked.addWidget(self.look)
        self._box_field = FormField("Server", boxed(picked), " ")
        self._box_field.label.setBuddy(self.box)
        self.box.setAccessibleName("Server")
        limits = row(gap="m")
        for title, spin in (("Requests/min", self.requests), ("Tokens/min", self.tokens)):
            limits.addWidget(FormField(title, spin), 1, Qt.AlignmentFlag.AlignTop)
        column(
            self._box_field,
            FormField("Address", self.address, "https://…, or http:// on this machine. Speaks OpenAI or Anthropic."),
            FormField("Model", self.model),
            self.key,
            boxed(limits),
            self.structured,
            gap="m",
            parent=self,
        )

    def _connect(self) -> None:
        self.box.activated.connect(self._on_server_chosen)
        self.look.clicked.connect(self.look_around)
        self.address.textChanged.connect(lambda _: self._show_box())
        self.address.textChanged.connect(lambda _: self.edited.emit())
        self.model.editTextChanged.connect(lambda _: self.edited.emit())
        self.model.activated.connect(lambda _: self.chosen.emit())
        for spin in (self.requests, self.tokens):
            spin.valueChanged.connect(lambda _: self.changed.emit())
        self.structured.toggled.connect(lambda _: self.changed.emit())

    # ------------------------------------------------------------ what others call

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``generate_request``, but for the teacher itself."""
        return {
            "requests_per_minute": self.requests.value(),
            "tokens_per_minute": self.tokens.value(),
            "structured": self.structured.isChecked(),
        }

    def show_choices(self, address: str, model: str) -> None:
        """Put an address and a model into the fields."""
        self.address.setText(address)
        self.model.setEditText(model)

    def look_around(self) -> None:
        """Look for servers on this machine in the background."""
        self._looked = True
        self.look.setEnabled(False)
        self._box_field.set_help("Looking on this machine")
        self._bridge.run(local_servers, self._on_found, owner=self)

    # ------------------------------------------------------------ events

    def _on_found(self, found: list[Server]) -> None:
        self.look.setEnabled(True)
        names = ", ".join(server.title for server in found)
        text = f"On this machine: {names}" if found else f"None on this machine: looked for {_LOOKED_FOR}"
        self._box_field.set_help(text)
        self._fill(found)

    def _on_server_chosen(self, place: int) -> None:
        server: Server | None = self.box.itemData(place)
        if server is None:
            self.address.setFocus()
            return
        self.address.setText(server.address)
        self._offer(server)
        self.model.setEditText(server.models[0] if server.models else "")
        self.chosen.emit()

    def _fill(self, found: list[Server]) -> None:
        """The list of servers, those of this machine first."""
        self.box.clear()
        for server in found:
            self.box.addItem(f"{server.title} on this machine, {plural(len(server.models), 'model')}", server)
        if found:
            self.box.insertSeparator(self.box.count())
        self.box.addItem(_OTHER, None)
        for server in PROVIDERS:
            self.box.addItem(server.title, server)
        self._show_box()
        if self.box.currentData() is not None:
            self._offer(self.box.currentData())

    def _show_box(self) -> None:
        """Show the server whose address is typed as the chosen one."""
        typed = self.address.text().strip().rstrip("/")
        place = self.box.findText(_OTHER)
        for index in range(self.box.count()):
            server: Server | None = self.box.itemData(index)
            if server is not None and typed == server.address:
                place = index
        self.box.setCurrentIndex(place)

    def _offer(self, server: Server) -> None:
        """The server's models as a list to choose from; what is typed stays."""
        typed = self.model.currentText()
        self.model.clear()
        self.model.addItems(list(server.models))
        self.model.setEditText(typed)

    # ------------------------------------------------------------ Qt

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """The first time that it is seen, it looks around."""
        super().showEvent(event)
        if not self._looked:
            self.look_around()


def _limit(name: str, most: int) -> QSpinBox:
    spin = QSpinBox(minimum=0, maximum=most, singleStep=10)
    spin.setSpecialValueText("no limit")
    spin.setGroupSeparatorShown(True)
    spin.setAccessibleName(name)
    return spin
