"""The buttons of the page's header: they say how much they would ask for, or why they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.buttons import PrimaryButton, SecondaryButton
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.teacher.asked import PILOT

if TYPE_CHECKING:
    from dsbs_gui.steps.teacher.asked import Asked

_NOTHING = "Nothing is missing with these settings"


class Actions:
    """``generate`` and ``pilot``."""

    def __init__(self) -> None:
        self.generate = PrimaryButton("Generate", "play", shortcut="Ctrl+Return")
        self.pilot = SecondaryButton(f"Pilot {PILOT}", "flask", shortcut="Ctrl+Shift+Return")

    def show_state(self, asked: Asked | None, why: str) -> None:
        """``asked``: what is missing, None while nobody knows; ``why`` neither may be pressed, empty if they may."""
        pending, first = (asked.pending, asked.pilot) if asked is not None else (0, 0)
        self.generate.setText(f"Generate {plural(pending, 'rationale')}" if pending else "Generate")
        for button, n in ((self.generate, pending), (self.pilot, first)):
            button.setEnabled(n > 0 and not why)
            told = f"Ask for {plural(n, 'answer')}" if n else _NOTHING if asked is not None else ""
            button.set_tooltip(why or told)
