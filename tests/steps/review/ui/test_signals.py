"""Signals on the page: chips that filter, sentences beside the row, the button that has rationales checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsbs_gui.core.store import answers, decisions, examples, signals
from dsbs_gui.steps.review.signals import plan
from dsbs_gui.steps.review.signals.explaining import CHANGED
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from tests.steps.review.conftest import OpenDesk


def find(project: Project, example_id: int, *found: tuple[str, str]) -> None:
    """What a job would have found in the example as it stands."""
    db = project.store.reader
    example = examples.get(db, example_id)
    assert example is not None
    mark = plan.mark_of(project.task.name, example, answers.get(db, example.answer_id or 0))
    row = {"example_id": example_id, "mark": mark.hex(), "found": [list(pair) for pair in found]}
    project.store.write_now(lambda tx: signals.put(tx, [row], ()))


def test_only_signals_that_some_row_has_are_offered_and_one_filters(folder: Path, open_desk: OpenDesk) -> None:
    project = apples(folder)
    find(project, 2, ("arithmetic", "2 + 2 = 5 (it is 4)"))
    find(project, 5, ("arithmetic", "5 + 5 = 9 (it is 10)"), ("conflict", ""))
    desk = open_desk(project)
    chips = desk.page.area.filters.signals.chips
    assert [name for name, chip in chips.items() if chip.isVisible()] == ["arithmetic"]
    desk.click(chips["arithmetic"]._chips["arithmetic"])
    desk.settle()
    assert desk.shown == [2, 5]
    assert desk.page.area.filters.value().signals == ("arithmetic",)
    desk.page.clear_filters()
    desk.settle()
    assert len(desk.shown) == 12


def test_a_row_says_its_signals_in_sentences_until_its_text_changes(folder: Path, open_desk: OpenDesk) -> None:
    project = apples(folder)
    find(project, 2, ("arithmetic", "2 + 2 = 5 (it is 4)"), ("copies", "90%"))
    desk = open_desk(project)
    desk.choose(2)
    said = desk.page.area.detail.signals
    assert said.isVisible()
    assert said.text.text() == (
        "A calculation does not hold: 2 + 2 = 5 (it is 4).\n"
        "90% of its words are said as the input says them, and nothing is calculated."
    )
    desk.choose(3)
    assert not said.isVisible()
    project.store.write_now(lambda tx: decisions.edit(tx, 2, rationale="Two and two make four."))
    desk.choose(2)
    assert said.text.text() == CHANGED


def test_the_button_queues_the_job_and_is_there_again(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(apples(folder))
    button = desk.page.area.filters.signals.check
    desk.click(button)
    desk.settle()
    [kind] = desk.project.store.reader.execute("SELECT kind FROM runs WHERE kind = 'signals'").fetchone()
    assert kind == "signals"
    assert button.isEnabled()
