"""The keys of the Review page: what each does, which it has by default, and which ones a person may give it.

The page binds this table, its sheets show it, and buttons print it. Keys are written as Qt writes them in files
(*Ctrl+Shift+Z*, *J*, */*). No Qt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dsbs_gui.core.store.remarks import RATINGS
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.editing import MOST_OPTIONS

Where = Literal["page", "panes", "table"]
"""Where a key acts: wherever the focus is, anywhere but in the search line, or only in the table itself."""

MOST_KEYS = 2


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a key does.

    Attributes:
        name: in the settings; never changes.
        repeats: goes on while the key is held.
        guarded: changes many rows or loses sight of work, so that no bare key may do it.
    """

    name: str
    meaning: str
    keys: tuple[str, ...]
    group: str
    where: Where = "page"
    repeats: bool = False
    guarded: bool = False


ACTS: tuple[Act, ...] = (
    Act("accepted", sentences.VERBS["accepted"], ("A",), "Decide"),
    Act("rejected", sentences.VERBS["rejected"], ("R",), "Decide"),
    Act("skipped", sentences.VERBS["skipped"], ("S",), "Decide"),
    Act("unreviewed", sentences.VERBS["unreviewed"], ("U",), "Decide"),
    Act("keep-old", "Keep what stands, of two that are compared", ("O",), "Decide"),
    Act("take-new", "Take the new answer, of two that are compared", ("I",), "Decide"),
    Act("ask-again", "Ask a teacher again, to compare", ("W",), "Decide"),
    Act("undo", "Undo", ("Ctrl+Z",), "Decide"),
    Act("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Decide"),
    Act("next", "Next example", ("J", "Alt+Down"), "Move", repeats=True),
    Act("previous", "Previous example", ("K", "Alt+Up"), "Move", repeats=True),
    Act("home", "Back to the table and to one row", ("Esc",), "Move", where="panes"),
    Act("rationale", "Edit the rationale", ("E",), "Edit"),
    Act("label", "Edit the label", ("L",), "Edit"),
    *(Act(f"label-{n}", f"Take label {n}", (str(n),), "Edit") for n in range(1, MOST_OPTIONS + 1)),
    *(Act(f"rate-{n}", f"Rate {n} of 5", (f"Alt+{n}",), "Remark") for n in RATINGS),
    Act("rate-0", "Take the rating away", ("Alt+0",), "Remark"),
    Act("tags", "Add a tag", ("T",), "Remark"),
    Act("note", "Write a note", ("N",), "Remark"),
    Act("save", "Save", ("Ctrl+S",), "Edit"),
    Act("revert", "Back to the teacher’s text", ("Ctrl+R",), "Edit", guarded=True),
    Act("changes", "Show or hide the changes to the teacher’s text", ("D",), "Edit"),
    Act("search", "Search", ("Ctrl+F", "/"), "Find"),
    Act("filters", "Go to the filters", ("F",), "Find"),
    Act("queue", "Choose a queue", ("Q",), "Find"),
    Act("rules", "Rules for doubtful rationales", ("P",), "Find"),
    Act("similar-input", "List examples with a similar input", ("M",), "Find"),
    Act("similar-rationale", "List examples with a similar rationale", ("Shift+M",), "Find"),
    Act("similar-back", "Back from the similar ones", ("Alt+Left",), "Find"),
    Act("update", "Update the list", ("F5",), "Find"),
    Act("select-all", "Select all that match", ("Ctrl+A",), "Find", where="table", guarded=True),
    Act("view", "Table or one example alone", ("V",), "Show"),
    Act("guidelines", "Show or fold the guidelines", ("G",), "Show"),
    Act("columns", "Choose the columns of the table", ("C",), "Show"),
)
BY_NAME: Mapping[str, Act] = {act.name: act for act in ACTS}

_HOLDING = ("Ctrl+", "Alt+", "Meta+")
_NEEDED = frozenset(
    [
        *("Del", "Backspace", "Tab", "Backtab", "Shift+Tab", "Return", "Enter", "Space", "Left", "Right", "Up", "Down"),
        *("Home", "End", "PgUp", "PgDown", "Ctrl+C", "Ctrl+X", "Ctrl+V", "Ctrl+Return", "Ctrl+Enter", "?", "F1"),
        *("Ctrl+PgUp", "Ctrl+PgDown", "Ctrl+Home", "Ctrl+End", "Ctrl+Backspace", "Ctrl+Del", "Esc"),
    ]
)
"""Keys for moving, typing and help; nobody finds his way without them."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in force. ``own`` holds what a person has changed: act → its keys, perhaps none."""

    own: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, lines: Iterable[str]) -> Keymap:
        """From the settings: a line ``act = key`` a key, ``act =`` for an act without any.

        Acts that are no longer there and keys that may not be are left out; a later line never takes a key away.
        """
        wanted: dict[str, list[str]] = {}
        for line in lines:
            name, _, key = (part.strip() for part in line.partition("="))
            if name in BY_NAME:
                wanted.setdefault(name, []).extend([key] if key else [])
        found = cls({name: () for name in wanted})
        for name, keys in wanted.items():
            good = [key for key in dict.fromkeys(keys) if not found.problem(name, key)]
            found = found.having(name, good[:MOST_KEYS])
        return found

    def lines(self) -> list[str]:
        """As :meth:`read` reads it."""
        return [f"{name} = {key}".strip() for name, keys in self.own.items() for key in keys or ("",)]

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of an act, the one that is printed first."""
        return self.own.get(name, BY_NAME[name].keys)

    def having(self, name: str, keys: Sequence[str]) -> Keymap:
        """The same with other keys for one act."""
        own = {**self.own, name: tuple(keys)}
        if own[name] == BY_NAME[name].keys:
            del own[name]
        return Keymap(own)

    def problem(self, name: str, key: str, elsewhere: Iterable[str] = ()) -> str:
        """Why an act cannot have a key, in a sentence; empty if it can. ``elsewhere``: keys of the window."""
        act = BY_NAME[name]
        if key in act.keys and key in _NEEDED:
            return ""
        if key in _NEEDED:
            return f"{key} is needed to move about, to type, or for this list. Choose another key."
        if key in elsewhere:
            return f"{key} is a key of the window itself. Choose another one."
        if act.guarded and not key.startswith(_HOLDING):
            return f"“{act.meaning}” changes much at once: hold Ctrl or Alt with its key."
        holder = next((other for other in ACTS if other.name != name and key in self.keys(other.name)), None)
        if holder is not None:
            return f"{key} is the key of “{holder.meaning}”. Choose another one, or change that first."
        return ""
