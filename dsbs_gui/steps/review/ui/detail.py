"""One example beside the table: input, rationale, label against gold, answers, raw text, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.kit.theme.roles import set_type
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.review import answer_words, editing, sentences
from dsbs_gui.steps.review.editing import Edit
from dsbs_gui.steps.review.hidden import warning

from .answer_list import fill_answers, fill_raw
from .detail_parts import DetailHead, DraftBar, GoldBeside, Remark, section
from .detail_record import Detail
from .diff_text import AgainstTeacher
from .fit import HeightFitter
from .fold import Fold
from .history_list import Timeline
from .input_text import InputText
from .label_field import LabelField
from .offer_panel import OfferPanel
from .panes import Panes
from .remark_fields import RemarkFields
from .undo_keys import PassUndoOn

if TYPE_CHECKING:
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.tasks import Task

# At least and at most. Beside the table the label, with a sentence or two above it, is to be in sight without scrolling
# on a screen of 1280 × 800.
_INPUT_LINES, _RATIONALE_LINES = (1, 10), (4, 12)


class DetailPanel(QWidget):
    """Only reads and shows; what the user changed is asked with ``edit``.

    Signals:
        modified: the user's texts began or ceased to differ from what stands.
        submitted: Ctrl+Return in the rationale or the note, or Return in the label.
        revert_asked: back to the teacher's text.
        use_asked(answer id): that answer in place of what stands.
        go_back_asked(batch id): make the example what it was after that act.
        merge_asked(answer id): make one text of what stands and of that answer.
        again_asked: ask a teacher again.
    """

    modified = Signal()
    submitted = Signal()
    revert_asked = Signal()
    use_asked = Signal(int)
    go_back_asked = Signal(int)
    merge_asked = Signal(int)
    again_asked = Signal()

    def __init__(self, task: Task, read_only: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Example")
        self._task, self._read_only = task, read_only
        self._detail: Detail | None = None
        self._restored = Edit()
        self._build()
        self._connect()

    def _build(self) -> None:
        # The panes first and what is in them after: see WorkArea.
        self.head = DetailHead(self)
        self.draft = DraftBar(self)
        reading, answering = QWidget(), QWidget()
        self.panes = Panes(reading, answering, self)
        self.input = InputText("Input")
        self.rationale = TextEditor("Rationale")
        self.rationale.setPlaceholderText("No rationale yet. Write one here, or let the teacher write it.")
        self.rationale.setReadOnly(self._read_only)
        self.label = LabelField(self)
        self.label.line.setReadOnly(self._read_only)
        self.gold = GoldBeside(self.label)
        self._passing_on = [PassUndoOn(self.rationale), PassUndoOn(self.label.line)]
        self.revert = LinkButton("Revert")
        self.changes = LinkButton("Show changes")
        self.similar_input, self.similar_rationale = LinkButton("Find similar"), LinkButton("Find similar")
        self.against = AgainstTeacher(self.present_rationale)
        self._comparing = False
        self.failure, self.hidden = Remark("warning-octagon", "bad"), Remark("eye-slash", "attention")
        self.signals, self.lift = Remark("flag", "attention"), Remark("trend-up", "muted")
        self.remarks = RemarkFields(self._read_only)
        self.offer = OfferPanel(self._read_only)
        self.answers = Fold("Answers", self._fill_answers)
        self.raw = Fold("Raw answer", lambda layout: fill_raw(layout, self._newest()))
        self.history = Fold("History", self._fill_history)
        self.written_by, title = section("Rationale", self.similar_rationale, self.changes, self.revert)
        column(section("Input", self.similar_input)[1], self.input, gap="xs", parent=reading)
        layout = column(self.offer, title, self.rationale, gap="xs", parent=answering)
        for part in (self.against, self.failure, self.hidden, self.signals, self.lift, self.gold, self.remarks):
            layout.addWidget(part)
        for fold in (self.answers, self.raw, self.history):
            layout.addWidget(fold)
        self._input_fitter, self._rationale_fitter = (
            HeightFitter(self.input, *_INPUT_LINES),
            HeightFitter(self.rationale, *_RATIONALE_LINES),
        )
        column(self.head, self.draft, self.panes, gap="s", parent=self)

    def _connect(self) -> None:
        self.rationale.textChanged.connect(self._on_edited)
        self.rationale.submitted.connect(self.submitted)
        self.remarks.note.textChanged.connect(self._on_edited)
        self.remarks.note.submitted.connect(self.submitted)
        self.label.text_changed.connect(self._on_edited)
        self.label.submitted.connect(self.submitted)
        self.revert.clicked.connect(self.revert_asked)
        self.changes.clicked.connect(self._on_changes_clicked)

    @property
    def example(self) -> Example | None:
        """The example shown."""
        return None if self._detail is None else self._detail.example

    def set_wide(self, wide: bool) -> None:
        """Input and answer side by side in large type, or one above the other."""
        self.panes.set_beside(wide)
        self.input.set_large(wide)
        for widget in (self.rationale, self.label.line, self.gold.gold):
            set_type(widget, "large" if wide else "reading" if widget is self.rationale else "body")
        self._input_fitter.set_limits(*((2, 1000) if wide else _INPUT_LINES))
        self._rationale_fitter.set_limits(*((6, 30) if wide else _RATIONALE_LINES))
        self.head.set_steps_shown(not wide)

    def is_typed_in(self, widget: QWidget) -> bool:
        """Whether a widget is one of the editors."""
        return widget in (self.rationale, self.label.line, self.remarks.note, self.remarks.tags.line)

    def show_detail(self, detail: Detail) -> None:
        """Show an example, or show the same one anew: then what the user typed and has not saved stays."""
        same = self._detail is not None and self._detail.example.id == detail.example.id
        unsaved = self.edit() if same else Edit()
        self._restored = self._restored if same else Edit()
        self._detail = detail
        example = detail.example
        self.head.show_example(example, detail.place)
        if not same or self.input.raw() != example.input:
            self.input.show_text(example.input)
        if unsaved.rationale is None and (not same or self.rationale.original() != (example.rationale or "")):
            self.rationale.set_text(example.rationale or "")
        if unsaved.label is None:
            self.label.set_label(example.teacher_label or "", detail.options)
        if unsaved.note is None and (not same or self.remarks.note.original() != (example.note or "")):
            self.remarks.note.set_text(example.note or "")
        self.remarks.show_example(example)
        self.failure.show_text(sentences.failure(example.failure or "") if sentences.failed(example) else "")
        self.signals.show_text("\n".join(detail.signals))
        if detail.unhelpful:
            self.lift.show_verdict("trend-down", "attention", detail.lift)
        else:
            self.lift.show_verdict("trend-up", "muted", detail.lift)
        self.similar_rationale.setVisible(bool(example.rationale))
        self.offer.show_offer(example, detail.offered)
        self._show_source()
        self._on_edited()
        self._retitle_folds()

    def clear(self) -> None:
        """Forget the example."""
        self._detail = None

    def edit(self) -> Edit:
        """What the user changed and has not saved."""
        if self._detail is None or self._read_only:
            return Edit()
        texts = self.rationale.text_if_modified(), self.label.line.text_if_modified()
        return editing.differing(self._detail.example, *texts, self.remarks.note.text_if_modified())

    def put(self, edit: Edit) -> None:
        """Put unsaved texts back, after saving them failed."""
        for editor, text in ((self.rationale, edit.rationale), (self.remarks.note, edit.note)):
            if text is not None:
                editor.put_text(text)
        if edit.label is not None:
            self.label.line.setText(edit.label)

    def restore(self, draft: Edit, name: str) -> bool:
        """Put a draft into the editors and ask about it; False if it is what stands already."""
        self.put(draft)
        self._restored = self.edit()
        self.draft.show_text(name)
        self._on_edited()
        return bool(self._restored)

    def only_restored(self) -> bool:
        """The texts differ from what stands only by a draft about which nobody has decided yet."""
        return bool(self._restored) and self.edit() == self._restored

    def drop(self) -> None:
        """Show what stands; what was typed and not saved is gone."""
        if self._detail is not None:
            self.rationale.set_text(self._detail.example.rationale or "")
            self.remarks.note.set_text(self._detail.example.note or "")
            self.label.set_label(self._detail.example.teacher_label or "", self._detail.options)
            self._on_edited()

    def mark_saved(self) -> None:
        """The texts shown are being saved."""
        self.rationale.mark_saved()
        self.remarks.note.mark_saved()
        self.label.line.mark_saved()
        self._on_edited()

    def present_rationale(self) -> str:
        """The rationale as it would be saved."""
        changed = self.rationale.text_if_modified()
        return self.rationale.original() if changed is None else changed

    def says_something(self) -> bool:
        """Whether there is a rationale that is not blank; looks at its beginning only."""
        text = self.present_rationale()
        return bool(text) and not text.isspace()

    def agreement(self) -> bool | None:
        """Whether the label shown means the gold label."""
        return (
            None
            if self._detail is None
            else editing.agreement(self._task, self._detail.example, self.label.line.present())
        )

    def _on_edited(self) -> None:
        if self._detail is not None:
            example, label = self._detail.example, self.label.line.present()
            self.gold.show_gold(example.label, label, self.agreement())
            self.hidden.show_text(warning(self.present_rationale()))
            self.against.present_changed()
        self.draft.setVisible(self.only_restored())
        self.modified.emit()

    def _show_source(self) -> None:
        assert self._detail is not None
        example, standing = self._detail.example, self._detail.standing
        parts = [sentences.source(example.origin, standing.teacher if standing else "")] if example.origin else []
        merged = self._detail.merged_with
        if merged is not None:
            parts.append(f"merged with {answer_words.answer_name(merged).lower()}")
        parts += ["edited"] if example.edited and merged is None and example.origin != "person" else []
        parts += sentences.signals(standing)[:1] if standing and not example.edited else []
        self.written_by.setText(" · ".join(parts))
        comparable = bool(example.edited and standing and standing.failure is None)
        self.revert.setVisible(comparable and not self._read_only)
        self.changes.setVisible(comparable)
        self.against.set_teachers((standing.rationale or "") if comparable and standing else None)
        self.against.set_shown(self._comparing)

    def _on_changes_clicked(self) -> None:
        self._comparing = not self._comparing
        self.changes.setText("Hide changes" if self._comparing else "Show changes")
        self.against.set_shown(self._comparing)

    def _retitle_folds(self) -> None:
        assert self._detail is not None
        answers, acts = self._detail.answers, {c.batch for c in self._detail.changes}
        self.answers.set_title(f"Answers · {len(answers)}")
        self.history.set_title(f"History · {plural(len(acts), 'act')}" if acts else "History")
        for fold, there in ((self.answers, answers), (self.raw, answers), (self.history, answers or acts)):
            fold.setVisible(bool(there))
            fold.forget()

    def _fill_answers(self, layout: QVBoxLayout) -> None:
        if self._detail is not None:
            detail, use, merge = self._detail, self.use_asked.emit, self.merge_asked.emit
            mergeable = detail.example.rationale and not self._read_only
            fill_answers(
                layout,
                detail.answers,
                detail.example.answer_id,
                None if self._read_only else use,
                merge if mergeable else None,
                detail.vote,
            )
            if not self._read_only:
                again = LinkButton("Ask again…", tooltip="Another teacher, prompt or sample; compared before it stands")
                again.clicked.connect(self.again_asked)
                layout.addLayout(row(again, None))

    def _fill_history(self, layout: QVBoxLayout) -> None:
        if self._detail is not None:
            go_back = None if self._read_only else self.go_back_asked.emit
            layout.addWidget(Timeline(self._detail.changes, self._detail.standing, go_back))

    def _newest(self) -> Answer | None:
        """The standing answer, else the newest."""
        if self._detail is None:
            return None
        return self._detail.standing or (self._detail.answers[0] if self._detail.answers else None)
