"""No silent failure: whatever nobody caught is logged and shown as a report that can be copied; the app goes on.

Hooks: ``sys.excepthook`` (exceptions in slots), ``threading.excepthook``, ``sys.unraisablehook``, Qt's own
messages, and faulthandler for crashes of native code. Worker processes report through their run instead.
"""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, QUrl, Signal, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

import dsbs_gui
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet

log = logging.getLogger("crash")
NATIVE_CRASH, NATIVE_CRASH_BEFORE = "native-crash.log", "native-crash-before.log"
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_CALM = "Nothing that was saved is lost, and the program goes on. Send the report with what you did before it."


def describe(error: BaseException) -> str:
    """The report about an exception: versions, place, traceback; keys are taken out."""
    from dsbs_gui.core.log import redacted

    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return redacted(f"{versions()}\n\n{trace}")


def versions() -> str:
    """One line for a report."""
    import PySide6

    return (
        f"DSBS Studio {dsbs_gui.__version__} · Python {platform.python_version()} · PySide6 {PySide6.__version__} · "
        f"{platform.platform()}"
    )


class CrashReporter(QObject):
    """Collects what nobody caught and shows it in one sheet, however much comes. Made on the window's thread.

    Signals:
        reported(str): a report, after it was shown.
    """

    reported = Signal(str)
    _arrived = Signal(object)

    def __init__(self, log_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_folder = log_folder
        self._sheet: ReportSheet | None = None
        self._undo: list[Callable[[], object]] = []
        self._fault_file: IO[str] | None = None
        self._arrived.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of this process until :meth:`remove`."""
        before, thread_before, lost_before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
        sys.unraisablehook = lambda args: log.error("in a destructor: %r", args.exc_value, exc_info=args.exc_value)
        qt_before = qInstallMessageHandler(_on_qt_message)
        self._undo = [
            lambda: setattr(sys, "excepthook", before),
            lambda: setattr(threading, "excepthook", thread_before),
            lambda: setattr(sys, "unraisablehook", lost_before),
            lambda: qInstallMessageHandler(qt_before),
        ]

    def watch_native_crashes(self) -> None:
        """Leave the Python stack of a crash of native code in ``native-crash.log``; the last one is kept beside it."""
        file = self._log_folder / NATIVE_CRASH
        try:
            self._log_folder.mkdir(parents=True, exist_ok=True)
            if file.is_file() and file.stat().st_size:
                file.replace(file.with_name(NATIVE_CRASH_BEFORE))
            self._fault_file = file.open("w", encoding="utf-8")
        except OSError:
            return  # without a log folder there is nowhere to leave it
        faulthandler.enable(self._fault_file)

    def remove(self) -> None:
        """Give the hooks back."""
        for undo in self._undo:
            undo()
        self._undo = []
        if self._fault_file is not None:
            faulthandler.disable()
            self._fault_file.close()
            self._fault_file = None

    def report(self, error: BaseException) -> None:
        """Log an exception and show it. Any thread."""
        log.error("not caught: %s", error, exc_info=error)
        self._arrived.emit(describe(error))

    def close_sheet(self) -> None:
        """Take the report away, as *Go on* does."""
        if self._sheet is not None:
            self._sheet.reject()

    def _on_exception(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            error = kind()
        if isinstance(error, KeyboardInterrupt):
            QApplication.quit()
        elif not isinstance(error, SystemExit):
            self.report(error.with_traceback(trace))

    def _show(self, report: str) -> None:
        if self._sheet is None:
            self._sheet = ReportSheet(QApplication.activeWindow(), self._log_folder)
            self._sheet.finished.connect(self._on_sheet_closed)
            self._sheet.open()
        self._sheet.add_report(report)
        self.reported.emit(report)

    def _on_sheet_closed(self) -> None:
        if self._sheet is not None:
            self._sheet.deleteLater()
            self._sheet = None


class ReportSheet(Sheet):
    """Reports about faults of ours; the same one again is only counted."""

    def __init__(self, parent: QWidget | None, log_folder: Path) -> None:
        super().__init__(parent, "Something went wrong in the program", subtitle=_CALM, width="m", cancel="Go on")
        self._reports: dict[str, int] = {}
        self.count = PlainLabel("", tone="muted")
        self.count.hide()
        self.text = CodeText("Report")
        self.text.setMinimumHeight(260)
        self.add(self.count, self.text)
        folder = self.add_side_button("Open the log folder")
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder))))
        self.footer.insertStretch(1, 1)
        copy = self.add_accept("Copy report")
        copy.clicked.disconnect(self.accept)
        copy.clicked.connect(self._on_copy_clicked)

    def add_report(self, report: str) -> None:
        """Show another report below the earlier ones."""
        self._reports[report] = self._reports.get(report, 0) + 1
        total = sum(self._reports.values())
        self.count.setText(f"{total} times so far, {len(self._reports)} different")
        self.count.setVisible(total > 1)
        self.text.set_source("\n\n".join(self._reports))

    def _on_copy_clicked(self) -> None:
        self.text.copy_source()
        self.count.setText("The report is on the clipboard.")
        self.count.show()


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_QT_LEVELS.get(kind, logging.WARNING), "%s", message)
