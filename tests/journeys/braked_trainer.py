"""A training worker whose steps and saves take a while, so that a test can kill it within one; a real process.

Nothing else is changed: what it writes, in which order, and what it learns are the worker's own.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dsbs_gui.steps.training.work import training
from dsbs_gui.students import folders
from dsbs_gui.worker import entry


def braked(function: Callable[..., Any], seconds: float) -> Callable[..., Any]:
    def slowly(*given: Any, **named: Any) -> Any:
        time.sleep(seconds)
        return function(*given, **named)

    return slowly


def main(argv: list[str]) -> int:
    training._take_step = braked(training._take_step, float(os.environ["STEP_S"]))
    part = float(os.environ["SAVE_S"]) / 4
    # Before a file is flushed, before the manifest, before the folder gets its name.
    folders.sync_file = braked(folders.sync_file, part / 4)
    folders.write_json = braked(folders.write_json, part)
    folders._put_in_place = braked(folders._put_in_place, part)
    return entry.main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
