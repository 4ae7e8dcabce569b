"""A person who types at the Review page of a project without a pause; tests kill the process.

Prints what was typed so far, with the time, after each key.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dsbs_gui.core.project import Project
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.steps.review.ui.page import ReviewPage

KEY_MS = 20


def main(folder: Path) -> int:
    app = QApplication([])
    apply_theme(app, "light")
    project = Project.open(folder)
    page = ReviewPage(project, Bridge(project))
    page.resize(1200, 800)
    page.show()
    page.refresh()
    keys = itertools.cycle("abcdefghij ")
    typed: list[str] = []
    timer = QTimer(interval=KEY_MS)

    def press() -> None:
        editor = page.area.detail.rationale
        if page.area.detail.example is None:
            return
        typed.append(next(keys))
        QTest.keyClicks(editor, typed[-1])
        print(time.monotonic(), "".join(typed), sep="\t", flush=True)

    timer.timeout.connect(press)
    timer.start()
    return int(app.exec())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
