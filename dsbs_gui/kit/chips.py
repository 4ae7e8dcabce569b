"""Chips: small words with a meaning, and rows of them that filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import count, without_mnemonic


class Chip(QWidget):
    """A word with a coloured dot on a soft ground: the state of something."""

    def __init__(self, text: str, tone: Tone = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font("caption"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state(text, tone)

    def set_state(self, text: str, tone: Tone) -> None:
        """Change word and tone."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The word."""
        return self._text

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 28, 20)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        meaning = current().meaning(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(meaning.soft))
        painter.drawRoundedRect(QRectF(self.rect()), 10, 10)
        painter.setBrush(QColor(meaning.shape))
        painter.drawEllipse(QRectF(8, self.height() / 2 - 3, 6, 6))
        painter.setPen(QColor(meaning.text))
        area = self.rect().adjusted(19, 0, -8, 0)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self._text)


class FilterChip(KeyRing, QPushButton):
    """A chip that can be switched on, with an optional count."""

    def __init__(self, key: str, text: str, number: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key, self._label = key, text
        self.setProperty("kind", "chip")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(number)

    def set_count(self, number: int | None) -> None:
        """Show how many rows the filter would leave; None shows nothing."""
        text = self._label if number is None else f"{self._label}  {count(number)}"
        self.setText(without_mnemonic(text))


class ChipRow(QWidget):
    """Filter chips side by side; several can be on, or one at most with `exclusive`.

    Signals:
        changed(frozenset[str]): the keys that are on, after the user switched one.
    """

    changed = Signal(object)

    def __init__(
        self,
        chips: Sequence[tuple[str, str]],
        *,
        exclusive: bool = False,
        name: str = "Filter",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._exclusive = exclusive
        self._chips = {key: FilterChip(key, text) for key, text in chips}
        row(*self._chips.values(), gap="xs", parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for key, chip in self._chips.items():
            chip.clicked.connect(lambda _=False, key=key: self._on_chip_clicked(key))

    def value(self) -> frozenset[str]:
        """Keys that are on."""
        return frozenset(key for key, chip in self._chips.items() if chip.isChecked())

    def set_value(self, keys: Iterable[str]) -> None:
        """Switch exactly these on, without telling."""
        wanted = set(keys)
        for key, chip in self._chips.items():
            chip.setChecked(key in wanted)

    def set_counts(self, counts: dict[str, int]) -> None:
        """Set the counts of the chips; those not named lose theirs."""
        for key, chip in self._chips.items():
            chip.set_count(counts.get(key))

    def _on_chip_clicked(self, key: str) -> None:
        if self._exclusive and self._chips[key].isChecked():
            self.set_value([key])
        self.changed.emit(self.value())
