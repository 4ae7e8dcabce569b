"""Which step takes in the results of which kind of job: the one place where steps are put together."""

from __future__ import annotations

from dsbs_gui.core.jobs.follower import Intake
from dsbs_gui.steps.data import intake as data
from dsbs_gui.steps.evaluation import intake as evaluation
from dsbs_gui.steps.export import intake as export
from dsbs_gui.steps.teacher import intake as teacher
from dsbs_gui.steps.training import intake as training


def intakes() -> dict[str, Intake]:
    """Kind of run → intake, for ``Project.open`` and ``Project.create``."""
    return {
        "import": data.make(teacher.parse_for_import),
        "generate": teacher.take,
        "train": training.take,
        "predict": evaluation.take,
        "export-student": export.take,
        "export-data": export.take,
    }
