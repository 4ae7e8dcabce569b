"""The inputs of ended runs that are made anew go when the project is closed; all others stay."""

from __future__ import annotations

from pathlib import Path

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


def test_closing_a_project_does_it(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "text")
    run = project.store.write_now(lambda tx: runs.add(tx, kind="signals", title="", lane="disk", spec={}, context={}))
    project.store.write_now(lambda tx: runs.set_state(tx, run.id, "done"))
    place = project.run_folder(run.id) / "input.jsonl"
    place.parent.mkdir()
    place.write_text("{}\n", "utf-8")
    project.close()
    assert not place.exists()
