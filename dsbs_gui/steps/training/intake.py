"""What the owner keeps of a training run: curves, validations, checkpoints, the memory it takes. Store thread only."""

from __future__ import annotations

from dsbs_gui.core.protocol import CheckpointSaved, Evaluated, Event, Progress, StepMetrics, TrainingReady
from dsbs_gui.core.store import runs, training
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Store one message; each comes once."""
    match event.message:
        case StepMetrics(step=step, values=values):
            training.add_metrics(tx, run.id, step, values)
        case Evaluated() as found:
            training.add_evaluation(tx, run.id, found.step, found.split, found.n, found.correct, found.samples)
        case CheckpointSaved(step=step, path=path, best=best):
            training.add_checkpoint(tx, run.id, step, path, best)
        case TrainingReady(facts=facts):
            freed = facts.get("holders") == [] and _teacher_had_the_gpu(tx, run)
            memory = {**facts, "teacher_freed": freed}
            runs.set_context(tx, run.id, runs.get(tx, run.id).context | {"memory": memory})
        case Progress(phase="Training", done=done) if "resumed" in run.context:
            # The first one says after which step the run goes on.
            if not training.metric_names(tx, run.id):
                _take_curves_over(tx, run, done)


def _take_curves_over(tx: Transaction, run: Run, step: int) -> None:
    """Those of the nearest run it goes on from that has any: one that was killed before it trained has none."""
    for earlier in runs.chain(tx, run):
        if training.metric_names(tx, earlier.id):
            training.copy_until(tx, earlier.id, run.id, step)
            return


def _teacher_had_the_gpu(tx: Transaction, run: Run) -> bool:
    """Whether the job that had the GPU before this run was a teacher with layers there.

    It has ended: jobs on the GPU wait until the process of the one before them is gone.
    """
    others = [other for other in runs.all_runs(tx) if other.lane == "gpu" and other.id != run.id and other.started]
    last = max(others, key=lambda other: other.started or 0.0, default=None)
    return last is not None and bool((last.context.get("engine") or {}).get("layers_on_gpu"))
