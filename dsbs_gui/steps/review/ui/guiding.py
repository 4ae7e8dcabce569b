"""Keeps the guidelines pane up to date and stores what is written there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from dsbs_gui.core.store import guidelines
from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.sheet import confirm

from .drafting import WRITE_MS
from .writes import Writes

if TYPE_CHECKING:
    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.settings import Settings
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page

    from .work_area import WorkArea


class Guiding(QObject):
    """Shows and folds the pane, in both views; whether it was open is remembered."""

    def __init__(self, page: Page, project: Project, bridge: Bridge, area: WorkArea, settings: Settings) -> None:
        super().__init__(page)
        self._page, self._store, self._bridge, self._area = page, project.store, bridge, area
        self._settings = settings
        self._writes = Writes(project, bridge, self)
        self._pane = area.guidelines
        self.button = IconButton("book-open", "Guidelines", checkable=True)
        self.button.clicked.connect(self.toggle)
        self._pane.save_asked.connect(self._save)
        self._pane.close_asked.connect(lambda: self.set_open(False))
        self._pane.view.link_asked.connect(self._on_link_asked)
        self._is_kept = False
        self._keeping = QTimer(self, singleShot=True, interval=WRITE_MS)
        if not self._store.read_only:
            self._keeping.timeout.connect(self._keep)
            self._pane.typed.connect(self._on_typed)
            self._pane.left.connect(self._on_left)
            bridge.run(lambda: guidelines.draft(self._store.reader), self._on_draft_found, owner=self)
        bridge.changed.connect(self._on_changed)
        self._show(settings.review_guidelines)
        if settings.review_guidelines:
            self._read()

    def toggle(self) -> None:
        """Show the pane, or fold it away."""
        self.set_open(self._pane.isHidden())

    def set_open(self, open: bool) -> None:
        """Show or fold away; what was typed is saved first."""
        self._settings.review_guidelines = open
        self.leave()
        self._show(open)
        if open:
            self._read()
        else:
            self._area.home()

    def leave(self) -> None:
        """Save what was typed, before it is out of sight."""
        self._pane.finish()

    def _show(self, open: bool) -> None:
        self._pane.setVisible(open)
        self.button.setChecked(open)

    def _read(self) -> None:
        store = self._store
        self._bridge.run(lambda: guidelines.versions(store.reader), self._pane.show_versions, owner=self)

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("project") and not self._pane.isHidden():
            self._read()

    def _save(self, text: str) -> None:
        self._writes.submit(
            lambda tx: guidelines.save(tx, text),
            lambda _: self._page.messages.clear("guidelines"),
            partial(self._on_failed, text),
        )

    def _on_typed(self) -> None:
        if not self._keeping.isActive():  # not anew with each key: who types without a pause is as safe as anybody
            self._keeping.start()

    def _keep(self) -> None:
        """Keep what is being written, in case of a crash."""
        if self._pane.is_editing() and not self._store.closed:
            typed = self._pane.editor.text_if_modified()
            self._is_kept = typed is not None
            self._writes.submit(lambda tx: guidelines.keep_draft(tx, typed), None, lambda error: None)

    def _on_left(self) -> None:
        self._keeping.stop()
        self._page.messages.clear("guidelines-draft")
        if self._is_kept:
            self._is_kept = False
            self._writes.submit(lambda tx: guidelines.keep_draft(tx, None))

    def _on_draft_found(self, draft: str | None) -> None:
        if draft is None:
            return
        bar = self._page.show_message(
            "info",
            "Guidelines were being written when the program ended.",
            "Save or cancel them there.",
            "Show them",
            key="guidelines-draft",
        )
        bar.action_asked.connect(lambda: self._show_draft(draft))

    def _show_draft(self, draft: str) -> None:
        self.set_open(True)
        self._pane.put_back(draft)
        self._is_kept = True

    def _on_failed(self, text: str, error: DsbsError) -> None:
        self._pane.put_back(text)
        self._page.show_message(
            "bad",
            f"The guidelines were not saved: {error.message}",
            f"{error.hint} They are kept in the editor until then.",
            key="guidelines",
        )

    def _on_link_asked(self, address: str) -> None:
        if confirm(self._page, "Open this address?", address, "Open in the browser"):
            QDesktopServices.openUrl(QUrl(address))
