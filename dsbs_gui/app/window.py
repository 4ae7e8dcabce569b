"""The frame: navigation at the left, one page, the job strip below."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget
from typing_extensions import override

from dsbs_gui.app import closing, recent
from dsbs_gui.app.background import Background
from dsbs_gui.app.crash import CrashReporter
from dsbs_gui.app.job_news import JobNews
from dsbs_gui.app.pages import STEPS, Step
from dsbs_gui.app.projects import Projects
from dsbs_gui.app.shortcuts import ShortcutSheet, groups_of
from dsbs_gui.app.start_page import StartPage
from dsbs_gui.app.switcher import ProjectMenu
from dsbs_gui.core.errors import DsbsError
from dsbs_gui.core.settings import Settings, put_into_environment
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.job_strip import JobStrip
from dsbs_gui.kit.layout import column, px, row
from dsbs_gui.kit.message_bar import Kind, MessageArea, MessageBar
from dsbs_gui.kit.nav_list import NavItem, NavList
from dsbs_gui.kit.theme.apply import theme
from dsbs_gui.kit.toast import show_toast

if TYPE_CHECKING:
    from dsbs_gui.app.session import Session
    from dsbs_gui.core.project import Project

TITLE = "DSBS Studio"
_SIZE = (1280, 800)
_LEAST = (1080, 600)
_NARROW = 1240
"""Below this width the navigation folds by itself: the pages need what is left."""
SETTINGS = "settings"


class Window(QWidget):
    """One a process. Opens one project at a time.

    Signals:
        opened: a project is open and its first page is in front.
        idle: what was asked for could not be opened, or the project was closed.
        painted: the window was painted for the first time.
    """

    opened = Signal()
    idle = Signal()
    painted = Signal()

    def __init__(
        self,
        settings: Settings,
        reporter: CrashReporter,
        steps: tuple[Step, ...] = STEPS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self._settings, self._reporter, self._steps = settings, reporter, steps
        self._background = Background(self)
        self._projects = Projects(settings, self._background, self)
        self._news: JobNews | None = None
        self._is_painted = self._is_narrow = False
        self._settings_page: Any = None
        self._build()
        self._connect()
        self._add_shortcuts()
        self._restore()
        self._show_without_project()

    def start_log(self) -> None:
        """Begin the log of this process; in the background, because its libraries are slow to load."""
        problems = self._tell_settings_problems()
        self._background.run(lambda: _set_up_log(problems), lambda _: None, self._reporter.report)

    # -- projects -----------------------------------------------------------------------------

    def open_folder(self, folder: Path, *, read_only: bool = False) -> None:
        """Open a project in the background; the one that is open stays until the other one is."""
        self._projects.open_folder(folder, read_only=read_only)

    def open_sample(self) -> None:
        """Open the sample project; on first use it is made."""
        self._projects.open_sample()

    def close_project(self) -> None:
        """Close the project and show the start page. Its jobs go on."""
        if self.session is not None:
            self._settings.last = ""
            self._end_session()
            self._show_without_project()
            self.idle.emit()

    def _on_begun(self, name: str) -> None:
        self._busy.set_text(f"Opening {name}", "")
        self.stack.setCurrentWidget(self._busy)

    def _on_opened(self, project: Project) -> None:
        self._end_session()
        self._begin_session(project)
        self.go_to(self._steps[0].key)
        if project.store.read_only:
            self.show_message(
                "attention",
                "This project is open for reading only.",
                "Nothing can be changed or started here. Close it elsewhere and open it again to work on it.",
                key="read-only",
            )
        self.opened.emit()

    def _begin_session(self, project: Project) -> None:
        from dsbs_gui.app.session import Session

        recent.remember(self._settings, project.folder)
        session = Session(project, self._steps, self.stack, self.nav, self.strip)
        session.go_to.connect(self.go_to)
        session.page_failed.connect(self._reporter.report)
        session.bridge.message.connect(self._on_message)
        session.bridge.failed.connect(self._reporter.report)
        self.session, self._projects.current = session, project
        self._news = JobNews(self, session, self._steps)
        for step in self._steps:
            self.nav.set_item_enabled(step.key, True)
        self._menu.name(session.name)
        self.strip.show()

    def _on_open_failed(self, error: Exception, open_read_only: Callable[[], None] | None) -> None:
        from dsbs_gui.core.project import ProjectInUse

        if self.session is not None:
            self.go_to(self.nav.current_key())
        else:
            self._show_without_project()
        if not isinstance(error, DsbsError):
            self._reporter.report(error)
        elif isinstance(error, ProjectInUse) and open_read_only is not None:
            bar = self.show_message("attention", error.message, error.hint, "Open read-only", key="open")
            bar.action_asked.connect(open_read_only)
        else:
            self.show_message("bad", error.message, error.hint, key="open")
        self.idle.emit()

    def _end_session(self) -> None:
        if self.session is not None:
            session, self.session = self.session, None
            self._projects.current = self._news = None
            session.close()

    def _show_without_project(self) -> None:
        for step in self._steps:
            self.nav.set_item_enabled(step.key, False)
            self.nav.set_trailing(step.key)
        self.nav.clear_current()
        self._menu.name("")
        self.strip.hide()
        self.start.messages.clear()
        self.start.refresh()
        self.stack.setCurrentWidget(self.start)
        self.setWindowTitle(TITLE)

    # -- pages --------------------------------------------------------------------------------

    def go_to(self, key: str) -> None:
        """Show a step or the settings; a name that is neither is left alone."""
        if key == SETTINGS:
            self._show_settings()
        elif self.session is not None and any(step.key == key for step in self._steps):
            if self._news is not None:
                self._news.page_left(self.stack.currentWidget())
            self.nav.set_current(key)
            self.session.show(key)
            name = next(step.name for step in self._steps if step.key == key)
            self.setWindowTitle(f"{name} · {self.session.name} · {TITLE}")
        elif self.session is None:
            self._show_without_project()

    def _show_settings(self) -> None:
        if self._settings_page is None:
            from dsbs_gui.app.settings_page import SettingsPage

            self._settings_page = SettingsPage(self._settings)
            self.stack.addWidget(self._settings_page)
        self._settings_page.refresh()
        self.nav.set_current(SETTINGS)
        self.stack.setCurrentWidget(self._settings_page)
        self.setWindowTitle(f"Settings · {TITLE}")

    def show_message(self, kind: Kind, text: str, hint: str = "", button: str = "", *, key: str = "") -> MessageBar:
        """Put a message under the title of the page in front."""
        return self.message_area().show_message(kind, text, hint, button, key=key)

    def message_area(self) -> MessageArea:
        """Where the page in front has its messages."""
        area = getattr(self.stack.currentWidget(), "messages", None)
        return area if isinstance(area, MessageArea) else self._messages

    def show_job(self, run_id: str) -> None:
        """Show one run in full."""
        if self._news is not None:
            self._news.show_run(run_id)

    def show_shortcuts(self) -> None:
        """Show the keys of the window and of the page in front."""
        page = self.stack.currentWidget()
        sheet = ShortcutSheet(self, groups_of(page))
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if (table := getattr(page, "keys", None)) is not None:
            change = sheet.add_side_button("Change keys…")
            change.clicked.connect(lambda: (sheet.close(), table.ask()))
        sheet.open()

    def _on_message(self, level: str, text: str, hint: str) -> None:
        if level == "good" and not hint:
            show_toast(self, text)
        else:
            self.show_message(cast("Kind", level), text, hint)

    # -- frame --------------------------------------------------------------------------------

    def _build(self) -> None:
        items = [NavItem(step.key, step.name, step.icon) for step in self._steps]
        self.nav = NavList([*items, NavItem(SETTINGS, "Settings", "gear-six", foot=True)])
        self.stack = QStackedWidget()
        self.strip = JobStrip()
        self.start = StartPage(self._settings, self._background)
        self._busy = EmptyState("hourglass-medium", "Opening")
        self._messages = MessageArea()
        self._messages.setContentsMargins(px("xl"), px("m"), px("xl"), 0)
        self.stack.addWidget(self.start)
        self.stack.addWidget(self._busy)
        right = column(self._messages, gap="none")
        right.addWidget(self.stack, 1)
        upper = row(self.nav, gap="none")
        upper.addLayout(right, 1)
        layout = column(gap="none", parent=self)
        layout.addLayout(upper, 1)
        layout.addWidget(self.strip)
        self._menu = ProjectMenu(self.nav, self._settings)

    def _connect(self) -> None:
        self.nav.chosen.connect(self.go_to)
        self.nav.folded_changed.connect(self._on_folded)
        self.strip.open_asked.connect(self.show_job)
        for source in (self.start, self._menu):
            source.open_asked.connect(self.open_folder)
            source.sample_asked.connect(self.open_sample)
            source.new_asked.connect(self._projects.ask_for_new)
            source.browse_asked.connect(self._projects.ask_which)
        self._menu.close_asked.connect(self.close_project)
        self._projects.begun.connect(self._on_begun)
        self._projects.opened.connect(self._on_opened)
        self._projects.failed.connect(self._on_open_failed)
        self._settings.listen(self._on_setting_changed)

    def _add_shortcuts(self) -> None:
        for keys, act in (
            ("Ctrl+N", self._projects.ask_for_new),
            ("Ctrl+O", self._projects.ask_which),
            ("Ctrl+W", self.close_project),
            ("Ctrl+Q", self.close),
            ("Ctrl+,", self._show_settings),
            ("F1", self.show_shortcuts),
            ("?", self.show_shortcuts),
        ):
            QShortcut(QKeySequence(keys), self, act)

    def _on_setting_changed(self, key: str) -> None:
        if key == "look.theme":
            theme().apply(self._settings.theme)  # type: ignore[arg-type]  # the option's choices are the modes
        elif key in ("network.offline", "models.folders"):
            put_into_environment(self._settings)
        self._tell_settings_problems()

    def _tell_settings_problems(self) -> list[str]:
        """Say, above whatever page is in front, what could not be read or saved; returns the sentences."""
        told, self._settings.problems[:] = self._settings.problems[:], []
        for problem in told:
            self._messages.show_message("attention", problem)
        return told

    def _restore(self) -> None:
        self.setWindowTitle(TITLE)
        self.setMinimumSize(*_LEAST)
        self.resize(*_SIZE)
        self.restoreGeometry(QByteArray.fromBase64(self._settings.geometry.encode()))
        self._fold()

    def _fold(self) -> None:
        self._is_narrow = self.width() < _NARROW
        self.nav.set_folded(self._is_narrow or self._settings.navigation_folded)

    def _on_folded(self, folded: bool) -> None:
        if not self._is_narrow:  # there it folds by itself; what was chosen for a wide window stays
            self._settings.navigation_folded = folded

    # -- Qt -----------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_narrow != (self.width() < _NARROW):
            self._fold()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session is not None and not closing.may_close(self, self.session, self._settings):
            event.ignore()
            return
        self._settings.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self._projects.forget_wishes()
        self.hide()
        self._background.close()
        self._end_session()
        event.accept()


def _set_up_log(problems: list[str]) -> None:
    from dsbs_gui.core import log
    from dsbs_gui.core.settings import log_folder

    log.set_up(log_folder())
    for problem in problems:
        logging.getLogger("settings").warning("%s", problem)
