"""The clipboard at the end of the program."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication


def settle() -> None:
    """Put what Python made on the clipboard into Qt's own hands; the text stays the same.

    Call it before the application ends. The clipboard outlives Python, and a ``QMimeData`` that an override of
    ``createMimeDataFromSelection`` returned crashes the process when it is destroyed after that (PySide6 6.10).
    """
    clipboard = QGuiApplication.clipboard()
    if text := clipboard.text():  # not asked whether it is ours: offscreen, Qt always says no
        clipboard.setText(text)
