"""A worker whose teacher dies on one prompt, as a native library does; started by tests as a real process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.steps.teacher.work import generating
from dsbs_gui.steps.teacher.work.asking import Reply, Request
from dsbs_gui.worker import entry

DEADLY = "What is 5 + 1?"
AT_ONCE = 4


class DeadlyTeacher:
    """Has four requests under way, and aborts the process when it comes to the deadly one."""

    def cost(self, request: Request) -> int:
        return 60

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        under_way: list[Request] = []
        while not should_stop():
            while len(under_way) < AT_ONCE and (request := next(requests, None)) is not None:
                under_way.append(request)
            if not under_way:
                return
            request = under_way.pop(0)
            if DEADLY in request.prompt:
                os.abort()
            yield Reply(request, "So. The answer is 1.", "stop", tokens_in=20, tokens_out=7)

    def facts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        """Nothing to give back."""


def main(argv: list[str]) -> int:
    def deadly(*_: Any) -> DeadlyTeacher:
        return DeadlyTeacher()

    generating.open_engine = deadly
    return entry.main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
