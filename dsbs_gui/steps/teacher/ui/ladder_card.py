"""The ladder by which answers are read, as the user orders it, and what that would change before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from dsbs_gui.core.errors import UserError
from dsbs_gui.kit.buttons import LinkButton, SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.layout import boxed, clear, column, hairline, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count, percent, plural
from dsbs_gui.steps.teacher.parse_rules import DEFAULT, Ladder
from dsbs_gui.steps.teacher.parsing import UNPARSED

from .ladder_row import LadderRow
from .rule_sheet import RuleSheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.tasks import Task
    from dsbs_gui.steps.teacher.parse_rules import Rule
    from dsbs_gui.steps.teacher.rereading import Trial

_HELP = (
    "The first rule that finds a label holds. Reading again never asks a teacher, and leaves alone what was reviewed."
)


class LadderCard(Card):
    """Holds a draft: nothing is stored before *Read again*.

    Attributes:
        ladder: the draft.
        sample: a raw answer on which a rule is tried while it is written.

    Signals:
        changed: the draft is another one; ``ladder`` says which.
        apply_asked: read all answers by the draft.
        differences_asked: show what it would change.
        rung_chosen(name): show the rows that a rule reads.
    """

    changed = Signal()
    apply_asked = Signal()
    differences_asked = Signal()
    rung_chosen = Signal(str)

    def __init__(self, task: Task, read_only: bool, parent: QWidget | None = None) -> None:
        self.add_button = SecondaryButton("Add a rule", "plus", tooltip="A pattern of your own, tried first")
        super().__init__("How answers are read", action=self.add_button, parent=parent)
        self._task, self._read_only = task, read_only
        self._stored = DEFAULT
        self.ladder = DEFAULT
        self.sample = ""
        self.rows: dict[str, LadderRow] = {}
        self._list = column(gap="xs")
        self.unread = PlainLabel(tone="muted")
        self.effect = PlainLabel(wrap=True)
        self.effect_note = PlainLabel(type="caption", tone="muted", wrap=True)
        self.apply = SecondaryButton("Read again", "arrows-clockwise")
        self.discard, self.show_differences = SecondaryButton("Discard"), LinkButton("Show them")
        effect = row(gap="s")
        effect.addWidget(self.effect, 1)
        effect.addWidget(self.show_differences, 0, Qt.AlignmentFlag.AlignTop)
        self._draft = boxed(column(effect, self.effect_note, row(self.apply, self.discard, None), gap="s"))
        self.add(
            PlainLabel(_HELP, type="caption", tone="muted", wrap=True),
            boxed(self._list),
            hairline(),
            self.unread,
            self._draft,
        )
        self.add_button.setEnabled(not read_only)
        self.show_differences.hide()
        self._draft.hide()
        self.add_button.clicked.connect(self._on_add)
        self.apply.clicked.connect(self.apply_asked)
        self.discard.clicked.connect(self._on_discard)
        self.show_differences.clicked.connect(self.differences_asked)

    def is_draft(self) -> bool:
        """Whether the ladder shown is not the stored one."""
        return self.ladder != self._stored

    def set_stored(self, ladder: Ladder) -> None:
        """The project's ladder; a draft that is under way stays."""
        draft = self.is_draft()
        self._stored = ladder
        if not draft and (ladder != self.ladder or not self.rows):
            self.ladder = ladder
            self._show_rules()

    def accept_draft(self) -> None:
        """The draft is what the project has now."""
        self._stored = self.ladder

    def show_trial(self, trial: Trial | None) -> None:
        """What the ladder shown makes of the answers; None: it is being worked out."""
        for name, shown in self.rows.items():
            shown.show_number(None if trial is None else trial.by_rung.get(name, 0))
        if trial is None:
            self.unread.setText("Reading the answers…")
            self.apply.setEnabled(False)
            return
        self.unread.setText(_unread(trial))
        due = self.is_draft() or (trial.outdated > 0 and not self._read_only)
        self.effect.setText(_effect(trial) if self.is_draft() else _outdated(trial))
        self.effect_note.show_text(_accuracy(trial, self.is_draft()), "muted")
        self._draft.setVisible(due)
        self.show_differences.setVisible(due and trial.differs > 0)
        self.discard.setVisible(self.is_draft())
        self.apply.setEnabled(not self._read_only and not trial.slow)
        self.apply.setText(f"Read {plural(trial.total, 'answer')} again")
        self.apply.set_tooltip(
            "A rule is too slow" if trial.slow else "No teacher is asked; raw answers stay as they are"
        )

    def _show_rules(self) -> None:
        clear(self._list)
        shown = self.ladder.for_task(self._task.name)
        self.rows = {}
        for place, rule in enumerate(shown):
            made = LadderRow(rule, place == 0, place == len(shown) - 1, self._read_only)
            self.rows[rule.name] = made
            self._list.addWidget(made)
            self._connect_row(made, rule.name)

    def _connect_row(self, made: LadderRow, name: str) -> None:
        made.switched.connect(lambda on: self._take(self.ladder.switched(name, on)))
        made.move_asked.connect(lambda step: self._on_move(name, step))
        made.edit_asked.connect(lambda: self._on_edit(name))
        made.chosen.connect(lambda: self.rung_chosen.emit(name))

    def _take(self, ladder: Ladder) -> None:
        if ladder != self.ladder:
            self.ladder = ladder
            self._show_rules()
            self.show_trial(None)
            self.changed.emit()

    def _on_move(self, name: str, step: int) -> None:
        self._take(self.ladder.moved(name, step, self._task.name))
        made = self.rows[name]
        button = made.up if step < 0 else made.down
        (button if button.isEnabled() else made.box).setFocus()

    def _on_discard(self) -> None:
        self._take(self._stored)

    def _on_add(self) -> None:
        sheet = RuleSheet(self.window(), None, self._checked_new, self.sample)
        if sheet.ask() and sheet.rule is not None:
            self._take(self.ladder.added(sheet.rule))

    def _on_edit(self, name: str) -> None:
        sheet = RuleSheet(self.window(), self.ladder.rule(name), lambda rule: self._checked(name, rule), self.sample)
        if not sheet.ask():
            return
        self._take(self.ladder.without(name) if sheet.rule is None else self.ladder.changed(name, sheet.rule))

    def _checked_new(self, rule: Rule) -> UserError | None:
        try:
            self.ladder.added(rule)
        except UserError as error:
            return error
        return None

    def _checked(self, name: str, rule: Rule) -> UserError | None:
        try:
            self.ladder.changed(name, rule)
        except UserError as error:
            return error
        return None


