"""One run as two lines: what it is and how it went; its box decides whether its curves are drawn."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QMenu, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import column, hairline, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sparkline import Sparkline
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import about, age, count, duration, percent, plural
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


_STOP = "Stop, and keep what is learnt so far"
_TAKE_OUT = "Take out of the queue"
_RESUME = "Resume from the last checkpoint"


class RunRow(QWidget):
    """Signals:
    shown_changed(run id, bool): its curves are wanted, or not.
    stop_asked(run id), resume_asked(run id).
    move_asked(run id, int): places up (negative) or down in the queue; Alt+Up and Alt+Down.
    clone_asked(run id), command_asked(run id).
    describe_asked(run id): another name or note is wanted; F2.
    delete_asked(run id): Delete.
    """

    shown_changed = Signal(str, bool)
    stop_asked = Signal(str)
    resume_asked = Signal(str)
    move_asked = Signal(str, int)
    clone_asked = Signal(str)
    command_asked = Signal(str)
    describe_asked = Signal(str)
    delete_asked = Signal(str)

    def __init__(self, view: RunView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id = view.id
        self.box = QCheckBox()
        self.title = ElidedLabel(type="emphasis")
        self.chip = Chip("queued")
        self.accuracy = PlainLabel(type="emphasis")
        self.spark = Sparkline("Label loss")
        self.said = ElidedLabel(type="caption", tone="muted")
        self.up = IconButton("arrow-up", "Move up in the queue (Alt+Up)")
        self.down = IconButton("arrow-down", "Move down in the queue (Alt+Down)")
        self.act = IconButton("stop", _STOP)
        self.more = IconButton("dots-three", "More about this run")
        self._make_menu()
        self._line = hairline()
        head = row(self.title, self.chip, gap="s")
        head.setStretch(0, 1)
        line = row(self.box, gap="m")
        column(self._line, line, gap="s", parent=self)
        line.addLayout(column(head, self.said, gap="none"), 1)
        for item in (self.spark, self.accuracy):
            line.addWidget(item)
        line.addLayout(row(self.up, self.down, self.act, self.more, gap="xs"))
        self._align()
        self.box.toggled.connect(lambda on: self.shown_changed.emit(self._id, on))
        self.act.clicked.connect(self._on_act)
        self.up.clicked.connect(lambda: self.move_asked.emit(self._id, -1))
        self.down.clicked.connect(lambda: self.move_asked.emit(self._id, 1))
        self._add_keys()
        self.show_view(view, may_act=True)

    def _make_menu(self) -> None:
        menu = QMenu(self)
        self.entries: dict[str, QAction] = {}
        for name, text, signal in (
            ("clone", "Clone…", self.clone_asked),
            ("describe", "Name and note…\tF2", self.describe_asked),
            ("command", "Copy as a command", self.command_asked),
            ("", "", None),
            ("delete", "Delete\tDel", self.delete_asked),
        ):
            if signal is None:
                menu.addSeparator()
                continue
            self.entries[name] = menu.addAction(text)
            self.entries[name].triggered.connect(lambda _=False, signal=signal: signal.emit(self._id))
        self.more.set_menu(menu)

    def _add_keys(self) -> None:
        """Keys of the row that has the focus."""
        for keys, act in (
            ("Alt+Up", lambda: self.move_asked.emit(self._id, -1)),
            ("Alt+Down", lambda: self.move_asked.emit(self._id, 1)),
            ("F2", lambda: self._ask("describe")),
            ("Del", lambda: self._ask("delete")),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _ask(self, entry: str) -> None:
        if self.entries[entry].isEnabled():
            self.entries[entry].trigger()

    def _align(self) -> None:
        """Figures stand under each other, also where a row has none."""
        self.accuracy.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.accuracy.setMinimumWidth(self.accuracy.fontMetrics().horizontalAdvance(percent(0.999)))
        kept = self.act.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.act.setSizePolicy(kept)

    def show_view(self, view: RunView, may_act: bool, place: int = 0, waiting: int = 0) -> None:
        """Bring the line up to date.

        Args:
            may_act: jobs can be stopped and started here.
            place: among the ``waiting`` runs, from 1; 0 if it does not wait.
        """
        self._resumable = view.resumable
        self.title.setText(view.run.title)
        self.box.setAccessibleName(f"Show the curves of {view.id}, {view.run.title}")
        self.chip.set_state(view.run.state, TONES[view.run.state])
        self.accuracy.setText("" if view.accuracy is None else percent(view.accuracy))
        self.spark.set_values(view.losses)
        text = sentence(view, place)
        self.said.setText(text)
        queued = view.run.state == "queued"
        self.act.set_icon(*(("play", _RESUME) if view.resumable else ("x", _TAKE_OUT) if queued else ("stop", _STOP)))
        for button, usable in ((self.up, place > 1), (self.down, place < waiting)):
            button.setVisible(queued and may_act)
            button.setEnabled(usable)
        for part in (self.spark, self.accuracy, self.chip):  # its place says enough, and its name needs the room
            part.setVisible(not queued)
        for name in ("describe", "delete"):
            self.entries[name].setEnabled(may_act and (name == "describe" or not view.run.live))
        self.act.setVisible(may_act and (view.resumable or view.run.state in ("queued", "running", "paused")))
        self.setAccessibleName(f"{view.id}: {view.run.title}, {view.run.state}")
        self.setAccessibleDescription(text)

    def _on_act(self) -> None:
        (self.resume_asked if self._resumable else self.stop_asked).emit(self._id)

    def set_line(self, visible: bool) -> None:
        """A line above it, between it and another one."""
        self._line.setVisible(visible)

    def set_shown(self, shown: bool) -> None:
        """Tick the box without telling."""
        self.box.blockSignals(True)
        self.box.setChecked(shown)
        self.box.blockSignals(False)


def sentence(view: RunView, place: int = 0) -> str:
    """Where a run stands, or how it ended and why; ``place`` in the queue from 1, 0 if it is not known."""
    run = view.run
    parts = [view.id, *([f"“{run.note.splitlines()[0]}”"] if run.note else [])]
    if run.state == "queued":
        parts.append("next in the queue" if place == 1 else f"number {place} in the queue" if place else "waits")
    elif run.live:
        if run.total:
            parts.append(f"{run.phase.lower()} {count(run.done)} of {count(run.total)} {run.unit}")
        elif run.phase:
            parts.append(run.phase.lower())
        rate = _steps_per_s(view)
        if rate and run.total:
            parts.append(f"{about((run.total - run.done) / rate)} left")
    elif run.reason:
        parts.append(run.reason)
    elif run.started and run.ended:
        parts.append(f"{count(int(run.summary.get('steps', run.done)))} steps in {duration(run.ended - run.started)}")
    if view.checkpoint:
        parts.append(_kept(view))
    if view.best_step and not run.reason:
        parts.append(f"best at step {count(view.best_step)}")
    counts = run.context.get("counts") or {}
    ruled = [f"{count(counts[name])} {name}" for name in ("masked", "dropped") if counts.get(name)]
    if ruled:
        parts.append(f"by rules {', '.join(ruled)}")
    if not run.live:
        parts.append(age(datetime.fromtimestamp(run.ended or run.created, UTC)))
    return " · ".join(parts)


def _kept(view: RunView) -> str:
    """What is safe on the disk, and what would have to be done again."""
    at = f"checkpoint of step {count(view.checkpoint)}"
    if view.run.live:
        return at
    return f"{at}, {plural(view.lost_steps, 'step')} to do again" if view.lost_steps else f"{at}, nothing to do again"


def _steps_per_s(view: RunView) -> float:
    run = view.run
    if run.started is None or run.done < 5 or "resumed" in run.context:
        return 0.0
    return run.done / max(1e-9, datetime.now(UTC).timestamp() - run.started)
