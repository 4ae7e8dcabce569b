"""What is read of runs for their curves: new points only, an outline of long ones, samples beside those before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import training
from dsbs_gui.steps.training import points
from dsbs_gui.steps.training.course import MOST, Course, extended
from dsbs_gui.steps.training.predictions import changed_words, compared

RUN = "train-1"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "text")
    yield made
    made.close()


def add(project: Project, steps, *, name: str = "label_loss", value=lambda step: 1.0 / (step + 1)) -> None:
    def write(tx) -> None:
        for step in steps:
            training.add_metrics(tx, RUN, step, {name: value(step)})

    project.store.write_now(write)


def evaluate(project: Project, step: int, correct: int, *samples: dict) -> None:
    project.store.write_now(lambda tx: training.add_evaluation(tx, RUN, step, "valid", 10, correct, samples))


def read(found: points.Points) -> tuple[list[float], list[float]]:
    return found[0].tolist(), found[1].tolist()


def test_only_what_is_new_is_read(project: Project) -> None:
    add(project, [1, 2])
    add(project, [2], name="examples_per_s", value=lambda _: 31.0)
    evaluate(project, 1, 7)
    evaluate(project, 2, 6)
    db = project.store.reader
    found = points.news(db, RUN, {})
    assert {name: read(p) for name, p in found.points.items()} == {
        "label_loss": ([1, 2], [0.5, 1 / 3]),
        "accuracy": ([1, 2], [0.7, 0.6]),
    }
    assert found.rates == {"examples_per_s": 31.0}
    later = points.news(db, RUN, {"label_loss": 1, "accuracy": 2})
    assert {name: read(p) for name, p in later.points.items()} == {"label_loss": ([2], [1 / 3])}
    assert points.news(db, "train-99", {}).points == {}  # deleted meanwhile


def test_a_long_run_comes_as_an_outline_first_and_keeps_its_peaks(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "LONG", 900)
    monkeypatch.setattr(points, "OUTLINE", 50)
    values = {77: 50.0, 500: -3.0, 600: math.nan}
    add(project, range(1, 1001), value=lambda step: values.get(step, 1.0))
    db = project.store.reader
    found = points.news(db, RUN, {})
    steps, heights = found.points["label_loss"]
    assert found.coarse
    assert 100 <= steps.size <= 110
    assert (np.diff(steps) >= 0).all()
    assert (heights.min(), heights.max()) == (-3, 50)
    whole = points.news(db, RUN, {}, whole=True)
    assert not whole.coarse
    assert whole.points["label_loss"][0].size == 1000
    assert np.isnan(whole.points["label_loss"][1][599])
    assert not points.news(db, RUN, {"label_loss": 990}).coarse


def test_an_outline_of_lost_values_has_gaps(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "LONG", 10)
    monkeypatch.setattr(points, "OUTLINE", 5)
    add(project, range(100), value=lambda _: math.nan)
    _, heights = points.news(project.store.reader, RUN, {}).points["label_loss"]
    assert heights.size
    assert np.isnan(heights).all()


def test_the_course_of_a_growing_run_stays_short_and_is_that_of_one_reading(project: Project) -> None:
    course, db = Course(), project.store.reader
    for end in (5, 300, 301, 2_000, 5_000):
        add(project, range(course.last + 1, end), value=lambda step: math.nan if step == 250 else float(step))
        course = extended(db, RUN, "label_loss", course)
        assert len(course.ranges) <= MOST
        assert course == extended(db, RUN, "label_loss", Course())
    assert course.values()[0] == pytest.approx((course.width - 1) / 2)
    assert extended(db, RUN, "label_loss", course) is course
    add(project, [1], name="loss", value=lambda _: math.nan)
    assert math.isnan(extended(db, RUN, "loss", Course()).values()[0])


def test_samples_come_with_those_of_the_validation_before(project: Project) -> None:
    evaluate(project, 10, 1, {"example_id": 1, "prediction": "a"})
    evaluate(project, 20, 1, {"example_id": 1, "prediction": "b"})
    db = project.store.reader
    assert points.samples(db, RUN, 20) == (
        [{"example_id": 1, "prediction": "b"}],
        [{"example_id": 1, "prediction": "a"}],
    )
    assert points.samples(db, RUN, 10)[1] == []
    assert points.samples(db, RUN, 15)[0] == []


def sample(prediction: str, correct: bool, rationale: str = "", example_id: int = 1) -> dict:
    return {"example_id": example_id, "prediction": prediction, "correct": correct, "rationale": rationale}


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (sample("3", False), sample("4", True), "now right"),
        (sample("4", True), sample("3", False), "now wrong"),
        (sample("3", False), sample("5", False), "other answer"),
        (sample("3", True, "a"), sample("3", True, "b"), "other rationale"),
        (sample("3", True, "a"), sample("3", True, "a"), ""),
        (sample("3", True, example_id=2), sample("3", True), ""),
    ],
)
def test_what_has_changed_since_the_validation_before_is_named(before: dict, now: dict, change: str) -> None:
    assert compared([now], [before])[0].change == change


def test_new_words_of_a_rationale_are_found() -> None:
    now = "Tom has 4 + 3 = 8 pens."
    assert [now[a:b] for a, b in changed_words("Tom has 4 + 3 = 7 pens.", now)] == ["8"]
    assert changed_words("", "all new") == [(0, 7)]
    assert changed_words("same", "same") == []
