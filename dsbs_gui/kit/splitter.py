"""A splitter that remembers where the user put it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QSplitter, QWidget

_GROUP = "splitters"


class Splitter(QSplitter):
    """Side by side, or one above the other with `vertical`. Sizes are kept in the application's QSettings.

    Args:
        key: names the splitter in the settings.
        shares: relative sizes for the first time.
    """

    def __init__(
        self,
        key: str,
        *widgets: QWidget,
        shares: Sequence[int] = (),
        vertical: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Vertical if vertical else Qt.Orientation.Horizontal, parent)
        self._key = f"{_GROUP}/{key}"
        self.setHandleWidth(16)
        self.setChildrenCollapsible(False)
        for index, widget in enumerate(widgets):
            self.addWidget(widget)
            self.setStretchFactor(index, shares[index] if index < len(shares) else 1)
        kept = self._kept_sizes()
        if len(kept) == len(widgets):
            self.setSizes(kept)
        elif shares:
            self.setSizes([share * 1000 for share in shares])
        self.splitterMoved.connect(self._keep)

    def _kept_sizes(self) -> list[int]:
        text = str(QSettings().value(self._key, ""))
        return [int(part) for part in text.split() if part.isdigit()]

    def _keep(self) -> None:
        QSettings().setValue(self._key, " ".join(map(str, self.sizes())))
