"""The rules for doubtful rationales at the Review page: opening, saving, handing rows to the teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import policy
from dsbs_gui.kit.toast import show_toast

from .policy_sheet import PolicySheet
from .writes import Writes

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.policy import Rule
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page

    from .work_area import WorkArea

_TITLE = "Rows that your rules want asked again"


class Ruling(QObject):
    """Signals:
    ask_asked(ids, title, hint): these rows are to be asked again.
    """

    ask_asked = Signal(object, str, str)

    def __init__(self, page: Page, project: Project, bridge: Bridge, area: WorkArea) -> None:
        super().__init__(page)
        self._page, self._store, self._bridge, self._area = page, project.store, bridge, area
        self._writes = Writes(project, bridge, self)
        self.sheet: PolicySheet | None = None
        area.foot.rules.clicked.connect(self.open)

    def open(self) -> None:
        """Show the saved rules."""
        try:
            rules = policy.of_project(self._store.reader)
        except UserError as error:  # of a newer version of the program
            self._page.show_message("bad", error.message, error.hint, key="rules")
            return
        sheet = self.sheet = PolicySheet(self._page, self._store, self._bridge, rules, self._area.filters.value())
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.accepted.connect(lambda: self._save(sheet.rules))
        sheet.ask_asked.connect(lambda: self._ask(sheet.rules))
        sheet.open()

    def _save(self, rules: Sequence[Rule]) -> None:
        self._writes.submit(
            lambda tx: policy.save(tx, rules), lambda _: show_toast(self._page, "Rules saved: they hold from now on")
        )

    def _ask(self, rules: Sequence[Rule]) -> None:
        self._bridge.run(lambda: policy.to_ask(self._store.reader, rules), self._on_found, owner=self)

    def _on_found(self, ids: array[int]) -> None:
        if ids:
            self.ask_asked.emit(ids, _TITLE, "always")
        else:
            self._page.show_message(
                "info",
                "None of these rows has a gold label that the teacher could be told.",
                "Until it is asked, only their labels are learnt.",
                key="ask-again",
            )
