"""Finding similar examples: exactly while they are few, through sketches that the job makes when they are many."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Finished, Message, SketchesMade
from dsbs_gui.core.store import decisions, runs, sketches
from dsbs_gui.steps.review.similar import finding, intake, plan
from dsbs_gui.steps.review.similar.likeness import features, similarity
from dsbs_gui.steps.review.similar.specs import SketchSpec
from dsbs_gui.steps.review.work import sketching
from tests.steps.review.making import add_answer, add_examples

WORDS = [*"ABCDEFGHIJ", "apples", "pears", "gives", "buys", "together"]


def texts(n: int, seed: int = 1) -> list[str]:
    """Problems, every fifth of which is a variation of the one before."""
    luck = random.Random(seed)
    made: list[str] = []
    for k in range(n):
        said = made[-1].split() if k % 5 == 4 else luck.choices(WORDS, k=20)
        made.append(" ".join([*said[:-2], str(k), luck.choice(WORDS)]))
    return made


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    rows = [{"fields": {"input": text}, "label": "1"} for text in texts(60)]
    for example_id in add_examples(made, rows)[:30]:
        add_answer(made, example_id, f"So {texts(60)[example_id % 7]}", "1")
    yield made
    made.close()


def sketch_all(project: Project, field: str, stop: Callable[[], bool] = lambda: False) -> list[Message]:
    """Run the job as the worker does, and take in what it says as the owner does."""
    request = plan.request(project, field)
    run = project.store.write_now(
        lambda tx: runs.add(
            tx, kind=request.kind, title=request.title, lane=request.lane, spec=request.spec.to_json(), context={}
        )
    )
    folder = RunFolder(project.run_folder(run.id))
    folder.make(request.kind, request.spec.to_json(), request.inputs)
    said: list[Message] = []
    sketching.run(SketchSpec.from_json({**request.spec.to_json(), "run_dir": str(folder.path)}), said.append, stop)
    for seq, message in enumerate(said, 1):
        event = Event(seq, 0.0, message)
        project.store.write_now(lambda tx, event=event: intake.take(tx, run, event))
    return said


@given(st.text(), st.text())
def test_likeness_is_symmetric_bounded_and_whole_for_equal_texts(a: str, b: str) -> None:
    x, y = features(a), features(b)
    assert similarity(x, y) == similarity(y, x)
    assert 0 <= similarity(x, y) <= 1
    assert similarity(x, x) == (1 if x else 0)


def test_the_order_of_words_counts_and_case_does_not() -> None:
    a, same, other_order = (features(t) for t in ("Ann gives Ben", "ann gives ben.", "Ben gives Ann"))
    assert similarity(a, same) == 1
    assert 0 < similarity(a, other_order) < 1


def test_a_small_project_is_compared_word_for_word(project: Project) -> None:
    found = finding.find(project.store.reader, 5, "input")
    assert found is not None
    given_texts = texts(60)
    exact = {i: similarity(features(given_texts[4]), features(text)) for i, text in enumerate(given_texts, 1)}
    wanted = sorted((i for i in exact if exact[i] >= finding.LEAST), key=lambda i: (i != 5, -exact[i], i))
    assert list(found.shares) == wanted[: finding.MOST]
    assert all(found.shares[i] == exact[i] for i in found.shares)
    assert wanted[:2] == [5, 4], "itself, then the one of which it is a variation"


def test_a_large_one_has_its_sketches_made_first_and_finds_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = project.store.reader
    exact = finding.find(db, 5, "input")
    monkeypatch.setattr(finding, "MOST_UNSKETCHED", 3)
    assert finding.find(db, 5, "input") is None
    said = sketch_all(project, "input")
    assert said[-1] == Finished("done", {"texts": 60})
    assert not sketches.missing(db, "input")
    assert finding.find(db, 5, "input") == exact
    monkeypatch.setattr(finding, "_CANDIDATES", 10)
    best = finding.find(db, 5, "input")
    assert best is not None
    assert exact is not None
    assert list(best.shares)[:2] == list(exact.shares)[:2], "what is most alike is among the candidates"
    assert len(best.shares) <= 10


def test_what_was_edited_since_is_compared_word_for_word(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    db = project.store.reader
    monkeypatch.setattr(finding, "MOST_UNSKETCHED", 3)
    sketch_all(project, "rationale")
    project.store.write_now(lambda tx: decisions.edit(tx, 7, rationale=f"{examples_text(project, 3)} indeed"))
    found = finding.find(db, 3, "rationale")
    assert found is not None
    assert 0.9 < found.shares[7] < 1
    assert finding.find(db, 7, "rationale") is None, "its own sketch is of another text"
    assert sketch_all(project, "rationale")[-1] == Finished("done", {"texts": 1})
    again = finding.find(db, 7, "rationale")
    assert again is not None
    assert next(iter(again.shares)) == 7


def test_a_job_that_is_stopped_keeps_what_it_has_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketching, "CHUNK_ROWS", 25)
    asked = iter([False, True])
    said = sketch_all(project, "input", stop=lambda: next(asked))
    assert [len(m.rows) for m in said if isinstance(m, SketchesMade)] == [25, 25]
    assert said[-1] == Finished("stopped", {"texts": 50})
    assert len(sketches.missing(project.store.reader, "input")) == 10
    assert sketch_all(project, "input")[-1] == Finished("done", {"texts": 10})


def test_an_example_without_the_text_is_refused_with_a_sentence(project: Project) -> None:
    with pytest.raises(UserError, match="№ 40 has no rationale to compare with"):
        finding.find(project.store.reader, 40, "rationale")


def examples_text(project: Project, example_id: int) -> str:
    [(_, text)] = sketches.texts(project.store.reader, "rationale", [example_id])
    return text
