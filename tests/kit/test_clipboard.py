"""A program that copied a text ends without a crash."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
from dsbs_gui.kit import clipboard
from dsbs_gui.kit.reading_text import ReadingText
text = ReadingText("Text", "hello")
text.selectAll()
text.copy()
clipboard.settle()
print(QApplication.clipboard().text())
"""


def test_the_process_ends_well_after_a_copy_and_the_text_is_still_there() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "hello\n")
