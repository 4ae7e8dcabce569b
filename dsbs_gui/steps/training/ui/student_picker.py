"""Choosing a student: one of the catalogue, or a folder, a GGUF file or a hub id."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QMenu, QWidget

from dsbs_gui.core import catalogue
from dsbs_gui.core.errors import UserError
from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.roles import set_property
from dsbs_gui.steps.training.choice import choose

_OTHER = ""


class StudentPicker(QWidget):
    """Signals:
    changed: another student was chosen or named.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox()
        self.box.setAccessibleName("Student")
        self.path = QLineEdit()
        self.path.setAccessibleName("Folder, GGUF file or hub id")
        self.path.setPlaceholderText("Folder, GGUF file or hub id")
        self.browse = IconButton("folder-open", "Choose a folder or a file")
        self.about = PlainLabel(type="caption", tone="muted", wrap=True)
        self._other = boxed(row(self.path, self.browse, gap="xs"))
        self._entries = {e.id: e for e in catalogue.entries() if "student" in e.roles}
        for entry in self._entries.values():
            self.box.addItem(entry.title, entry.id)
        self.box.addItem("Another folder, file or hub id", _OTHER)
        self.box.setCurrentIndex(max(0, self.box.findData("starter")))
        column(self.box, self._other, self.about, gap="s", parent=self)
        self._make_menu()
        self.box.currentIndexChanged.connect(self._on_changed)
        self.path.textChanged.connect(self._on_changed)
        self._show()

    def student(self) -> str:
        """What ``train_request`` takes: a catalogue id, a path or a hub id."""
        return str(self.box.currentData()) or self.path.text().strip()

    def set_student(self, student: str) -> None:
        """Choose an entry of the catalogue, or name another student."""
        if student not in self._entries:
            self.path.setText(student)
        self.box.setCurrentIndex(self.box.findData(student if student in self._entries else _OTHER))

    def problem(self) -> str:
        """Why the named student cannot be trained, as far as that can be told at once; shown at the field too."""
        try:
            choose(self.student())
        except UserError as error:
            self.about.show_text(str(error.message), "bad")
            set_property(self.path, "wrong", "true")
            return error.message
        return ""

    def architecture(self) -> str:
        """As far as it is known without loading; "" where it is not."""
        try:
            return choose(self.student()).architecture
        except UserError:
            return ""

    def _make_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction("Model folder…").triggered.connect(self._on_folder_asked)
        menu.addAction("GGUF file…").triggered.connect(self._on_file_asked)
        self.browse.set_menu(menu)

    def _on_folder_asked(self) -> None:
        if path := QFileDialog.getExistingDirectory(self, "Choose a model folder"):
            self.path.setText(path)

    def _on_file_asked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a GGUF file", filter="GGUF files (*.gguf)")
        if path:
            self.path.setText(path)

    def _on_changed(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        entry = self._entries.get(str(self.box.currentData()))
        self._other.setVisible(entry is None)
        set_property(self.path, "wrong", "false")
        if entry is None:
            kinds = "A T5-like or a decoder-only model that transformers can load. No remote code is run."
            self.about.show_text(kinds, "muted")
            return
        source = "" if entry.kind != "hub" else f" Fetched from {entry.hub_id} on first use."
        self.about.show_text(f"{entry.summary}{source}", "muted")
