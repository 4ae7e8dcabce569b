"""Migration 9. Calls none of today's code; never edit it once it has been released."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m009_queues(db: Database) -> None:
    """What queues are ordered by, random samples for an audit, and the decisions of other reviewers.

    ``examples.settled`` is 1 where somebody has chosen between reviewers. A reviewer '' in ``reviews`` is the project's
    own decision, as it was before that.
    """
    for statement in _M009.split(";\n"):
        db.execute(statement)


_M009 = """
CREATE TABLE queued (
    queue TEXT NOT NULL, example_id INTEGER NOT NULL REFERENCES examples(id) ON DELETE CASCADE,
    weight INTEGER NOT NULL, PRIMARY KEY (queue, example_id)) STRICT, WITHOUT ROWID;
CREATE INDEX queued_weight ON queued(queue, weight DESC, example_id);
CREATE INDEX queued_example ON queued(example_id);
CREATE INDEX predictions_example ON predictions(example_id);
CREATE INDEX examples_unlabelled ON examples(state)
    WHERE rationale IS NOT NULL AND teacher_label IS NULL AND origin = 'teacher';
CREATE TABLE audits (
    id INTEGER PRIMARY KEY, t REAL NOT NULL, who TEXT NOT NULL, seed INTEGER NOT NULL, about TEXT NOT NULL,
    population INTEGER NOT NULL, last_answer INTEGER NOT NULL, members BLOB NOT NULL) STRICT;
CREATE TABLE audit_rows (
    audit_id INTEGER NOT NULL REFERENCES audits(id) ON DELETE CASCADE, place INTEGER NOT NULL,
    example_id INTEGER NOT NULL, rationale TEXT, label TEXT, PRIMARY KEY (audit_id, place)) STRICT, WITHOUT ROWID;
ALTER TABLE examples ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
CREATE TABLE reviews (
    example_id INTEGER NOT NULL REFERENCES examples(id) ON DELETE CASCADE, reviewer TEXT NOT NULL,
    state TEXT NOT NULL, rationale TEXT, label TEXT, agree INTEGER, note TEXT, t REAL NOT NULL,
    PRIMARY KEY (example_id, reviewer)) STRICT, WITHOUT ROWID;
INSERT INTO queued SELECT 'signals', example_id, count(*) FROM signals GROUP BY example_id;
INSERT INTO queued SELECT 'teachers', example_id,
    count(DISTINCT CASE WHEN agree = 1 THEN '' ELSE lower(trim(label)) END) AS opinions FROM answers WHERE id IN
    (SELECT max(id) FROM answers WHERE (source = 'teacher' OR (source = 'import' AND parser IS NOT NULL))
    AND hinted = 0 AND sample = 0 AND failure IS NULL AND trim(coalesce(label, '')) <> ''
    GROUP BY example_id, teacher) GROUP BY example_id HAVING opinions > 1
"""
