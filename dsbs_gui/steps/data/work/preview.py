"""The job *preview*: the first rows of a dataset, its columns and a guess, as ``preview.json`` of the run.

The import sheet shapes the rows itself while the user changes the mapping; no second job is needed.
"""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.files import write_json
from dsbs_gui.core.protocol import Emit, Finished, ShouldStop
from dsbs_gui.steps.data.mapping import guess, guess_fields

from .opening import open_source
from .records import LOOK_AHEAD, BadRecord, Record

if TYPE_CHECKING:
    from dsbs_gui.steps.data.specs import PreviewSpec

FILE = "preview.json"
MAX_TEXT = 4_000
"""Characters of one value that are shown."""


def run(spec: PreviewSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Write ``{"columns", "rows": [{"line", "values"}], "problems", "task", "guessed_task", "mapping", "format",
    "encoding", "delimiter", "notes", "total", "unit"}``.

    Raises:
        UserError: if the file cannot be opened; the message says why.
    """
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    with closing(open_source(spec)) as source:
        for number, row in enumerate(islice(source, max(spec.limit, LOOK_AHEAD))):
            if number >= spec.limit:
                continue  # only its columns are of interest: the import will know them too
            if isinstance(row, BadRecord):
                problems.append({"line": row.line, "reason": row.reason, "excerpt": row.excerpt})
            else:
                rows.append({"line": row.line, "values": _shortened(row)})
    facts = source.facts
    found = guess(facts.columns, [row["values"] for row in rows])
    task = spec.task or found.task
    preview = {
        "columns": facts.columns,
        "rows": rows,
        "problems": problems,
        "task": task,
        "guessed_task": found.task,
        "mapping": {**guess_fields(task, facts.columns), **spec.mapping},
        "format": facts.format,
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "notes": facts.notes,
        "total": facts.total,
        "unit": facts.unit,
    }
    write_json(Path(spec.run_dir) / FILE, preview, durable=False)
    emit(Finished("done", {"rows": len(rows), "columns": len(facts.columns), "problems": len(problems)}))


def _shortened(row: Record) -> dict[str, Any]:
    return {name: _short(value) for name, value in row.values.items()}


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
    if isinstance(value, list):
        return [_short(item) for item in value[:100]]
    if isinstance(value, dict):
        return {key: _short(item) for key, item in islice(value.items(), 100)}
    return value
