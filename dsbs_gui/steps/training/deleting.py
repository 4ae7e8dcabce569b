"""Deleting a training run, unless another one needs its checkpoints. Plain Python over store and disk."""

from __future__ import annotations

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs import trash
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.store.database import Transaction

from .kept import holder, newest_step
from .overview import RESUMABLE


def delete(project: Project, run_id: str) -> int:
    """Hide a run from every list; returns how many bytes its files take until the project is closed.

    Raises: UserError if it works or waits, or if another run goes on from it, or still can with its checkpoints alone.
    """

    def hide(tx: Transaction) -> None:
        if later := _who_needs(project, tx, run_id):
            raise UserError(f"{later} goes on from {run_id}.", f"Resume {later} to its end, or delete it first.")
        runs.delete(tx, run_id)

    project.store.write_now(hide)
    return trash.size(project.folder / "runs", run_id)


def _who_needs(project: Project, db: Reader, run_id: str) -> str | None:
    """The newest run that was killed before it had taken the checkpoints of this one over; None if nobody needs them.

    Nobody does where there are none, or once the training was brought to its end.
    """
    folder = project.run_folder(run_id)
    if not newest_step(folder) or run_id in runs.continued(db, ("done",)):
        return None
    others = [run.id for run in runs.all_runs(db, "train", RESUMABLE) if run.id != run_id]
    return next((other for other in others if holder(project.run_folder(other)) == folder), None)
