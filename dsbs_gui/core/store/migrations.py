"""The schema and its history: one function a version, none calling today's code.

``PRAGMA user_version`` is the number of migrations applied; sqlite-utils' ``Migrations`` runs each
in one transaction and keeps its own record. Change the schema by adding ``m002_…`` below.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError

from .connection import APPLICATION_ID, Connection, connect, sqlite3
from .m009_queues import m009_queues
from .m011_workbench import m011_workbench

if TYPE_CHECKING:
    from sqlite_utils import Database

VERSION = 10


def m001_initial(db: Database) -> None:
    """Everything from data to export. Times are Unix seconds; JSON is text."""
    for statement in _M001.split(";\n"):
        db.execute(statement)


_M001 = """
CREATE TABLE project (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE imports (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, sha256 TEXT, split TEXT NOT NULL,
    mapping TEXT NOT NULL, created REAL NOT NULL, imported INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0,
    blank_labels INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE rejected_rows (
    id INTEGER PRIMARY KEY, import_id INTEGER NOT NULL REFERENCES imports(id) ON DELETE CASCADE,
    line INTEGER NOT NULL, reason TEXT NOT NULL, excerpt TEXT NOT NULL) STRICT;
CREATE INDEX rejected_rows_import ON rejected_rows(import_id);
CREATE TABLE examples (
    id INTEGER PRIMARY KEY, key TEXT, split TEXT NOT NULL, fields TEXT NOT NULL, input TEXT NOT NULL, label TEXT,
    import_id INTEGER REFERENCES imports(id), line INTEGER, input_hash BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'empty', rationale TEXT, teacher_label TEXT, origin TEXT, answer_id INTEGER,
    agree INTEGER, edited INTEGER NOT NULL DEFAULT 0, failure TEXT, note TEXT) STRICT;
CREATE INDEX examples_split ON examples(split);
CREATE INDEX examples_state ON examples(state);
CREATE INDEX examples_agree ON examples(agree) WHERE agree IS NOT NULL;
CREATE INDEX examples_failure ON examples(failure) WHERE failure IS NOT NULL;
CREATE INDEX examples_input ON examples(input_hash);
CREATE TABLE prompts (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, body TEXT NOT NULL, created REAL NOT NULL) STRICT;
CREATE TABLE answers (
    id INTEGER PRIMARY KEY, example_id INTEGER NOT NULL REFERENCES examples(id), run_id TEXT NOT NULL,
    sample INTEGER NOT NULL, source TEXT NOT NULL, teacher TEXT NOT NULL, prompt_id INTEGER REFERENCES prompts(id),
    cache_key TEXT, raw TEXT NOT NULL, finish_reason TEXT NOT NULL, failure TEXT, rationale TEXT, label TEXT,
    rung TEXT, flags TEXT NOT NULL DEFAULT '[]', parser TEXT, agree INTEGER, tokens_in INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0, mean_logprob REAL,
    hinted INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL, UNIQUE (run_id, example_id, sample)) STRICT;
CREATE INDEX answers_example ON answers(example_id);
CREATE INDEX answers_cache ON answers(cache_key, example_id, sample) WHERE cache_key IS NOT NULL;
CREATE TABLE batches (
    id INTEGER PRIMARY KEY, t REAL NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE history (
    id INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL REFERENCES batches(id), example_id INTEGER NOT NULL,
    field TEXT NOT NULL, before, after) ;
CREATE INDEX history_batch ON history(batch_id);
CREATE INDEX history_example ON history(example_id);
CREATE TABLE runs (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL,
    lane TEXT NOT NULL, state TEXT NOT NULL, position REAL NOT NULL, spec TEXT NOT NULL, context TEXT NOT NULL,
    created REAL NOT NULL, started REAL, ended REAL, phase TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0,
    total INTEGER, unit TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL DEFAULT '{}', reason TEXT NOT NULL DEFAULT '',
    hint TEXT NOT NULL DEFAULT '', report TEXT NOT NULL DEFAULT '', last_seq INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE warnings (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, t REAL NOT NULL, text TEXT NOT NULL, hint TEXT NOT NULL) STRICT;
CREATE TABLE metrics (
    run_id TEXT NOT NULL, name TEXT NOT NULL, step INTEGER NOT NULL, value REAL,
    PRIMARY KEY (run_id, name, step)) STRICT, WITHOUT ROWID;
CREATE TABLE evaluations (
    run_id TEXT NOT NULL, split TEXT NOT NULL, step INTEGER NOT NULL, n INTEGER NOT NULL, correct INTEGER NOT NULL,
    samples TEXT NOT NULL, PRIMARY KEY (run_id, split, step)) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
    run_id TEXT NOT NULL, step INTEGER NOT NULL, path TEXT NOT NULL, best INTEGER NOT NULL,
    PRIMARY KEY (run_id, step)) STRICT, WITHOUT ROWID;
CREATE TABLE predictions (
    run_id TEXT NOT NULL, split TEXT NOT NULL, example_id INTEGER NOT NULL, prediction TEXT NOT NULL,
    rationale TEXT, correct INTEGER, PRIMARY KEY (run_id, split, example_id)) STRICT, WITHOUT ROWID;
CREATE TABLE openings (
    id INTEGER PRIMARY KEY, t REAL NOT NULL, who TEXT NOT NULL, run_id TEXT NOT NULL) STRICT;
CREATE TABLE exports (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, student_run TEXT, format TEXT NOT NULL, path TEXT NOT NULL,
    created REAL NOT NULL, bytes INTEGER NOT NULL, verified INTEGER, summary TEXT NOT NULL) STRICT
"""


def m002_prompts(db: Database) -> None:
    """Prompts get versions with names; those that were asked with become the first ones."""
    for statement in _M002.split(";\n"):
        db.execute(statement)


_M002 = """
CREATE TABLE prompt_versions (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', hash TEXT NOT NULL,
    body TEXT NOT NULL, parent_id INTEGER REFERENCES prompt_versions(id) ON DELETE SET NULL,
    created REAL NOT NULL, changed REAL NOT NULL) STRICT;
CREATE INDEX prompt_versions_hash ON prompt_versions(hash);
CREATE INDEX answers_prompt ON answers(prompt_id) WHERE prompt_id IS NOT NULL;
INSERT INTO prompt_versions (name, hash, body, created, changed)
    SELECT 'Prompt ' || id, hash, body, created, created FROM prompts ORDER BY id
"""


def m003_request_key(db: Database) -> None:
    """Answers are found again by the request as it was sent, whatever row it was sent for."""
    db.execute("ALTER TABLE answers ADD COLUMN request_key BLOB")
    db.execute("CREATE INDEX answers_request ON answers(request_key) WHERE request_key IS NOT NULL")


def m004_label_probability(db: Database) -> None:
    """Answers know how probable their label was, in nats; of older ones nobody knows it."""
    db.execute("ALTER TABLE answers ADD COLUMN label_logprob REAL")


def m005_review(db: Database) -> None:
    """Texts that are being typed survive a kill; a full-text index, which is filled a part at a time (``search``).

    Rows above ``search_state.indexed`` are not in the index yet, so that an import does not pay for it.
    """
    for statement in _M005.split(";\n\n"):
        db.execute(statement)


_M005 = """
CREATE TABLE drafts (
    example_id INTEGER PRIMARY KEY REFERENCES examples(id) ON DELETE CASCADE, t REAL NOT NULL,
    rationale TEXT, label TEXT) STRICT;

CREATE VIRTUAL TABLE search USING fts5(
    input, rationale, label, teacher_label, note, content='examples', content_rowid='id', columnsize=0,
    tokenize='unicode61 remove_diacritics 2');

CREATE TABLE search_state (indexed INTEGER NOT NULL) STRICT;

INSERT INTO search_state VALUES (0);

CREATE TRIGGER search_added AFTER INSERT ON examples WHEN new.id <= (SELECT indexed FROM search_state) BEGIN
    INSERT INTO search (rowid, input, rationale, label, teacher_label, note)
    VALUES (new.id, new.input, new.rationale, new.label, new.teacher_label, new.note); END;

CREATE TRIGGER search_removed AFTER DELETE ON examples WHEN old.id <= (SELECT indexed FROM search_state) BEGIN
    INSERT INTO search (search, rowid, input, rationale, label, teacher_label, note)
    VALUES ('delete', old.id, old.input, old.rationale, old.label, old.teacher_label, old.note); END;

CREATE TRIGGER search_changed AFTER UPDATE OF input, rationale, label, teacher_label, note ON examples
    WHEN old.id <= (SELECT indexed FROM search_state) AND (old.input, old.rationale, old.label, old.teacher_label,
    old.note) IS NOT (new.input, new.rationale, new.label, new.teacher_label, new.note) BEGIN
    INSERT INTO search (search, rowid, input, rationale, label, teacher_label, note)
    VALUES ('delete', old.id, old.input, old.rationale, old.label, old.teacher_label, old.note);
    INSERT INTO search (rowid, input, rationale, label, teacher_label, note)
    VALUES (new.id, new.input, new.rationale, new.label, new.teacher_label, new.note); END
"""


def m006_review_index(db: Database) -> None:
    """Filters by state, agreement and split, and their counts, come from one index without reading a text."""
    db.execute("CREATE INDEX examples_review ON examples(state, agree, split)")
    db.execute("DROP INDEX examples_state")


def m007_signals(db: Database) -> None:
    """What the job *signals* finds in rationales, and of which text."""
    for statement in _M007.split(";\n"):
        db.execute(statement)


_M007 = """
CREATE TABLE signals (
    signal TEXT NOT NULL, example_id INTEGER NOT NULL REFERENCES examples(id) ON DELETE CASCADE,
    detail TEXT NOT NULL DEFAULT '', PRIMARY KEY (signal, example_id)) STRICT, WITHOUT ROWID;
CREATE INDEX signals_example ON signals(example_id);
CREATE TABLE signal_marks (
    example_id INTEGER PRIMARY KEY REFERENCES examples(id) ON DELETE CASCADE, mark BLOB NOT NULL) STRICT
"""


def m008_remarks(db: Database) -> None:
    """Examples get a rating and tags, drafts a note. What filters and rules ask for has an index of just those rows.

    Tags stand in one text, each between line ends: so one change of them is one row of history like any other.
    """
    for statement in _M008.split(";\n"):
        db.execute(statement)


_M008 = """
ALTER TABLE examples ADD COLUMN rating INTEGER;
ALTER TABLE examples ADD COLUMN tags TEXT;
ALTER TABLE drafts ADD COLUMN note TEXT;
CREATE INDEX examples_rating ON examples(rating) WHERE rating IS NOT NULL;
CREATE INDEX examples_tags ON examples(tags) WHERE tags IS NOT NULL;
CREATE INDEX examples_noted ON examples(state) WHERE note IS NOT NULL;
CREATE INDEX answers_hinted ON answers(example_id) WHERE hinted = 1;
CREATE INDEX answers_logprob ON answers(mean_logprob) WHERE mean_logprob IS NOT NULL
"""


_ALL = (
    m001_initial,
    m002_prompts,
    m003_request_key,
    m004_label_probability,
    m005_review,
    m006_review_index,
    m007_signals,
    m008_remarks,
    m009_queues,
    m011_workbench,
)


def create(path: Path) -> None:
    """A new database at the current version; a half-made one is removed.

    It is built in memory and then written at once: each step of its own would wait for the disk.
    """
    built = connect(Path(":memory:"))
    try:
        built.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _apply(built)
        with contextlib.closing(connect(path)) as target:
            built.backup(target)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        built.close()


def prepare(path: Path, *, read_only: bool) -> None:
    """Check an existing database and bring it up to date, after a backup beside it.

    Raises:
        UserError: if it is no project, or of a newer version; the file is then untouched.
    """
    found = _versions(path)
    if found is None:
        raise UserError(f"{path} is not a project of DSBS Studio.", "Choose a folder that the program made.")
    if found > VERSION:
        raise UserError(
            f"This project was written by a newer version of DSBS Studio (format {found}; this one knows {VERSION}).",
            "Install the newer version to open it. The project was not touched.",
        )
    if found < VERSION and read_only:
        raise UserError(
            "This project was written by an older version of DSBS Studio, and it is open for reading only.",
            "Open it once where you can write: then it is brought up to date, after a backup.",
        )
    if found < VERSION:
        _back_up(path, found)
        _migrate(path)


def _versions(path: Path) -> int | None:
    """The schema version, read without changing a byte; None if it is not ours."""
    connection = connect(path, read_only=True)
    try:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            return None
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def _back_up(path: Path, version: int) -> None:
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    source, target = (
        connect(path, read_only=True),
        sqlite3.connect(str(folder / f"before-v{version + 1}-{stamp}.db")),
    )
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def _migrate(path: Path) -> None:
    with contextlib.closing(connect(path)) as connection:
        _apply(connection)


def _apply(connection: Connection) -> None:
    """The steps that a database lacks."""
    sqlite_utils = import_sqlite_utils()
    db = sqlite_utils.Database(connection, execute_plugins=False)
    steps = sqlite_utils.Migrations("dsbs_gui")
    for function in _ALL:
        steps(name=function.__name__)(function)
    steps.apply(db)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def import_sqlite_utils() -> Any:
    """sqlite-utils without pandas: it looks for it only to map its types, which costs 2 s and 100 MB."""
    hide = "pandas" not in sys.modules
    if hide:
        sys.modules["pandas"] = None  # type: ignore[assignment]  # makes “import pandas” raise ImportError
    try:
        return importlib.import_module("sqlite_utils")
    finally:
        if hide:
            del sys.modules["pandas"]
