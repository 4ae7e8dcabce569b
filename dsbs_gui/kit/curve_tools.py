"""The line above a plot: title, legend, readout of the crosshair, and what can be done with the curves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.curve_data import SeriesKey
from dsbs_gui.kit.curve_legend import LegendEntry
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.tokens import DataRole

_SMOOTHING = (("No smoothing", 0.0), ("Smooth lightly", 0.6), ("Smooth", 0.9), ("Smooth strongly", 0.98))


class CurveTools(QWidget):
    """Signals:
    log_changed(bool), smoothing_changed(float), fit_asked, shown_changed(SeriesKey, bool),
    picture_asked(path), numbers_asked(path): the user chose where to save.
    """

    log_changed = Signal(bool)
    smoothing_changed = Signal(float)
    fit_asked = Signal()
    shown_changed = Signal(object, bool)
    picture_asked = Signal(str)
    numbers_asked = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._entries: dict[SeriesKey, LegendEntry] = {}
        self._legend = row(gap="xs")
        self._readout = ElidedLabel(type="caption", tone="muted")
        self._readout.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._log = IconButton("chart-line-up", "Logarithmic scale", checkable=True, role="muted")
        fit = IconButton("arrows-out-simple", "Fit the view · F", role="muted")
        more = IconButton("dots-three", "More", role="muted")
        more.setMenu(self._menu())
        line = row(PlainLabel(title, type="emphasis"), self._legend, gap="m")
        line.addStretch(1)
        for button in (self._log, fit, more):
            line.addWidget(button)
        column(line, self._readout, gap="none", parent=self)
        self._log.toggled.connect(self.log_changed)
        fit.clicked.connect(self.fit_asked)

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
        menu.addAction("Save picture…").triggered.connect(self._on_save_picture)
        menu.addAction("Save numbers as CSV…").triggered.connect(self._on_save_numbers)
        return menu

    def add_entry(self, key: SeriesKey, role: DataRole, shade: float) -> None:
        """Show a series in the legend."""
        entry = self._entries[key] = LegendEntry(key.name, role, shade)
        self._legend.addWidget(entry)
        entry.toggled.connect(lambda shown: self.shown_changed.emit(key, shown))
        self._name_entries()

    def remove_entry(self, key: SeriesKey) -> None:
        """Take a series out of the legend."""
        entry = self._entries.pop(key)
        self._legend.removeWidget(entry)
        entry.hide()
        entry.deleteLater()
        self._name_entries()

    def name_of(self, key: SeriesKey) -> str:
        """The name shown: with the run where there are several."""
        several = len({k.run for k in self._entries}) > 1
        return f"{key.run} · {key.name}" if several else key.name

    def show_value(self, key: SeriesKey, value: str) -> None:
        """Show the last value of a series."""
        self._entries[key].set_value(value)

    def show_readout(self, text: str) -> None:
        """Show the values at the crosshair; the line keeps its height when empty."""
        self._readout.setText(text)

    def show_log(self, log: bool) -> None:
        """Show the state of the scale."""
        self._log.setChecked(log)

    def show_smoothing(self, weight: float) -> None:
        """Show the smoothing in force, if it is one of the menu's."""
        if weight in self._smoothing:
            self._smoothing[weight].setChecked(True)

    def _name_entries(self) -> None:
        for key, entry in self._entries.items():
            entry.set_name(self.name_of(key))

    def _on_save_picture(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save picture", f"{self._title}.png", "PNG (*.png)")
        if path:
            self.picture_asked.emit(path)

    def _on_save_numbers(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save numbers", f"{self._title}.csv", "CSV (*.csv)")
        if path:
            self.numbers_asked.emit(path)
