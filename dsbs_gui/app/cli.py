"""The command line, ``dsbs``: the same code on the same project folder as the window, without Qt.

A contract that scripts rely on: with ``--json`` exactly one JSON object on standard output, progress
on standard error; exit code 0 done, 1 the work failed or was stopped, 2 the user's mistake.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from dsbs_gui.core.errors import Stopped, UserError
from dsbs_gui.core.failures import known
from dsbs_gui.core.settings import log_folder, put_into_environment, user_settings

from .arguments import parser

Command = Callable[[argparse.Namespace], dict[str, Any]]
DONE, FAILED, MISTAKE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name may hold bytes that are no text
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        arguments = parser().parse_args(argv)
        _prepare()
        result = _command(arguments.run)(arguments)
        _print(result, arguments)
        return FAILED if result.pop("_failed", False) else DONE
    except (Stopped, KeyboardInterrupt):
        print("dsbs: Stopped. What was done is saved.", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        _give_up_output()  # the reader of our output has gone
        return FAILED
    except Exception as error:
        return _refuse(error)


def _prepare() -> None:
    """What the user has set, and a log file: unless it is set up, structlog prints on standard output."""
    from dsbs_gui.core import log

    put_into_environment(user_settings())
    log.set_up(log_folder())


def _refuse(error: Exception) -> int:
    """One sentence for what a person can put right; a report for a bug."""
    understood = known(error)
    if understood is None:
        traceback.print_exception(error)
        print(
            f"dsbs: An unexpected error: {type(error).__name__}: {error}. Nothing that was saved is lost."
            " Send the report above with what you did before it.",
            file=sys.stderr,
        )
        return FAILED
    print(f"dsbs: {understood}", file=sys.stderr)
    if isinstance(error, OSError) and not error.filename:
        _give_up_output()  # it may be the output itself that cannot be written, and would fail again at exit
    return MISTAKE if isinstance(understood, UserError) else FAILED


def _give_up_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _command(path: str) -> Command:
    """Commands are imported when they are used: ``dsbs --help`` loads nothing."""
    import importlib

    module, _, name = path.partition(":")
    command: Command = getattr(importlib.import_module(f".commands.{module}", __package__), name)
    return command


def _print(result: dict[str, Any], arguments: argparse.Namespace) -> None:
    if result.pop("_streamed", False):
        return
    text = result.pop("_text", None)
    if arguments.json:
        shown = {key: value for key, value in result.items() if not key.startswith("_")}
        print(json.dumps(shown, ensure_ascii=False))
    elif text is not None:
        print(text, end="" if text.endswith("\n") or not text else "\n")
    else:
        for key, value in result.items():
            if not key.startswith("_"):
                shown_value = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                print(f"{key.replace('_', ' ')}: {shown_value}")
    if sys.stdout is not None:  # it may have been closed by who started us
        sys.stdout.flush()
