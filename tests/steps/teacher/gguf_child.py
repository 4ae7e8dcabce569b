"""Loads models as the worker does, one a line of standard input, and says what came of it; a test may see it die."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.steps.teacher.work.llama_model import LlamaModel


def main() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    for line in sys.stdin:
        said, hint = "loaded", ""
        try:
            LlamaModel(Path(line.rstrip("\n"))).close()
        except DsbsError as error:
            said, hint = error.message, error.hint
        except Exception as error:
            said = f"BUG {type(error).__name__}: {error}"
        print(json.dumps([said, hint]), flush=True)


if __name__ == "__main__":
    main()
