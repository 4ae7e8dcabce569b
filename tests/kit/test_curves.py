"""The curve panel."""

from __future__ import annotations

import csv
import math
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dsbs_gui.kit.curve_group import CurveGroup
from dsbs_gui.kit.curves import CurvePanel
from dsbs_gui.kit.theme.apply import apply_theme, current
from dsbs_gui.kit.theme.tokens import DARK

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from dsbs_gui.kit.curve_data import SeriesKey


@pytest.fixture
def panel(qtbot: QtBot) -> CurvePanel:
    return shown(CurvePanel("Loss"), qtbot)


def shown(panel: CurvePanel, qtbot: QtBot) -> CurvePanel:
    qtbot.addWidget(panel)
    panel.resize(700, 400)
    panel.show()
    drawn(panel, qtbot)
    return panel


def drawn(panel: CurvePanel, qtbot: QtBot) -> None:
    """Wait until the timer has drawn."""
    qtbot.waitUntil(lambda: not panel.plot._timer.isActive())


def add(panel: CurvePanel, run: str, x, y, name: str = "label loss", **options) -> SeriesKey:
    key = panel.add_series(run, name, "label_loss", **options)
    panel.append(key, x, y)
    panel.plot.draw()
    return key


def steps_shown(panel: CurvePanel) -> list[float]:
    return panel.plot._box.viewRange()[0]


def heights_shown(panel: CurvePanel) -> list[float]:
    return panel.plot._box.viewRange()[1]


def line_of(panel: CurvePanel, key: SeriesKey):
    return panel.plot.curves[key].raw.item


def pen_of(panel: CurvePanel, key: SeriesKey):
    return line_of(panel, key).opts["pen"]


# ---------------------------------------------------------------- drawing


