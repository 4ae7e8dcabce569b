"""No project is open: what the program does, the sample project, recent projects, new, open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from dsbs_gui.app import recent
from dsbs_gui.app.background import Background
from dsbs_gui.app.opening import sample_folder
from dsbs_gui.app.recent import Glance
from dsbs_gui.core.settings import Settings
from dsbs_gui.kit import words
from dsbs_gui.kit.buttons import IconButton, PrimaryButton, SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.choice_card import ChoiceCard
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import boxed, clear, column, px, row
from dsbs_gui.kit.message_bar import MessageArea
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller

_WIDTH = 720
SENTENCES = (
    "DSBS Studio distils a large language model into a small one that you can run anywhere.",
    "A teacher writes a rationale and a label for each of your examples; you read and correct what it wrote.",
    "Then you train a student on labels and rationales together, measure it against the baselines, and take it away.",
)
_SAMPLE = (
    "1 200 word problems with textbook rationales and some answers of the built-in teacher. "
    "Generate, review, train and export at once, without a network or a GPU."
).replace("1 200", "1\u2009200")


class StartPage(QWidget):
    """Signals:
    open_asked(Path), sample_asked, new_asked, browse_asked
    """

    open_asked = Signal(object)
    sample_asked = Signal()
    new_asked = Signal()
    browse_asked = Signal()

    def __init__(self, settings: Settings, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Start")
        self._settings, self._background = settings, background
        self._asked = 0
        self.messages = MessageArea()
        self.sample = PrimaryButton("Open the sample project", "play")
        self.new = SecondaryButton("New project…", "plus")
        self.open = SecondaryButton("Open a project…", "folder-open")
        self._recent = column(gap="s")
        self._recent_box = boxed(column(PlainLabel("Recent projects", type="section"), self._recent, gap="s"))
        self._build()
        self.sample.clicked.connect(self.sample_asked)
        self.new.clicked.connect(self.new_asked)
        self.open.clicked.connect(self.browse_asked)

    def refresh(self) -> None:
        """Look at the recent projects again; they appear as soon as they have been looked into."""
        self._asked += 1
        asked, folders = self._asked, [Path(path) for path in self._settings.recent if Path(path) != sample_folder()]
        self._recent_box.setVisible(bool(folders))
        self._background.run(
            lambda: [recent.glance(folder) for folder in folders],
            lambda glances: self._show(glances) if asked == self._asked else None,
            lambda error: self._show([Glance(folder, folder.name) for folder in folders]),
        )

    def _build(self) -> None:
        words_box = column(*(PlainLabel(text, wrap=True) for text in SENTENCES), gap="xs")
        sample = Card("Sample project", PlainLabel(_SAMPLE, tone="muted", wrap=True), gap="m")
        sample.add(row(self.sample, None))
        buttons = row(self.new, self.open, None, gap="s")
        title = row(
            IconLabel("graduation-cap", px("xxl"), "accent"), PlainLabel("DSBS Studio", type="title"), None, gap="m"
        )
        inner = column(title, words_box, self.messages, sample, buttons, self._recent_box, None, gap="xl")
        inner.setContentsMargins(0, px("xxl") * 2, 0, px("xl"))
        middle = QWidget()
        middle.setLayout(inner)
        middle.setMaximumWidth(_WIDTH)
        content = QWidget()
        line = row(None, gap="none", parent=content)
        line.addWidget(middle, 100)  # far more than the space beside it, up to its greatest width
        line.addStretch(1)
        line.setContentsMargins(px("xl"), 0, px("xl"), 0)
        column(Scroller(content), gap="none", parent=self)

    def _show(self, glances: list[Glance]) -> None:
        clear(self._recent)
        for glance in glances:
            self._recent.addWidget(self._recent_row(glance))
        self._recent_box.setVisible(bool(glances))

    def _recent_row(self, glance: Glance) -> QWidget:
        card = RecentCard(glance)
        remove = IconButton("x", f"Take {glance.name} off this list", role="muted")
        card.clicked.connect(lambda: self.open_asked.emit(glance.folder))
        card.forget_asked.connect(lambda: self._forget(glance.folder))
        remove.clicked.connect(lambda: self._forget(glance.folder))
        line = row(gap="xs")
        line.addWidget(card, 1)
        line.addWidget(remove, 0, Qt.AlignmentFlag.AlignVCenter)
        return boxed(line)

    def _forget(self, folder: Path) -> None:
        recent.forget(self._settings, folder)
        self.refresh()


class RecentCard(ChoiceCard):
    """A recent project: name, counts, place, age; or why it cannot be opened.

    Signals:
        forget_asked: from the context menu.
    """

    forget_asked = Signal()

    def __init__(self, glance: Glance, parent: QWidget | None = None) -> None:
        age = words.age(glance.changed) if glance.changed else ""
        super().__init__(glance.name, said(glance), "folder", badge=age, checkable=False, parent=parent)
        if glance.problem:
            self.explanation.set_tone("attention")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction("Take off this list", self.forget_asked.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(self.rect().center()))


def said(glance: Glance) -> str:
    """`1 200 examples · 3 students · ~/projects/svamp`, or the problem and the place."""
    place = short(glance.folder)
    if glance.problem:
        return glance.problem if str(glance.folder) in glance.problem else f"{glance.problem}\n{place}"
    students = words.plural(glance.students, "student") if glance.students else ""
    return " · ".join(part for part in (words.plural(glance.examples, "example"), students, place) if part)


def short(folder: Path) -> str:
    """The path with the home folder as ``~``."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)
