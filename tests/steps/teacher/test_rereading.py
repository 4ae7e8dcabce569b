"""Reading answers again: what would come of it, and that nothing is lost, asked or overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.errors import Stopped, UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions, examples, parsed, prompts
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.steps.teacher import accuracy, parse_rules, parsing, rereading
from dsbs_gui.steps.teacher.failures import CUT_OFF
from dsbs_gui.steps.teacher.intake import parse_for_import
from dsbs_gui.steps.teacher.parse_rules import DEFAULT, Ladder, Rule
from tests.core.store.filling import add_examples, reviewed

HASHES = DEFAULT.added(Rule("hashes", r"^#### (?P<label>.+)$"))
RAW = ("One and one.\n#### 2", "The answer is 9.\n#### 4", "Hm. The answer is 6.", "No idea\nat all")
GOLD = ("2", "4", "6", "8")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    ids = add_examples(made.store, [f"How many are {gold}?" for gold in GOLD], GOLD)
    for example_id, raw in zip(ids, RAW, strict=True):
        tell(made, example_id, raw)
    yield made
    made.close()


def tell(project: Project, example_id: int, raw: str, **more: object) -> int:
    """Store an answer as a run does."""
    example = examples.get(project.store.reader, example_id)
    assert example is not None
    failure = more.pop("failure", None)
    parts = parse_for_import(raw, project.task, example.fields, example.label)
    values = {"failure": failure} if failure else parts

    def act(tx: Transaction) -> int:
        return answers.add(tx, NewAnswer(example_id, "generate-1", "teacher", "T", raw, **(values | more)))

    return project.store.write_now(act)


def again(project: Project, ladder: Ladder) -> int:
    return rereading.read_again(project.store, project.task, ladder)


def everything(project: Project) -> list[answers.Answer]:
    return list(answers.each(project.store.reader))


def test_a_trial_says_what_would_change_and_changes_nothing(project: Project) -> None:
    before = everything(project)
    found = rereading.trial(project.store.reader, project.task, HASHES)
    assert (found.n, found.total) == (4, 4)
    assert found.by_rung == {"hashes": 2, "value": 1, "unparsed": 1}
    assert found.kinds == {"gained": 1, "changed": 1}
    assert (found.right_before, found.right, found.compared) == (1, 3, 4)
    assert [(d.kind, d.before.label, d.after.label) for d in found.shown] == [
        ("changed", "9", "4"),
        ("gained", None, "2"),
    ]
    assert everything(project) == before


def test_a_trial_of_the_ladder_in_force_changes_nothing(project: Project) -> None:
    found = rereading.trial(project.store.reader, project.task, DEFAULT)
    assert (found.differs, found.outdated, found.right) == (0, 0, found.right_before)
    assert found.accuracy is not None
    assert found.accuracy[0] == 0.25


def test_labels_that_would_be_lost_are_counted(project: Project) -> None:
    found = rereading.trial(project.store.reader, project.task, DEFAULT.switched("value", False))
    assert found.kinds["lost"] == 2
    assert {d.kind for d in found.shown} == {"lost"}


def test_reading_again_keeps_the_raw_answers_and_the_ladder(project: Project) -> None:
    raw = [answer.raw for answer in everything(project)]
    assert again(project, HASHES) == 2
    assert [answer.raw for answer in everything(project)] == raw
    assert [answer.label for answer in everything(project)] == ["2", "4", "6", None]
    assert parse_rules.of_project(project.store.reader) == HASHES
    assert {answer.parser for answer in everything(project)} == {parsing.version(HASHES)}
    assert reviewed(project.store, 2) == ("unreviewed", "The answer is 9.", "4")
    assert accuracy.of_split(project.store.reader, project.task)["accuracy"] == 0.75


def test_the_old_ladder_takes_it_back(project: Project) -> None:
    before = everything(project)
    again(project, HASHES)
    again(project, DEFAULT)
    assert everything(project) == before


def test_a_decision_and_an_edit_stay(project: Project) -> None:
    store = project.store
    store.write_now(lambda tx: decisions.edit(tx, 2, rationale="Mine."))
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1]), "rejected"))
    again(project, HASHES)
    assert reviewed(store, 2) == ("edited", "Mine.", "9")
    assert reviewed(store, 1)[0] == "rejected"


def test_failures_of_the_engine_are_not_read(project: Project) -> None:
    cut = tell(project, 4, "Eight.\n#### 8", sample=1, failure=CUT_OFF, finish_reason="length")
    again(project, HASHES)
    found = answers.get(project.store.reader, cut)
    assert found is not None
    assert (found.failure, found.label, found.rationale) == (CUT_OFF, None, None)
    assert rereading.trial(project.store.reader, project.task, HASHES).total == 4


def test_stop_strings_of_the_prompt_hold_when_read_again(project: Project) -> None:
    body = {"task": "math", "stop": ["Task:"]}
    prompt_id = project.store.write_now(lambda tx: prompts.keep_used(tx, "hash", body))
    told = tell(project, 4, "The answer is 8.\nTask: next\n#### 7", sample=1, prompt_id=prompt_id)
    again(project, HASHES)
    found = answers.get(project.store.reader, told)
    assert found is not None
    assert found.label == "8"


def test_an_interrupted_reading_leaves_all_as_it_was(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(project)

    def break_down(*_: object) -> None:
        raise OSError("the power went")

    monkeypatch.setattr(parsed, "mark", break_down)
    with pytest.raises(OSError, match="power"):
        again(project, HASHES)
    assert everything(project) == before
    assert parse_rules.of_project(project.store.reader) == DEFAULT


def test_answers_that_come_in_meanwhile_are_read_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    real = project.store.write_now

    def write_now(action):  # an answer arrives between reading and writing
        monkeypatch.setattr(project.store, "write_now", real)
        tell(project, 4, "Eight.\n#### 8", sample=1)
        return real(action)

    monkeypatch.setattr(project.store, "write_now", write_now)
    assert again(project, HASHES) == 3
    assert everything(project)[-1].label == "8"


def test_a_rule_that_is_too_slow_on_an_answer_is_not_taken(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(project, 4, "q" * 5_000 + " The answer is 8.", sample=1)
    monkeypatch.setattr(parse_rules, "check_pattern", lambda pattern: None)
    slow = DEFAULT.added(Rule("slow", "(?P<label>(q+q+)+z)"))
    assert rereading.trial(project.store.reader, project.task, slow).slow == 1
    with pytest.raises(UserError, match="too long on answer 5"):
        again(project, slow)
    assert parse_rules.of_project(project.store.reader) == DEFAULT


def test_a_trial_can_be_stopped(project: Project) -> None:
    with pytest.raises(Stopped):
        rereading.trial(project.store.reader, project.task, HASHES, lambda: True)


def test_answers_read_by_an_older_version_are_counted(project: Project) -> None:
    project.store.write_now(lambda tx: tx.execute("UPDATE answers SET parser = 'robust 1' WHERE id < 3"))
    assert rereading.trial(project.store.reader, project.task, DEFAULT).outdated == 2
    assert again(project, DEFAULT) == 0
    assert rereading.trial(project.store.reader, project.task, DEFAULT).outdated == 0
