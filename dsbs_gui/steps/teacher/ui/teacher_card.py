"""Choosing the teacher: a model of the catalogue, a GGUF file, or a server."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QWidget

from dsbs_gui.core import catalogue
from dsbs_gui.core.errors import DsbsError
from dsbs_gui.kit.buttons import IconButton, SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count, size
from dsbs_gui.steps.teacher import plan
from dsbs_gui.steps.teacher.catalogue import resolve, teachers
from dsbs_gui.steps.teacher.keys import Keys

_FILE, _SERVER = "#file", "#server"


class TeacherCard(Card):
    """Signals:
    changed: another teacher was chosen or named.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Teacher", parent=parent)
        self._keys = Keys()
        self.box = QComboBox()
        self.box.setAccessibleName("Teacher")
        self.path = QLineEdit()
        self.path.setPlaceholderText("A GGUF file")
        self.browse = IconButton("folder-open", "Choose a GGUF file")
        self.address = QLineEdit()
        self.address.setPlaceholderText("http://localhost:11434/v1")
        self.model_name = QLineEdit()
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep_key = SecondaryButton("Keep key", "key")
        self.about = PlainLabel(type="caption", tone="muted", wrap=True)
        self.problem = PlainLabel(tone="bad", wrap=True)
        self._entries = {entry.id: entry for entry in teachers()}
        self._build()
        self._connect()
        self._on_changed()

    def _build(self) -> None:
        for entry in self._entries.values():
            self.box.addItem(entry.title, entry.id)
        self.box.addItem("A GGUF file on this machine", _FILE)
        self.box.addItem("A server (OpenAI-compatible)", _SERVER)
        self._file = FormField("GGUF file", boxed(row(self.path, self.browse, gap="xs")))
        self._server = [
            FormField("Address", self.address, "https://…, or http://localhost for a server on this machine"),
            FormField("Model", self.model_name, "Empty: the only model that the server has"),
            FormField("API key", boxed(row(self.key, self.keep_key, gap="xs")), "Kept in the system's keyring"),
        ]
        self.add(FormField("Model", self.box), self._file, *self._server, self.about, self.problem)

    def _connect(self) -> None:
        self.box.currentIndexChanged.connect(self._on_changed)
        for field in (self.path, self.address, self.model_name):
            field.textChanged.connect(self._on_changed)
        self.browse.clicked.connect(self._on_browse_asked)
        self.keep_key.clicked.connect(self._on_key_given)

    def choices(self) -> dict[str, str | None]:
        """What ``generate_request`` takes: teacher, model_name and api_key."""
        kind = str(self.box.currentData())
        if kind == _FILE:
            return {"teacher": self.path.text().strip(), "model_name": "", "api_key": None}
        if kind == _SERVER:
            address = self.address.text().strip()
            return {
                "teacher": address,
                "model_name": self.model_name.text().strip(),
                "api_key": self._keys.load(address) or None,
            }
        return {"teacher": kind, "model_name": "", "api_key": None}

    def trouble(self) -> DsbsError | None:
        """Why this teacher cannot be asked; None if it can, as far as one can see."""
        chosen = self.choices()
        try:
            teacher = resolve(str(chosen["teacher"]))
            if teacher.kind == "gguf":
                plan.demand_llama_cpp()
        except DsbsError as error:
            return error
        return None

    def _on_changed(self) -> None:
        kind = str(self.box.currentData())
        self._file.setVisible(kind == _FILE)
        for field in self._server:
            field.setVisible(kind == _SERVER)
        self.about.show_text(_about(self._entries[kind]) if kind in self._entries else "", "muted")
        named = self.path.text() if kind == _FILE else self.address.text() if kind == _SERVER else kind
        trouble = self.trouble() if named.strip() else None
        self.problem.show_text("" if trouble is None else str(trouble), "bad")
        self.changed.emit()

    def _on_browse_asked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a GGUF file", "", "GGUF models (*.gguf)")
        if path:
            self.path.setText(path)

    def _on_key_given(self) -> None:
        key, address = self.key.text().strip(), self.address.text().strip()
        if not key or not address:
            self._server[2].set_error("Give the address and the key first.")
            return
        self._server[2].set_error("")
        kept = self._keys.save(address, key) == "keyring"
        self.key.clear()
        told = "The key is in the system's keyring." if kept else "No keyring here: the key is kept until you quit."
        self._server[2].set_help(told)


def _about(entry: catalogue.Entry) -> str:
    parts = [entry.summary]
    if entry.size_bytes:
        parts.append(f"{size(entry.size_bytes)} · context {count(entry.context_length)} tokens · {entry.licence}")
    return "\n".join(part for part in parts if part)
