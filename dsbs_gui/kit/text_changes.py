"""Carry a change that was made in an editor over to the text that the editor was given. No Qt.

A document knows one kind of line end and drops a byte order mark. So not what it holds is taken, but what changed in
it: everything else stays as it was, to the byte.
"""

from __future__ import annotations

from dsbs_gui.kit.text_positions import shown_text

_MARK = "\ufeff"


def merged(source: str, shown: str, present: str) -> str:
    """``source`` with the change from ``shown`` to ``present`` made in it, and no other.

    Args:
        shown: what the document made of the source, each line end as one line feed.
        present: what the document holds now.

    New line ends are CRLF where all of the source are.
    """
    windows = source.count("\r\n")
    only_windows = bool(windows) and windows == source.count("\n") == source.count("\r")
    mark = _MARK if source.startswith(_MARK) and not shown.startswith(_MARK) else ""
    source = source.removeprefix(mark)
    if len(shown) != len(shown_text(source)):  # the document has left something out that we do not know of
        return mark + (present.replace("\n", "\r\n") if only_windows else present)
    start = shared_start(shown, present)
    end = min(shared_end(shown, present), len(shown) - start, len(present) - start)
    new = present[start : len(present) - end]
    head, tail = source[: _in_source(source, start)], source[_in_source(source, len(shown) - end) :]
    rest = (new.replace("\n", "\r\n") if only_windows else new) + tail
    if head.endswith("\r") and rest.startswith("\n"):  # two line ends, which together would be read as one
        kept = head.rstrip("\r")
        head = kept + "\n" * (len(head) - len(kept))
    return mark + head + rest


def _in_source(source: str, position: int) -> int:
    """The index in the source of a position in what is shown of it: each CRLF before it is shown as one."""
    index = source.find("\r\n")
    while 0 <= index < position:
        position += 1
        index = source.find("\r\n", index + 2)
    return position


def shared_start(a: str, b: str) -> int:
    """How many characters both begin with, by halving: slices compare at the speed of memory."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if a[low:half] == b[low:half] else (low, half - 1)
    return low


def shared_end(a: str, b: str) -> int:
    """How many characters both end with."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        half = (low + high + 1) // 2
        same = a[len(a) - half : len(a) - low] == b[len(b) - half : len(b) - low]
        low, high = (half, high) if same else (low, half - 1)
    return low
