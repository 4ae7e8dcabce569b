"""The numbers behind the curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsbs_gui.kit.curve_data import GrowingSeries, SeriesKey, nearest, to_csv, value_at, without_outliers
from dsbs_gui.kit.curve_envelope import Envelope
from dsbs_gui.kit.curve_lost import Lost
from dsbs_gui.kit.curve_smoothing import Smoothing


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


def test_the_last_number_is_found_before_many_lost_values() -> None:
    series = GrowingSeries()
    series.append([0, 1], [5.0, 6.0])
    series.append(np.arange(2, 2000), np.full(1998, math.nan))
    assert series.last_finite() == (1.0, 6.0)
    assert GrowingSeries().last_finite() is None


def test_smoothing_is_the_average_without_the_bias_of_its_start() -> None:
    series = GrowingSeries()
    series.append([0, 1, 2], [4.0, 4.0, 4.0])
    assert Smoothing(0.9).of(series) == pytest.approx([4.0, 4.0, 4.0])
    other = GrowingSeries()
    other.append([0, 1], [1.0, 3.0])
    # (0.5·0.5·1 + 0.5·3) / (1 − 0.5²)
    assert Smoothing(0.5).of(other)[1] == pytest.approx(1.75 / 0.75)


@pytest.mark.parametrize("weight", [0.1, 0.6, 0.9, 0.98, 0.999])
def test_smoothing_is_what_one_value_after_the_other_gives(weight: float) -> None:
    values = np.random.default_rng(0).normal(5, 3, size=20_000)
    values[[100, 7000]] = math.nan
    series = GrowingSeries()
    series.append(np.arange(values.size), values)
    last, left, wanted = 0.0, 1.0, []
    for value in values:
        if math.isfinite(value):
            last, left = weight * last + (1 - weight) * value, left * weight
        wanted.append(last / (1 - left) if math.isfinite(value) else math.nan)
    assert np.allclose(Smoothing(weight).of(series), wanted, rtol=1e-9, equal_nan=True)


def test_smoothing_goes_on_where_it_was_and_steps_over_nan() -> None:
    values = np.random.default_rng(0).normal(size=500)
    values[100] = math.nan
    whole, growing, smoothing = GrowingSeries(), GrowingSeries(), Smoothing(0.9)
    whole.append(np.arange(500), values)
    for i, value in enumerate(values):
        growing.append(i, float(value))
        smoothing.of(growing)
    assert np.allclose(smoothing.of(growing), Smoothing(0.9).of(whole), rtol=1e-12, equal_nan=True)
    assert np.isnan(smoothing.of(growing)).sum() == 1


def test_the_value_at_a_place_is_that_of_the_nearest_point() -> None:
    x, y = np.array([0.0, 10.0, 20.0]), np.array([1.0, math.nan, 3.0])
    assert value_at(x, y, 4.9) == 1.0
    assert math.isnan(value_at(x, y, 11.0) or 0.0)
    assert value_at(x, y, 99.0) == 3.0
    assert value_at(x[:0], y[:0], 1.0) is None
    assert [nearest(x, at) for at in (-5, 5, 5.1, 15, 16)] == [0, 0, 1, 1, 2]


def test_csv_keeps_every_digit_and_leaves_nan_empty() -> None:
    series = GrowingSeries()
    series.append([1, 2], [0.1 + 0.2, math.nan])
    text = to_csv({SeriesKey("train-4", "label, loss"): series}, "step", {"train-4": 'run "4"'})
    assert text.splitlines() == [
        "run,series,step,value",
        '"run ""4""","label, loss",1.0,0.30000000000000004',
        '"run ""4""","label, loss",2.0,',
    ]


def test_outliers_are_left_out_of_the_limits() -> None:
    y = np.concatenate((np.linspace(0, 1, 1000), [1e6, math.nan, math.inf]))
    low, high = without_outliers(y)
    assert low == 0
    assert 0.9 < high <= 1
    assert without_outliers(y, low_too=True)[0] == pytest.approx(0.01, rel=0.1)
    assert without_outliers(np.array([math.nan])) == ()


def grown(y: np.ndarray, parts: int = 1) -> Envelope:
    envelope = Envelope()
    for end in np.linspace(0, y.size, parts + 1).astype(int)[1:]:
        envelope.grow(y[:end])
    return envelope


def test_few_points_are_drawn_as_they_are() -> None:
    x, y = np.arange(100.0), np.arange(100.0) ** 2
    xs, ys = grown(y).cut(x, y, 10, 20, bins=50)
    assert xs.tolist() == list(range(9, 22))
    assert ys.tolist() == [v**2 for v in range(9, 22)]


@pytest.mark.parametrize("n", [4_001, 65_536, 100_003])
def test_a_long_series_keeps_every_peak_and_costs_only_what_is_seen(n: int) -> None:
    rng = np.random.default_rng(n)
    x, y = np.arange(float(n)), rng.normal(size=n)
    y[n // 3], y[n // 2] = 50, -60
    envelope = grown(y, parts=7)
    for low, high in ((0, n), (n // 4, 3 * n // 4), (-100, n + 100), (n - 3_000, n)):
        xs, ys = envelope.cut(x, y, low, high, bins=300)
        inside = y[(x >= low) & (x <= high)]
        assert xs.size <= 4 * 300
        assert (np.diff(xs) >= 0).all()
        assert (ys.min(), ys.max()) == (inside.min(), inside.max())
        # What is drawn at a place is there: each extreme within a bin of its value in the series.
        assert set(ys) <= set(y)


def test_a_lost_value_takes_no_neighbour_with_it() -> None:
    y = np.ones(50_000)
    y[::3] = math.nan
    y[20_000:21_000] = math.nan
    x = np.arange(50_000.0)
    xs, ys = grown(y).cut(x, y, 0, 50_000, bins=100)
    assert np.isnan(ys[(xs > 20_300) & (xs < 20_700)]).all()
    assert (ys[(xs < 19_000) | (xs > 22_000)] == 1).all()


def test_lost_values_are_marked_at_the_last_number_before_them() -> None:
    series, lost = GrowingSeries(), Lost()
    for values in ([math.nan, 2.0], [math.inf, 3.0, math.nan], [math.nan]):
        series.append(series.x.size + np.arange(len(values)), values)
        lost.grow(series)
    assert lost.points.x.tolist() == [0, 2, 4, 5]
    assert np.array_equal(lost.points.y, [np.nan, 2.0, 3.0, 3.0], equal_nan=True)
    assert [v.tolist() for v in lost.cut(1, 5, most=2)] == [[2, 5], [2.0, 3.0]]


def test_a_run_that_lost_all_its_values_is_drawn_as_quickly_as_another() -> None:
    series, lost = GrowingSeries(), Lost()
    series.append(np.arange(1_000_000), np.full(1_000_000, math.nan))  # value by value this would take days
    lost.grow(series)
    assert lost.cut(0, 1e6, most=100)[0].size <= 100
