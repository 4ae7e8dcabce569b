"""Where a run can log to beside the project: experiment trackers that accelerate knows. Standard library only.

None is used unless somebody asks for it. A tracker finds its key by itself, in the environment or where its own login
has put it; it is never in a file of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from dsbs_gui.core.errors import UserError


@dataclass(frozen=True)
class Tracker:
    """One tracker.

    Attributes:
        name: as accelerate calls it.
        package: on PyPI, and the module to look for.
        remote: it sends what it is told to a server.
    """

    name: str
    title: str
    package: str
    module: str
    remote: bool = True


TRACKERS = {
    tracker.name: tracker
    for tracker in (
        Tracker("tensorboard", "TensorBoard", "tensorboard", "tensorboard", remote=False),
        Tracker("wandb", "Weights & Biases", "wandb", "wandb"),
        Tracker("mlflow", "MLflow", "mlflow", "mlflow"),
        Tracker("comet_ml", "Comet", "comet-ml", "comet_ml"),
        Tracker("trackio", "Trackio", "trackio", "trackio"),
        Tracker("aim", "Aim", "aim", "aim"),
        Tracker("swanlab", "SwanLab", "swanlab", "swanlab"),
    )
}
FOLDER = "tensorboard"
"""Of TensorBoard's files, within the run's folder."""


def names(log_to: str) -> list[str]:
    """`tensorboard, mlflow` as a list, each once."""
    return list(dict.fromkeys(part for part in (part.strip() for part in log_to.split(",")) if part))


def is_installed(name: str) -> bool:
    """Looks, and imports nothing: trackers are slow to import and some of them talk at once."""
    found = find_spec(TRACKERS[name].module)
    return found is not None and found.origin is not None  # a folder of that name is no package


def demand(log_to: str) -> None:
    """Raises UserError if one is unknown or not installed."""
    for name in names(log_to):
        if name not in TRACKERS:
            raise UserError(f"There is no tracker “{name}”.", f"Choose among {', '.join(TRACKERS)}.")
        if not is_installed(name):
            tracker = TRACKERS[name]
            raise UserError(f"{tracker.title} is not installed.", f"Install it with “pip install {tracker.package}”.")
