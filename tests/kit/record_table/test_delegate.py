"""Of a long text only the beginning is laid out; what is seen is the same."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from dsbs_gui.kit.record_table.delegate import _fitting, elided, first_line
from dsbs_gui.kit.theme.fonts import font

TEXTS = [
    "word " * 60,
    "i" * 300,
    "l i " * 75,
    "W" * 300,
    "😀 emoji " * 40,
    "👩‍👩‍👧" * 60,
    "\u200b" * 290 + "end",
    "日本語の文章" * 50,
    "مرحبا بالعالم " * 25,
    "short",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [20.0, 90.0, 220.0, 700.0])
@pytest.mark.usefixtures("qapp")
def test_a_line_ends_where_the_whole_text_would_end_it(text: str, width: float) -> None:
    used = font("body")
    head, rest = first_line(text, used, width)
    units = text.encode("utf-16-le")
    length = _fitting(text, used, width)
    assert head == units[: 2 * length].decode("utf-16-le", "replace").rstrip()
    assert head + rest == text.strip() or len(rest) < len(text)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [20.0, 90.0, 220.0, 700.0])
@pytest.mark.usefixtures("qapp")
def test_a_text_is_shortened_where_the_whole_would_be(text: str, width: float) -> None:
    metrics = QFontMetricsF(font("body"))
    assert elided(metrics, text, width) == metrics.elidedText(text, Qt.TextElideMode.ElideRight, width + 0.5)
