"""What can be done with the version in front: use, duplicate, rename, note, delete, import, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from dsbs_gui.core.store import prompts
from dsbs_gui.kit.sheet import confirm
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.steps.teacher import exemplars, versions

from .name_sheet import ask_name
from .prompt_card import FILES

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge

    from .draft import Draft
    from .versions_card import VersionsCard


class VersionActs(QObject):
    """Each method is one act of the user on the draft's version; those that make no sense do nothing.

    Signals:
        made(key): a new version, which comes to the front.
        failed(DsbsError).
    """

    made = Signal(str)
    failed = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, draft: Draft, card: VersionsCard, view: QWidget) -> None:
        super().__init__(view)
        self._project, self._bridge, self._draft, self._view = project, bridge, draft, view
        card.note_edited.connect(self.set_note)
        card.duplicate_asked.connect(self.duplicate)
        card.import_asked.connect(self.import_file)
        card.export_asked.connect(self.export)
        card.rename_asked.connect(self.rename)
        card.delete_asked.connect(self.delete)

    def use(self) -> None:
        """Ask with this version from now on."""
        entry, project = self._draft.entry, self._project
        if entry is not None:
            said = f"Teachers are asked with “{entry.name}” now"
            self._run(lambda: versions.choose(project, entry), lambda _: self._tell(said))

    def duplicate(self) -> None:
        """Make a copy, to be changed."""
        entry, prompt, project = self._draft.entry, self._draft.prompt, self._project
        if entry is not None and prompt is not None and not project.store.read_only:
            copied = entry._replace(prompt=prompt)
            self._run(lambda: str(versions.add_from(project, copied)), self.made.emit)

    def rename(self) -> None:
        """Ask for another name."""
        version_id = self._own()
        if version_id is not None and self._draft.entry is not None:
            name = ask_name(self._view, self._draft.entry.name)
            if name:
                self._write(lambda tx: prompts.rename(tx, version_id, name))

    def set_note(self, note: str) -> None:
        """Keep what the user noted about it."""
        version_id, entry = self._own(), self._draft.entry
        if version_id is not None and entry is not None and note != entry.note:
            self._write(lambda tx: prompts.set_note(tx, version_id, note))

    def delete(self) -> None:
        """Delete it if it was never asked with."""
        version_id, entry = self._own(), self._draft.entry
        if version_id is None or entry is None or entry.used:
            return
        text = "It was never used, so no answer depends on it. This cannot be undone."
        if confirm(self._view, f"Delete “{entry.name}”?", text, "Delete version", danger=True):
            self._write(lambda tx: prompts.delete(tx, version_id))

    def import_file(self) -> None:
        """Make a version of a file of exemplars."""
        path, _ = QFileDialog.getOpenFileName(self._view, "Choose a file of exemplars", filter=FILES)
        if path:
            project = self._project
            self._run(lambda: str(versions.add_from_file(project, Path(path))), self.made.emit)

    def export(self) -> None:
        """Write it as a TOML file like those that come with the program."""
        entry, prompt = self._draft.entry, self._draft.prompt
        if entry is None or prompt is None:
            return
        name = f"{entry.name}.toml".replace("/", "-")
        path, _ = QFileDialog.getSaveFileName(self._view, "Export the prompt", name, "TOML (*.toml)")
        if path:
            comment = (
                f"{entry.name}: a prompt of the project {self._project.name}, exported by DSBS Studio.\n{entry.note}"
            )
            text, said = exemplars.to_toml(prompt, comment.strip()), f"{Path(path).name} was written"
            self._run(lambda: exemplars.write(Path(path), text), lambda _: self._tell(said))

    def _own(self) -> int | None:
        """The version's id, if it may be written at all."""
        entry = self._draft.entry
        return None if entry is None or self._project.store.read_only else entry.version_id

    def _tell(self, text: str) -> None:
        show_toast(self._view.window(), text)

    def _write(self, act: Callable[[Any], object]) -> None:
        store = self._project.store
        self._run(lambda: store.write_now(act))

    def _run(self, work: Callable[[], Any], on_done: Callable[[Any], object] | None = None) -> None:
        self._bridge.run(work, on_done, self.failed.emit, owner=self)
