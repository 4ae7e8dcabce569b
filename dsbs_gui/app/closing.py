"""The one question before the window closes while jobs run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QCheckBox, QWidget

from dsbs_gui.kit import words
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet

if TYPE_CHECKING:
    from dsbs_gui.core.store.runs import Run

Answer = Literal["go-on", "stop", "stay"]


def sentences(live: Sequence[Run]) -> list[str]:
    """What becomes of the jobs when the window closes."""
    queued = sum(run.state == "queued" for run in live)
    working = [run for run in live if run.state != "queued"]
    found: list[str] = []
    if len(working) == 1:
        found.append(f"“{working[0].title}” goes on in the background. Open the project again to see how far it is.")
    elif working:
        found.append(
            f"{words.plural(len(working), 'job')} go on in the background. Open the project again to see them."
        )
    if queued:
        wait = "waits in the queue and starts" if queued == 1 else "wait in the queue and start"
        found.append(f"{words.plural(queued, 'job')} {wait} when the project is opened again.")
    return found


class ClosingSheet(Sheet):
    """``answer`` is what was chosen; ``ask_again`` False if it is to be remembered."""

    def __init__(self, parent: QWidget | None, live: Sequence[Run]) -> None:
        super().__init__(parent, "Close while jobs run", width="s", cancel="Keep open")
        self.answer: Answer = "stay"
        for sentence in sentences(live):
            self.add(PlainLabel(sentence, wrap=True))
        self._remember = QCheckBox("Do not ask again")
        self.add(self._remember)
        stop = SecondaryButton("Stop and close")
        stop.clicked.connect(lambda: self._choose("stop"))
        self.footer.addWidget(stop)
        self.close_button = self.add_accept("Close")
        self.close_button.clicked.connect(lambda: self._choose("go-on"))

    @property
    def ask_again(self) -> bool:
        return not self._remember.isChecked()

    def _choose(self, answer: Answer) -> None:
        self.answer = answer
        self.accept()


def ask(parent: QWidget | None, live: Sequence[Run]) -> tuple[Answer, bool]:
    """What to do, and whether to ask again next time. Tests replace this function."""
    sheet = ClosingSheet(parent, live)
    try:
        sheet.ask()
        return sheet.answer, sheet.ask_again
    finally:
        sheet.deleteLater()
