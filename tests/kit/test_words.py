"""What the program says about numbers and times."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dsbs_gui.kit import words
from dsbs_gui.kit.words import NBSP, THIN, Progress


def plain(text: str) -> str:
    """With ordinary spaces, to compare by eye."""
    return text.replace(THIN, " ").replace(NBSP, " ")


def test_thousands_are_set_apart_by_thin_spaces() -> None:
    assert words.count(1234567) == f"1{THIN}234{THIN}567"
    assert words.count(-1200) == f"-1{THIN}200"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"),
        (9.996, "10.0"),
        (0.12345, "0.123"),
        (12.345, "12.3"),
        (1234.5, "1 234"),
        (2.5e-6, "2.50e-06"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_measured_number_has_three_digits(number: float, said: str) -> None:
    assert plain(words.figure(number)) == said


def test_a_place_on_an_axis_is_whole_where_it_can_be() -> None:
    assert [plain(words.place(x)) for x in (4.0, 12000, 0.5, math.nan)] == ["4", "12 000", "0.500", "–"]


def test_plural_agrees_with_the_number() -> None:
    assert plain(words.plural(1, "row")) == "1 row"
    assert plain(words.plural(1200, "row")) == "1 200 rows"
    assert plain(words.plural(2, "entry", "entries")) == "2 entries"


def test_percent_never_rounds_to_all_or_nothing() -> None:
    assert plain(words.percent(0.9333)) == "93.3 %"
    assert plain(words.percent(0.99999)) == "99.9 %"
    assert plain(words.percent(0.00001)) == "0.1 %"
    assert plain(words.percent(1.0)) == "100.0 %"
    assert plain(words.percent(0.0, 0)) == "0 %"
    assert words.percent(math.nan) == "–"


def test_an_interval_stands_behind_its_percentage() -> None:
    assert plain(words.percent_interval(0.933, 0.901, 0.956)) == "93.3 % (90.1–95.6)"
    assert plain(words.percent_interval(0.5, math.nan, math.nan)) == "50.0 %"


@pytest.mark.parametrize(
    ("bytes_", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (98_900_000, "98.9 MB"),
        (999_999, "1.00 MB"),
        (7_000_000_000, "7.00 GB"),
        (2_500_000_000_000, "2 500 GB"),
    ],
)
def test_sizes_are_decimal(bytes_: int, said: str) -> None:
    assert plain(words.size(bytes_)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.41, "0.4 s"), (12, "12 s"), (185, "3 min 05 s"), (8040, "2 h 14 min"), (90000, "1 day 1 h"), (math.nan, "–")],
)
def test_a_length_of_time_is_exact(seconds: float, said: str) -> None:
    assert plain(words.duration(seconds)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "a few seconds"), (38, "about 40 s"), (54.9, "about 50 s"), (58, "about 1 min"), (190, "about 3 min"),
        (599, "about 10 min"), (1500, "about 25 min"), (3500, "about 1 h"), (5400, "about 1.5 h"),
        (36000, "about 10 h"),
        (260_000, "about 3 days"), (math.inf, "time unknown"),
    ],
)  # fmt: skip
def test_an_estimate_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert plain(words.about(seconds)) == said


def test_a_slow_rate_turns_round() -> None:
    assert plain(words.rate(3.14)) == "3.1 rows/s"
    assert plain(words.rate(2500)) == "2 500 rows/s"
    assert plain(words.rate(1 / 12)) == "12 s per row"
    assert words.rate(0) == ""


def test_ages_are_said_from_now() -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    said = [plain(words.age(now - timedelta(seconds=s), now)) for s in (5, 65, 7300, 90_000, 200_000, 4_000_000)]
    assert said == ["just now", "1 minute ago", "2 hours ago", "yesterday", "2 days ago", "23 Jan 2026"]


def test_a_cell_shows_line_ends_and_hides_controls() -> None:
    assert words.visible("a\r\nb\nc\td\x00\u2028e") == "a↵b↵c→d·↵e"
    assert words.visible("x" * 400) == "x" * 299 + "…"
    assert words.visible("x" * 300) == "x" * 300


def test_a_cell_of_ten_megabytes_costs_nothing() -> None:
    assert len(words.visible("\n" * 10_000_000)) == 300


def test_progress_leaves_out_what_is_unknown() -> None:
    full = Progress("Generating", 412, 1000, 3.1, 190)
    assert plain(full.sentence()) == "Generating · 412 of 1 000 · 3.1 rows/s · about 3 min"
    assert full.fraction == pytest.approx(0.412)
    assert plain(Progress("Reading", 1200).sentence()) == "Reading · 1 200 rows"
    assert Progress("Loading").sentence() == "Loading"
    assert Progress("Loading").fraction is None
    assert Progress("Training", 12, 10, unit="steps").fraction == 1.0


def test_a_tooltip_shows_markup_as_it_is_written() -> None:
    assert words.tooltip("a < b & <img src=x>\nnext") == "<qt>a &lt; b &amp; &lt;img src=x&gt;<br>next</qt>"
    assert words.tooltip("") == ""


def test_no_widget_of_the_kit_escapes_a_tooltip_by_itself() -> None:
    kit = Path(words.__file__).parent
    users = {path.name for path in kit.rglob("*.py") if "<qt>" in path.read_text("utf-8")}
    assert users == {"words.py"}
