"""The Teacher page: a header, and one of three views below it. A view is built when it is first shown."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget

from dsbs_gui.kit.page import Page
from dsbs_gui.kit.segmented_control import SegmentedControl

if TYPE_CHECKING:
    from array import array

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge

    from .view import TeacherView


class _View(NamedTuple):
    name: str
    module: str
    kind: str
    key: str


_VIEWS = {
    "ask": _View("Ask", "ask_view", "AskView", "Alt+1"),
    "prompts": _View("Prompts", "prompts_view", "PromptsView", "Alt+2"),
    "answers": _View("Answers", "answers_view", "AnswersView", "Alt+3"),
}


class TeacherPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    """

    go_to = Signal(str)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Teacher", margin=False, parent=parent)
        self._project, self._bridge = project, bridge
        self._built: dict[str, Any] = {}
        self.switch = SegmentedControl([(key, view.name) for key, view in _VIEWS.items()], "ask", "View")
        self._views = QStackedWidget()
        self.header.set_switch(self.switch)
        self.body.addWidget(self._views, 1)
        self.switch.chosen.connect(self.show_view)
        for key, view in _VIEWS.items():
            shortcut = QShortcut(QKeySequence(view.key), self, partial(self.show_view, key))
            shortcut.setWhatsThis(f"Show “{view.name}”")
        self._show("ask")

    def refresh(self) -> None:
        """Bring the view in front up to date."""
        self._built[self.switch.value()].refresh()

    def view(self, key: str) -> Any:
        """The view ``ask``, ``prompts`` or ``answers``, built now if it was never shown."""
        found = self._built.get(key)
        if found is None:
            found = self._built[key] = self._build(_VIEWS[key])
        return found

    def show_view(self, key: str) -> None:
        """Bring a view to the front and up to date."""
        self._show(key)
        self.refresh()

    def tells_end(self, run: Run) -> bool:
        """Whether the view in front says by itself how a run ended."""
        return self.switch.value() == "ask" and bool(self.view("ask").tells_end(run))

    def ask_about(self, ids: array[int], title: str, hint: str = "", aside: bool = False) -> None:
        """Go to “Ask” with these rows chosen; ``title`` says which they are.

        Args:
            hint: of ``specs.HINTS``: when the gold label is told; "" leaves that as it is.
            aside: suggest to put the answers beside what stands, to be compared in Review.
        """
        self.view("ask").choose_rows(ids, title, hint, aside)
        self.show_view("ask")

    def _build(self, wanted: _View) -> TeacherView:
        kind = getattr(import_module(f".{wanted.module}", __package__), wanted.kind)
        # The workshop tries its prompts with the teacher and the settings of “Ask”.
        more = (self.view("ask"),) if wanted.kind == "PromptsView" else ()
        made: TeacherView = kind(self._project, self._bridge, *more, self)
        made.go_to.connect(self.go_to)
        made.view_asked.connect(self.show_view)
        made.ask_about.connect(self.ask_about)
        made.subtitle_changed.connect(lambda text: self._on_subtitle(made, text))
        self._views.addWidget(made)
        self.header.add_actions(made.header_buttons)
        return made

    def _show(self, key: str) -> None:
        shown = self.view(key)
        self.switch.set_value(key)
        self._views.setCurrentWidget(shown)
        for view in self._built.values():
            view.header_buttons.setVisible(view is shown)
        self.header.set_subtitle(shown.subtitle)

    def _on_subtitle(self, view: TeacherView, text: str) -> None:
        if self._views.currentWidget() is view:
            self.header.set_subtitle(text)
