"""The curve panel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from dsbs_gui.kit.curve_legend import LegendEntry
from dsbs_gui.kit.curves import CurvePanel
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.kit.theme.tokens import DARK

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


@pytest.fixture
def panel(qtbot: QtBot) -> CurvePanel:
    made = CurvePanel("Loss")
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


def drawn(panel: CurvePanel, qtbot: QtBot) -> None:
    """Wait until the timer has drawn."""
    qtbot.waitUntil(lambda: not panel._timer.isActive())


def test_many_appends_are_one_drawing(panel: CurvePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    curve = panel._curves[key]
    draws: list[int] = []
    real = curve.draw
    monkeypatch.setattr(curve, "draw", lambda log_y: (draws.append(1), real(log_y)))
    for step in range(1000):
        panel.append(key, step, 1.0 / (step + 1))
    assert draws == []
    drawn(panel, qtbot)
    assert len(draws) == 1
    assert curve.raw.xData.size == 1000


def test_the_last_values_are_said_in_words(panel: CurvePanel, qtbot: QtBot) -> None:
    assert panel.summary() == "no curves yet"
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, [1, 2, 3], [3.0, 2.0, math.nan])
    drawn(panel, qtbot)
    assert panel.accessibleDescription() == "label loss 2.00 at step 2"
    panel.append(panel.add_series("run 2", "label loss", "label_loss"), 5, 0.5)
    assert panel.summary() == "run 1 · label loss 2.00 at step 2; run 2 · label loss 0.500 at step 5"


def test_a_lost_value_is_a_gap_with_a_red_mark(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, [1, 2, 3, 4], [3.0, 2.0, math.nan, 1.0])
    drawn(panel, qtbot)
    curve = panel._curves[key]
    assert curve.raw.opts["connect"] == "finite"
    assert [(point.pos().x(), point.pos().y()) for point in curve.lost.points()] == [(3.0, 2.0)]


def test_a_log_scale_leaves_out_what_has_no_logarithm(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, [1, 2, 3], [100.0, 0.0, 0.01])
    panel.set_log_y(True)
    y = panel._curves[key].raw.yData
    assert y[0] == pytest.approx(2)
    assert np.isnan(y[1])
    assert y[2] == pytest.approx(-2)
    low, high = panel._plot.getViewBox().viewRange()[1]
    assert low < -2 < 2 < high


def test_smoothing_leaves_the_raw_values_visible(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, range(100), [float(i % 2) for i in range(100)])
    panel.set_smoothing(0.9)
    curve = panel._curves[key]
    assert curve.raw.isVisible()
    assert curve.smooth.isVisible()
    assert np.ptp(curve.smooth.yData[50:]) < 0.2
    panel.set_smoothing(0)
    assert not curve.smooth.isVisible()


def test_the_view_holds_curves_and_reference_lines(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "accuracy", "accuracy")
    panel.append(key, [0, 100], [0.1, 0.2])
    panel.set_reference("teacher {78.6} %", 0.786)
    low, high = panel._plot.getViewBox().viewRange()[1]
    assert low < 0.1
    assert high > 0.786
    assert panel._references["teacher {78.6} %"][0].label.toPlainText() == "teacher {78.6} %"
    panel.set_reference("teacher {78.6} %", None)
    assert panel._plot.getViewBox().viewRange()[1][1] < 0.3


def test_a_view_moved_by_hand_stays_until_fit(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, [0, 100], [0.0, 1.0])
    drawn(panel, qtbot)
    box = panel._plot.getViewBox()
    box.setXRange(10, 20, padding=0)
    box.sigRangeChangedManually.emit([True, True])
    panel.append(key, 500, 2.0)
    drawn(panel, qtbot)
    assert box.viewRange()[0] == pytest.approx([10, 20])
    QTest.keyClick(panel._view, Qt.Key.Key_F)
    assert box.viewRange()[0][1] >= 500


def test_arrow_keys_move_the_crosshair(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, [0, 10, 20], [3.0, 2.0, 1.0])
    drawn(panel, qtbot)
    for _ in range(2):
        QTest.keyClick(panel._view, Qt.Key.Key_Left)
    assert panel._tools._readout.text() == "step 10 · label loss 2.00"
    QTest.keyClick(panel._view, Qt.Key.Key_Right)
    assert panel._tools._readout.text() == "step 20 · label loss 1.00"


def test_the_legend_hides_a_curve_and_shows_names_as_they_are(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "<b>loss</b>", "label_loss")
    panel.append(key, [0, 1], [1.0, 2.0])
    drawn(panel, qtbot)
    (entry,) = panel.findChildren(LegendEntry)
    assert entry.text() == "<b>loss</b>"
    assert entry.toolTip() == "<qt>&lt;b&gt;loss&lt;/b&gt;</qt>"
    entry.click()
    assert not panel._curves[key].raw.isVisible()


def test_runs_differ_in_shade_and_are_all_solid(panel: CurvePanel, qtbot: QtBot) -> None:
    keys = [panel.add_series(run, "label loss", "label_loss") for run in ("run 1", "run 2", "run 3")]
    pens = [panel._curves[key].raw.opts["pen"] for key in keys]
    assert len({pen.color().name() for pen in pens}) == 3
    assert {pen.style() for pen in pens} == {Qt.PenStyle.SolidLine}
    panel.remove_run("run 1")
    again = panel._curves[panel.add_series("run 4", "label loss", "label_loss")].raw.opts["pen"]
    assert again.color() == pens[0].color()


def test_a_removed_run_is_gone(panel: CurvePanel, qtbot: QtBot) -> None:
    panel.append(panel.add_series("run 1", "label loss", "label_loss"), 1, 1.0)
    panel.append(panel.add_series("run 2", "label loss", "label_loss"), 1, 2.0)
    panel.remove_run("run 1")
    assert panel.summary() == "label loss 2.00 at step 1"


def test_curves_follow_the_theme(panel: CurvePanel, qapp: QApplication, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, [0, 1], [1.0, 2.0])
    drawn(panel, qtbot)
    apply_theme(qapp, "dark")
    assert panel._curves[key].raw.opts["pen"].color().name().upper() == DARK.data["label_loss"]
    assert panel._view.backgroundBrush().color().name().upper() == DARK.surface


def test_exports_are_written(panel: CurvePanel, qtbot: QtBot, tmp_path: Path) -> None:
    panel.append(panel.add_series("run 1", "label loss", "label_loss"), [0, 1], [1.0, 2.0])
    drawn(panel, qtbot)
    panel.export_png(tmp_path / "loss.png")
    panel.export_csv(tmp_path / "loss.csv")
    image = QImage(str(tmp_path / "loss.png"))
    assert (image.width(), image.height()) == (1400, 800)
    assert (tmp_path / "loss.csv").read_text(encoding="utf-8").count("\n") == 3
    with pytest.raises(OSError, match="could not be written"):
        panel.export_png(tmp_path / "no" / "folder.png")


def test_two_hundred_thousand_points_are_thinned_before_drawing(panel: CurvePanel, qtbot: QtBot) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    panel.append(key, np.arange(200_000), np.random.default_rng(0).normal(size=200_000))
    drawn(panel, qtbot)
    panel.grab()
    assert panel._curves[key].raw.curve.xData.size < 10_000
