"""The sheet that takes in what a second reviewer sent back: a look at the file first, then the merge."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit

from dsbs_gui.core.store import reviews
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.form import Form
from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.review import second_review

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.review.second_review import BadLine, Returned


class SecondReviewSheet(Sheet):
    """Reads a file and says what it holds, lines that cannot be used with their reasons; *Import* keeps the rest.

    Signals:
        merged(Returned): the decisions are kept.
    """

    merged = Signal(object)

    def __init__(self, parent: QWidget | None, project: Project, bridge: Bridge) -> None:
        super().__init__(
            parent,
            "Import a review",
            subtitle="What a second reviewer sent back. No example changes; where you differ, you choose afterwards.",
            width="l",
        )
        self._project, self._bridge = project, bridge
        self.found: Returned | None = None
        self.reviewer, self.path = QLineEdit(), QLineEdit()
        self.path.setReadOnly(True)
        self.choose = SecondaryButton("Choose")
        self.choose.clicked.connect(self.choose_file)
        form = Form()
        self.reviewer_field = form.add("Reviewer", self.reviewer, "A name by which the decisions are told from yours.")
        line = row(self.path, self.choose, gap="s")
        line.setStretch(0, 1)
        self.file_field = form.add("File", boxed(line), "The share that was filled in, or a JSONL export.")
        self.outcome = PlainLabel("", wrap=True, type="emphasis")
        self._bad: dict[int, BadLine] = {}
        self.model = RecordTableModel(
            [
                Column("line", "Line", lambda bad: count(bad.line), 80, align="right"),
                Column("reason", "Not taken because", lambda bad: bad.reason, 420, stretch=True),
            ],
            lambda ids: {i: self._bad[i] for i in ids if i in self._bad},
        )
        self.table = RecordTable(self.model, "Lines that are not taken")
        self.table.setMinimumHeight(180)
        self.table.hide()
        self.add(form, self.outcome, self.table)
        self.body.addStretch(1)
        self.accept_button = self.add_accept("Import")
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.keep)
        self.accept_button.setEnabled(False)
        self.reviewer.editingFinished.connect(self.read)

    def choose_file(self) -> None:
        """Ask for the file."""
        path, _ = QFileDialog.getOpenFileName(self, "What came back", str(Path.home()), "JSONL (*.jsonl);;All (*)")
        if path:
            self.path.setText(path)
            self.read()

    def read(self) -> None:
        """Look at the file in the background, once there are a file and a name."""
        path, reviewer = self.path.text(), self.reviewer.text()
        if not path or not reviewer.strip():
            return
        self.accept_button.setEnabled(False)
        project = self._project
        self._bridge.run(
            lambda: second_review.read(project.store.reader, project.task, Path(path), reviewer),
            self._on_read,
            self._on_refused,
            self,
        )

    def keep(self) -> None:
        """Keep the decisions, then close."""
        found, store = self.found, self._project.store
        if found is None:
            return
        self.accept_button.setEnabled(False)
        self._bridge.run(
            lambda: store.write_now(lambda tx: reviews.put(tx, found.reviews)), self._on_kept, self._on_refused, self
        )

    def _on_read(self, found: Returned) -> None:
        self.found = found
        self.messages.clear("merge")
        parts = [f"{plural(len(found.reviews), 'decision')} by {found.reviewer}"]
        parts += [f"{plural(found.undecided, 'row')} without a decision"] if found.undecided else []
        parts += [f"{plural(len(found.bad), 'line')} cannot be used"] if found.bad else []
        self.outcome.setText(" · ".join(parts))
        self._bad = dict(enumerate(found.bad, 1))
        self.model.set_ids(array("q", self._bad))
        self.model.refresh_all()
        self.table.setVisible(bool(found.bad))
        self.accept_button.setText(f"Import {plural(len(found.reviews), 'decision')}")
        self.accept_button.setEnabled(bool(found.reviews))

    def _on_kept(self, nothing: None) -> None:
        self.merged.emit(self.found)
        self.accept()

    def _on_refused(self, error: DsbsError) -> None:
        self.found = None
        self.messages.show_message("bad", error.message, error.hint, key="merge")
