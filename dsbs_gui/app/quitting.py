"""Ctrl+C in the terminal and the end of the session close the window in its own way, questions left out."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication, QWidget


def quit_on_signals(window: QWidget) -> None:
    """Let SIGINT and SIGTERM close ``window``. Python only sees a signal once Qt hands control to it, so a
    socket wakes the event loop."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read, window)
    notifier.activated.connect(lambda: reading.recv(64))
    window.destroyed.connect(writing.close)

    def close() -> None:
        window.setProperty("unasked", True)
        window.close()
        QApplication.quit()

    def caught(number: int, frame: object) -> None:
        """Python calls this between any two steps of ours, in a paintEvent too: a window that closes there crashes."""
        QTimer.singleShot(0, window, close)

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, caught)
