"""A new answer beside what stands, word by word, to be taken or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.flow import Flow
from dsbs_gui.kit.layout import column
from dsbs_gui.steps.review import answer_words, sentences

from .detail_parts import section
from .key_button import KeyButton
from .side_by_side import SideBySide

if TYPE_CHECKING:
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.theme.tokens import Tone


class OfferPanel(QWidget):
    """Signals:
    take_asked, keep_asked: the new answer, or what stands.
    merge_asked(answer id): make one text of both.
    """

    take_asked = Signal()
    keep_asked = Signal()
    merge_asked = Signal(int)

    def __init__(self, read_only: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("New answer")
        self._answer_id = 0
        self.source, title = section("New answer")
        self.texts = SideBySide("As it stands", "New")
        self.keep = KeyButton("Keep the old")
        self.take = KeyButton("Take the new")
        self.merge = LinkButton("Merge…", tooltip="Make one text of both")
        ways = Flow(self.keep, self.take, self.merge)
        column(title, self.texts, ways, gap="s", parent=self)
        ways.setVisible(not read_only)
        self.take.clicked.connect(self.take_asked)
        self.keep.clicked.connect(self.keep_asked)
        self.merge.clicked.connect(lambda: self.merge_asked.emit(self._answer_id))
        self.hide()

    def show_offer(self, example: Example, offered: Answer | None) -> None:
        """Show the answer that is offered; None hides the panel."""
        self.setVisible(offered is not None)
        if offered is None:
            return
        self._answer_id = offered.id
        self.source.setText(" · ".join([offered.teacher, *sentences.signals(offered)[:1]]))
        self.texts.show_texts(example.rationale or "", offered.rationale or "")
        stands = None if example.agree is None else bool(example.agree)
        self.texts.show_remarks(_label(example.teacher_label, stands), _label(offered.label, offered.agree))
        self.merge.setVisible(bool(example.rationale and offered.rationale))


def _label(label: str | None, agree: bool | None) -> tuple[str, Tone]:
    tone: Tone = "muted" if agree is None else "good" if agree else "attention"
    said = "" if agree is None else " · the gold label" if agree else " · differs from gold"
    return (f"Label {answer_words.shown_label(label)}{said}" if label else "No label"), tone
