"""One run in full: what it was to do, how it went, why it failed, what its worker said last."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.app.fitting import fit_height
from dsbs_gui.core.log import redacted
from dsbs_gui.kit import words
from dsbs_gui.kit.buttons import LinkButton, SecondaryButton
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.job_row import STATE_LOOK, JobState
from dsbs_gui.kit.layout import boxed, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from dsbs_gui.core.store.runs import Run, RunWarning

_LOG_HEIGHT = 200
_MOST_WARNINGS = 5


class JobSheet(Sheet):
    """Shows a run as it was when the sheet was opened.

    Signals:
        stop_asked, resume_asked, step_asked: the button was pressed; the sheet has closed.
    """

    stop_asked = Signal()
    resume_asked = Signal()
    step_asked = Signal()

    def __init__(
        self,
        parent: QWidget | None,
        run: Run,
        folder: Path,
        log_tail: str,
        warnings: list[RunWarning],
        *,
        resumable: bool,
        step: str = "",
    ) -> None:
        """
        Args:
            resumable: whether it can go on, and no other run goes on from it.
            step: the one whose page shows the run, where another page is open.
        """
        super().__init__(parent, run.title, width="m", cancel="Close")
        self.run, self._folder, self._log_tail = run, folder, redacted(log_tail)
        self._say_why()
        self._say_warnings(warnings)
        self.add(self._facts())
        self._add_details()
        self._add_buttons(step, resumable)

    def _say_why(self) -> None:
        run = self.run
        if run.reason and run.state in ("failed", "interrupted"):
            kind = "bad" if run.state == "failed" else "attention"
            self.messages.show_message(kind, run.reason, run.hint, dismissible=False)  # type: ignore[arg-type]
        elif run.reason:
            self.messages.show_message("info", run.reason, run.hint, dismissible=False)

    def _say_warnings(self, warnings: list[RunWarning]) -> None:
        for warning in reversed(warnings[-_MOST_WARNINGS:]):
            self.messages.show_message("attention", warning.text, warning.hint, dismissible=False)

    def _facts(self) -> QWidget:
        run = self.run
        _, tone, word = STATE_LOOK[cast("JobState", run.state)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(px("l"))
        grid.setVerticalSpacing(px("s"))
        grid.setColumnStretch(1, 1)
        grid.addWidget(PlainLabel("State", tone="muted"), 0, 0)
        grid.addWidget(boxed(row(Chip(word, tone), None)), 0, 1)
        for line, (name, value) in enumerate(facts(run), start=1):
            grid.addWidget(PlainLabel(name, tone="muted"), line, 0)
            grid.addWidget(PlainLabel(value, selectable=True), line, 1)
        holder = boxed(grid)
        holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return holder

    def _add_details(self) -> None:
        self.details = CodeText("Details", report(self.run, self._log_tail))
        self.details.setMinimumHeight(_LOG_HEIGHT)
        self.details.setVisible(self.run.state in ("failed", "interrupted"))
        self._toggle = LinkButton("")
        self._toggle.clicked.connect(self._on_toggle_clicked)
        self._name_toggle()
        self.add(row(self._toggle, None), self.details)
        self.body.setStretchFactor(self.details, 1)
        self.body.addStretch(0)

    def _on_toggle_clicked(self) -> None:
        self.details.setVisible(self.details.isHidden())
        self._name_toggle()
        fit_height(self)

    def _name_toggle(self) -> None:
        self._toggle.setText("Show details" if self.details.isHidden() else "Hide details")

    def _add_buttons(self, step: str, resumable: bool) -> None:
        self.add_side_button("Copy report").clicked.connect(self._on_copy_clicked)
        folder = self.add_side_button("Open its folder")
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))))
        self.footer.insertStretch(2, 1)
        if step:
            self._add(SecondaryButton(f"Go to {step}"), self.step_asked)
        if self.run.live:
            self._add(SecondaryButton("Stop", "stop"), self.stop_asked)
        elif resumable:
            self._add(SecondaryButton("Resume", "play"), self.resume_asked)

    def _add(self, button: SecondaryButton, signal: object) -> None:
        button.clicked.connect(self.accept)
        button.clicked.connect(signal)
        self.footer.addWidget(button)

    def _on_copy_clicked(self) -> None:
        QApplication.clipboard().setText(report(self.run, self._log_tail))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        fit_height(self)


def facts(run: Run) -> list[tuple[str, str]]:
    """Name and value of what there is to say about a run."""
    found = [("Name", run.id)]
    for name, t in (("Began", run.started), ("Ended", run.ended)):
        if t is not None:
            found.append((name, f"{datetime.fromtimestamp(t):%d %b %Y, %H:%M:%S}"))
    if run.started and run.ended:
        found.append(("Took", words.duration(run.ended - run.started)))
    if run.done:
        total = f" of {words.count(run.total)}" if run.total else ""
        found.append(("Progress", f"{words.count(run.done)}{total} {run.unit}".rstrip()))
    return found


def report(run: Run, log_tail: str) -> str:
    """Everything that helps to find out what happened, without any text of the dataset."""
    head = (f"{run.id} · {run.kind} · {run.state}", run.title, run.reason, run.hint)
    parts = ["\n".join(text for text in head if text)]
    parts.append("Settings\n" + json.dumps(_short(run.spec), indent=1, ensure_ascii=False))
    if run.summary:
        parts.append("Result\n" + json.dumps(run.summary, indent=1, ensure_ascii=False))
    if run.report and run.report != log_tail:
        parts.append("Where it happened\n" + run.report)
    parts.append("Last lines of the worker's log\n" + (log_tail.strip() or "(empty)"))
    return redacted("\n\n".join(parts))


def _short(spec: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in spec.items() if key != "prompt" and value not in ("", None, [], {})}
