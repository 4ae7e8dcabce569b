"""Work beside the window while there is no project, and so no ``kit.bridge``: opening one, glancing at many."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from dsbs_gui.core.failures import known

T = TypeVar("T")


class Background(QObject):
    """Runs functions on daemon threads and calls back on the window's thread, unless it has been closed."""

    _delivered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._delivered.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def run(
        self, work: Callable[[], T], on_done: Callable[[T], object], on_error: Callable[[Exception], object]
    ) -> None:
        """Do ``work`` on a thread of its own, then call one of the two; ``on_error`` gets a ``DsbsError``, or a bug."""
        threading.Thread(target=self._work, args=(work, on_done, on_error), name="background", daemon=True).start()

    def close(self) -> None:
        """Call nobody back from now on."""
        self._closed = True

    def _work(
        self, work: Callable[[], Any], on_done: Callable[[Any], object], on_error: Callable[[Exception], object]
    ) -> None:
        try:
            call: Callable[[], object] = partial(on_done, work())
        except Exception as error:
            call = partial(on_error, known(error) or error)
        if not self._closed:
            with contextlib.suppress(RuntimeError):  # the window is gone, and nobody waits for the answer
                self._delivered.emit(call)

    def _call(self, call: Callable[[], object]) -> None:
        if not self._closed:
            call()
