"""Learning from one sample of the teacher or from all that agree, and never from a label that it was told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import policy, samples, training_rows
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.policy import Rule
from dsbs_gui.steps.training import plan
from dsbs_gui.steps.training.methods import METHODS
from dsbs_gui.steps.training.rows import Row, data_hash, read_rows, shuffle_rationales
from dsbs_gui.steps.training.work.batches import encode_rows
from dsbs_gui.students.encoding import decode
from tests.core.store.filling import add_answer, add_examples
from tests.students.tiny import tiny_t5


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    ids = add_examples(made.store, [f"How many are {i}?" for i in range(30)], [str(i) for i in range(30)])
    for example_id in ids[:10]:
        for number, text in enumerate(("First.", "Second.", "Third.")):
            label = str(example_id - 1)
            add_answer(made.store, example_id, text, label, sample=number, cache_key="k", agree=True)
    add_answer(made.store, ids[10], "Told.", "10", sample=-1, cache_key="k", agree=True, hinted=True)
    yield made
    made.close()


def rows(project: Project, **choices: object) -> list[dict]:
    return list(plan.train_request(project, **choices).inputs["input.train.jsonl"])


def test_one_sample_an_example_unless_all_are_kept(project: Project) -> None:
    assert not any("others" in row for row in rows(project))
    before = data_hash(rows(project))
    project.store.write_now(lambda tx: samples.keep(tx, "all"))
    held = [row for row in rows(project) if "others" in row]
    assert held
    assert all((row["rationale"], row["others"]) == ("First.", ("Second.", "Third.")) for row in held)
    assert data_hash(rows(project)) != before
    assert len(rows(project)) == len({row["example_id"] for row in rows(project)})


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.uses_rationales])
def test_every_method_with_rationales_learns_the_same_rows_and_those_that_were_told(
    project: Project, name: str
) -> None:
    first, *_ = found = rows(project, method=name)
    told = next(row for row in found if row["rationale"] == "Told.")
    assert told["label"] == "10", "an explanation of the gold label teaches the gold label"
    project.store.write_now(lambda tx: policy.save(tx, [Rule("told", Filter(text="How many are 10"), "mask")]))
    ruled = {row["example_id"]: row["rationale"] for row in rows(project, method=name)}
    assert ruled[told["example_id"]] is None
    assert ruled[first["example_id"]] == first["rationale"]
    assert data_hash(rows(project, method=name)) == data_hash(rows(project, method="step-by-step")) != data_hash(found)
    assert told["example_id"] not in {row["example_id"] for row in rows(project, method=name, labels="teacher")}


def test_the_file_of_a_run_carries_the_other_samples(tmp_path: Path) -> None:
    body = {"example_id": 1, "input": "i", "label": "4", "rationale": "A.", "others": ["B."]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(body) + "\n", "utf-8")
    [row] = read_rows(tmp_path / "rows.jsonl")
    assert (row.rationale, row.others) == ("A.", ("B.",))


def test_each_epoch_draws_one_of_all_and_the_same_one_when_it_is_drawn_again() -> None:
    student = tiny_t5()
    row = Row(1, "Mia has 4 pens.", "4", "because one", others=("because two", "because six"))
    [example], _ = encode_rows(student, [row])
    assert len(example.others) == 2
    drawn = [decode(student, example.drawn(0, epoch, 0).rationale.target) for epoch in range(60)]
    assert set(drawn) == {"because one", "because two", "because six"}
    assert min(Counter(drawn).values()) > 8
    assert drawn == [decode(student, example.drawn(0, epoch, 0).rationale.target) for epoch in range(60)]
    assert example.drawn(0, 3, 0).label == example.label


def test_a_row_with_one_rationale_is_drawn_as_it_is() -> None:
    [example, bare], _ = encode_rows(tiny_t5(), [Row(1, "Mia", "4", "because"), Row(2, "Mia", "4")])
    assert example.drawn(0, 1, 0) is example
    assert bare.drawn(0, 1, 0) is bare


def test_shuffled_rationales_take_their_fellows_along() -> None:
    moved = shuffle_rationales([Row(1, "a", "1", "A.", others=("AA.",)), Row(2, "b", "2", "B.")], 0)
    assert [(row.rationale, row.others) for row in moved] == [("B.", ()), ("A.", ("AA.",))]


def test_a_label_that_was_told_is_not_learnt_as_the_teachers(project: Project) -> None:
    by_teacher = rows(project, method="distill")
    assert 11 not in {row["example_id"] for row in by_teacher}
    assert training_rows.tally(project.store.reader, "teacher")["train"] == 10
    assert training_rows.rationales(project.store.reader, "gold")["teacher"] == 11
    assert "Told." in {row["rationale"] for row in rows(project)}