def test_many_appends_are_one_drawing(panel: CurvePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    key = panel.add_series("run 1", "label loss", "label_loss")
    drawn(panel, qtbot)
    curve = panel.plot.curves[key]
    draws: list[int] = []
    real = curve.draw
    monkeypatch.setattr(curve, "draw", lambda *view: (draws.append(1), real(*view)))
    for step in range(1000):
        panel.append(key, step, 1.0 / (step + 1))
    assert draws == []
    drawn(panel, qtbot)
    assert len(draws) <= 2  # the first one fits the steps, which draws too
    assert line_of(panel, key).xData.size == 1000


def test_a_hidden_panel_draws_nothing_and_catches_up(panel: CurvePanel, qtbot: QtBot) -> None:
    key = add(panel, "run 1", [0, 1], [1.0, 2.0])
    panel.hide()
    panel.append(key, [2, 3], [3.0, 4.0])
    drawn(panel, qtbot)
    assert line_of(panel, key).xData.size == 2
    panel.show()
    drawn(panel, qtbot)
    assert line_of(panel, key).xData.size == 4


def test_the_last_values_are_said_in_words(panel: CurvePanel, qtbot: QtBot) -> None:
    assert panel.summary() == "no curves yet"
    add(panel, "run 1", [1, 2, 3], [3.0, 2.0, math.nan])
    assert panel.accessibleDescription() == "label loss 2.00 at step 2"
    add(panel, "run 2", 5, 0.5, run_name="Another")
    assert panel.summary() == "run 1 · label loss 2.00 at step 2; Another · label loss 0.500 at step 5"


def test_a_lost_value_is_a_gap_with_a_red_mark_at_its_step(panel: CurvePanel) -> None:
    key = add(panel, "run 1", [1, 2, 3, 4], [3.0, 2.0, math.nan, 1.0])
    curve = panel.plot.curves[key]
    assert line_of(panel, key).opts["connect"] == "finite"
    assert [(point.pos().x(), point.pos().y()) for point in curve.lost.points()] == [(3.0, 2.0)]
    panel.set_log_y(True)
    assert curve.lost.points()[0].pos().y() == pytest.approx(math.log10(2))


def test_all_values_lost_or_one_point_or_none_can_be_drawn(panel: CurvePanel) -> None:
    assert panel.plot.nothing.isVisible()
    key = add(panel, "run 1", [5], [2.0])
    assert panel.plot.curves[key].symbols.points().size == 1  # a line of one point is not seen
    assert not panel.plot.nothing.isVisible()
    low, high = heights_shown(panel)
    assert low < 2 < high
    lost = add(panel, "run 1", [1, 2], [math.nan, math.nan], "rationale loss")
    panel.plot.draw()
    marks = panel.plot.curves[lost].lost.points()
    low, high = heights_shown(panel)
    assert len(marks) == 2
    assert all(low < mark.pos().y() < high for mark in marks), "in sight, though no number tells their height"
    panel.remove_run("run 1")
    assert panel.plot.nothing.isVisible()


def test_a_log_scale_leaves_out_what_has_no_logarithm(panel: CurvePanel) -> None:
    key = add(panel, "run 1", [1, 2, 3], [100.0, 0.0, 0.01])
    panel.set_log_y(True)
    y = line_of(panel, key).yData
    assert y[0] == pytest.approx(2)
    assert np.isnan(y[1])
    assert y[2] == pytest.approx(-2)
    low, high = heights_shown(panel)
    assert low < -2 < 2 < high


def test_a_long_curve_with_zeros_is_still_drawn_on_a_log_scale(panel: CurvePanel) -> None:
    y = np.where(np.arange(100_000) % 5, 10.0, 0.0)
    key = add(panel, "run 1", np.arange(100_000), y)
    panel.set_log_y(True)
    assert np.isfinite(line_of(panel, key).yData).all()


def test_smoothing_leaves_the_raw_values_visible(panel: CurvePanel) -> None:
    key = add(panel, "run 1", range(100), [float(i % 2) for i in range(100)])
    panel.set_smoothing(0.9)
    curve = panel.plot.curves[key]
    assert curve.raw.item.isVisible()
    assert curve.smooth.item.isVisible()
    assert np.ptp(curve.smooth.item.yData[50:]) < 0.2
    few = add(panel, "run 1", [1, 50], [3.0, 1.0], "accuracy", kind="points")
    panel.set_smoothing(0.6)
    assert not panel.plot.curves[few].smooth.item.isVisible()
    panel.set_smoothing(0)
    assert not curve.smooth.item.isVisible()


def test_outliers_leave_the_scale_and_are_told(panel: CurvePanel, qtbot: QtBot) -> None:
    y = np.ones(1000)
    y[[3, 500]] = 812.0
    add(panel, "run 1", np.arange(1000), y)
    assert heights_shown(panel)[1] > 800
    with qtbot.waitSignal(panel.settings_changed):
        panel._tools._clip.click()
    assert heights_shown(panel)[1] < 10
    assert panel.remark() == "2\u00a0outliers left out of the scale, up to 812"
    panel.set_clip(False)
    assert panel.remark() == ""


def test_two_hundred_thousand_points_are_thinned_before_drawing(panel: CurvePanel) -> None:
    y = np.random.default_rng(0).normal(size=200_000)
    key = add(panel, "run 1", np.arange(200_000), y)
    assert line_of(panel, key).xData.size < 3_000
    assert line_of(panel, key).yData.max() == y.max()


# ---------------------------------------------------------------- reference lines


def test_the_view_holds_curves_and_reference_lines(panel: CurvePanel, qtbot: QtBot) -> None:
    add(panel, "run 1", [0, 100], [0.1, 0.2])
    panel.set_reference("teacher {78.6} %", 0.786)
    drawn(panel, qtbot)
    low, high = heights_shown(panel)
    assert low < 0.1
    assert high > 0.786
    entry = panel._legend.entries["line teacher {78.6} %"]
    assert entry.text() == "teacher {78.6} %"
    entry.click()
    assert not panel.plot.references["teacher {78.6} %"][0].isVisible()
    panel.set_reference("teacher {78.6} %", None)
    drawn(panel, qtbot)
    assert heights_shown(panel)[1] < 0.3


# ---------------------------------------------------------------- zoom


def test_a_chosen_view_does_not_jump_when_points_come_nor_when_the_page_comes_back(
    panel: CurvePanel, qtbot: QtBot
) -> None:
    key = add(panel, "run 1", [0, 100], [0.0, 1.0])
    box = panel.plot._box
    box.setRange(xRange=(10, 20), yRange=(0.3, 0.4), padding=0)
    box.sigRangeChangedManually.emit([True, True])
    panel.append(key, 500, 2.0)
    drawn(panel, qtbot)
    panel.hide()
    panel.append(key, 600, -7.0)
    panel.show()
    drawn(panel, qtbot)
    assert steps_shown(panel) == pytest.approx([10, 20])
    assert heights_shown(panel) == pytest.approx([0.3, 0.4])
    QTest.keyClick(panel.plot, Qt.Key.Key_F)
    assert steps_shown(panel)[1] >= 600
    assert heights_shown(panel)[0] <= -7


def test_a_chosen_view_without_a_curve_in_it_is_given_up(panel: CurvePanel) -> None:
    add(panel, "run 1", [*range(1, 901)], [1.0] * 900)
    panel.group.choose(500, 800)
    panel.remove_run("run 1")
    add(panel, "run 2", [1, 45, 90], [3.0, 2.0, 1.0])
    panel.plot.draw()
    assert panel.group.following
    assert panel.group.low < 1 < 90 < panel.group.high


def test_a_view_that_follows_holds_all_points_and_moves_seldom(panel: CurvePanel) -> None:
    key, views = add(panel, "run 1", [0, 1000], [1.0, 0.5]), set()
    for step in range(1001, 1101):
        panel.append(key, step, 0.4)
        panel.plot.draw()
        low, high = steps_shown(panel)
        assert low <= 0
        assert step <= high <= 1.1 * step
        views.add(high)
    assert len(views) <= 3


def test_panels_of_one_group_zoom_and_point_together(qtbot: QtBot) -> None:
    group = CurveGroup()
    upper = shown(CurvePanel("Loss", group=group), qtbot)
    lower = shown(CurvePanel("Accuracy", group=group, y_range=(0, 1)), qtbot)
    key = add(upper, "run 1", [0, 50, 100], [3.0, 2.0, 1.0])
    below = add(lower, "run 1", [50], [0.5], "accuracy")
    group.choose(40, 60)
    assert steps_shown(lower) == steps_shown(upper) == pytest.approx([40, 60])
    lower.append(below, 100, 0.7)  # the other panel's points do not move it either
    upper.append(key, 150, 0.5)
    drawn(lower, qtbot)
    drawn(upper, qtbot)
    assert steps_shown(upper) == pytest.approx([40, 60])
    group.set_cursor(50)
    assert upper.readout() == "step 50 · label loss 2.00"
    assert lower.readout() == "step 50 · accuracy 0.500"


def test_keys_zoom_about_the_crosshair_and_pan(panel: CurvePanel) -> None:
    add(panel, "run 1", np.arange(101), np.arange(101.0))
    panel.group.set_cursor(20)
    for _ in range(6):
        QTest.keyClick(panel.plot, Qt.Key.Key_Plus)
    low, high = steps_shown(panel)
    assert low < 20 < high
    assert high - low < 15
    assert heights_shown(panel)[1] < 40  # y follows a zoom along the steps
    QTest.keyClick(panel.plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert steps_shown(panel)[0] > low
    QTest.keyClick(panel.plot, Qt.Key.Key_Minus)
    assert np.ptp(steps_shown(panel)) > high - low


def test_the_axes_tell_that_the_keys_are_meant_for_the_plot(panel: CurvePanel, qtbot: QtBot) -> None:
    axis, quiet = panel.plot.getPlotItem().getAxis("left"), current().border.lower()
    panel.plot.clearFocus()
    assert axis.pen().color().name() == quiet
    panel.activateWindow()
    panel.plot.setFocus()
    qtbot.waitUntil(panel.plot.hasFocus)
    assert axis.pen().color().name() == current().accent.lower()


def wheel(panel: CurvePanel, modifiers: Qt.KeyboardModifier) -> bool:
    """One notch over the middle; whether the plot took it."""
    place = QPointF(panel.plot.rect().center())
    event = QWheelEvent(
        place, panel.plot.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    event.setAccepted(False)
    QApplication.sendEvent(panel.plot.viewport(), event)
    return event.isAccepted()


def test_the_wheel_zooms_with_ctrl_and_else_scrolls_the_page(panel: CurvePanel) -> None:
    add(panel, "run 1", np.arange(101), np.arange(101.0))
    panel.plot.clearFocus()
    before = steps_shown(panel)
    assert not wheel(panel, Qt.KeyboardModifier.NoModifier)
    assert steps_shown(panel) == before
    assert wheel(panel, Qt.KeyboardModifier.ControlModifier)
    assert np.ptp(steps_shown(panel)) < np.ptp(before)
    assert not panel.group.following


def drag(panel: CurvePanel, start: QPoint, end: QPoint, button: Qt.MouseButton) -> None:
    target, none = panel.plot.viewport(), Qt.KeyboardModifier.NoModifier
    QTest.mousePress(target, button, none, start)
    for share in (0.5, 1.0):
        QTest.mouseMove(target, start + (end - start) * share)
        QTest.qWait(30)  # pyqtgraph passes moves over that follow each other at once
    QTest.mouseRelease(target, button, none, end)


def test_a_drag_zooms_into_what_it_encloses_and_a_double_click_comes_back(panel: CurvePanel, qtbot: QtBot) -> None:
    add(panel, "run 1", np.arange(101), np.arange(101.0))
    panel.fit()
    before, width, height = steps_shown(panel), panel.plot.width(), panel.plot.height()
    drag(panel, QPoint(width // 2, height // 3), QPoint(3 * width // 4, height // 2), Qt.MouseButton.LeftButton)
    low, high = steps_shown(panel)
    assert before[0] + 30 < low < high < before[1] - 10
    drag(panel, QPoint(width // 2, height // 3), QPoint(width // 3, height // 3), Qt.MouseButton.MiddleButton)
    assert steps_shown(panel)[0] > low
    assert np.ptp(steps_shown(panel)) == pytest.approx(high - low)
    for act in (QTest.mouseDClick, QTest.mouseRelease):
        act(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(width // 2, height // 2))
    qtbot.waitUntil(lambda: steps_shown(panel) == pytest.approx(before))


# ---------------------------------------------------------------- crosshair


def test_arrow_keys_move_the_crosshair(panel: CurvePanel) -> None:
    add(panel, "run 1", [0, 10, 20], [3.0, 2.0, 1.0])
    for _ in range(2):
        QTest.keyClick(panel.plot, Qt.Key.Key_Left)
    assert panel.readout() == "step 10 · label loss 2.00"
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    assert panel.readout() == "step 20 · label loss 1.00"


def test_the_readout_has_every_run_says_where_a_value_is_from_and_what_was_lost(panel: CurvePanel) -> None:
    add(panel, "a", [0, 50, 100], [3.0, math.nan, 1.0])
    add(panel, "b", [0, 40, 100], [6.0, 5.0, 4.0])
    add(panel, "c", [0, 10], [9.0, 8.0])
    panel.group.set_cursor(50)
    assert panel.readout() == "step 50 · a · label loss lost · b · label loss 5.00 at 40"
    panel.group.show_run("b", False)
    panel.plot.draw()
    assert panel.readout() == "step 50 · a · label loss lost"


def test_twenty_runs_fit_the_readout_and_each_looks_different(panel: CurvePanel) -> None:
    keys = [add(panel, f"run {i}", [0, 10], [1.0 + i, 2.0 + i], run_name=f"Seed {i}") for i in range(20)]
    symbols = [panel.plot.curves[key].symbols.opts["symbol"] for key in keys]
    forms = [(path.elementCount(), path.boundingRect().getRect(), path.elementAt(1).y) for path in symbols]
    assert len(set(forms)) == 7
    assert len({(pen_of(panel, key).color().name(), form) for key, form in zip(keys, forms, strict=True)}) == 20
    panel.plot.setFixedHeight(250)
    QApplication.processEvents()
    panel.group.set_cursor(10)
    told, more = panel.readout().count("label loss"), panel.readout().rpartition("and ")[2]
    assert more == f"{20 - told} more"
    assert panel.plot.readout.geometry().bottom() <= panel.plot.height()
    entries = list(panel._legend.entries.values())
    assert [entry.text() for entry in entries] == [f"run {i}" for i in range(20)]  # whole names would fill the panel
    assert [entry.accessibleName() for entry in entries] == [f"Seed {i}" for i in range(20)]


# ---------------------------------------------------------------- legend, colours


def test_the_legend_hides_a_curve_and_shows_names_as_they_are(panel: CurvePanel, qtbot: QtBot) -> None:
    key = add(panel, "run 1", [0, 1], [1.0, 2.0], "<b>loss</b>")
    (entry,) = panel._legend.entries.values()
    assert entry.text() == "<b>loss</b>"
    assert entry.toolTip().startswith("<qt>&lt;b&gt;loss&lt;/b&gt;")
    with qtbot.waitSignal(panel.settings_changed):
        entry.click()
    assert not line_of(panel, key).isVisible()
    assert panel.hidden == {"<b>loss</b>"}


def test_a_run_alone_has_the_colours_of_quantities_and_several_have_their_own(panel: CurvePanel) -> None:
    first = add(panel, "run 1", [0, 1], [1.0, 2.0])
    alone = pen_of(panel, first).color()
    second = add(panel, "run 2", [0, 1], [1.0, 2.0])
    add(panel, "run 2", [0, 1], [2.0, 3.0], "rationale loss", kind="second")
    assert pen_of(panel, first).color() != pen_of(panel, second).color()
    names = [entry.text() for entry in panel._legend.entries.values()]
    assert names == ["label loss", "rationale loss", "run 1", "run 2"]
    panel._legend.entries["run run 2"].click()
    assert not line_of(panel, second).isVisible()
    panel.remove_run("run 2")
    assert pen_of(panel, first).color() == alone


def test_a_freed_colour_is_taken_by_the_next_run(panel: CurvePanel) -> None:
    keys = [add(panel, run, [0, 1], [1.0, 2.0]) for run in ("run 1", "run 2", "run 3")]
    before = pen_of(panel, keys[0]).color()
    panel.remove_run("run 1")
    assert pen_of(panel, add(panel, "run 4", [0, 1], [1.0, 2.0])).color() == before


def test_curves_follow_the_theme(panel: CurvePanel, qapp: QApplication) -> None:
    key = add(panel, "run 1", [0, 1], [1.0, 2.0])
    apply_theme(qapp, "dark")
    assert pen_of(panel, key).color().name().upper() == DARK.data["label_loss"]
    assert panel.plot.backgroundBrush().color().name().upper() == DARK.surface


# ---------------------------------------------------------------- files


def test_pictures_drawings_and_numbers_are_written(panel: CurvePanel, qtbot: QtBot, tmp_path: Path) -> None:
    y = np.sin(np.arange(5000) / 50)
    add(panel, "a", np.arange(5000), y, run_name="Distilling & co")
    add(panel, "b", np.arange(5000), y + 1, run_name="Finetuning")
    panel.export_picture(tmp_path / "loss.png")
    image = QImage(str(tmp_path / "loss.png"))
    assert (image.width(), image.height()) == (1464, 864)
    add(panel, "b", [1, 5000], [1.0, 2.0], "not shown")
    panel.set_hidden(["not shown"])
    panel.export_picture(tmp_path / "loss.svg")
    root = ElementTree.parse(tmp_path / "loss.svg").getroot()
    texts = ["".join(element.itertext()).strip() for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Loss", "Distilling & co", "Finetuning", "4000"} <= set(texts)
    assert "not shown" not in texts
    lines = [e for e in root.iter() if e.tag.endswith(("}polyline", "}path"))]
    assert sum(e.get("points", e.get("d", "")).count(",") for e in lines) > 1000
    assert not list(root.iter("{http://www.w3.org/2000/svg}image"))
    panel.export_csv(tmp_path / "loss.csv")
    with (tmp_path / "loss.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    values = [float(row["value"]) for row in rows if (row["run"], row["series"]) == ("Finetuning", "label loss")]
    assert values == (y + 1).tolist()
    with pytest.raises(OSError, match="No such file"):
        panel.export_picture(tmp_path / "no" / "folder.png")
    with qtbot.waitSignal(panel.export_failed):
        panel._tools.picture_asked.emit(str(tmp_path / "no" / "folder.svg"))


def test_a_picture_has_no_buttons_and_the_panel_has_them_again(
    panel: CurvePanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(panel, "a", [0, 1], [1.0, 2.0])
    seen: list[bool] = []
    from dsbs_gui.kit import curves

    real = curves.save_picture
    monkeypatch.setattr(
        curves, "save_picture", lambda *a: (seen.extend(b.isVisible() for b in panel._tools._buttons), real(*a))
    )
    panel.export_picture(tmp_path / "loss.png")
    assert seen == [False] * 4
    assert all(button.isVisible() for button in panel._tools._buttons)
