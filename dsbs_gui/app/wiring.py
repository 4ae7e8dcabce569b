"""Which step takes in the results of which kind of job: the one place where steps are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.jobs.follower import Intake
from dsbs_gui.steps.data import intake as data
from dsbs_gui.steps.evaluation import intake as evaluation
from dsbs_gui.steps.export import intake as export
from dsbs_gui.steps.review.signals import intake as signals
from dsbs_gui.steps.review.similar import intake as similar
from dsbs_gui.steps.teacher import intake as teacher
from dsbs_gui.steps.teacher.lift import intake as lift
from dsbs_gui.steps.training import intake as training

if TYPE_CHECKING:
    from dsbs_gui.core.protocol import Event
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.core.store.runs import Run


def intakes() -> dict[str, Intake]:
    """Kind of run → intake, for ``Project.open`` and ``Project.create``."""
    return {
        "import": _take_import,
        "generate": teacher.take,
        "signals": signals.take,
        "sketch": similar.take,
        "lift": lift.take,
        "train": training.take,
        "predict": evaluation.take,
        "export-student": export.take,
        "export-data": export.take,
    }


def _take_import(tx: Transaction, run: Run, event: Event) -> None:
    """Raw answers in the file are read as the project reads its own."""
    data.make(teacher.importing(tx))(tx, run, event)
