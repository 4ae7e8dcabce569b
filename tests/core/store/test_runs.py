"""Runs: what a person calls them, deleting and taking that back, numbers that are never given twice."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs import trash
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import predictions, project_info, runs, training
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.predictions import Prediction


def add(tx: Transaction, state: str = "done", **context: object) -> str:
    run = runs.add(tx, kind="train", title="Standard finetuning", lane="gpu", spec={}, context=context)
    runs.set_state(tx, run.id, state)
    training.add_metrics(tx, run.id, 1, {"loss": 0.5})
    training.add_evaluation(tx, run.id, 1, "valid", 2, 1, ())
    predictions.put(tx, [Prediction(run.id, "valid", 1, "yes", None, correct=True)])
    return run.id


def test_a_run_has_the_name_and_note_that_a_person_gave_it(store: Store) -> None:
    run_id = store.write_now(lambda tx: add(tx, teacher="Tina"))
    store.write_now(lambda tx: runs.describe(tx, run_id, " The long one ", " Too fast?\n"))
    run = runs.get(store.reader, run_id)
    assert (run.title, run.note, run.context["teacher"]) == ("The long one", "Too fast?", "Tina")
    store.write_now(lambda tx: runs.describe(tx, run_id, "", ""))
    run = runs.get(store.reader, run_id)
    assert (run.title, run.note) == ("The long one", "")


def test_a_deleted_run_is_in_no_list_and_comes_back_whole(store: Store) -> None:
    first, second = (store.write_now(add) for _ in range(2))
    store.write_now(lambda tx: runs.delete(tx, first))
    assert [run.id for run in runs.all_runs(store.reader, "train")] == [second]
    assert runs.deleted(store.reader) == [first]
    store.write_now(lambda tx: runs.restore(tx, first))
    assert [run.id for run in runs.all_runs(store.reader, "train")] == [second, first]
    assert training.series(store.reader, first, "loss") == ([1], [0.5])


@pytest.mark.parametrize("state", runs.LIVE)
def test_a_run_that_works_or_waits_is_not_deleted_nor_one_that_another_goes_on_from(store: Store, state: str) -> None:
    first = store.write_now(lambda tx: add(tx, "stopped"))
    live = store.write_now(lambda tx: add(tx, state, resumed=first))
    with pytest.raises(UserError, match=f"{live} is {state}"):
        store.write_now(lambda tx: runs.delete(tx, live))
    with pytest.raises(UserError, match=f"{live} goes on from {first}"):
        store.write_now(lambda tx: runs.delete(tx, first))
    assert runs.deleted(store.reader) == []


def test_a_run_is_not_deleted_while_one_goes_on_from_it_through_others(store: Store) -> None:
    first = store.write_now(lambda tx: add(tx, "interrupted"))
    second = store.write_now(lambda tx: add(tx, "stopped", resumed=first))
    live = store.write_now(lambda tx: add(tx, "queued", resumed=second))
    with pytest.raises(UserError, match=f"{live} goes on from {first}"):
        store.write_now(lambda tx: runs.delete(tx, first))
    store.write_now(lambda tx: runs.set_state(tx, live, "done"))
    store.write_now(lambda tx: runs.delete(tx, first))


def test_what_a_run_goes_on_from_is_told_the_nearest_first_and_ends_where_it_is_gone_or_comes_again(
    store: Store,
) -> None:
    first = store.write_now(lambda tx: add(tx, "interrupted", resumed="train-3"))
    second = store.write_now(lambda tx: add(tx, "stopped", resumed=first))
    third = store.write_now(lambda tx: add(tx, "done", resumed=second))
    other = store.write_now(lambda tx: add(tx, "done", resumed="train-99"))
    chains = {run.id: [one.id for one in runs.chain(store.reader, run)] for run in runs.all_runs(store.reader)}
    assert chains == {third: [second, first], second: [first, third], first: [third, second], other: []}


def test_closing_a_project_takes_deleted_runs_away_for_good_and_their_numbers_with_them(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "text")
    kept, gone = (project.store.write_now(add) for _ in range(2))
    for run_id in (kept, gone):
        (project.run_folder(run_id) / "checkpoints").mkdir(parents=True)
        (project.run_folder(run_id) / "checkpoints" / "weights").write_bytes(b"12345")
    assert trash.size(project.folder / "runs", gone) == 5
    project.store.write_now(lambda tx: runs.delete(tx, gone))
    assert project.run_folder(gone).is_dir()
    project.close()
    again = Project.open(tmp_path / "p")
    try:
        db = again.store.reader
        assert (again.run_folder(kept).is_dir(), again.run_folder(gone).exists()) == (True, False)
        assert [run.id for run in runs.all_runs(db)] == [kept]
        for table in ("metrics", "evaluations", "predictions"):
            assert [row[0] for row in db.execute(f"SELECT DISTINCT run_id FROM {table}")] == [kept]
        assert again.store.write_now(add) == "train-3", "the number of a deleted run is not given again"
    finally:
        again.close()


def test_only_the_lane_that_is_held_is_held(store: Store) -> None:
    store.write_now(lambda tx: runs.hold(tx, "gpu", True))
    assert [lane for lane in runs.LANES if runs.held(store.reader, lane)] == ["gpu"]
    store.write_now(lambda tx: runs.hold(tx, "gpu", False))
    assert project_info.get(store.reader, "held_lanes") == []


@pytest.mark.parametrize(
    ("which", "step", "wanted"),
    [
        (2, -1, "213"), (2, 1, "132"), (2, -5, "213"), (2, 9, "132"), (1, -1, "123"), (3, 1, "123"), (1, 2, "231"),
        (3, -1, "132"), (4, -1, "123"),
    ],
)  # fmt: skip
def test_a_waiting_run_moves_within_its_lane_and_the_ends_stay(
    store: Store, which: int, step: int, wanted: str
) -> None:
    for lane in ("gpu", "gpu", "gpu", "disk"):
        store.write_now(partial(runs.add, kind="train", title="t", lane=lane, spec={}, context={}))
    store.write_now(lambda tx: runs.shift(tx, f"train-{which}", step))
    assert "".join(run.id[-1] for run in runs.queue(store.reader, "gpu")) == wanted
    store.write_now(lambda tx: runs.set_state(tx, "train-1", "running"))
    store.write_now(lambda tx: runs.shift(tx, "train-1", 1))
    assert runs.get(store.reader, "train-1").state == "running"
