"""Migration 11: answers that wait for a comparison, merged samples, sketches of texts, what a rationale is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m011_workbench(db: Database) -> None:
    """An example may have an answer beside the one that stands, and may be made of two.

    The sketch of a rationale goes when the rationale changes; inputs never do.
    """
    for statement in _M011.split(";\n\n"):
        db.execute(statement)


_M011 = """
ALTER TABLE examples ADD COLUMN offered INTEGER;

ALTER TABLE examples ADD COLUMN merged_with INTEGER;

CREATE INDEX examples_offered ON examples(offered) WHERE offered IS NOT NULL;

CREATE TABLE sketches (
    field TEXT NOT NULL, example_id INTEGER NOT NULL, sketch BLOB NOT NULL, PRIMARY KEY (field, example_id)
    ) STRICT, WITHOUT ROWID;

CREATE TRIGGER sketch_outdated AFTER UPDATE OF rationale ON examples WHEN old.rationale IS NOT new.rationale BEGIN
    DELETE FROM sketches WHERE field = 'rationale' AND example_id = old.id; END;

CREATE TRIGGER sketch_removed AFTER DELETE ON examples BEGIN
    DELETE FROM sketches WHERE field IN ('input', 'rationale') AND example_id = old.id; END;

CREATE TABLE lifts (
    example_id INTEGER PRIMARY KEY REFERENCES examples(id) ON DELETE CASCADE, mark TEXT NOT NULL,
    teacher TEXT NOT NULL, settings TEXT NOT NULL, without REAL NOT NULL, given REAL NOT NULL) STRICT
"""
