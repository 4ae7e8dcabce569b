"""Kind of job → its function and its spec. Names only: nothing heavy is imported until it is needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import Emit, ShouldStop
from dsbs_gui.core.specs import Spec

Job = Callable[[Spec, Emit, ShouldStop], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """Import paths, ``module:name``."""

    spec: str
    function: str


KINDS: dict[str, Entry] = {
    "import": Entry("dsbs_gui.steps.data.specs:ImportSpec", "dsbs_gui.steps.data.work.importing:run"),
    "preview": Entry("dsbs_gui.steps.data.specs:PreviewSpec", "dsbs_gui.steps.data.work.preview:run"),
    "generate": Entry("dsbs_gui.steps.teacher.specs:GenerateSpec", "dsbs_gui.steps.teacher.work.generating:run"),
    "signals": Entry("dsbs_gui.steps.review.signals.specs:SignalsSpec", "dsbs_gui.steps.review.work.checking:run"),
    "sketch": Entry("dsbs_gui.steps.review.similar.specs:SketchSpec", "dsbs_gui.steps.review.work.sketching:run"),
    "agreement": Entry("dsbs_gui.steps.review.agreement:AgreementSpec", "dsbs_gui.steps.review.work.agreeing:run"),
    "lift": Entry("dsbs_gui.steps.teacher.lift.specs:LiftSpec", "dsbs_gui.steps.teacher.work.lifting:run"),
    "devices": Entry("dsbs_gui.steps.training.specs:DevicesSpec", "dsbs_gui.steps.training.work.measuring:run"),
    "train": Entry("dsbs_gui.steps.training.specs:TrainSpec", "dsbs_gui.steps.training.work.training:run"),
    "preview-batch": Entry("dsbs_gui.steps.training.specs:TrainSpec", "dsbs_gui.steps.training.work.first_batch:run"),
    "predict": Entry("dsbs_gui.steps.evaluation.specs:PredictSpec", "dsbs_gui.steps.evaluation.work.predicting:run"),
    "export-student": Entry("dsbs_gui.steps.export.specs:ExportStudentSpec", "dsbs_gui.steps.export.work.student:run"),
    "export-data": Entry("dsbs_gui.steps.export.specs:ExportDataSpec", "dsbs_gui.steps.export.work.data:run"),
}


def find(kind: str) -> tuple[type[Spec], Job]:
    """Raises UserError for an unknown kind."""
    entry = KINDS.get(kind)
    if entry is None:
        raise UserError(f"There is no job of kind “{kind}”.", f"Known kinds: {', '.join(KINDS)}.")
    spec, function = _load(entry.spec), _load(entry.function)
    assert isinstance(spec, type)
    assert issubclass(spec, Spec)
    assert callable(function)
    return spec, function


def _load(path: str) -> object:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
