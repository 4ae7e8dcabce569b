"""The sheet that writes a share for a second reviewer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QSpinBox

from dsbs_gui.core.store import examples
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.review import sharing

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.filters import Filter
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.review.sharing import Share

_USUAL = 100
_LARGEST = 1_000_000


class ShareSheet(Sheet):
    """Asks which rows and where to, writes in the background, and stays open with the reason where that fails.

    Args:
        chosen: the rows to share from; ``about`` is that in words.

    Signals:
        written(Share): the file is there.
    """

    written = Signal(object)

    def __init__(self, parent: QWidget | None, project: Project, bridge: Bridge, chosen: Filter, about: str) -> None:
        super().__init__(
            parent,
            "Export a share for a second reviewer",
            subtitle="One file with the texts as the teacher gave them. Nothing that was decided here is in it.",
        )
        self._project, self._bridge, self._chosen, self._about = project, bridge, chosen, about
        self.n, self.seed = QSpinBox(), QSpinBox()
        self.n.setRange(1, _LARGEST)
        self.n.setValue(_USUAL)
        self.seed.setMaximum(2**31 - 1)
        self.gold = QCheckBox("Show the gold labels")
        self.source = PlainLabel("Counting the rows…", wrap=True, type="emphasis")
        form = Form()
        form.add_row(
            FormField("Rows", self.n, "Drawn by chance, unless it is all of them."),
            FormField("Seed", self.seed, "The same seed draws the same rows."),
        )
        form.add_widget(self.gold)
        hint = "Without gold labels the second reviewer judges for himself, and agreement says more."
        self.add(self.source, form, PlainLabel(hint, tone="muted", wrap=True))
        self.body.addStretch(1)
        self.accept_button = self.add_accept("Choose a file…")
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.choose_file)
        store = project.store
        bridge.run(lambda: examples.count(store.reader, chosen), self._on_counted, owner=self)

    def choose_file(self) -> None:
        """Ask where to, then write."""
        proposed = str(Path.home() / f"{self._project.name}-share.jsonl")
        path, _ = QFileDialog.getSaveFileName(self, "Save the share", proposed, "JSONL (*.jsonl)")
        if path:
            self.write(Path(path))

    def write(self, path: Path) -> None:
        """Write the file, replacing what the file dialog has asked about."""
        self.accept_button.setEnabled(False)
        store, n, seed, gold = self._project.store, self.n.value(), self.seed.value(), self.gold.isChecked()
        self._bridge.run(
            lambda: sharing.write_share(store.reader, path, self._chosen, n=n, seed=seed, gold=gold, overwrite=True),
            self._on_written,
            self._on_refused,
            self,
        )

    def _on_counted(self, n: int) -> None:
        self.source.setText(
            f"From {plural(n, 'row')}: {self._about}." if self._about else f"From all {plural(n, 'row')}."
        )
        self.n.setMaximum(max(1, min(_LARGEST, n)))
        self.accept_button.setEnabled(bool(n))

    def _on_written(self, share: Share) -> None:
        self.written.emit(share)
        self.accept()

    def _on_refused(self, error: DsbsError) -> None:
        self.accept_button.setEnabled(True)
        self.messages.show_message("bad", error.message, error.hint, key="share")
