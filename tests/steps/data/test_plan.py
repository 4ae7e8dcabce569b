"""From a file to the project and its splits, by the real jobs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples, imports, runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.steps.data import intake, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.core.tasks import Task


def parse(raw: str, task: Task, fields: Mapping[str, Any], gold: str | None) -> dict[str, Any]:
    rationale, _, label = raw.partition(" So ")
    return {"rationale": rationale, "label": label or None, "agree": label == gold, "rung": "test"}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "text", intakes={"import": intake.make(parse)})
    made.jobs.begin()
    yield made
    made.close()


def write(tmp_path: Path, n: int, name: str = "rows.jsonl", **more: Any) -> str:
    rows = [{"input": f"{chr(97 + i % 26)}{i // 26 * 'x'} has {i} pens", "label": str(i % 3), **more} for i in range(n)]
    (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(tmp_path / name)


def done(project: Project, source: str, **settings: Any) -> Run:
    run = project.jobs.submit(plan.import_request(project, source, **settings))
    return project.jobs.wait(run.id, 60)


def test_a_file_comes_into_the_project_with_its_bad_rows_and_duplicates(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id,input,label\na,one,x\nb,two\nc,one,y\nd,three,\n")
    run = done(project, str(path))
    assert (run.state, run.reason) == ("done", "")
    db = project.store.reader
    assert imports.summary(db, run.id) == {
        "imported": 3,
        "rejected": [{"line": 3, "reason": "The row has 2 fields, the header 3: too few."}],
        "duplicates": 1,
        "labels": {"x": 1, "y": 1},
    }
    assert run.summary["duplicates"] == 1
    assert run.summary["labels"] == {"x": 1, "y": 1}
    assert run.summary["blank_labels"] == 1
    rows = list(examples.each(db))
    assert [(e.key, e.input, e.label, e.line, e.split, e.state) for e in rows] == [
        ("a", "one", "x", 2, "train", "empty"),
        ("c", "one", "y", 4, "train", "empty"),
        ("d", "three", None, 5, "train", "empty"),
    ]
    assert "without a label" in runs.warnings(db, run.id)[0].text


def test_teacher_answers_are_kept_raw_and_parsed_and_a_rationale_column_is_an_answer(
    project: Project, tmp_path: Path
) -> None:
    run = done(project, write(tmp_path, 2, teacher_output="Because. So 0", rationale="As it is."), author="PaLM 540B")
    assert run.state == "done", run.reason
    db = project.store.reader
    first, second = examples.each(db)
    assert (first.rationale, first.teacher_label, first.agree, first.state) == ("Because.", "0", 1, "unreviewed")
    assert second.agree == 0
    raw, ready = sorted(answers.of_example(db, first.id), key=lambda a: a.sample)
    assert (raw.raw, raw.source, raw.teacher, raw.rung) == ("Because. So 0", "import", "PaLM 540B", "test")
    assert (ready.rationale, ready.label, ready.agree) == ("As it is.", "0", None)


def test_textbook_rationales_are_named_as_such(project: Project, tmp_path: Path) -> None:
    done(project, write(tmp_path, 1, rationale="As it is."), rationale_source="textbook")
    (example,) = examples.each(project.store.reader)
    assert example.origin == "textbook"


def test_the_same_bytes_are_not_imported_twice_into_a_split(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, 3)
    done(project, path)
    with pytest.raises(UserError, match=r"in train already \(3 examples\)"):
        plan.import_request(project, path)
    assert done(project, path, split="test").state == "done"


def test_a_file_that_cannot_be_read_fails_with_its_sentence(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x89PNG....")
    run = done(project, str(tmp_path / "a.csv"))
    assert run.state == "failed"
    assert "picture" in run.reason
    assert run.hint
    with pytest.raises(UserError, match="There is no file"):
        plan.import_request(project, str(tmp_path / "absent.csv"))


def test_a_split_draws_from_train_and_keeps_what_a_file_brought_as_test(project: Project, tmp_path: Path) -> None:
    done(project, write(tmp_path, 100))
    done(project, write(tmp_path, 20, "test.jsonl"), split="test")
    result = plan.split(project, valid=0.1, test=0.2, seed=3)
    assert (result["train"], result["valid"], result["test"]) == (90, 10, 20)
    assert result["kept"] == {"test": 20}
    assert result["moved"] == 10
    assert 10 <= result["near_duplicates"]["test"] <= 20
    assert result["near_duplicates"]["valid"] == 0
    again = plan.split(project, valid=0.1, test=0.2, seed=3)
    assert again["moved"] == 0


def test_a_drawn_test_split_can_be_drawn_again(project: Project, tmp_path: Path) -> None:
    done(project, write(tmp_path, 100))
    assert plan.split(project, seed=1)["test"] == 20
    before = set(examples.ids(project.store.reader, Filter(splits=("test",))))
    assert plan.split(project, seed=2)["test"] == 20
    assert set(examples.ids(project.store.reader, Filter(splits=("test",)))) != before
    held = set(examples.ids(project.store.reader, Filter(splits=("test",))))
    assert plan.split(project, valid=0.2, test=0, seed=3)["test"] == 20
    assert set(examples.ids(project.store.reader, Filter(splits=("test",)))) == held


def test_the_sample_project_needs_no_mapping(project: Project) -> None:
    from dsbs_gui.core import resources

    run = done(project, str(resources.path("sample/valid.jsonl")), split="valid", rationale_source="textbook")
    assert run.summary["mapping"] == {
        "input": ["input"],
        "label": ["label"],
        "rationale": ["rationale"],
        "id": ["id"],
    }
    assert run.summary["rejected"] == 0


def test_an_import_that_was_cut_short_goes_on_behind_its_last_row(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path, 40)
    lines = (tmp_path / "rows.jsonl").read_text().splitlines(keepends=True)
    lines.insert(5, "{no json\n")
    (tmp_path / "rows.jsonl").write_text("".join(lines))
    (tmp_path / "part.jsonl").write_text("".join(lines[:13]))
    request = plan.import_request(project, source)
    begun = replace(request, spec=replace(request.spec, path=str(tmp_path / "part.jsonl"), stamp=()))
    part = project.jobs.wait(project.jobs.submit(begun).id, 60)
    project.store.write_now(lambda tx: runs.set_state(tx, part.id, "interrupted", reason="The worker was killed."))
    rest = done(project, source)
    assert (rest.state, rest.reason) == ("done", "")
    db = project.store.reader
    found = db.execute("SELECT input FROM examples").fetchall()
    assert len(found) == len({row[0] for row in found}) == 40
    assert [row.line for row in imports.rejected(db)] == [6, 6]  # by both
    with pytest.raises(UserError, match="already"):
        plan.import_request(project, source)


def test_the_rest_of_a_json_file_on_one_line_is_not_taken_for_what_is_there(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"question": f"How many is {i} + 1?", "answer": str(i + 1)} for i in range(10)]
    whole, part = tmp_path / "rows.json", tmp_path / "part.json"
    whole.write_text(json.dumps(rows))
    part.write_text(json.dumps(rows[:4]))
    request = plan.import_request(project, str(whole))
    begun = replace(request, spec=replace(request.spec, path=str(part), stamp=()))
    run = project.jobs.wait(project.jobs.submit(begun).id, 60)
    project.store.write_now(lambda tx: runs.set_state(tx, run.id, "interrupted", reason="The worker was killed."))
    assert done(project, str(whole)).state == "done"
    found = project.store.reader.execute("SELECT input FROM examples ORDER BY id").fetchall()
    assert [row[0] for row in found] == [row["question"] for row in rows]
