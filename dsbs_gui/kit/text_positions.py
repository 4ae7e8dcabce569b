"""Positions in a Python string and in a Qt document, which differ.

Qt counts UTF-16 code units, so one emoji counts two, and it takes each CRLF as one line end.
"""

from __future__ import annotations


def shown_text(source: str) -> str:
    """The source as it is put into a document: each line end as one line feed."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def document_position(source: str, index: int) -> int:
    """Position in the document of a character index of the source."""
    head = source[:index]
    if head.endswith("\r") and source[index : index + 1] == "\n":
        head = head[:-1]
    return len(head) + sum(1 for c in head if c > "\uffff") - head.count("\r\n")
