"""One run as two lines: what it is and how it went; its box decides whether its curves are drawn."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sparkline import Sparkline
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import about, age, count, duration, percent
from dsbs_gui.steps.training.overview import RunView

TONES: dict[str, Tone] = {
    "queued": "muted",
    "running": "accent",
    "paused": "attention",
    "stopping": "attention",
    "done": "good",
    "stopped": "muted",
    "failed": "bad",
    "interrupted": "attention",
}


class RunRow(QWidget):
    """Signals:
    shown_changed(run id, bool): its curves are wanted, or not.
    stop_asked(run id), resume_asked(run id).
    """

    shown_changed = Signal(str, bool)
    stop_asked = Signal(str)
    resume_asked = Signal(str)

    def __init__(self, view: RunView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id = view.id
        self.box = QCheckBox()
        self.title = ElidedLabel(type="emphasis")
        self.chip = Chip("queued")
        self.accuracy = PlainLabel(type="emphasis")
        self.spark = Sparkline("Label loss")
        self.said = ElidedLabel(type="caption", tone="muted")
        self.stop = IconButton("stop", "Stop, and keep what is learnt so far")
        self.resume = IconButton("play", "Resume from the last checkpoint")
        words = column(row(self.title, gap="s"), self.said, gap="none")
        line = row(self.box, gap="s", parent=self)
        line.addLayout(words, 1)
        for item in (self.spark, self.accuracy, self.chip, self.stop, self.resume):
            line.addWidget(item)
        self.box.toggled.connect(lambda on: self.shown_changed.emit(self._id, on))
        self.stop.clicked.connect(lambda: self.stop_asked.emit(self._id))
        self.resume.clicked.connect(lambda: self.resume_asked.emit(self._id))
        self.show_view(view, may_act=True)

    def show_view(self, view: RunView, may_act: bool) -> None:
        """Bring the line up to date. ``may_act``: jobs can be stopped and started here."""
        self.title.setText(view.run.title)
        self.box.setAccessibleName(f"Show the curves of {view.id}, {view.run.title}")
        self.chip.set_state(view.run.state, TONES[view.run.state])
        self.accuracy.show_text("" if view.accuracy is None else percent(view.accuracy))
        self.spark.set_values(view.losses)
        text = sentence(view)
        self.said.setText(text)
        self.said.setToolTip("")
        self.stop.setVisible(may_act and view.run.state in ("queued", "running", "paused"))
        self.resume.setVisible(may_act and view.resumable)
        self.setAccessibleName(f"{view.id}: {view.run.title}, {view.run.state}")
        self.setAccessibleDescription(text)

    def set_shown(self, shown: bool) -> None:
        """Tick the box without telling."""
        self.box.blockSignals(True)
        self.box.setChecked(shown)
        self.box.blockSignals(False)


def sentence(view: RunView) -> str:
    """Where a run stands, or how it ended and why."""
    run = view.run
    parts = [view.id]
    if run.live:
        if run.total:
            parts.append(f"{run.phase.lower()} {count(run.done)} of {count(run.total)} {run.unit}")
        elif run.phase:
            parts.append(run.phase.lower())
        rate = _steps_per_s(view)
        if rate and run.total:
            parts.append(about((run.total - run.done) / rate))
    elif run.reason:
        parts.append(run.reason)
    elif run.started and run.ended:
        parts.append(f"{count(int(run.summary.get('steps', run.done)))} steps in {duration(run.ended - run.started)}")
    if view.best_step and not run.reason:
        parts.append(f"best at step {count(view.best_step)}")
    if not run.live:
        parts.append(age(datetime.fromtimestamp(run.ended or run.created, UTC)))
    return " · ".join(parts)


def _steps_per_s(view: RunView) -> float:
    run = view.run
    if run.started is None or run.done < 5 or "resumed" in run.context:
        return 0.0
    return run.done / max(1e-9, datetime.now(UTC).timestamp() - run.started)
