"""What goes when the project is closed: inputs that are made anew, checkpoints that nobody needs, deleted runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsbs_gui.core.jobs import trash
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Transaction


def test_only_inputs_that_can_be_had_again_of_runs_that_have_ended_go(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "text")
    kinds = (*trash.MADE_ANEW, "train", "generate", "predict", "export-student")

    def add(tx: Transaction, kind: str, state: str) -> str:
        run = runs.add(tx, kind=kind, title=kind, lane="disk", spec={}, context={})
        runs.set_state(tx, run.id, state)
        return run.id

    places = {}
    for kind in kinds:
        for state in (*runs.ENDED, "paused"):
            run_id = project.store.write_now(lambda tx, kind=kind, state=state: add(tx, kind, state))
            places[kind, state] = project.run_folder(run_id)
            places[kind, state].mkdir()
            for name in ("input.jsonl", "events.jsonl", "worker.log"):
                (places[kind, state] / name).write_text("{}\n", "utf-8")
    assert trash.drop_inputs(project.store, project.folder / "runs") == len(trash.MADE_ANEW) * len(runs.ENDED)
    for (kind, state), place in places.items():
        goes = kind in trash.MADE_ANEW and state in runs.ENDED
        names = {"events.jsonl", "worker.log"} | (set() if goes else {"input.jsonl"})
        assert {path.name for path in place.iterdir()} == names, (kind, state)
    assert trash.drop_inputs(project.store, project.folder / "runs") == 0
    project.close()


def test_closing_a_project_takes_such_inputs_away(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "text")
    run = project.store.write_now(lambda tx: runs.add(tx, kind="signals", title="", lane="disk", spec={}, context={}))
    project.store.write_now(lambda tx: runs.set_state(tx, run.id, "done"))
    place = project.run_folder(run.id) / "input.jsonl"
    place.parent.mkdir()
    place.write_text("{}\n", "utf-8")
    project.close()
    assert not place.exists()


@pytest.mark.parametrize("state", runs.LIVE)
def test_a_deleted_run_that_works_all_the_same_stays_until_it_has_ended(tmp_path: Path, state: str) -> None:
    project = Project.create(tmp_path / "p", "text")
    run_id = add_training(project, "stopped")
    project.store.write_now(lambda tx: runs.delete(tx, run_id))
    project.store.write_now(lambda tx: runs.set_state(tx, run_id, state))
    assert trash.empty(project.store, project.folder / "runs") == []
    assert project.run_folder(run_id).is_dir()
    project.store.write_now(lambda tx: runs.set_state(tx, run_id, "stopped"))
    assert trash.empty(project.store, project.folder / "runs") == [run_id]
    assert not project.run_folder(run_id).exists()
    project.close()


def test_a_deleted_run_that_a_live_one_goes_on_from_stays(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "text")
    run_id = add_training(project, "stopped")
    project.store.write_now(lambda tx: runs.delete(tx, run_id))
    live = add_training(project, "queued", run_id)
    assert trash.empty(project.store, project.folder / "runs") == []
    project.store.write_now(lambda tx: runs.set_state(tx, live, "stopped"))
    assert trash.empty(project.store, project.folder / "runs") == [run_id]
    project.close()


STEPS = [".replaced-step-000050-cd", ".unfinished-step-000060-ab", "step-000040", "step-000050"]
BEST = ["best-000040"]


def add_training(project: Project, state: str, resumed: str = "") -> str:
    def add(tx: Transaction) -> str:
        context = {"resumed": resumed} if resumed else {}
        run = runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context=context)
        runs.set_state(tx, run.id, state)
        return run.id

    run_id = project.store.write_now(add)
    for name in STEPS + BEST:
        (project.run_folder(run_id) / "checkpoints" / name).mkdir(parents=True)
    return run_id


def left(project: Project, run_id: str) -> list[str]:
    return sorted(path.name for path in (project.run_folder(run_id) / "checkpoints").iterdir())


def test_closing_a_project_takes_the_checkpoints_of_finished_runs_and_of_those_they_went_on_from(
    tmp_path: Path,
) -> None:
    project = Project.create(tmp_path / "p", "text")
    first = add_training(project, "interrupted")
    second = add_training(project, "stopped", first)
    third = add_training(project, "done", second)
    other = add_training(project, "failed")
    project.close()
    assert [left(project, run_id) for run_id in (first, second, third)] == [BEST] * 3
    assert left(project, other) == sorted(STEPS + BEST)


@pytest.mark.parametrize("last", ["stopped", "queued", "deleted"])
def test_checkpoints_stay_while_the_last_continuation_is_not_finished(tmp_path: Path, last: str) -> None:
    project = Project.create(tmp_path / "p", "text")
    first = add_training(project, "interrupted")
    second = add_training(project, "stopped", first)
    third = add_training(project, "done" if last == "deleted" else last, second)
    if last == "deleted":
        project.store.write_now(lambda tx: runs.delete(tx, third))
    trash.drop_checkpoints(project.store, project.folder / "runs")
    assert [left(project, run_id) for run_id in (first, second)] == [sorted(STEPS + BEST)] * 2
    project.close()


def test_checkpoints_stay_for_another_continuation_that_waits(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "text")
    first = add_training(project, "interrupted")
    done, again = add_training(project, "done", first), add_training(project, "interrupted", first)
    add_training(project, "queued", again)
    trash.drop_checkpoints(project.store, project.folder / "runs")
    assert (left(project, first), left(project, done)) == (sorted(STEPS + BEST), BEST)
    project.close()
