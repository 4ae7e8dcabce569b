"""The bottom line of the window: what is going on, pause, stop, and the list of all jobs behind a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from dsbs_gui.kit.buttons import IconButton, SecondaryButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.job_row import LIVE, STATE_LOOK, JobRow, JobView
from dsbs_gui.kit.layout import column, hairline, row
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.icons import set_icon
from dsbs_gui.kit.words import plural

_LIST_ROWS = 5


class JobStrip(QFrame):
    """Shows the first live job, else the newest; `set_jobs` may be called many times a second.

    Ctrl+J opens and closes the list.

    Signals:
        pause_asked, resume_asked, stop_asked, open_asked(key)
        move_asked(key, step): one place up (-1) or down (+1) in the queue.
    """

    pause_asked = Signal(str)
    resume_asked = Signal(str)
    stop_asked = Signal(str)
    open_asked = Signal(str)
    move_asked = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "strip")
        self.setAccessibleName("Jobs")
        self._jobs: tuple[JobView, ...] = ()
        self._rows: dict[str, JobRow] = {}
        self._build_line()
        self._build_list()
        column(self._panel, self._line, gap="none", parent=self)
        self.set_jobs(())

    def _build_line(self) -> None:
        self._dot = IconLabel("circle-fill", 12)
        self._sentence = ElidedLabel()
        self._bar = ProgressBar()
        self._bar.setFixedWidth(160)
        self.pause = IconButton("pause", "Pause")
        self.stop = IconButton("stop", "Stop")
        self.toggle = SecondaryButton("", "caret-up", tooltip="Show all jobs")
        self._line = QWidget()
        self._line.setFixedHeight(current().size.strip)
        layout = row(self._dot, self._sentence, self._bar, gap="s", parent=self._line)
        layout.addStretch(1)
        for button in (self.pause, self.stop, self.toggle):
            layout.addWidget(button)
        layout.setContentsMargins(16, 0, 8, 0)
        self.pause.clicked.connect(self._on_pause_clicked)
        self.stop.clicked.connect(lambda: self.stop_asked.emit(self._shown().key))
        self.toggle.clicked.connect(lambda: self.set_expanded(not self.is_expanded()))
        QShortcut("Ctrl+J", self, lambda: self.set_expanded(not self.is_expanded()))

    def _build_list(self) -> None:
        holder = QWidget()
        self._list: QVBoxLayout = column(gap="s", parent=holder)
        self._list.setContentsMargins(16, 8, 8, 8)
        self._list.addStretch(1)
        self._scroller = Scroller(holder)
        self._panel = QWidget()
        column(self._scroller, hairline(), gap="none", parent=self._panel)
        self._panel.hide()

    def set_jobs(self, jobs: Sequence[JobView]) -> None:
        """Show these jobs, in this order; rows of jobs that were there already are kept."""
        self._jobs = tuple(jobs)
        for key in self._rows.keys() - {job.key for job in jobs}:
            gone = self._rows.pop(key)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for index, job in enumerate(self._jobs):
            self._place(index, job)
        self._panel.setFixedHeight(min(_LIST_ROWS, max(1, len(jobs))) * (current().size.row + 8) + 16)
        self._show_line()

    def is_expanded(self) -> bool:
        """The list is open."""
        return not self._panel.isHidden()

    def set_expanded(self, expanded: bool) -> None:
        """Open or close the list of jobs."""
        self._panel.setVisible(expanded and bool(self._jobs))
        set_icon(self.toggle, "caret-down" if self.is_expanded() else "caret-up", 12)

    def _place(self, index: int, job: JobView) -> None:
        found = self._rows.get(job.key)
        if found is None:
            found = self._rows[job.key] = JobRow(job)
            found.setFixedHeight(current().size.row)
            for name in ("pause_asked", "resume_asked", "stop_asked", "open_asked", "move_asked"):
                getattr(found, name).connect(getattr(self, name))
        else:
            found.show_job(job)
        if self._list.indexOf(found) != index:
            self._list.insertWidget(index, found)

    def _shown(self) -> JobView:
        return next((job for job in self._jobs if job.state in LIVE), self._jobs[0])

    def _show_line(self) -> None:
        some = bool(self._jobs)
        for widget in (self._dot, self._bar, self.pause, self.stop, self.toggle):
            widget.setVisible(some)
        if not some:
            self._sentence.setText("No jobs")
            self._sentence.set_tone("muted")
            self.set_expanded(False)
            return
        job = self._shown()
        icon, tone, word = STATE_LOOK[job.state]
        live = job.state in LIVE
        self._dot.set_icon(icon, tone)
        self._dot.setAccessibleName(word)
        self._sentence.set_tone("text")
        self._sentence.setText(job.sentence if live and job.sentence else f"{job.title} · {job.sentence or word}")
        self._sentence.updateGeometry()
        self._bar.setVisible(live)
        self._bar.set_fraction(job.fraction if live else 0.0)
        self._bar.set_meaning("muted" if job.state == "paused" else "")
        self.pause.setVisible(live and job.can_pause and job.state != "stopping")
        self.pause.set_icon(*(("play", "Resume") if job.state == "paused" else ("pause", "Pause")))
        self.stop.setVisible(live and job.can_stop)
        self.stop.setEnabled(job.state != "stopping")
        self.toggle.setText(plural(len(self._jobs), "job"))

    def _on_pause_clicked(self) -> None:
        job = self._shown()
        (self.resume_asked if job.state == "paused" else self.pause_asked).emit(job.key)
