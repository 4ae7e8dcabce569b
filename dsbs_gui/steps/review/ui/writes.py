"""Writing from a page: in the order asked for, without waiting, told when it is saved or why not."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject

from dsbs_gui.core.errors import DsbsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.kit.bridge import Bridge

T = TypeVar("T")


class Writes(QObject):
    """``Bridge.run(store.write_now)`` would mix up the order of two quick acts; this keeps it."""

    def __init__(self, project: Project, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._store = project.store
        self._bridge = bridge

    def submit(
        self,
        action: Callable[[Transaction], T],
        on_done: Callable[[T], object] | None = None,
        on_error: Callable[[DsbsError], object] | None = None,
    ) -> Future[T] | None:
        """Queue a transaction; the callbacks come on the window's thread after the commit, or the failure.

        Returns the transaction's future, done some time before the callbacks come; None if it was refused at once.
        """
        try:
            future = self._store.write(action)
        except DsbsError as error:
            (on_error or self._bridge.show_error)(error)
            return None

        def hand_over(done: Future[T]) -> None:
            with contextlib.suppress(RuntimeError):  # the window is closing: nobody is left to tell
                self._bridge.run(done.result, on_done, on_error, self)

        future.add_done_callback(hand_over)
        return future
