"""Tags of examples: what may be one, and how those of an example are kept in one text."""

from __future__ import annotations

from dsbs_gui.core.errors import UserError

END = "\n"
"""Stands before, between and behind the tags of an example where they are kept; no tag has one in it."""

LONGEST = 60


def tag_name(text: str) -> str:
    """The tag that somebody means who writes ``text``: on one line, without control characters.

    Raises:
        UserError: if nothing is left, or more than ``LONGEST`` characters.
    """
    # A half of a surrogate pair cannot be in the database.
    visible = "".join(c if c.isprintable() else " " for c in text.encode("utf-8", "ignore").decode())
    name = " ".join(visible.split())
    if not name:
        raise UserError("There is no tag without a letter.", "Write a word or two.")
    if len(name) > LONGEST:
        raise UserError(f"This tag has {len(name)} characters.", f"Write at most {LONGEST}, or a note.")
    return name


def between(name: str) -> str:
    """A tag as it is found among others."""
    return f"{END}{name}{END}"


def tags_of(kept: str | None) -> tuple[str, ...]:
    """The tags that a kept text holds, in the order in which they were given."""
    return tuple(kept.strip(END).split(END)) if kept else ()
