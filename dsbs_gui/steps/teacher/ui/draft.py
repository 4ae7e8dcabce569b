"""A prompt while it is being changed: kept by itself shortly after each change, and undone step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.steps.teacher import versions

if TYPE_CHECKING:
    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.prompts import Prompt
    from dsbs_gui.steps.teacher.versions import Entry

_SETTLE_MS = 600
_MOST_UNDONE = 200


class Draft(QObject):
    """One save at a time: what changes meanwhile is saved after it, into the version that it made.

    Signals:
        kept(key): the change is in this version now; another one than before if that was asked with.
        failed(DsbsError): it could not be kept; the editors still hold it.
    """

    kept = Signal(str)
    failed = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._project, self._bridge = project, bridge
        self.entry: Entry | None = None
        self.prompt: Prompt | None = None
        self._past: list[Prompt] = []
        self._saving = False
        self._left: Prompt | None = None
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settling.timeout.connect(self.save)

    @property
    def is_dirty(self) -> bool:
        """Something is not in the store yet."""
        return self.entry is not None and self.prompt != self.entry.prompt

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    def begin(self, entry: Entry) -> None:
        """Change another version; what changed in the last one is kept."""
        self.save()
        if self._saving and self.is_dirty:
            self._left = self.prompt
        self.entry, self.prompt, self._past = entry, entry.prompt, []
        self._settling.stop()

    def renew(self, entry: Entry) -> None:
        """The store's newer state of the same version: its name, note or answers; the change under way stays."""
        dirty = self.is_dirty or self._saving
        self.entry = entry
        if not dirty:
            self.prompt = entry.prompt

    def change(self, prompt: Prompt) -> None:
        """Take a change; typing counts as one step until it rests."""
        if self.prompt is None or prompt == self.prompt:
            return
        if not self._settling.isActive() or _is_step(self.prompt, prompt):
            self._past = [*self._past[-_MOST_UNDONE:], self.prompt]
        self.prompt = prompt
        self._settling.start()

    def undo(self) -> Prompt | None:
        """Take the last step back; None if there is none."""
        if not self._past:
            return None
        self.prompt = self._past.pop()
        self._settling.start()
        return self.prompt

    def save(self) -> None:
        """Keep the change now, in the background."""
        self._settling.stop()
        entry, prompt = self.entry, self.prompt
        if self._saving or entry is None or prompt is None or not self.is_dirty:
            return
        self._keep(entry, prompt)

    def _keep(self, entry: Entry, prompt: Prompt) -> None:
        self._saving = True
        project = self._project

        # Queued for the store at once: it is kept also if the window closes now.
        kept = versions.keep_soon(project, entry, prompt)

        def find() -> Entry:
            return versions.find(project, str(kept.result()))

        self._bridge.run(find, lambda kept: self._on_kept(entry, kept), self._on_failed, owner=self)

    def _on_kept(self, before: Entry, kept: Entry) -> None:
        self._saving = False
        left, self._left = self._left, None
        if left is not None:
            self._keep(kept, left)
            return
        if self.entry is not None and versions.key_of(self.entry) == versions.key_of(before):
            self.entry = kept
            self.kept.emit(versions.key_of(kept))
        if self.is_dirty:
            self._settling.start()

    def _on_failed(self, error: DsbsError) -> None:
        self._saving = False
        self.failed.emit(error)


def _is_step(before: Prompt, after: Prompt) -> bool:
    """Whether exemplars were added, removed or moved: a step of its own, however quickly it follows another."""
    if len(before.exemplars) != len(after.exemplars):
        return True
    return sum(a != b for a, b in zip(before.exemplars, after.exemplars, strict=True)) > 1
