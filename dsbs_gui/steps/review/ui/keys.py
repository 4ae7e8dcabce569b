"""Binds the keys of the page, prints them on its buttons, and lets them be changed.

Letters are off while one types: the editors take them first.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from dsbs_gui.core.store.remarks import RATINGS
from dsbs_gui.steps.review.editing import MOST_OPTIONS
from dsbs_gui.steps.review.keymap import ACTS, BY_NAME, Keymap

from .keys_sheet import KeysSheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsbs_gui.core.settings import Settings

    from .page import ReviewPage

_CONTEXTS = {
    "page": Qt.ShortcutContext.WindowShortcut,
    "panes": Qt.ShortcutContext.WidgetWithChildrenShortcut,
    "table": Qt.ShortcutContext.WidgetShortcut,
}


def _does(page: ReviewPage) -> dict[str, Callable[[], object]]:
    """What each act of the table does."""
    area, deciding, remarking = page.area, page.deciding, page.remarking
    detail = area.detail
    return {
        **{state: partial(deciding.decide, state) for state in ("accepted", "rejected", "skipped", "unreviewed")},
        "keep-old": page.comparing.keep,
        "take-new": page.comparing.take,
        "ask-again": page.comparing.ask_again,
        "undo": deciding.undo,
        "redo": deciding.redo,
        "next": partial(area.table.move_current, 1),
        "previous": partial(area.table.move_current, -1),
        "home": area.select_current,
        "rationale": detail.rationale.setFocus,
        "label": partial(_edit_line, detail.label.line),
        **{f"label-{n + 1}": partial(_choose, page, n) for n in range(MOST_OPTIONS)},
        **{f"rate-{n}": partial(remarking.rate, n or None) for n in (0, *RATINGS)},
        "tags": remarking.edit_tags,
        "note": remarking.edit_note,
        "save": deciding.save,
        "revert": partial(_press, detail.revert),
        "changes": partial(_press, detail.changes),
        "search": partial(_edit_line, area.search),
        "filters": area.filters.focus_first,
        "view": page.views.toggle,
        "guidelines": page.guiding.toggle,
        "columns": partial(_in_table, page, area.columns.menu.open),
        "queue": area.filters.queues.open,
        "rules": page.ruling.open,
        "similar-input": partial(page.similar.find, "input"),
        "similar-rationale": partial(page.similar.find, "rationale"),
        "similar-back": page.similar.back,
        "update": page.listing.reload,
        "select-all": page.select_all,
    }


def _choose(page: ReviewPage, number: int) -> None:
    """A side where reviewers stand side by side, else a label."""
    if not page.queueing.seconding.choose_number(number):
        page.area.detail.label.choose(number)


class Keys(QObject):
    """The keys in force on the page: they work while it is in front, wherever in the window the focus is.

    Focus may be nowhere: a button that was just pressed may have gone.
    """

    def __init__(self, page: ReviewPage, settings: Settings) -> None:
        super().__init__(page)
        self._page, self._settings = page, settings
        self._does = _does(page)
        area = page.area
        panes = (area.splitter, area.filters, area.foot)  # and not the search line, which has a use for Esc
        self._owners: dict[str, tuple[QWidget, ...]] = {"page": (page,), "panes": panes, "table": (area.table,)}
        self._bound: list[QShortcut] = []
        self.map = Keymap.read(settings.review_keys)
        self._bind()

    def change(self, keymap: Keymap) -> None:
        """Use other keys from now on, and remember them."""
        self._settings.review_keys = keymap.lines()
        self.map = keymap
        self._bind()

    def shown(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The cheat-sheet: by group, keys and what they do."""
        groups: dict[str, list[tuple[str, str]]] = {}
        usual = not any(act.name.startswith("label-") for act in ACTS if act.name in self.map.own)
        for act in ACTS:
            if usual and act.name.startswith("label-"):  # nine lines that say the same
                if act.name == "label-1":
                    groups[act.group].append(
                        (f"1 … {MOST_OPTIONS}", "Take the label of that number, or that reviewer’s side")
                    )
            elif keys := self.map.keys(act.name):
                groups.setdefault(act.group, []).append((" or ".join(map(native, keys)), act.meaning))
        return list(groups.items())

    def ask(self) -> None:
        """Open the sheet in which the keys are changed."""
        sheet = KeysSheet(self._page, self.map, self._of_window())
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.accepted.connect(lambda: self.change(sheet.map))
        sheet.open()

    def _of_window(self) -> frozenset[str]:
        """Keys that act while the page is in front and are not its own."""
        page = self._page
        return frozenset(
            shortcut.key().toString()
            for shortcut in page.window().findChildren(QShortcut)
            if isinstance(owner := shortcut.parent(), QWidget)
            and owner.isVisible()
            and owner is not page
            and not page.isAncestorOf(owner)
        )

    def _bind(self) -> None:
        for shortcut in self._bound:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._bound = [
            self._shortcut(act.name, key, owner)
            for act in ACTS
            for key in self.map.keys(act.name)
            for owner in self._owners[act.where]
        ]
        self._print()

    def _shortcut(self, name: str, key: str, owner: QWidget) -> QShortcut:
        act = BY_NAME[name]
        shortcut = QShortcut(QKeySequence(key), owner)
        shortcut.setContext(_CONTEXTS[act.where])
        shortcut.setAutoRepeat(act.repeats)
        shortcut.setWhatsThis(act.meaning)
        shortcut.activated.connect(lambda: self._does[name]())
        return shortcut

    def _print(self) -> None:
        """Show the keys on the buttons and in the tooltips."""
        area = self._page.area
        for state, decision in area.bar.buttons.items():
            decision.set_key(self._first(state))
        area.bar.save.set_key(self._first("save"))
        area.filters.queues.set_key(self._first("queue"))
        self._page.queueing.seconding.sides.set_keys([self._first(f"label-{n + 1}") for n in range(MOST_OPTIONS)])
        area.bulk.one.set_key(self._first("home"))
        area.bulk.reopen.set_key(self._first("unreviewed"))
        area.bar.previous.set_key(self._first("previous"))
        area.bar.next.set_key(self._first("next"))
        self._page.views.set_key(self._first("view"))
        area.bulk.again.set_key(self._first("ask-again"))
        for panel in (area.bulk, area.detail.offer):
            panel.keep.set_key(self._first("keep-old"))
            panel.take.set_key(self._first("take-new"))
        head = area.detail.head
        for name, button, text in (
            ("unreviewed", head.reopen, "Takes the decision back"),
            ("guidelines", self._page.guiding.button, "Guidelines"),
            ("previous", head.previous, "Previous example"),
            ("next", head.next, "Next example"),
            ("revert", area.detail.revert, "Back to the teacher’s text; undo brings the edits back"),
            ("changes", area.detail.changes, "Word by word against the teacher’s text"),
            ("rules", area.foot.rules, "What becomes of doubtful rationales when a student learns"),
            ("similar-input", area.detail.similar_input, "Examples whose input is like this one"),
            ("similar-rationale", area.detail.similar_rationale, "Examples whose rationale is like this one"),
            ("similar-back", area.similar.back, "Filters, order and row as they were"),
            ("update", area.foot.update_list, "The filter now matches other rows"),
            ("select-all", area.foot.select_all, "To decide all of them at once"),
        ):
            button.set_tooltip(" · ".join(part for part in (text, self._first(name)) if part))
        ratings = [self._first(f"rate-{n}") for n in (0, *RATINGS)]
        for field in (area.detail.remarks, area.bulk):
            field.rating.set_keys(ratings)
            field.tags.set_key(self._first("tags"))
        for notes in (area.detail.remarks, area.bulk):
            notes.set_note_key(self._first("note"))
        area.set_act_keys(self._first("undo"), self._first("redo"))

    def _first(self, name: str) -> str:
        keys: Sequence[str] = self.map.keys(name)
        return native(keys[0]) if keys else ""


def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _edit_line(line: QLineEdit) -> None:
    line.setFocus(Qt.FocusReason.ShortcutFocusReason)
    line.selectAll()


def _in_table(page: ReviewPage, act: Callable[[], object]) -> None:
    """What has to do with the table only is done where one sees it."""
    if page.views.view == "table":
        act()


def _press(button: QAbstractButton) -> None:
    """As a click would, where the button can be seen."""
    if button.isVisible():
        button.click()
