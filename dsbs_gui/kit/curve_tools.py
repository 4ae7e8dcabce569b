"""The line above a plot: title, a remark about the scale, and what can be done with the curves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.save_dialog import ask_save_path

_SMOOTHING = (("No smoothing", 0.0), ("Smooth lightly", 0.6), ("Smooth", 0.9), ("Smooth strongly", 0.98))
_HELP = (
    "Drag to zoom into a part, Ctrl+wheel to zoom along the steps, Shift+drag to move, double click to see all. Keys: "
    "+ and \u2212 zoom, arrows move the crosshair, Shift+arrows the view, F fits, L is the logarithmic scale."
)


class CurveTools(QWidget):
    """Signals:
    log_changed(bool), clip_changed(bool), smoothing_changed(float), fit_asked,
    picture_asked(path), numbers_asked(path): the user chose where to save.
    """

    log_changed = Signal(bool)
    clip_changed = Signal(bool)
    smoothing_changed = Signal(float)
    fit_asked = Signal()
    picture_asked = Signal(str)
    numbers_asked = Signal(str)

    def __init__(self, title: str, lead: QWidget | None = None, parent: QWidget | None = None) -> None:
        """``lead`` stands where else the title does."""
        super().__init__(parent)
        self._title, self._scalable = title, True
        self._remark = ElidedLabel(type="caption", tone="muted")
        self._remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._log = IconButton("chart-line-up", "Logarithmic scale · L", checkable=True, role="muted")
        self._clip = IconButton("crop", "Leave outliers out of the scale: it ends at the 99th percentile",
                                checkable=True, role="muted")  # fmt: skip
        self._fit = IconButton("arrows-out-simple", "Fit the view · F", role="muted")
        self._fit.set_tooltip(f"Fit the view · F\n{_HELP}")
        self._more = IconButton("dots-three", "More", role="muted")
        self._more.setMenu(self._menu())
        line = row(lead or PlainLabel(title, type="emphasis"), gap="xs", parent=self)
        line.addWidget(self._remark, 1)
        self._buttons = (self._log, self._clip, self._fit, self._more)
        for button in self._buttons:
            line.addWidget(button)
        self._log.toggled.connect(self.log_changed)
        self._clip.toggled.connect(self.clip_changed)
        self._fit.clicked.connect(self.fit_asked)

    def _menu(self) -> QMenu:
        menu, group = QMenu(self), QActionGroup(self)
        self._smoothing: dict[float, QAction] = {}
        for text, weight in _SMOOTHING:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(weight == 0)
            group.addAction(action)
            action.triggered.connect(lambda _=False, weight=weight: self.smoothing_changed.emit(weight))
            self._smoothing[weight] = action
        menu.addSeparator()
        menu.addAction("Save picture (PNG, SVG)…").triggered.connect(self._on_save_picture)
        menu.addAction("Save numbers as CSV…").triggered.connect(self._on_save_numbers)
        return menu

    def set_title(self, title: str) -> None:
        """Names the files that are saved; what stands in place of a title is not touched."""
        self._title = title

    def set_scalable(self, scalable: bool) -> None:
        """Whether another scale of y makes sense."""
        self._scalable = scalable
        self.set_bare(False)

    def is_scalable(self) -> bool:
        """Another scale of y makes sense."""
        return self._scalable

    def set_bare(self, bare: bool) -> None:
        """For a picture: without the buttons."""
        for button in self._buttons:
            button.setVisible(not bare and (self._scalable or button not in (self._log, self._clip)))

    def show_remark(self, text: str) -> None:
        """Say something about the scale; the place keeps its height when empty."""
        self._remark.setText(text)

    def remark(self) -> str:
        """What is said about the scale."""
        return self._remark.text()

    def show_log(self, log: bool) -> None:
        """Show the state of the scale."""
        _set_checked(self._log, log)

    def show_clip(self, clip: bool) -> None:
        """Show whether outliers are left out."""
        _set_checked(self._clip, clip)

    def show_smoothing(self, weight: float) -> None:
        """Show the smoothing in force, if it is one of the menu's."""
        if weight in self._smoothing:
            self._smoothing[weight].setChecked(True)

    def _on_save_picture(self) -> None:
        path = ask_save_path(self, "Save picture", f"{self._title}.png", {"png": "PNG picture", "svg": "SVG picture"})
        if path:
            self.picture_asked.emit(path)

    def _on_save_numbers(self) -> None:
        path = ask_save_path(self, "Save numbers", f"{self._title}.csv", {"csv": "CSV"})
        if path:
            self.numbers_asked.emit(path)


def _set_checked(button: IconButton, checked: bool) -> None:
    button.blockSignals(True)
    button.setChecked(checked)
    button.blockSignals(False)
    button.update()
