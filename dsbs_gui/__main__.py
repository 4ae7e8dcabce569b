"""``python -m dsbs_gui``: the command line, or (``worker``) one job."""

from __future__ import annotations

import sys


def main() -> int:
    if sys.argv[1:2] == ["worker"]:  # before anything else is imported: a bare machine has no more
        from dsbs_gui.worker.entry import main as work

        return work(sys.argv[2:])
    from dsbs_gui.app.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
