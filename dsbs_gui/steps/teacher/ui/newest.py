"""Questions of one kind in the background, of which only the newest counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.kit.bridge import Bridge


class Newest:
    """Asks as ``bridge.run`` does, but drops an answer that a newer question has overtaken."""

    def __init__(self, bridge: Bridge, owner: QObject) -> None:
        self._bridge, self._owner = bridge, owner
        self._n_asked = 0

    def ask(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object],
        on_error: Callable[[DsbsError], object] | None = None,
    ) -> None:
        """``on_error`` as in ``bridge.run``: without it the frame shows the message."""
        self._n_asked += 1
        asked = self._n_asked

        def if_newest(then: Callable[[Any], object]) -> Callable[[Any], None]:
            def call(value: Any) -> None:
                if asked == self._n_asked:
                    then(value)

            return call

        refused = None if on_error is None else if_newest(on_error)
        self._bridge.run(work, if_newest(on_done), refused, owner=self._owner)
