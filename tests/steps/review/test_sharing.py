"""A share for a second reviewer, and what comes back: nothing of ours goes out, no bad line stops the good ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, examples, history, reviews
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.steps.review import second_review, sharing
from tests.steps.review.making import add_answer, apples


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    made = apples(folder)
    yield made
    made.close()


def written(project: Project, out: Path, **other: Any) -> list[dict[str, Any]]:
    sharing.write_share(project.store.reader, out, other.pop("chosen", Filter()), **other)
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def merge(project: Project, path: Path, reviewer: str = "anna") -> second_review.Returned:
    found = second_review.read(project.store.reader, project.task, path, reviewer)
    project.store.write_now(lambda tx: reviews.put(tx, found.reviews))
    return found


def decide(rows: list[dict[str, Any]], path: Path, **decided: dict[str, Any]) -> Path:
    """What a second reviewer sends back: ``r3={"decision": …}`` for row 3."""
    for row in rows:
        row.update(decided.get(f"r{row['id']}", {}))
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def waiting(project: Project) -> list[int]:
    return list(examples.ids(project.store.reader, Filter(queue="reviewers"), "queue"))


def stands(project: Project, example_id: int) -> tuple[str, str | None, str | None]:
    found = examples.get(project.store.reader, example_id)
    assert found is not None
    return found.state, found.rationale, found.teacher_label


def test_nothing_of_the_first_decisions_is_in_a_share(project: Project, tmp_path: Path) -> None:
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1]), "rejected"))
    project.store.write_now(lambda tx: decisions.edit(tx, 2, rationale="Mine.", teacher_label="99", agree=False))
    rows = written(project, tmp_path / "share.jsonl")
    assert [row["id"] for row in rows] == list(range(1, 12)), "the row without an answer is left out"
    assert set(rows[0]) == {"id", "input", "rationale", "label", "decision", "note", "mark"}
    assert rows[1]["rationale"] == "Ann has 2 and Ben has 2, so 2 + 2."
    assert rows[1]["label"] == "2 + 2"
    assert {row["decision"] for row in rows} == {""}
    text = (tmp_path / "share.jsonl").read_text("utf-8")
    assert not any(word in text for word in ("rejected", "Mine.", "99", "edited"))


def test_gold_is_given_only_if_asked_for_and_some_rows_are_drawn_by_chance(project: Project, tmp_path: Path) -> None:
    rows = written(project, tmp_path / "a.jsonl", n=4, seed=2, gold=True)
    assert len(rows) == 4
    assert all(row["gold"] == str(2 * row["id"]) for row in rows)
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    again = written(project, tmp_path / "b.jsonl", n=4, seed=2, gold=True)
    assert again == rows
    assert written(project, tmp_path / "c.jsonl", n=4, seed=3, gold=True) != rows
    chosen = Filter(agreement=("conflict",))
    assert [row["id"] for row in written(project, tmp_path / "d.jsonl", chosen=chosen)] == [3, 6, 9]


def test_a_file_that_is_there_is_not_replaced_and_nothing_is_no_share(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "share.jsonl"
    out.write_text("precious")
    with pytest.raises(UserError, match="exists already"):
        written(project, out)
    assert out.read_text() == "precious"
    with pytest.raises(UserError, match="nothing to share"):
        written(project, tmp_path / "none.jsonl", chosen=Filter(states=("empty",)))
    with pytest.raises(UserError, match="no folder"):
        written(project, tmp_path / "absent" / "share.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["share.jsonl"]


def test_decisions_come_back_and_a_changed_text_is_an_edit(project: Project, tmp_path: Path) -> None:
    rows = written(project, tmp_path / "share.jsonl")
    back = decide(
        rows,
        tmp_path / "back.jsonl",
        r1={"decision": "accepted"},
        r2={"decision": " Reject ", "note": "no reason given"},
        r3={"decision": "accepted", "label": 6},
        r4={"decision": "edited"},
        r5={"decision": "skipped"},
    )
    found = merge(project, back)
    assert (found.undecided, found.bad) == (6, [])
    kept = {review.example_id: review for review in found.reviews}
    assert [kept[i].state for i in (1, 2, 3, 4, 5)] == ["accepted", "rejected", "edited", "accepted", "skipped"]
    assert (kept[3].label, kept[3].agree) == ("6", 1)
    assert kept[2].note == "no reason given"
    assert reviews.reviewers(project.store.reader) == {"anna": 4}
    assert stands(project, 2)[0] == "unreviewed", "a merge decides nothing here"


def test_bad_lines_are_reported_with_line_and_reason_and_the_others_are_taken(project: Project, tmp_path: Path) -> None:
    rows = written(project, tmp_path / "share.jsonl")
    good = json.dumps({**rows[0], "decision": "accepted"})
    again = json.dumps({**rows[0], "decision": "rejected"})
    stale = json.dumps({**rows[1], "mark": "000000000000", "decision": "accepted"})
    lines = [
        "\ufeff" + good, "", "{not json", "[1, 2]", '{"decision": "accepted"}', '{"id": 999, "decision": "accepted"}',
        '{"id": true, "decision": "accepted"}', '{"id": 12, "decision": "accepted"}', again,
        '{"id": 3, "decision": "maybe"}', '{"id": 4, "decision": "accepted", "rationale": ["x"]}',
        '{"id": 5, "decision": "accepted", "rationale": " "}', stale, "[" * 100_000,
        '{"id": 6, "decision": "accepted", "label": "\\ud800"}', '{"id": 7, "decision": 1}',
        '{"id": "8", "decision": "rejected"}', '{"id": 99999999999999999999, "decision": "accepted"}',
    ]  # fmt: skip
    path = tmp_path / "back.jsonl"
    path.write_bytes("\n".join(lines).encode("utf-8") + b'\n{"id": 9, "note": "\xff"}\n')
    found = merge(project, path)
    assert [(r.example_id, r.state) for r in found.reviews] == [(1, "accepted"), (8, "rejected")]
    told = {bad.line: bad.reason for bad in found.bad}
    assert list(told) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19]
    assert told[3] == "it is no JSON"
    assert told[4] == "it is no JSON object"
    assert told[5] == "it has no id"
    assert told[6] == "there is no row 999 in this project"
    assert told[8] == "row 12 has no rationale of a teacher, so it was in no share"
    assert told[9] == "line 1 is about row 1 already"
    assert told[10] == "“maybe” is no decision; it is one of accepted, rejected, skipped"
    assert told[11] == "its rationale is no text"
    assert told[12] == "it keeps a row without a rationale"
    assert told[13] == "the teacher has answered this row anew since the share was made"


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "Here", "a\x00b"])
def test_a_reviewer_needs_a_name_of_his_own(project: Project, tmp_path: Path, name: str) -> None:
    rows = written(project, tmp_path / "share.jsonl")
    with pytest.raises(UserError, match="no name for a reviewer"):
        merge(project, decide(rows, tmp_path / "back.jsonl"), name)


def test_a_file_that_is_not_there_is_the_users_mistake(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        merge(project, tmp_path / "absent.jsonl")


def test_an_export_of_this_program_can_be_merged_too(project: Project, tmp_path: Path) -> None:
    line = {"id": "3", "label": "6", "teacher_label": "6", "rationale": "Three and three.", "state": "edited"}
    (tmp_path / "export.jsonl").write_text(json.dumps(line))
    [review] = merge(project, tmp_path / "export.jsonl").reviews
    assert (review.state, review.rationale, review.label, review.agree) == ("edited", "Three and three.", "6", 1)


def test_rows_wait_where_both_have_decided_and_differ_worst_first(project: Project, tmp_path: Path) -> None:
    rows = written(project, tmp_path / "share.jsonl")
    act = project.store.write_now
    act(lambda tx: decisions.set_state(tx, Selection.of([1, 2, 3, 4, 5, 6]), "accepted"))
    act(lambda tx: decisions.set_state(tx, Selection.of([7]), "rejected"))
    back = decide(
        rows,
        tmp_path / "back.jsonl",
        r1={"decision": "accepted"},
        r2={"decision": "accepted", "rationale": "Two and two."},
        r3={"decision": "rejected"},
        r4={"decision": "accepted", "label": "8.0"},
        r5={"decision": "accepted", "label": "11"},
        r6={"decision": "skipped"},
        r7={"decision": "rejected", "label": "1"},
        r8={"decision": "rejected"},
    )
    merge(project, back)
    assert waiting(project) == [3, 5, 2], "a label that means the same is none; undecided rows do not wait"


def test_a_choice_becomes_the_decision_with_its_history_and_undo(project: Project, tmp_path: Path) -> None:
    rows = written(project, tmp_path / "share.jsonl")
    act = project.store.write_now
    act(lambda tx: decisions.set_state(tx, Selection.of([3, 5]), "accepted"))
    merge(project, decide(rows, tmp_path / "b", r3={"decision": "accepted", "label": "6"}, r5={"decision": "rejected"}))
    assert waiting(project) == [5, 3]
    assert act(lambda tx: reviews.settle(tx, 3, "anna"))
    assert stands(project, 3) == ("edited", "Ann has 3 and Ben has 3, so 3 + 3.", "6")
    assert waiting(project) == [5]
    assert act(lambda tx: reviews.settle(tx, 5, reviews.OWN))
    assert stands(project, 5)[0] == "accepted"
    assert waiting(project) == []
    assert history.timeline(project.store.reader, 3)[0].action == "Settle: as anna decided"
    assert {c.field for c in history.timeline(project.store.reader, 5)[:1]} == {"settled"}
    assert [(r.reviewer, r.label) for r in reviews.of_example(project.store.reader, 3)] == [("", "7"), ("anna", "6")], (
        "agreement goes on to compare with what was decided here before"
    )
    act(history.undo)
    act(history.undo)
    assert stands(project, 3) == ("accepted", "Ann has 3 and Ben has 3, so 3 + 3.", "7")
    assert waiting(project) == [5, 3]
    act(history.redo)
    assert stands(project, 3)[2] == "6"
    assert waiting(project) == [5]


def test_only_a_side_that_has_decided_can_be_chosen(project: Project, tmp_path: Path) -> None:
    rows = written(project, tmp_path / "share.jsonl")
    merge(project, decide(rows, tmp_path / "back.jsonl", r3={"decision": "rejected"}))
    for reviewer in (reviews.OWN, "bob"):
        with pytest.raises(UserError, match="has not decided"):
            project.store.write_now(lambda tx, reviewer=reviewer: reviews.settle(tx, 3, reviewer))
    add_answer(project, 3, "Another.", "6", run_id="generate-2", teacher="other")
    assert project.store.write_now(lambda tx: reviews.settle(tx, 3, "anna"))
    assert stands(project, 3)[0] == "rejected"
