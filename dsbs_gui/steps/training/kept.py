"""What a training run has on disk to go on from, told from names alone. Standard library only.

Whether a checkpoint is whole costs reading all of it: the worker that goes on from one finds that out.
"""

from __future__ import annotations

from pathlib import Path

from dsbs_gui.core.files import read_json

FOLDER = "checkpoints"
STEP, BEST = "step-", "best-"


def step_of(folder: Path) -> int:
    """The step that a checkpoint's name states; -1 for a name that states none."""
    number = folder.name.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdigit() else -1


def named(run_dir: Path, prefix: str = STEP) -> list[Path]:
    """Folders of that kind, oldest first: by step, since dates lie when a clock is put back."""
    found = (run_dir / FOLDER).glob(f"{prefix}*")
    return sorted((path for path in found if path.is_dir() and step_of(path) >= 0), key=step_of)


def holder(run_dir: Path) -> Path:
    """The run folder whose checkpoints a resume of this run goes on from.

    Its own; or, where it was to go on from an earlier run and was killed before it had taken anything over, that of
    the earlier one. A project may have been moved since: a folder beside it counts before the path written down.
    """
    seen: set[Path] = set()
    while not (run_dir / FOLDER).is_dir() and run_dir not in seen:
        seen.add(run_dir)
        body = read_json(run_dir / "spec.json")
        spec = body.get("spec") if isinstance(body, dict) else None
        earlier = spec.get("resume_from") if isinstance(spec, dict) else None
        if not isinstance(earlier, str) or not earlier:
            break
        beside = run_dir.parent / Path(earlier).name
        run_dir = beside if beside.is_dir() else Path(earlier)
    return run_dir


def newest_step(run_dir: Path) -> int:
    """Step of the newest checkpoint that a resume would look at first; 0 if there is none."""
    return max(map(step_of, named(holder(run_dir))), default=0)
