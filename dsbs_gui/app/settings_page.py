"""The settings of this person at this machine, and what this program is made of."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QSizePolicy,
    QWidget,
)

import dsbs_gui
from dsbs_gui.core.settings import OPTIONS, Settings, log_folder, projects_folder
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.form import Form
from dsbs_gui.kit.layout import boxed, column, px, row
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.segmented_control import SegmentedControl

PACKAGES = ("PySide6-Essentials", "torch", "transformers", "datasets", "llama-cpp-python", "pysqlite3", "sqlite-utils")
_LIST_HEIGHT = 96
_HELP = {key: option.help for key, option in OPTIONS.items()}


class SettingsPage(Page):
    """Every change is saved at once; there is nothing to confirm."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("Settings", "for all projects of this person, saved at once", margin=False, parent=parent)
        self._settings = settings
        self.theme = SegmentedControl(
            [("system", "As the desktop"), ("light", "Light"), ("dark", "Dark")], settings.theme, "Theme"
        )
        self.folder = QLineEdit(settings.projects_folder)
        self.folder.setPlaceholderText(str(projects_folder(settings)))
        self.models = QListWidget()
        self.models.setAccessibleName("Model folders")
        self.models.setFixedHeight(_LIST_HEIGHT)
        self.offline = QCheckBox("Work offline")
        self.ask_on_close = QCheckBox("Ask before the window closes while jobs run")
        self._form = Form()
        self._build()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show the settings as they are now."""
        settings = self._settings
        self.theme.set_value(settings.theme)
        self.folder.setText(settings.projects_folder)
        self.offline.setChecked(settings.offline)
        self.ask_on_close.setChecked(settings.ask_on_close)
        self.models.clear()
        self.models.addItems(settings.model_folders)
        self._remove.setEnabled(bool(settings.model_folders))

    def _build(self) -> None:
        form = self._form
        form.add("Theme", _left(self.theme), _HELP["look.theme"])
        browse = SecondaryButton("Choose…", "folder-open")
        browse.clicked.connect(self._on_browse_clicked)
        self._folder_field = form.add(
            "Folder for new projects", boxed(row(self.folder, browse, gap="s")), _HELP["projects.folder"]
        )
        self._add, self._remove = SecondaryButton("Add…", "plus"), SecondaryButton("Remove", "minus")
        buttons = column(self._add, self._remove, None, gap="s")
        form.add("Model folders", boxed(row(self.models, buttons, gap="s")), _HELP["models.folders"])
        form.add_widget(boxed(column(self.offline, _note(_HELP["network.offline"]), gap="none")))
        form.add_widget(self.ask_on_close)
        content = QWidget()
        layout = column(form, self._about(), None, gap="xl", parent=content)
        layout.setContentsMargins(px("xl"), px("l"), px("xl"), px("xl"))
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(Scroller(content))

    def _connect(self) -> None:
        self.theme.chosen.connect(lambda value: setattr(self._settings, "theme", value))
        self.folder.editingFinished.connect(self._on_folder_edited)
        self.offline.toggled.connect(lambda on: setattr(self._settings, "offline", on))
        self.ask_on_close.toggled.connect(lambda on: setattr(self._settings, "ask_on_close", on))
        self._add.clicked.connect(self._on_add_clicked)
        self._remove.clicked.connect(self._on_remove_clicked)

    def _about(self) -> QWidget:
        grid = QGridLayout()
        grid.setHorizontalSpacing(px("l"))
        grid.setVerticalSpacing(px("xs"))
        grid.setColumnStretch(1, 1)
        for line, (name, version) in enumerate(versions()):
            grid.addWidget(PlainLabel(name, tone="muted", selectable=True), line, 0)
            grid.addWidget(PlainLabel(version, selectable=True), line, 1)
        copy = SecondaryButton("Copy versions", "copy")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(versions_text()))
        logs = SecondaryButton("Open the log folder", "folder-open")
        logs.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder()))))
        about = Card("About", grid, row(copy, logs, None, gap="s"), gap="m")
        about.setMaximumWidth(self._form.maximumWidth())
        about.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        return about

    def _on_browse_clicked(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for new projects", str(projects_folder(self._settings)))
        if chosen:
            self.folder.setText(chosen)
            self._on_folder_edited()

    def _on_folder_edited(self) -> None:
        text = self.folder.text().strip()
        if text and not Path(text).expanduser().is_absolute():
            self._folder_field.set_error("Give the whole path, from the root or from ~.")
        elif text and Path(text).expanduser().is_file():
            self._folder_field.set_error("This is a file. Choose a folder.")
        else:
            self._folder_field.set_error("")
            self._settings.projects_folder = text

    def _on_add_clicked(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder with models", str(Path.home()))
        if chosen and chosen not in self._settings.model_folders:
            self._settings.model_folders = [*self._settings.model_folders, chosen]
            self.refresh()

    def _on_remove_clicked(self) -> None:
        row_number = max(0, self.models.currentRow())
        folders = self._settings.model_folders
        self._settings.model_folders = folders[:row_number] + folders[row_number + 1 :]
        self.refresh()


def versions() -> list[tuple[str, str]]:
    """Name and version of this program and of what it stands on; nothing of it is imported."""
    found = [
        ("DSBS Studio", dsbs_gui.__version__),
        ("Python", platform.python_version()),
        ("System", platform.platform()),
    ]
    for package in PACKAGES:
        try:
            found.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            found.append((package, "not installed"))
    return found


def versions_text() -> str:
    """For a report."""
    return "\n".join(f"{name} {version}" for name, version in versions())


def _left(widget: QWidget) -> QWidget:
    return boxed(row(widget, None))


def _note(text: str) -> PlainLabel:
    return PlainLabel(text, type="caption", tone="muted", wrap=True)
