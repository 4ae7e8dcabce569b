"""Runs that others went on from: their curves, who may still be resumed, and who may be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import write_json
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Progress, StepMetrics
from dsbs_gui.core.store import runs, training
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.steps.training import deleting, intake, overview, plan


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "text")
    yield made
    made.close()


def add(
    project: Project, state: str, resumed: str = "", *, points: tuple[int, ...] = (), checkpoint: bool = True
) -> str:
    """A training run with these points on its curve, validations at the same steps and, mostly, a checkpoint."""

    def write(tx: Transaction) -> str:
        context = {"resumed": resumed} if resumed else {}
        run = runs.add(tx, kind="train", title="t", lane="gpu", spec={"method": "finetune"}, context=context)
        for step in points:
            training.add_metrics(tx, run.id, step, {"loss": step / 10})
            training.add_evaluation(tx, run.id, step, "valid", 10, step // 10, ())
        runs.set_state(tx, run.id, state)
        return run.id

    run_id = project.store.write_now(write)
    folder = project.run_folder(run_id)
    (folder / "checkpoints" / "step-000050" if checkpoint else folder).mkdir(parents=True)
    write_json(folder / "spec.json", {"spec": {"resume_from": str(project.run_folder(resumed)) if resumed else ""}})
    return run_id


def take(project: Project, run_id: str, *messages: Progress | StepMetrics) -> None:
    run = runs.get(project.store.reader, run_id)

    def take_all(tx: Transaction) -> None:
        for seq, message in enumerate(messages, start=1):
            intake.take(tx, run, Event(seq, 0.0, message))

    project.store.write_now(take_all)


def curve(project: Project, run_id: str) -> tuple[list[int], list[float]]:
    return training.series(project.store.reader, run_id, "loss")


def resumable(project: Project) -> set[str]:
    return {view.id for view in overview.run_views(project.store.reader, {}) if view.resumable}


def delete(project: Project, run_id: str) -> None:
    project.store.write_now(lambda tx: runs.delete(tx, run_id))


def test_curves_come_from_the_nearest_run_that_has_any_up_to_the_step_it_goes_on_from(project: Project) -> None:
    first = add(project, "interrupted", points=(10, 20, 30))
    second = add(project, "failed", first)  # killed before its first step
    third = add(project, "running", second)
    take(project, third, Progress("Training", 20, 100, "steps"))
    assert curve(project, third) == ([10, 20], [1.0, 2.0])
    assert [found.step for found in training.evaluations(project.store.reader, third)] == [10, 20]


def test_only_the_first_progress_takes_curves_over(project: Project) -> None:
    first = add(project, "interrupted", points=(10, 20, 25))
    second = add(project, "running", first)
    take(project, second, Progress("Training", 20, 100), StepMetrics(30, {"loss": 3.0}), Progress("Training", 25, 100))
    assert curve(project, second) == ([10, 20, 30], [1.0, 2.0, 3.0]), "the lost branch's point of step 25 stays away"


@pytest.mark.parametrize("state", [*runs.LIVE, "done"])
def test_a_run_that_another_goes_on_from_is_not_resumed_again(project: Project, state: str) -> None:
    first = add(project, "interrupted")
    second = add(project, "stopped", first)
    assert resumable(project) == {first, second}
    known = {view.id: view for view in overview.run_views(project.store.reader, {})}
    third = add(project, state, second)
    assert resumable(project) == set()
    assert not any(view.resumable for view in overview.run_views(project.store.reader, known))
    with pytest.raises(UserError, match=f"{third} goes on from {first} already"):
        plan.resumed(project, first)


def test_a_run_is_resumed_again_once_what_went_on_from_it_is_deleted(project: Project) -> None:
    first = add(project, "interrupted")
    second = add(project, "done", first)
    delete(project, second)
    assert resumable(project) == {first}


def test_a_deleted_run_is_not_resumed(project: Project) -> None:
    run_id = add(project, "interrupted")
    delete(project, run_id)
    with pytest.raises(UserError, match=f"{run_id} was deleted"):
        plan.resumed(project, run_id)


@pytest.mark.parametrize("state", overview.RESUMABLE)
def test_a_run_whose_checkpoints_another_needs_to_go_on_is_not_deleted(project: Project, state: str) -> None:
    first = add(project, "interrupted")
    second = add(project, "failed", first, checkpoint=False)
    third = add(project, state, second, checkpoint=False)  # killed before it had taken anything over
    with pytest.raises(UserError, match=f"{third} goes on from {first}") as caught:
        deleting.delete(project, first)
    assert caught.value.hint == f"Resume {third} to its end, or delete it first."
    deleting.delete(project, third)
    with pytest.raises(UserError, match=f"{second} goes on from {first}"):
        deleting.delete(project, first)
    deleting.delete(project, second)
    deleting.delete(project, first)
    assert runs.deleted(project.store.reader) == [first, second, third]


def test_a_run_may_be_deleted_once_a_continuation_has_its_own_checkpoints_or_is_finished(project: Project) -> None:
    first = add(project, "interrupted")
    add(project, "interrupted", first)
    deleting.delete(project, first)
    other = add(project, "interrupted")
    add(project, "failed", other, checkpoint=False)
    add(project, "done", other)
    deleting.delete(project, other)
    empty = add(project, "failed", checkpoint=False)
    add(project, "failed", empty, checkpoint=False)  # there is nothing that it could go on from
    deleting.delete(project, empty)
    assert runs.deleted(project.store.reader) == [first, other, empty]
