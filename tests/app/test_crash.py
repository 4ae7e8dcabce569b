"""U1: an exception in a slot, in a thread or out of Qt ends in a log line and a copyable report; the app goes on."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer, qWarning
from PySide6.QtWidgets import QApplication, QPushButton

from dsbs_gui.app.crash import CrashReporter, ReportSheet


@pytest.fixture
def installed(reporter: CrashReporter) -> Iterator[CrashReporter]:
    reporter.install()
    yield reporter
    reporter.remove()


def sheet() -> ReportSheet:
    (found,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, ReportSheet) and w.isVisible()]
    return found


def fault() -> None:
    raise RuntimeError("boom sk-canary0123456789")


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_a_slot_is_shown_and_the_app_goes_on(
    installed: CrashReporter, qtbot: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with qtbot.waitSignal(installed.reported) as told:
        QTimer.singleShot(0, fault)
    assert "RuntimeError: boom" in told.args[0]
    assert "canary" not in told.args[0]
    assert "Python" in told.args[0].splitlines()[0]
    assert any(record.name == "crash" for record in caplog.records)
    with qtbot.waitSignal(installed.reported):  # still alive
        QTimer.singleShot(0, fault)
    assert "2 times so far, 1 different" in sheet().count.text() or "2 different" in sheet().count.text()


def test_an_exception_in_a_thread_is_shown(installed: CrashReporter, qtbot: Any) -> None:
    with qtbot.waitSignal(installed.reported) as told:
        thread = threading.Thread(target=fault)
        thread.start()
        thread.join()
    assert "RuntimeError: boom" in told.args[0]


def test_the_report_can_be_copied(installed: CrashReporter, qtbot: Any) -> None:
    with qtbot.waitSignal(installed.reported):
        installed.report(ValueError("a fault"))
    shown = sheet()
    button = next(b for b in shown.findChildren(QPushButton) if b.text() == "Copy report")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "ValueError: a fault" in QApplication.clipboard().text()
    assert shown.isVisible()


def test_many_faults_share_one_sheet(installed: CrashReporter, qtbot: Any) -> None:
    for number in range(30):
        with qtbot.waitSignal(installed.reported):
            installed.report(ValueError(f"fault {number % 3}"))
    assert sheet().count.text() == "30 times so far, 3 different"


def test_what_qt_says_goes_to_the_log(installed: CrashReporter, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "qt"):
        qWarning("something of Qt")
    assert "something of Qt" in caplog.text


def test_the_hooks_are_given_back(reporter: CrashReporter) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    reporter.install()
    assert sys.excepthook is not before[0]
    reporter.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
