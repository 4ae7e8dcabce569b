"""Markdown from anybody: shown, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QUrl

from dsbs_gui.kit.markdown_view import MarkdownView

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def view(qtbot: QtBot) -> MarkdownView:
    made = MarkdownView("Guidelines")
    qtbot.addWidget(made)
    return made


def test_it_is_shown_as_it_is_meant_and_kept_as_it_was(view: MarkdownView) -> None:
    source = "# Title\r\n\r\nSome *words*\u2028 and `code`"
    view.set_text(source)
    assert view.toPlainText().startswith("Title\nSome words")
    assert view.source_text() == source


def test_html_is_text_and_no_picture_is_loaded(view: MarkdownView, tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    picture.write_bytes(b"not looked at")
    view.set_text(f"<img src='{picture}'> <script>x</script> ![name]({picture})")
    assert "<img src=" in view.toPlainText()
    assert view.loadResource(2, QUrl.fromLocalFile(str(picture))) is None


def test_a_link_asks_and_only_web_addresses_do(view: MarkdownView) -> None:
    asked: list[str] = []
    view.link_asked.connect(asked.append)
    for address in ("https://example.org/a", "file:///etc/passwd", "javascript:alert(1)", "other.md"):
        view.anchorClicked.emit(QUrl(address))
    assert asked == ["https://example.org/a"]
    assert view.source().isEmpty(), "it has not gone there"


def test_a_giant_is_shown_in_part(view: MarkdownView) -> None:
    view.set_text("word " * 100_000)
    assert view.document().characterCount() < 110_000
    assert "400,000 more characters are not shown" in view.toPlainText()
