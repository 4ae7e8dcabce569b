"""The menu at the top of the navigation: which project, and which others there are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu

from dsbs_gui.app.opening import sample_folder
from dsbs_gui.core.settings import Settings
from dsbs_gui.kit.nav_list import NavList
from dsbs_gui.kit.theme.icons import set_icon

NOBODY = "No project"


class ProjectMenu(QObject):
    """Filled anew each time it opens.

    Signals:
        open_asked(Path), sample_asked, new_asked, browse_asked, close_asked
    """

    open_asked = Signal(object)
    sample_asked = Signal()
    new_asked = Signal()
    browse_asked = Signal()
    close_asked = Signal()

    def __init__(self, nav: NavList, settings: Settings) -> None:
        super().__init__(nav)
        self._nav, self._settings = nav, settings
        self._open = False
        self.menu = QMenu(nav)
        self.menu.aboutToShow.connect(self._fill)
        self.name("")

    def name(self, name: str) -> None:
        """Show the name of the open project; empty if there is none."""
        self._open = bool(name)
        self._nav.set_header(name or NOBODY, self.menu)

    def _fill(self) -> None:
        self.menu.clear()
        folders = [Path(path) for path in self._settings.recent if Path(path) != sample_folder()]
        if self._open and folders and str(folders[0]) == self._settings.last:
            folders = folders[1:]
        for folder in folders:
            action = self._add(label(folder, folders), "folder")
            action.triggered.connect(lambda _=False, folder=folder: self.open_asked.emit(folder))
            action.setToolTip(str(folder))
        if folders:
            self.menu.addSeparator()
        self._add("Sample project", "graduation-cap").triggered.connect(self.sample_asked)
        self._add("New project…\tCtrl+N", "plus").triggered.connect(self.new_asked)
        self._add("Open a project…\tCtrl+O", "folder-open").triggered.connect(self.browse_asked)
        if self._open:
            self.menu.addSeparator()
            self._add("Show its folder", "arrow-square-out").triggered.connect(self._show_folder)
            self._add("Close the project\tCtrl+W", "x").triggered.connect(self.close_asked)

    def _add(self, text: str, icon: str) -> QAction:
        action = QAction(text, self.menu)
        set_icon(action, icon)
        self.menu.addAction(action)
        return action

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._settings.last))


def label(folder: Path, others: list[Path]) -> str:
    """The folder's name, with its parent where two have the same; no ``&`` is taken for a mnemonic."""
    same = sum(other.name == folder.name for other in others) > 1
    return (f"{folder.name} ({folder.parent.name})" if same else folder.name).replace("&", "&&")
