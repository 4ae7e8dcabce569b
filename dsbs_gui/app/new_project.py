"""The sheet that asks for a new project: what kind of task, which name, where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QFileDialog, QLineEdit, QWidget
from typing_extensions import override

from dsbs_gui.app.fitting import fit_height
from dsbs_gui.core.settings import Settings, projects_folder
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.choice_card import ChoiceCard
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

_ICONS = {"nli": "arrows-left-right", "choice": "list-bullets", "math": "calculator", "text": "text-aa"}


def folder_name(name: str) -> str:
    """A name for a folder that every system takes: letters, digits, ``-``, ``_`` and ``.``"""
    slug = re.sub(r"[^\w.-]+", "-", name.strip(), flags=re.UNICODE).strip("-.")
    return slug[:60] or "project"


class NewProjectSheet(Sheet):
    """After ``ask()``: ``folder``, ``task``, ``name``."""

    def __init__(self, parent: QWidget | None, settings: Settings) -> None:
        super().__init__(parent, "New project", width="m")
        self._parent_folder = projects_folder(settings)
        self._folder_chosen = False
        self.name_field = QLineEdit()
        self.name_field.setPlaceholderText("e.g. Word problems")
        self.folder_field = QLineEdit()
        self._tasks = QButtonGroup(self)
        self._name = FormField("Name", self.name_field)
        self._folder = FormField("Folder", self._folder_row(), "Everything of the project is kept in it.")
        self.add(self._name, self._task_cards(), self._folder)
        self._accept = self.add_accept("Create project")
        self._accept.clicked.disconnect(self.accept)
        self._accept.clicked.connect(self._on_accept_clicked)
        self.name_field.textChanged.connect(self._on_name_changed)
        self.folder_field.textEdited.connect(self._on_folder_edited)
        self._on_name_changed("")
        self.name_field.setFocus()

    @property
    def name(self) -> str:
        return self.name_field.text().strip()

    @property
    def folder(self) -> Path:
        return Path(self.folder_field.text().strip()).expanduser()

    @property
    def task(self) -> str:
        chosen = self._tasks.checkedButton()
        assert chosen is not None  # one card always is
        return str(chosen.property("task"))

    def choose_task(self, name: str) -> None:
        """Choose a task by its name."""
        for card in self._tasks.buttons():
            card.setChecked(card.property("task") == name)

    def _folder_row(self) -> QWidget:
        browse = SecondaryButton("Choose…", "folder-open")
        browse.clicked.connect(self._on_browse_clicked)
        return boxed(row(self.folder_field, browse, gap="s"))

    def _task_cards(self) -> QWidget:
        cards = column(gap="s")
        for number, task in enumerate(TASKS.values()):
            card = ChoiceCard(task.title, task.summary, _ICONS.get(task.name, "circle"))
            card.setProperty("task", task.name)
            card.setChecked(number == 0)
            self._tasks.addButton(card)
            cards.addWidget(card)
        return boxed(column(PlainLabel("Task", type="emphasis"), cards, gap="xs"))

    def _on_name_changed(self, name: str) -> None:
        self._name.set_error("")
        if not self._folder_chosen:
            self.folder_field.setText(str(self._parent_folder / folder_name(name or "project")))
            self._folder.set_error("")

    def _on_folder_edited(self) -> None:
        self._folder_chosen = True
        self._folder.set_error("")

    def _on_browse_clicked(self) -> None:
        start = self._parent_folder if self._parent_folder.is_dir() else Path.home()
        chosen = QFileDialog.getExistingDirectory(self, "Where the project's folder is made", str(start))
        if chosen:
            self._parent_folder, self._folder_chosen = Path(chosen), False
            self._on_name_changed(self.name)

    def _on_accept_clicked(self) -> None:
        if not self.name:
            self._name.set_error("Give the project a name.")
            self.name_field.setFocus()
        elif problem := folder_problem(self.folder):
            self._folder.set_error(problem)
            self.folder_field.setFocus()
        else:
            self.accept()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for card in self._tasks.buttons():  # as tall as their text is at this width, not at the least one
            card.setFixedHeight(card.heightForWidth(card.width()))
        fit_height(self)


def folder_problem(folder: Path) -> str:
    """Why a project cannot be made there; empty if it can, as far as one can see beforehand."""
    if not folder.is_absolute():
        return "Give the whole path, from the root or from ~."
    if folder.is_file():
        return "This is a file. Choose a folder."
    try:
        if (folder / "project.db").exists():
            return "There is a project here already. Open it, or choose another folder."
        if folder.is_dir() and any(folder.iterdir()):
            return "This folder is not empty. Choose a new or an empty one."
    except OSError as error:
        return f"This folder cannot be read: {error.strerror}."
    return ""
