"""The sheet that draws a random sample: how many rows of which, and the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox

from dsbs_gui.core.store import audits
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.review import audit

if TYPE_CHECKING:
    from array import array

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.audits import Audit
    from dsbs_gui.core.store.filters import Filter
    from dsbs_gui.kit.bridge import Bridge

_LARGEST = 100_000


class AuditSheet(Sheet):
    """Draws on accept; what is drawn from is looked up while the sheet opens.

    Args:
        chosen: the filter of the page; ``about`` is that in words.

    Signals:
        drawn: the sample is kept.
    """

    drawn = Signal()

    def __init__(self, parent: QWidget | None, project: Project, bridge: Bridge, chosen: Filter, about: str) -> None:
        super().__init__(
            parent,
            "Draw a random sample",
            subtitle="You judge the rows of the sample; they tell how many of the others are wrong.",
        )
        self._store, self._bridge, self._chosen, self._about = project.store, bridge, chosen, about
        self._members: array[int] | None = None
        self.n, self.seed = QSpinBox(), QSpinBox()
        self.n.setRange(1, _LARGEST)
        self.n.setValue(audit.USUAL)
        self.seed.setMaximum(2**31 - 1)
        self.source = PlainLabel("Counting the rows…", wrap=True, type="emphasis")
        form = Form()
        form.add_row(
            FormField("Rows", self.n, "More rows make the interval narrower."),
            FormField("Seed", self.seed, "The same seed draws the same rows."),
        )
        self.add(form, self.source, PlainLabel(audit.WHAT_IS_WRONG, tone="muted", wrap=True))
        self.body.addStretch(1)
        self.accept_button = self.add_accept("Draw")
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.draw)
        self.n.valueChanged.connect(self._show_source)
        self._show_source()
        store = self._store
        bridge.run(lambda: audits.population(store.reader, chosen), self._on_counted, owner=self)

    def draw(self) -> None:
        """Keep the sample, then close."""
        members, n, seed, about = self._members, self.n.value(), self.seed.value(), self._about
        if members is None:
            return
        self.accept_button.setEnabled(False)
        store = self._store
        self._bridge.run(
            lambda: store.write_now(lambda tx: audits.draw(tx, members, n, seed, about)),
            self._on_drawn,
            self._on_refused,
            self,
        )

    def _on_counted(self, members: array[int]) -> None:
        self._members = members
        self.n.setMaximum(max(1, min(_LARGEST, len(members))))
        self._show_source()

    def _show_source(self) -> None:
        known = self._members is not None
        if self._members is not None:
            about = f" ({self._about})" if self._about else ""
            self.source.setText(
                f"From {plural(len(self._members), 'row')} that nobody has decided{about}."
                if self._members
                else f"No row waits for a decision{about}. Choose another filter."
            )
        self.accept_button.setText(f"Draw {plural(self.n.value(), 'row')}")
        self.accept_button.setEnabled(known and bool(self._members))

    def _on_drawn(self, made: Audit) -> None:
        self.drawn.emit()
        self.accept()

    def _on_refused(self, error: DsbsError) -> None:
        self.accept_button.setEnabled(True)
        self.messages.show_message("bad", error.message, error.hint, key="draw")
