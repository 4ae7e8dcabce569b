"""The view “Prompts”: versions of the prompt, their exemplars and wording, tried on rows and compared.

A change is kept by itself. In a version that was asked with it is kept as a new version, which comes to the front.
The editors are in :mod:`.edit_pane`, the row for which the prompt is shown in :mod:`.preview_row`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget
from typing_extensions import override

from dsbs_gui.core.store import examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.buttons import PrimaryButton, SecondaryButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher import exemplar_rules, held_out, versions

from .draft import Draft
from .edit_pane import EditPane
from .preview_card import PreviewCard
from .preview_row import PreviewRow
from .row_picker import RowPicker
from .trial_pane import TrialPane
from .trying import Trying
from .version_acts import VersionActs
from .versions_card import VersionsCard
from .view import TeacherView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QHideEvent
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.held_out import Row
    from dsbs_gui.steps.teacher.prompts import Prompt
    from dsbs_gui.steps.teacher.versions import Entry

    from .ask_view import AskView

_SETTLE_MS = 500


class _Known(NamedTuple):
    entries: list[Entry]
    chosen: Entry
    ids: array[int]
    rows: Mapping[bytes, Row]
    classes: tuple[str, ...]


class PromptsView(TeacherView):
    """The prompt workshop. ``ask`` is the view in which the teacher and its settings are chosen."""

    def __init__(self, project: Project, bridge: Bridge, ask: AskView, parent: QWidget | None = None) -> None:
        super().__init__("Prompts", project, bridge, parent)
        self._ask = ask
        self._known: _Known | None = None
        self._current = ""
        self.draft = Draft(project, bridge, self)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._build()
        self._row = PreviewRow(project, bridge, self.preview, ask, self)
        self.acts = VersionActs(project, bridge, self.draft, self.versions, self)
        self.trying = Trying(project, bridge, self.trial, ask, self)
        self._connect()

    def _build(self) -> None:
        self.try_button = PrimaryButton("Try on 20 rows", "flask", shortcut="Ctrl+Return")
        self.use_button = SecondaryButton("Use this version", "check")
        self.set_actions(self.try_button, self.use_button)
        self.versions = VersionsCard()
        self.edit, self.trial = EditPane(self._project.task.name), TrialPane()
        self.exemplars, self.wording, self.faults = self.edit.exemplars, self.edit.wording, self.edit.faults
        self.undo_button = self.edit.undo_button
        self.preview = PreviewCard("Preview")
        self.preview.add(self.preview.text, self.preview.foot)
        self.preview.body.setStretch(0, 1)
        self.mode = SegmentedControl([("edit", "Edit"), ("try", "Try and compare")], "edit", "What to do")
        self._modes = _stack(Splitter("prompt-edit", self.edit, self.preview, shares=(9, 8)), self.trial)
        self.title = ElidedLabel(type="section")
        right = column(row(self.title, None, self.mode, gap="m"), self._modes, gap="m")
        right.setStretch(1, 1)
        self.body.addWidget(Splitter("prompts", self.versions, boxed(right), shares=(4, 13)), 1)

    def _connect(self) -> None:
        card, bridge = self.versions, self._bridge
        self.try_button.clicked.connect(self.try_rows)
        self.use_button.clicked.connect(self.acts.use)
        self.mode.chosen.connect(self.show_mode)
        self.undo_button.clicked.connect(self.undo)
        card.shown.connect(self.show_version)
        self.acts.made.connect(self._go_to_new)
        self.acts.failed.connect(self._on_failed)
        self.edit.changed.connect(self._on_edited)
        self.exemplars.row_asked.connect(self._on_row_asked)
        self.draft.kept.connect(self._on_kept)
        self.draft.failed.connect(self._on_failed)
        self.trying.known.connect(self._show_buttons)
        self._settling.timeout.connect(self._read)
        bridge.changed.connect(self._on_changed)
        undo = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undo)
        undo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        undo.setWhatsThis("Undo the last change of the prompt")

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        self._read()
        self.trying.look()

    def show_mode(self, mode: str) -> None:
        """``edit`` or ``try``."""
        self.mode.set_value(mode)
        self._modes.setCurrentIndex(mode == "try")
        self.draft.save()
        self.trying.look()

    def show_version(self, key: str) -> None:
        """Bring a version to the front; a change of the one before is kept."""
        entry = self._entry_of(key)
        if entry is None or (key == self._current and self.draft.entry is not None):
            return
        self._current = key
        self.draft.begin(entry)
        self._show_draft()
        self.trial.show_entries(self._known.entries if self._known else [], key)
        self.trying.set_entry(entry)
        self._show_buttons()

    def undo(self) -> None:
        """Take the last change of this version back."""
        if self.draft.undo() is not None:
            self._show_draft()

    def try_rows(self) -> None:
        """Show the trial, and ask for what is missing."""
        if self.mode.value() == "try" and not self.draft.is_dirty:
            self.try_button.setEnabled(False)
            self.trying.ask()
        else:
            self.show_mode("try")

    # ------------------------------------------------------------ in the background

    def _read(self) -> None:
        project = self._project

        def read() -> _Known:
            db, task = project.store.reader, project.task
            counts = examples.counts(db, "label") if task.name == "text" else {}
            return _Known(
                versions.entries(project),
                versions.chosen(project),
                examples.ids(db, Filter(splits=("train",))),
                held_out.rows(project),
                exemplar_rules.classes(task, counts),
            )

        self._bridge.run(read, self._on_known, owner=self)

    # ------------------------------------------------------------ answers

    def _on_known(self, known: _Known) -> None:
        self._known = known
        if self._entry_of(self._current) is None:
            entry = self.draft.entry
            newer = versions.again(known.entries, entry) if entry is not None else None
            self._current = versions.key_of(newer) if newer is not None else ""
        if not self._current:
            self.draft.entry = None
            self.show_version(versions.key_of(known.chosen))
        else:
            self._show_known()
        self._row.set_rows(known.ids)

    def _show_known(self) -> None:
        """The lists anew; what is being edited stays."""
        known, entry = self._known, self._entry_of(self._current)
        if known is None or entry is None:
            return
        self.draft.renew(entry)
        self._show_lists()
        if not self.draft.is_dirty:
            self._show_draft()
        self.trying.set_entry(entry)
        self._show_buttons()

    def _show_lists(self) -> None:
        known = self._known
        if known is not None:
            asked_with = versions.key_of(known.chosen)
            self.versions.show_entries(
                known.entries, self._current, asked_with, read_only=self._project.store.read_only
            )
            self.trial.show_entries(known.entries, self._current)
            self.set_subtitle(f"{plural(len(known.entries), 'version')} · “{known.chosen.name}” is in use")

    def _on_kept(self, key: str) -> None:
        if key != self._current and self.draft.entry is not None:
            show_toast(self.window(), f"The change is kept as “{self.draft.entry.name}”")
        self._current = key
        self._read()

    def _on_failed(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="prompts")

    def _go_to_new(self, key: str) -> None:
        self.draft.begin(self.draft.entry) if self.draft.entry is not None else None
        self._current, self.draft.entry = key, None
        self._read()

    def _on_changed(self, changes: Changes) -> None:
        if not self.isVisible():
            return
        self.trying.on_changed(changes)
        # Answers change how often a version was used.
        stale = changes.touches("prompts", "answers") or changes.is_all("examples")
        if stale and not self._settling.isActive():
            self._settling.start()

    # ------------------------------------------------------------ editing

    def _on_edited(self, prompt: Prompt) -> None:
        self.messages.clear("prompts")
        self.draft.change(prompt)
        self._check()

    def _show_draft(self) -> None:
        if self.draft.prompt is not None:
            self._show_lists()
            self.edit.show_prompt(self.draft.prompt)
            self._check()

    def _check(self) -> None:
        """What is wrong with the draft, and what a teacher would read."""
        if self.draft.prompt is not None and self._known is not None:
            self.edit.check(self.draft.prompt, self._known.rows, self._known.classes)
            self._row.show_prompt(self.draft.prompt)
        self._show_buttons()

    def _show_buttons(self) -> None:
        entry, known, trying = self.draft.entry, self._known, self.trying
        self.title.setText(entry.name if entry is not None else "")
        read_only = self._project.store.read_only
        faulty = self.edit.is_faulty
        self.edit.set_read_only(read_only)
        why = "The project is open for reading only" if read_only else "Correct the faults first" if faulty else ""
        used = entry is not None and known is not None and versions.key_of(entry) == versions.key_of(known.chosen)
        self.use_button.setEnabled(entry is not None and not used and not why)
        self.use_button.setText("In use" if used else "Use this version")
        self.use_button.set_tooltip(why)
        self.undo_button.setEnabled(self.draft.can_undo)
        self._show_try_button(why or trying.problem or ("A trial goes on" if trying.run is not None else ""))

    def _show_try_button(self, why: str) -> None:
        trial, asking = self.trying.trial, self.mode.value() == "try"
        other, n, _ = self.trial.choices()
        rows = plural(len(trial.rows) if trial is not None and asking else n, "row")
        self.try_button.setText(f"{'Compare' if other else 'Try'} on {rows}")
        missing = trial.missing if trial is not None else 0
        can_ask = bool(missing and self._ask.teacher.teacher() and not self._ask.teacher.facts.problem)
        self.try_button.setEnabled(not why and (can_ask or not asking))
        told = f"Ask for {plural(missing, 'answer')}" if missing else "Nothing is missing"
        self.try_button.set_tooltip(why or (told if asking else "Ask the teacher with this version"))

    # ------------------------------------------------------------ rows

    def _on_row_asked(self) -> None:
        picker = RowPicker(self, self._project, self._bridge)
        if picker.ask() and (chosen := picker.exemplar()) is not None:
            self.exemplars.add(chosen)
        picker.deleteLater()

    def _entry_of(self, key: str) -> Entry | None:
        entries = self._known.entries if self._known is not None else []
        return next((entry for entry in entries if versions.key_of(entry) == key), None)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.draft.save()
        self._ask.counter.rest()


def _stack(*pages: QWidget) -> QStackedWidget:
    stack = QStackedWidget()
    for page in pages:
        stack.addWidget(page)
    return stack
