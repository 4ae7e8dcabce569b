"""Figures tell their numbers in words too, and paint them where they belong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from dsbs_gui.kit.bar_list import Bar, BarList
from dsbs_gui.kit.big_number import BigNumber
from dsbs_gui.kit.histogram import Histogram, even_bins
from dsbs_gui.kit.progress_line import ProgressLine
from dsbs_gui.kit.sparkline import Sparkline, thinned
from dsbs_gui.kit.theme.tokens import LIGHT
from dsbs_gui.kit.whisker import Whisker, WhiskerRow
from dsbs_gui.kit.words import NBSP, Progress

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot


def columns_with(widget: QWidget, colour: str, y: int) -> list[int]:
    """x of the pixels of a colour in one line of the widget's picture."""
    image = widget.grab().toImage()
    return [x for x in range(image.width()) if image.pixelColor(x, y).name().upper() == colour]


def test_bins_are_even_and_lose_nothing() -> None:
    edges, counts = even_bins([1, 1, 2, 9, 10], 5)
    assert edges == [1, 3, 5, 7, 9, 11]
    assert counts == [3, 0, 0, 0, 2]
    assert even_bins([]) == ([], [])
    assert even_bins([4.0, 4.0])[1] == [2]
    assert sum(even_bins([i / 7 for i in range(100)])[1]) == 100


def test_a_histogram_refuses_edges_that_do_not_fit(qtbot: QtBot) -> None:
    histogram = Histogram("Length", "tokens")
    qtbot.addWidget(histogram)
    with pytest.raises(ValueError, match="3 edges do not fit 3 bins"):
        histogram.set_bins([0, 1, 2], [1, 2, 3])
    histogram.set_values([1, 1, 2, 9, 10], 5)
    assert histogram.accessibleDescription() == "from 1 to 11 tokens, most between 1 and 3"
    assert not histogram.grab().isNull()


def test_bars_are_scaled_to_the_longest(qtbot: QtBot) -> None:
    bars = BarList("Labels", [Bar("yes", 100), Bar("no", 50, "attention")])
    qtbot.addWidget(bars)
    bars.resize(400, 48)
    longest = columns_with(bars, LIGHT.control, 12)
    half = columns_with(bars, LIGHT.attention.shape, 36)
    assert len(half) == pytest.approx(len(longest) / 2, abs=3)
    assert bars.accessibleDescription() == "yes 100; no 50"


def test_bars_can_be_chosen_by_mouse_and_keys(qtbot: QtBot) -> None:
    bars = BarList("Labels", [Bar("yes", 100), Bar("no", 50, key="label-no")], active=True)
    qtbot.addWidget(bars)
    bars.show()
    told: list[str] = []
    bars.bar_activated.connect(told.append)
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, 36))
    QTest.keyClick(bars, Qt.Key.Key_Up)
    QTest.keyClick(bars, Qt.Key.Key_Return)
    assert told == ["label-no", "yes"]


def test_whiskers_of_all_rows_stand_on_one_axis(qtbot: QtBot) -> None:
    rows = [WhiskerRow("a", 0.5, 0.4, 0.6), WhiskerRow("a much longer name", 0.5, 0.4, 0.6, "baseline_1")]
    whisker = Whisker("Accuracy", rows)
    qtbot.addWidget(whisker)
    whisker.resize(600, 80)
    first = columns_with(whisker, LIGHT.data["accuracy"], 13)
    second = columns_with(whisker, LIGHT.data["baseline_1"], 28 + 13)
    assert first
    assert (first[0], first[-1]) == (second[0], second[-1])
    assert whisker.accessibleDescription().startswith(f"a 50.0{NBSP}% (40.0–60.0)")


def test_a_row_without_a_value_paints_nothing(qtbot: QtBot) -> None:
    whisker = Whisker("Accuracy", [WhiskerRow("not evaluated", math.nan)])
    qtbot.addWidget(whisker)
    whisker.resize(600, 60)
    assert not columns_with(whisker, LIGHT.data["accuracy"], 14)


def test_a_sparkline_thins_and_keeps_gaps(qtbot: QtBot) -> None:
    assert thinned([1.0, 2.0]) == [1.0, 2.0]
    many = [float(i) for i in range(100_000)]
    assert len(thinned(many)) == 192
    assert thinned(many)[0] < thinned(many)[-1]
    assert math.isnan(thinned([math.nan] * 1000)[5])
    spark = Sparkline("Label loss")
    qtbot.addWidget(spark)
    spark.set_values([math.nan, 2.0, 1.0])
    assert spark.accessibleDescription() == "from 2.00 to 1.00"
    spark.set_values([math.nan])
    assert spark.accessibleDescription() == "no values yet"
    assert not spark.grab().isNull()


def test_a_big_number_is_read_with_its_caption(qtbot: QtBot) -> None:
    number = BigNumber("done")
    qtbot.addWidget(number)
    number.set("412", "of 1 000")
    assert number.accessibleName() == "done: 412"
    assert number.accessibleDescription() == "of 1 000"


def test_progress_shows_sentence_and_bar(qtbot: QtBot) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.set_progress(Progress("Generating", 500, 1000))
    assert line.bar.value() * 2 == line.bar.maximum()
    assert line.sentence.text().startswith("Generating · 500 of")
    line.set_progress(Progress("Loading"))
    assert line.bar.maximum() == 0
