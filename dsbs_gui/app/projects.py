"""Which project is open in the window: opening one beside it, asking which, letting go of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dsbs_gui.app import opening
from dsbs_gui.core.settings import Settings

if TYPE_CHECKING:
    from dsbs_gui.app.background import Background
    from dsbs_gui.core.project import Project

OpenReadOnly = Callable[[], None]


class Projects(QObject):
    """Opens one project at a time; of two wishes the later one is granted. Window's thread only.

    Signals:
        begun(name): one is being opened.
        opened(Project): it is open; whoever gets it closes it.
        failed(error, how to open it for reading only or None).
    """

    begun = Signal(str)
    opened = Signal(object)
    failed = Signal(object, object)

    def __init__(self, settings: Settings, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self.current: Project | None = None
        self._settings, self._background, self._window = settings, background, window
        self._generation = 0
        self._wanted: tuple[Path, bool] | None = None

    def open_folder(self, folder: Path, *, read_only: bool = False) -> None:
        """Open a project in the background, unless it is open, or being opened, in this way."""
        if self._is_open(folder, read_only):
            return
        again = partial(self.open_folder, folder, read_only=True)
        self._open(folder, folder.name, lambda: opening.open_project(folder, read_only=read_only), again, read_only)

    def open_sample(self) -> None:
        """Open the sample project; on first use it is made."""
        if not self._is_open(opening.sample_folder(), False):
            again = partial(self.open_folder, opening.sample_folder(), read_only=True)
            self._open(opening.sample_folder(), "the sample project", opening.open_sample, again)

    def ask_for_new(self) -> None:
        """Ask for a new project, make it, open it."""
        from dsbs_gui.app.new_project import NewProjectSheet

        sheet = NewProjectSheet(self._window, self._settings)
        if sheet.ask():
            folder, task, name = sheet.folder, sheet.task, sheet.name
            self._open(folder, name, lambda: opening.create_project(folder, task, name))
        sheet.deleteLater()

    def ask_which(self) -> None:
        """Ask for the folder of a project and open it."""
        from dsbs_gui.core.settings import projects_folder

        start = projects_folder(self._settings)
        chosen = QFileDialog.getExistingDirectory(
            self._window, "Open the folder of a project", str(start if start.is_dir() else Path.home())
        )
        if chosen:
            self.open_folder(Path(chosen))

    def forget_wishes(self) -> None:
        """What is still being opened is closed again once it is open."""
        self._generation += 1

    def _is_open(self, folder: Path, read_only: bool) -> bool:
        return (
            self.current is not None
            and self.current.folder == folder.expanduser().absolute()
            and self.current.store.read_only == read_only
        )

    def _open(
        self,
        folder: Path,
        name: str,
        work: Callable[[], Project],
        open_read_only: OpenReadOnly | None = None,
        read_only: bool = False,
    ) -> None:
        wanted = folder.expanduser().absolute(), read_only
        if wanted == self._wanted:  # a second time it would be found in use, by us
            return
        self._wanted = wanted
        self._generation += 1
        generation = self._generation
        self.begun.emit(name)
        self._background.run(
            work,
            lambda project: self._on_opened(project, generation),
            lambda error: self._on_failed(error, generation, open_read_only),
        )

    def _on_opened(self, project: Project, generation: int) -> None:
        if generation != self._generation:  # something else was asked for meanwhile
            project.close()
        else:
            self._wanted = None
            self.opened.emit(project)

    def _on_failed(self, error: Exception, generation: int, open_read_only: OpenReadOnly | None) -> None:
        if generation == self._generation:
            self._wanted = None
            self.failed.emit(error, open_read_only)
