"""Progress as a sentence over a thin bar."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.theme.roles import set_property
from dsbs_gui.kit.words import Progress

_STEPS = 1000


class ProgressBar(QProgressBar):
    """The thin bar alone; a fraction from 0 to 1, None while the total is unknown."""

    def __init__(self, name: str = "Progress", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setRange(0, _STEPS)
        self.setAccessibleName(name)

    def set_fraction(self, fraction: float | None) -> None:
        """Show a fraction; None shows that something goes on without saying how far."""
        self.setRange(0, 0 if fraction is None else _STEPS)
        if fraction is not None:
            self.setValue(round(fraction * _STEPS))

    def set_meaning(self, meaning: str) -> None:
        """`""` running, `bad` failed, `muted` paused or stopped."""
        set_property(self, "meaning", meaning)


class ProgressLine(QWidget):
    """`Generating · 412 of 1 000 · 3.1 rows/s · about 3 min` and the bar below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = ElidedLabel("")
        self.bar = ProgressBar()
        column(self.sentence, self.bar, gap="xs", parent=self)

    def set_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self.sentence.setText(progress.sentence())
        self.bar.set_fraction(progress.fraction)
        self.setAccessibleName(progress.sentence())
