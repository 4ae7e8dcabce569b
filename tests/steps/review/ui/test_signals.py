"""Signals on the page: chips that filter, sentences beside the row, the button that has rationales checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsbs_gui.core.store import answers, decisions, examples, lifts, signals
from dsbs_gui.steps.review.signals import plan
from dsbs_gui.steps.review.signals.explaining import CHANGED
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

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
    button = desk.page.area.foot.check
    desk.click(button)
    desk.settle()
    [kind] = desk.project.store.reader.execute("SELECT kind FROM runs WHERE kind = 'signals'").fetchone()
    assert kind == "signals"
    assert button.isEnabled()


def test_what_a_teacher_measured_stands_beside_the_row_until_its_text_changes(
    folder: Path, open_desk: OpenDesk
) -> None:
    project = apples(folder)
    db = project.store.reader
    rows = [(i, without, given) for i, without, given in ((2, -3.0, -1.0), (3, -1.0, -2.0))]
    marks = {e.id: lifts.mark_of(e.input, e.rationale, e.label) for e in examples.page(db, [2, 3]).values()}
    measured = [(i, marks[i], without, given) for i, without, given in rows]
    project.store.write_now(lambda tx: lifts.put(tx, "small", "s", measured))
    desk = open_desk(project)
    said = desk.page.area.detail.lift
    desk.choose(2)
    assert said.text.text() == (
        "To small the gold label is 7.4 times as probable with the rationale (log-probability −1.00 instead of −3.00)."
    )
    desk.choose(3)
    assert said.text.text().startswith("To small the gold label is no more probable with the rationale than without it")
    assert not desk.page.area.detail.signals.isVisible(), "it is said once"
    chip = desk.page.area.filters.signals.chips["unhelpful"]
    assert chip.isVisible()
    desk.click(chip._chips["unhelpful"])
    desk.settle()
    assert desk.shown == [3]
    project.store.write_now(lambda tx: decisions.edit(tx, 3, rationale="Otherwise."))
    desk.settle()
    assert not said.isVisible()


def test_the_way_to_measure_is_handed_on(folder: Path, open_desk: OpenDesk, qtbot: QtBot) -> None:
    desk = open_desk(apples(folder))
    with qtbot.waitSignal(desk.page.measure_asked):
        desk.page.area.foot.measure.click()
