"""The rules for doubtful rationales in their order, with how many rows each would take, before they are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu

from dsbs_gui.core.store import policy
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.layout import boxed, clear, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import plural, visible, without_mnemonic
from dsbs_gui.steps.review import policies

from .policy_row import PolicyRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.store.database import Store
    from dsbs_gui.core.store.policy import Effect, Rule
    from dsbs_gui.kit.bridge import Bridge

_HELP = (
    "The first rule that matches a row holds, each time that training begins. What you have accepted, edited or"
    " rejected stays as it is, and no row changes here. Signals are those of the last check."
)
_NONE = (
    "There is no rule yet: every rationale is learnt as it stands, also where it argues for another answer than the"
    " gold label."
)
_HEIGHT = 360


class PolicySheet(Sheet):
    """Holds a draft of the rules; who opens it saves them when it is accepted.

    Attributes:
        rules: the draft.

    Signals:
        ask_asked: save, and hand the rows that are to be asked again to the teacher.
    """

    ask_asked = Signal()

    def __init__(
        self, parent: QWidget | None, store: Store, bridge: Bridge, rules: Sequence[Rule], chosen: Filter
    ) -> None:
        super().__init__(parent, "Rules for doubtful rationales", subtitle=_HELP, width="l")
        self._store, self._bridge, self._chosen = store, bridge, chosen
        self._generation = 0
        self.rules: tuple[Rule, ...] = tuple(rules)
        self.rows: list[PolicyRow] = []
        self._list = column(gap="none")
        self.none = PlainLabel(_NONE, tone="muted", wrap=True)
        self.add_button = SecondaryButton("Add a rule", "plus")
        self.menu = QMenu(self.add_button)
        self.add_button.set_menu(self.menu)
        self.ask_button = self.add_side_button("")
        self.save = self.add_accept("Save rules")
        self.add(Scroller(boxed(column(self.none, boxed(self._list), row(self.add_button, None), None, gap="s"))))
        self.resize(self.width(), _HEIGHT + self.sizeHint().height() // 2)
        self.save.setEnabled(not store.read_only)
        self.add_button.setEnabled(not store.read_only)
        self.ask_button.clicked.connect(self._on_ask)
        self._fill_menu()
        self._show()

    def take(self, rules: Sequence[Rule]) -> None:
        """Show other rules, and count what they would do."""
        self.rules = tuple(rules)
        self._show()

    def _fill_menu(self) -> None:
        if self._chosen != Filter():
            words = policies.named(self._chosen).name
            entry = self.menu.addAction(without_mnemonic(f"Rows that match the page’s filter: {visible(words, 60)}"))
            entry.triggered.connect(lambda: self._on_add(self._chosen))
            self.menu.addSeparator()
        for matching in policies.ready_made():
            entry = self.menu.addAction(without_mnemonic(policies.named(matching).name))
            entry.triggered.connect(lambda _=False, matching=matching: self._on_add(matching))

    def _show(self) -> None:
        clear(self._list)
        self.rows = []
        for place, rule in enumerate(self.rules):
            made = PolicyRow(rule, place + 1, place == len(self.rules) - 1, self._store.read_only)
            made.changed.connect(lambda changed, place=place: self._on_changed(place, changed))
            made.move_asked.connect(lambda step, place=place: self._on_move(place, step))
            made.remove_asked.connect(lambda place=place: self._on_remove(place))
            self.rows.append(made)
            self._list.addWidget(made)
        self.none.setVisible(not self.rules)
        self._count()

    def _count(self) -> None:
        """In the background: this reads all rows of train."""
        self._generation += 1
        mine, rules, store = self._generation, self.rules, self._store
        self.ask_button.hide()
        self._bridge.run(
            lambda: policy.effects(store.reader, rules),
            lambda found: self._on_counted(mine, found),
            lambda error: self._on_uncounted(mine, error),
            owner=self,
        )

    def _on_counted(self, mine: int, found: Sequence[Effect]) -> None:
        if mine != self._generation:
            return
        self.messages.clear("count")
        for shown, effect in zip(self.rows, found, strict=True):
            shown.show_effect(effect)
        n = policies.asking(found)
        self.ask_button.setText(f"Save, and ask the teacher about {plural(n, 'row')}")
        self.ask_button.setVisible(n > 0 and not self._store.read_only)

    def _on_uncounted(self, mine: int, error: DsbsError) -> None:
        if mine == self._generation:
            self.messages.show_message("bad", error.message, error.hint, key="count")

    def _on_changed(self, place: int, rule: Rule) -> None:
        self.take((*self.rules[:place], rule, *self.rules[place + 1 :]))
        self.rows[place].what.setFocus()

    def _on_move(self, place: int, step: int) -> None:
        rules = list(self.rules)
        rules.insert(place + step, rules.pop(place))
        self.take(rules)
        made = self.rows[place + step]
        button = made.up if step < 0 else made.down
        (button if button.isEnabled() else made.what).setFocus()

    def _on_remove(self, place: int) -> None:
        self.take((*self.rules[:place], *self.rules[place + 1 :]))
        self.add_button.setFocus()

    def _on_add(self, matching: Filter) -> None:
        self.take((*self.rules, policies.named(matching)))
        self.rows[-1].what.setFocus()

    def _on_ask(self) -> None:
        self.accept()
        self.ask_asked.emit()
