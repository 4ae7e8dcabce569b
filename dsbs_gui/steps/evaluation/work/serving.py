"""``dsbs predict``: inputs a line in, answers out, with nothing but a student folder."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dsbs_gui.core.tasks import task_named
from dsbs_gui.students.answering import answers
from dsbs_gui.students.loading import load_student
from dsbs_gui.students.student import Student

AT_ONCE = 32


def predict_lines(folder: Path | str, lines: Iterable[str], explain: bool = False) -> Iterator[dict[str, Any]]:
    """``{"input", "prediction"}`` for each line, in order; with ``explain`` also ``"rationale"``.

    A line is an input as the student reads it, or a JSON object with the fields of an example of its task
    (a choice question has several lines as text). Lines that are there already share a batch; an
    answer never waits for a line that has not come. Empty lines are answered too, so that lines correspond.

    Args:
        folder: a student folder, a run folder or an export.
    Raises: UserError if there is no student.
    """
    student = load_student(str(folder))
    for waiting in _as_they_come(lines):
        inputs = [_input_of(student, line) for line in waiting]
        for text, answer in zip(inputs, answers(student, inputs, explain, AT_ONCE), strict=True):
            found: dict[str, Any] = {"input": text, "prediction": answer.prediction}
            if explain:
                found["rationale"] = answer.rationale
            yield found


def _input_of(student: Student, line: str) -> str:
    if student.meta.task and line.lstrip().startswith("{"):
        try:
            fields = json.loads(line)
            task = task_named(student.meta.task)
            if isinstance(fields, dict) and task.problem(fields, None) is None:
                return task.student_input(fields)
        except (ValueError, RecursionError):  # it only looks like JSON
            return line
    return line


def _as_they_come(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lists of at most :data:`AT_ONCE` lines: the next one and those that wait behind it."""
    waiting: queue.Queue[str | BaseException | None] = queue.Queue(maxsize=4 * AT_ONCE)

    def read() -> None:
        try:
            for line in lines:
                waiting.put(line)
            waiting.put(None)
        except Exception as error:  # goes on to the reader of the answers
            waiting.put(error)

    threading.Thread(target=read, name="lines", daemon=True).start()
    ended = False
    while not ended:
        found: list[str] = []
        item = waiting.get()
        while True:
            if isinstance(item, BaseException):
                raise item
            if item is None:
                ended = True
                break
            found.append(item)
            if len(found) == AT_ONCE or waiting.empty():
                break
            item = waiting.get()
        if found:
            yield found
