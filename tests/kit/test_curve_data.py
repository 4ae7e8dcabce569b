"""The numbers behind the curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsbs_gui.kit.curve_data import GrowingSeries, SeriesKey, Smoothing, heights_before, to_csv, value_at


def test_a_series_grows_beyond_its_buffer() -> None:
    series = GrowingSeries()
    for i in range(1000):
        series.append(i, 2.0 * i)
    series.append(range(1000, 3000), (2.0 * i for i in range(1000, 3000)))
    assert series.x.size == 3000
    assert np.array_equal(series.y, 2.0 * np.arange(3000))


def test_x_and_y_must_fit() -> None:
    with pytest.raises(ValueError, match="2 x values do not fit 1 y values"):
        GrowingSeries().append([1, 2], 3.0)


def test_smoothing_is_the_average_without_the_bias_of_its_start() -> None:
    series = GrowingSeries()
    series.append([0, 1, 2], [4.0, 4.0, 4.0])
    assert Smoothing(0.9).of(series) == pytest.approx([4.0, 4.0, 4.0])
    other = GrowingSeries()
    other.append([0, 1], [1.0, 3.0])
    # (0.5·0.5·1 + 0.5·3) / (1 − 0.5²)
    assert Smoothing(0.5).of(other)[1] == pytest.approx(1.75 / 0.75)


def test_smoothing_goes_on_where_it_was_and_steps_over_nan() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=500)
    values[100] = math.nan
    whole, growing, smoothing = GrowingSeries(), GrowingSeries(), Smoothing(0.9)
    whole.append(np.arange(500), values)
    for i, value in enumerate(values):
        growing.append(i, float(value))
        smoothing.of(growing)
    assert np.array_equal(smoothing.of(growing), Smoothing(0.9).of(whole), equal_nan=True)
    assert np.isnan(smoothing.of(growing)).sum() == 1


def test_the_value_at_a_place_is_that_of_the_nearest_point() -> None:
    x, y = np.array([0.0, 10.0, 20.0]), np.array([1.0, math.nan, 3.0])
    assert value_at(x, y, 4.9) == 1.0
    assert value_at(x, y, 11.0) is None
    assert value_at(x, y, 99.0) == 3.0
    assert value_at(x[:0], y[:0], 1.0) is None


def test_csv_keeps_every_digit_and_leaves_nan_empty() -> None:
    series = GrowingSeries()
    series.append([1, 2], [0.1 + 0.2, math.nan])
    text = to_csv({SeriesKey('run "4"', "label, loss"): series}, "step")
    assert text.splitlines() == [
        "run,series,step,value",
        '"run ""4""","label, loss",1.0,0.30000000000000004',
        '"run ""4""","label, loss",2.0,',
    ]


def test_lost_values_are_marked_at_the_last_number_before_them() -> None:
    y = np.array([math.nan, 2.0, math.inf, 3.0, math.nan, math.nan])
    lost = np.flatnonzero(~np.isfinite(y))
    assert heights_before(y, lost).tolist() == [0.0, 2.0, 3.0, 3.0]


def test_a_run_that_lost_all_its_values_is_drawn_as_quickly_as_another() -> None:
    y = np.full(1_000_000, math.nan)  # value by value this would take days
    assert not heights_before(y, np.arange(y.size)).any()
