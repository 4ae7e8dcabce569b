"""The schema's history: each step on a database as the step before it left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.hashing import text_mark
from dsbs_gui.core.store import answers, decisions, drafts, examples, migrations, prompts, search, sketches
from dsbs_gui.core.store.connection import connect
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter


def old(path: Path, steps: int, monkeypatch: pytest.MonkeyPatch, sql: str = "") -> None:
    """A database after the first ``steps`` migrations, with ``sql`` in it."""
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "_ALL", migrations._ALL[:steps])
        patched.setattr(migrations, "VERSION", steps)
        migrations.create(path)
    connection = connect(path)
    for statement in sql.split(";"):
        connection.execute(statement)
    connection.close()


def columns(path: Path) -> dict[str, str]:
    """Table or index → the SQL that made it, white space aside."""
    connection = connect(path, read_only=True)
    found = {row[0]: " ".join(str(row[1]).split()) for row in connection.execute("SELECT name, sql FROM sqlite_master")}
    connection.close()
    return found


def test_an_old_database_ends_like_a_new_one_and_was_backed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old(tmp_path / "old.db", 1, monkeypatch)
    Store(tmp_path / "old.db").close()
    migrations.create(tmp_path / "new.db")
    assert columns(tmp_path / "old.db") == columns(tmp_path / "new.db")
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_an_old_database_cannot_be_opened_for_reading_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old(tmp_path / "old.db", 1, monkeypatch)
    before = (tmp_path / "old.db").read_bytes()
    with pytest.raises(UserError, match="older version"):
        Store(tmp_path / "old.db", read_only=True)
    assert (tmp_path / "old.db").read_bytes() == before


def test_m002_prompts_names_the_prompts_that_were_asked_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    old(path, 1, monkeypatch, """INSERT INTO prompts VALUES (7, 'h7', '{"task": "math"}', 12.5)""")
    store = Store(path)
    (version,) = prompts.versions(store.reader)
    assert (version.name, version.hash, version.body, version.created) == ("Prompt 7", "h7", {"task": "math"}, 12.5)
    assert (version.answers, version.used) == (0, False)
    store.close()


def test_m004_label_probability_leaves_it_unknown_for_old_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    sql = """INSERT INTO examples (id, split, fields, input, input_hash) VALUES (1, 'train', '{}', 'x', x'00');
        INSERT INTO answers (example_id, run_id, sample, source, teacher, raw, finish_reason, mean_logprob, created)
        VALUES (1, 'generate-1', 0, 'teacher', 'T', 'raw', 'stop', -0.5, 1.0)"""
    old(path, 3, monkeypatch, sql)
    store = Store(path)
    (kept,) = answers.of_example(store.reader, 1)
    assert (kept.raw, kept.mean_logprob, kept.label_logprob) == ("raw", -0.5, None)
    store.close()


def test_m008_remarks_finds_old_notes_and_what_was_hinted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    sql = """INSERT INTO examples (id, split, fields, input, input_hash, note, answer_id, rationale)
        VALUES (1, 'train', '{}', 'x', x'00', 'odd', 1, 'r');
        INSERT INTO answers (id, example_id, run_id, sample, source, teacher, raw, finish_reason, hinted, mean_logprob,
        created) VALUES (1, 1, 'generate-1', 0, 'teacher', 'T', 'raw', 'stop', 1, -0.5, 1.0);
        INSERT INTO drafts (example_id, t, rationale) VALUES (1, 2.0, 'typed')"""
    old(path, 7, monkeypatch, sql)
    store = Store(path)
    for chosen in (Filter(noted=True), Filter(hinted=True), Filter(logprob_below=0.0)):
        assert list(examples.ids(store.reader, chosen)) == [1]
    found = examples.get(store.reader, 1)
    assert found is not None
    assert (found.rating, found.tags, found.note) == (None, (), "odd")
    assert drafts.of_example(store.reader, 1) == drafts.Draft(1, 2.0, "typed", None, None)
    store.close()


def test_m005_review_finds_old_texts_at_once_and_indexes_them_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    names = "id, split, fields, input, input_hash, note"
    old(path, 4, monkeypatch, f"INSERT INTO examples ({names}) VALUES (3, 'train', '{{}}', 'red apple', x'00', 'odd')")
    store = Store(path)
    assert list(examples.ids(store.reader, Filter(text="apple red", mode="words"))) == [3]
    assert not store.write_now(search.catch_up)
    assert list(examples.ids(store.reader, Filter(text="ODD", mode="words"))) == [3]
    assert store.reader.execute("SELECT indexed FROM search_state").fetchone()[0] == 3
    store.write_now(lambda tx: drafts.keep(tx, 3, "x", None))
    store.close()


def test_m009_queues_counts_what_there_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    answer = (
        "INSERT INTO answers (example_id, run_id, sample, source, teacher, raw, finish_reason, label, agree, created)"
        " VALUES ({}, '{}', 0, 'teacher', '{}', 'raw', 'stop', '{}', {}, 1.0)"
    )
    example = "INSERT INTO examples (id, split, fields, input, input_hash) VALUES ({}, 'train', '{{}}', 'x', x'00')"
    statements = [
        *(example.format(i) for i in (1, 2)),
        answer.format(1, "generate-1", "A", "4", 1),
        answer.format(1, "generate-2", "B", "5", 0),
        answer.format(2, "generate-1", "A", "4", 1),
        answer.format(2, "generate-2", "B", "four", 1),
        "INSERT INTO signals (signal, example_id) VALUES ('short', 2), ('repeats', 2)",
    ]
    old(path, 8, monkeypatch, ";".join(statements))
    store = Store(path)
    kept = {tuple(row) for row in store.reader.execute("SELECT queue, example_id, weight FROM queued")}
    assert kept == {("teachers", 1, 2), ("signals", 2, 2)}
    assert store.reader.execute("SELECT sum(settled) FROM examples").fetchone()[0] == 0
    assert list(examples.ids(store.reader, Filter(queue="teachers"), "queue")) == [1]
    store.close()


def test_m011_workbench_leaves_old_rows_without_offers_and_drops_sketches_of_old_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    names = [step.__name__ for step in migrations._ALL]
    sql = """INSERT INTO examples (id, split, fields, input, input_hash, state, rationale)
        VALUES (1, 'train', '{}', 'x', x'00', 'accepted', 'Old.')"""
    old(path, names.index("m011_workbench"), monkeypatch, sql)
    store = Store(path)
    kept = examples.get(store.reader, 1)
    assert kept is not None
    assert (kept.rationale, kept.offered, kept.merged_with) == ("Old.", None, None)
    store.write_now(lambda tx: sketches.put(tx, "rationale", [(1, text_mark("Old."), "00")]))
    assert sketches.of_example(store.reader, "rationale", 1) == b"\0"
    store.write_now(lambda tx: decisions.edit(tx, 1, rationale="New."))
    assert sketches.of_example(store.reader, "rationale", 1) is None
    store.close()
