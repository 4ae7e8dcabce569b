"""One job in the job strip's list: state, sentence, bar, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.theme.tokens import Tone

JobState = Literal["queued", "running", "paused", "stopping", "done", "stopped", "failed", "interrupted"]

STATE_LOOK: dict[JobState, tuple[str, Tone, str]] = {
    "queued": ("clock", "muted", "Queued"),
    "running": ("circle-fill", "accent", "Running"),
    "paused": ("pause-fill", "attention", "Paused"),
    "stopping": ("stop-fill", "attention", "Stopping"),
    "done": ("check-circle-fill", "good", "Done"),
    "stopped": ("stop-circle", "muted", "Stopped"),
    "failed": ("warning-octagon-fill", "bad", "Failed"),
    "interrupted": ("warning-fill", "attention", "Interrupted"),
}
LIVE: frozenset[JobState] = frozenset({"running", "paused", "stopping"})


@dataclass(frozen=True)
class JobView:
    """What the strip shows of a job.

    Args:
        key: told back by the signals.
        title: e.g. `Generate rationales`.
        sentence: `Progress.sentence()` or the outcome.
        fraction: 0 to 1; None while unknown.
    """

    key: str
    title: str
    state: JobState
    sentence: str = ""
    fraction: float | None = None
    can_pause: bool = False
    can_stop: bool = True


class JobRow(QWidget):
    """Signals carry the key of the job.

    Signals:
        pause_asked, resume_asked, stop_asked, open_asked(str)
        move_asked(str, int): one place up (-1) or down (+1) in the queue.
    """

    pause_asked = Signal(str)
    resume_asked = Signal(str)
    stop_asked = Signal(str)
    open_asked = Signal(str)
    move_asked = Signal(str, int)

    def __init__(self, job: JobView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.dot = IconLabel("circle-fill", 14)
        self.title = ElidedLabel(type="emphasis")
        self.sentence = ElidedLabel(tone="muted")
        self.bar = ProgressBar()
        self.up = IconButton("arrow-up", "Move up in the queue")
        self.down = IconButton("arrow-down", "Move down in the queue")
        self.pause = IconButton("pause", "Pause")
        self.stop = IconButton("stop", "Stop")
        self.open = IconButton("arrow-square-out", "Show")
        layout = row(self.dot, gap="s", parent=self)
        layout.addLayout(column(row(self.title, self.sentence, None, gap="s"), self.bar, gap="xs"), 1)
        for button in (self.up, self.down, self.pause, self.stop, self.open):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_job(job)
        self._connect()

    def _connect(self) -> None:
        self.pause.clicked.connect(self._on_pause_clicked)
        self.stop.clicked.connect(lambda: self.stop_asked.emit(self.job.key))
        self.open.clicked.connect(lambda: self.open_asked.emit(self.job.key))
        self.up.clicked.connect(lambda: self.move_asked.emit(self.job.key, -1))
        self.down.clicked.connect(lambda: self.move_asked.emit(self.job.key, 1))

    def show_job(self, job: JobView) -> None:
        """Show the present state of the job; focus and hover stay."""
        self.job = job
        icon, tone, word = STATE_LOOK[job.state]
        self.dot.set_icon(icon, tone)
        self.dot.setAccessibleName(word)
        self.title.setText(job.title)
        self.title.updateGeometry()
        self.sentence.setText(job.sentence or word)
        self.sentence.updateGeometry()
        self.setAccessibleName(f"{job.title}, {word}, {job.sentence}")
        live, queued = job.state in LIVE, job.state == "queued"
        self.bar.setVisible(live)
        self.bar.set_fraction(job.fraction if live else 0.0)
        self.bar.set_meaning("muted" if job.state == "paused" else "")
        self.up.setVisible(queued)
        self.down.setVisible(queued)
        self.pause.setVisible(job.can_pause and job.state in ("running", "paused"))
        self.pause.set_icon(*(("play", "Resume") if job.state == "paused" else ("pause", "Pause")))
        self.stop.setVisible(job.can_stop and (live or queued))
        self.stop.setEnabled(job.state != "stopping")

    def _on_pause_clicked(self) -> None:
        (self.resume_asked if self.job.state == "paused" else self.pause_asked).emit(self.job.key)
