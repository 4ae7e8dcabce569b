"""The left column: choosing a teacher, and what is known of it before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QLineEdit, QWidget

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import boxed, clear, column, hairline, px, row
from dsbs_gui.kit.message_bar import MessageArea
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.steps.teacher.catalogue import address_of, teachers
from dsbs_gui.steps.teacher.facts import Facts, facts

from .server_form import ServerForm

if TYPE_CHECKING:
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.teacher.keys import Keys

_TYPING_MS = 300
_TONES: dict[str, Tone] = {"fits": "good", "tight": "attention", "too large": "bad"}
_KINDS = [("catalogue", "Catalogue"), ("file", "GGUF file"), ("server", "Server")]


class TeacherCard(Card):
    """Signals:
    changed: another teacher was chosen or named; its facts are asked for.
    facts_known: they are there, in ``facts``.
    """

    changed = Signal()
    facts_known = Signal()

    def __init__(self, keys: Keys, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Teacher", parent=parent)
        self._bridge = bridge
        self._asked = 0
        self.facts = Facts("")
        self.kind = SegmentedControl(_KINDS, "catalogue", "Kind of teacher")
        self.box = QComboBox()
        self.path = QLineEdit()
        self.browse = SecondaryButton("Choose file…", "folder-open")
        self.server = ServerForm(keys, bridge)
        self.key = self.server.key
        self.messages = MessageArea()
        self.name = PlainLabel(type="section", wrap=True)
        self.fits = Chip("fits", "good")
        self.summary = PlainLabel(tone="muted", wrap=True)
        self._details = QGridLayout()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._build()
        self._connect()
        self._on_kind_chosen()

    def _build(self) -> None:
        for entry in teachers():
            self.box.addItem(entry.title, entry.id)
        self.box.setAccessibleName("Model of the catalogue")
        self.path.setAccessibleName("GGUF file")
        self.path.setPlaceholderText("Path of a .gguf file")
        self._file = boxed(column(self.path, row(self.browse, None), gap="s"))
        self._details.setHorizontalSpacing(px("m"))
        self._details.setVerticalSpacing(px("xs"))
        self._details.setColumnStretch(1, 1)
        card = column(row(self.name, self.fits, gap="s"), self.summary, self._details, gap="s")
        content = column(self.box, self._file, self.server, self.messages, hairline(), card, None, gap="m")
        self.add(row(self.kind, None), Scroller(boxed(content), keep_width=True))
        self.fits.hide()
        self.title.setMinimumHeight(current().size.control)  # level with the titles beside it, which have buttons

    def _connect(self) -> None:
        self.kind.chosen.connect(lambda _: self._on_kind_chosen())
        self.box.currentIndexChanged.connect(lambda _: self._on_changed())
        self.path.textChanged.connect(lambda _: self._typing.start())
        self.server.edited.connect(self._typing.start)
        self.server.chosen.connect(self._on_changed)
        self.server.changed.connect(self.changed)
        self.browse.clicked.connect(self._on_file_asked)
        self._typing.timeout.connect(self._on_changed)

    # ------------------------------------------------------------ what others call

    def teacher(self) -> str:
        """What ``generate_request`` takes: an id of the catalogue, a path or an address; empty: none yet."""
        kind = self.kind.value()
        if kind == "catalogue":
            return str(self.box.currentData())
        return (self.path if kind == "file" else self.server.address).text().strip()

    def model_name(self) -> str:
        """The model that a server is asked for."""
        return self.server.model.currentText().strip() if self.kind.value() == "server" else ""

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``generate_request``: the teacher, and how a server is asked."""
        named = {"teacher": self.teacher(), "model_name": self.model_name()}
        return named | (self.server.choices() if self.kind.value() == "server" else {})

    def choose(self, kind: str, teacher: str, model_name: str = "") -> None:
        """Show a teacher as chosen. ``kind``: ``catalogue``, ``file`` or ``server``."""
        self.kind.set_value(kind)
        if kind == "catalogue":
            self.box.setCurrentIndex(max(0, self.box.findData(teacher)))
        elif kind == "file":
            self.path.setText(teacher)
        else:
            self.server.show_choices(teacher, model_name)
        self._on_kind_chosen()

    def choose_as_in(self, run: Run) -> None:
        """Choose the teacher of a generation run."""
        model, name = str(run.spec.get("model", "")), str(run.context.get("teacher", ""))
        if run.spec.get("teacher_kind") == "server":
            address = address_of(model, str(run.spec.get("protocol", "")))
            self.choose("server", address, str(run.spec.get("model_name", "")))
        elif self.box.findData(name) >= 0:
            self.choose("catalogue", name)
        elif model:
            self.choose("file", model)

    # ------------------------------------------------------------ events

    def _on_kind_chosen(self) -> None:
        kind = self.kind.value()
        self.box.setVisible(kind == "catalogue")
        self._file.setVisible(kind == "file")
        self.server.setVisible(kind == "server")
        self._on_changed()

    def _on_changed(self) -> None:
        self._typing.stop()
        self._asked += 1
        asked, teacher, model = self._asked, self.teacher(), self.model_name()
        if self.kind.value() == "server":
            self.key.set_address(teacher)
        self._bridge.run(lambda: facts(teacher, model), lambda found: self._on_facts(asked, found), owner=self)
        self.changed.emit()

    def _on_facts(self, asked: int, found: Facts) -> None:
        if asked != self._asked:
            return
        self.facts = found
        self.messages.clear()
        if found.problem:
            self.messages.show_message("bad", found.problem, found.hint, dismissible=False)
        self.name.setText(found.title)
        self.summary.show_text(found.summary, "muted")
        self.fits.setVisible(bool(found.verdict))
        if found.verdict:
            self.fits.set_state(found.verdict, _TONES[found.verdict])
        clear(self._details)
        for line, (name, value) in enumerate(found.details):
            self._details.addWidget(PlainLabel(name, tone="muted"), line, 0)
            self._details.addWidget(ElidedLabel(value), line, 1)
        self.facts_known.emit()

    def _on_file_asked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a GGUF file", filter="GGUF files (*.gguf)")
        if path:
            self.path.setText(path)
