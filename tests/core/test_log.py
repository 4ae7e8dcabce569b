"""The log keeps what helps and lets no key through, whatever way it comes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dsbs_gui.core import log

KEY = "sk-canary0123456789abcdef"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    written = log.set_up(tmp_path / "log", level=logging.DEBUG)
    assert written is not None
    yield written
    root = logging.getLogger()
    for handler in [h for h in root.handlers if getattr(h, "dsbs", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)
    structlog.reset_defaults()


def test_a_line_tells_when_how_bad_who_and_what(file: Path) -> None:
    structlog.get_logger("jobs").warning("cannot store what jobs say", run="train-3")
    line = file.read_text("utf-8")
    assert "warning" in line
    assert "jobs: cannot store what jobs say run='train-3'" in line


def test_a_traceback_stands_below_its_line(file: Path) -> None:
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        structlog.get_logger("ui").exception("background work failed")
    text = file.read_text("utf-8")
    assert "background work failed\nTraceback" in text
    assert "RuntimeError: boom" in text


@pytest.mark.parametrize(
    "said",
    [
        f"calling with {KEY}",
        f"Authorization: Bearer {KEY}",
        f"GET https://host/v1?key={KEY}&x=1",
        f"https://me:{KEY}@host/v1",
        f'{{"api_key": "{KEY}"}}',
        "password=hunter2hunter2 " + KEY,
    ],
)
def test_no_key_reaches_the_file(file: Path, said: str) -> None:
    structlog.get_logger("teacher").info(said)
    logging.getLogger("some.library").warning("heard %s", said)
    structlog.get_logger("teacher").info("asked", api_key=KEY, headers={"Authorization": KEY}, said=[said])
    try:
        raise ValueError(said)
    except ValueError:
        logging.getLogger("some.library").exception("failed")
    text = file.read_text("utf-8")
    assert text.count("\n") >= 4
    assert KEY not in text
    assert "hunter2" not in text


def test_ordinary_text_is_left_alone() -> None:
    for text in ("12 tokens in 3 s", "the keyboard: Ctrl+K", "/home/a/risk-assessment-2024/file", "run train-3 done"):
        assert log.redacted(text) == text


def test_a_folder_that_cannot_be_written_keeps_nothing_from_starting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert log.set_up(tmp_path / "file" / "log") is None
    structlog.get_logger("ui").info("goes nowhere")
    structlog.reset_defaults()
    logging.getLogger().setLevel(logging.WARNING)
