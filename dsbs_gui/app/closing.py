"""The one question before the window closes while jobs run, and what comes of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QCheckBox, QWidget

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.kit import words
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet

if TYPE_CHECKING:
    from dsbs_gui.app.session import Session
    from dsbs_gui.app.window import Window
    from dsbs_gui.core.settings import Settings
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


def may_close(window: Window, session: Session, settings: Settings) -> bool:
    """Ask, if there is something to ask, and do what was answered; False if the window is to stay."""
    live = session.feed.live()
    if not live or window.property("unasked") or not settings.ask_on_close or session.project.store.read_only:
        return True
    answer, ask_again = ask(window, live)
    if answer == "stay":
        return False
    if not ask_again:
        settings.ask_on_close = False
    return answer != "stop" or _stop_all(window, session, live)


def _stop_all(window: Window, session: Session, live: Sequence[Run]) -> bool:
    """Returns False where that cannot be written: the window then stays, and says why."""
    try:
        for run in live:
            session.project.jobs.stop(run.id)
    except (DsbsError, OSError) as error:
        from dsbs_gui.core.failures import known

        window.show_message("bad", "The jobs could not be stopped.", str(known(error) or error), key="stop")
        return False
    return True