def _unread(trial: Trial) -> str:
    if not trial.n:
        return "There is no raw answer to read yet."
    lost = trial.by_rung.get(UNPARSED, 0)
    sampled = f" (tried on {count(trial.n)} of {count(trial.total)})" if trial.n < trial.total else ""
    return (f"{plural(lost, 'answer')} without a label" if lost else "Every answer has a label") + sampled


def _effect(trial: Trial) -> str:
    if trial.slow:
        return f"A rule takes too long on {plural(trial.slow, 'answer')}. Write its pattern more simply."
    if not trial.differs:
        return "This would change nothing."
    words = {"gained": "gained", "lost": "lost", "changed": "changed", "reworded": "with another rationale"}
    said = [f"{count(trial.kinds[kind])} {word}" for kind, word in words.items() if trial.kinds.get(kind)]
    return f"Labels: {', '.join(said)}."


def _outdated(trial: Trial) -> str:
    return (
        f"{plural(trial.outdated, 'answer')} {'was' if trial.outdated == 1 else 'were'} read by other rules than these."
    )


def _accuracy(trial: Trial, draft: bool) -> str:
    if not trial.compared:
        return ""
    now = percent(trial.right / trial.compared)
    before = percent(trial.right_before / trial.compared)
    changed = f"{before} → {now}" if draft and now != before else now
    return f"Of {plural(trial.compared, 'answer')}, {changed} agree with gold."
