from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.store import decisions
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.steps.review.facets import facets

from .making import add_answer, add_examples, apples

if TYPE_CHECKING:
    from pathlib import Path


def test_a_chip_says_how_many_it_would_leave_with_the_others_as_they_are(folder: Path) -> None:
    project = apples(folder)
    add_answer(project, 12, None, None, failure="unparsed")
    [tested] = add_examples(project, [{"fields": {"input": "x"}, "label": "1"}], split="test")
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1, 2]), "accepted"))
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([3]), "skipped"))
    counted = facets(project.store.reader, Filter(states=("unreviewed",), agreement=("conflict",)))
    assert counted.states["unreviewed"] == 2
    assert counted.states["skipped"] == 1
    assert counted.states["accepted"] == 0
    assert counted.agreement == {"conflict": 2, "agree": 6, "unknown": 0}
    assert counted.splits == {"train": 2, "valid": 0, "test": 0, "unsplit": 0}
    assert counted.failed == 0
    assert counted.total == {"unreviewed": 8, "accepted": 2, "skipped": 1, "empty": 2}
    assert (counted.examples, counted.reviewable, counted.left, counted.decided, counted.skipped) == (13, 11, 8, 2, 1)
    assert counted.all_failed == 1
    assert counted.all_splits == {"train": 12, "test": 1}
    assert tested == 13
    project.close()


def test_the_totals_do_not_depend_on_the_filter(folder: Path) -> None:
    project = apples(folder)
    plain = facets(project.store.reader, Filter())
    for chosen in (Filter(text="has 3"), Filter(states=("empty",)), Filter(splits=("test",), failed=True)):
        counted = facets(project.store.reader, chosen)
        assert (counted.total, counted.all_splits, counted.all_failed) == (plain.total, plain.all_splits, 0)
    project.close()
