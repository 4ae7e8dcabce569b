"""Choosing and changing versions of the prompt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, TeacherAnswer
from dsbs_gui.core.store import prompts, runs
from dsbs_gui.steps.teacher import intake, plan, versions
from dsbs_gui.steps.teacher.prompts import Prompt

from .workshop import CHOICES, PROMPT, SERVER, import_rows, store_answer


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "toys", "math")
    yield made
    made.close()


def test_a_new_project_is_asked_with_our_own_prompt(project: Project) -> None:
    entry = versions.chosen(project)
    assert (entry.name, entry.version_id, entry.fixed) == ("Built-in, numbers", None, True)
    names = [entry.name for entry in versions.entries(project)]
    assert names == ["Built-in, numbers", "Built-in, equations"]


def test_the_labels_decide_which_of_our_own_comes_first(project: Project) -> None:
    import_rows(project, ["Ann has 3.", "Bob has 4."], label="( 3 + 4 )")
    assert versions.chosen(project).name == "Built-in, equations"


def keep_and_choose(project: Project, prompt: Prompt) -> int:
    """Change what is asked with, and ask with the change."""
    kept = versions.keep(project, versions.chosen(project), prompt)
    versions.choose(project, versions.find(project, str(kept)))
    return kept


def test_changing_our_own_prompt_makes_a_version_and_asks_with_it_only_when_told(project: Project) -> None:
    entry = versions.chosen(project)
    changed = replace(entry.prompt, instruction="Think.")
    kept = versions.keep(project, entry, changed)
    assert versions.chosen(project) == entry
    versions.choose(project, versions.find(project, str(kept)))
    now = versions.chosen(project)
    assert (now.version_id, now.prompt, now.fixed) == (kept, changed, False)
    assert versions.keep(project, now, changed) == kept
    assert [entry.version_id for entry in versions.entries(project)] == [kept, None, None]


def test_an_unused_version_changes_in_place_and_a_used_one_is_left(project: Project) -> None:
    first = keep_and_choose(project, PROMPT)
    second = replace(PROMPT, trigger="So it is")
    assert versions.keep(project, versions.chosen(project), second) == first
    (row,) = import_rows(project, ["Ann has 3."])
    store_answer(project, row, second)
    third = replace(PROMPT, trigger="Thus")
    kept = versions.keep(project, versions.chosen(project), third)
    assert kept != first
    assert versions.chosen(project).version_id == first
    now = versions.find(project, str(kept))
    assert (now.name, now.prompt.trigger, now.parent) == ("My prompt 2", "Thus", "My prompt")
    (old,) = [entry for entry in versions.entries(project) if entry.version_id == first]
    assert (old.prompt.trigger, old.answers, old.fixed) == ("So it is", 1, True)


def test_the_other_of_our_own_can_be_chosen(project: Project) -> None:
    other = versions.entries(project)[1]
    versions.choose(project, other)
    assert versions.chosen(project).prompt == other.prompt
    versions.choose(project, versions.entries(project)[-1])
    assert versions.chosen(project).name == "Built-in, numbers"


def test_a_copy_of_our_own_prompt_stands_beside_it(project: Project) -> None:
    ours = versions.chosen(project)
    versions.add_from(project, ours)
    names = [entry.name for entry in versions.entries(project)]
    assert names == ["Copy of Built-in, numbers", "Built-in, numbers", "Built-in, equations"]
    assert versions.chosen(project).version_id is None


def test_a_file_becomes_a_version_of_its_name(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"input": "Two and two?", "rationale": "2 + 2 = 4.", "label": "4"}\n')
    entry = versions.find(project, str(versions.add_from_file(project, file)))
    assert (entry.name, len(entry.prompt.exemplars)) == ("mine", 1)
    file.write_text("no JSON")
    with pytest.raises(UserError, match="not JSON"):
        versions.add_from_file(project, file)


def test_a_version_that_is_gone_is_said_to_be(project: Project) -> None:
    kept = versions.add_from(project, versions.chosen(project))
    assert versions.key_of(versions.find(project, str(kept))) == str(kept)
    project.store.write_now(lambda tx: prompts.delete(tx, kept))
    with pytest.raises(UserError, match="no longer there"):
        versions.find(project, str(kept))


def test_a_run_asks_with_the_chosen_version_and_says_its_name(project: Project, tmp_path: Path) -> None:
    import_rows(project, ["Ann has 3."])
    kept = keep_and_choose(project, PROMPT)
    request = plan.generate_request(project, **CHOICES)
    assert request.spec.to_json()["prompt"] == PROMPT.to_json()
    assert request.context["prompt_hash"] == PROMPT.hash
    assert request.context["prompt_name"] == prompts.get(project.store.reader, kept).name
    file = tmp_path / "mine.jsonl"
    file.write_text('{"input": "Two and two?", "rationale": "2 + 2 = 4.", "label": "4"}\n')
    request = plan.generate_request(project, teacher=SERVER, exemplars=file)
    assert request.context["prompt_name"] == "mine.jsonl"


def test_a_run_with_an_exemplar_from_test_is_refused_and_the_row_named(project: Project) -> None:
    import_rows(project, ["Ann has 3."])
    (row,) = import_rows(project, ["THREE and  three"], split="test")
    keep_and_choose(project, PROMPT)
    with pytest.raises(UserError, match=f"Exemplar 2 is row {row} of test, line 1 of its file"):
        plan.generate_request(project, **CHOICES)


def test_the_version_that_a_run_asked_with_is_recorded_with_its_first_answer(project: Project, tmp_path: Path) -> None:
    (row,) = import_rows(project, ["Ann has 3."])
    file = tmp_path / "mine.jsonl"
    file.write_text('{"input": "Two and two?", "rationale": "2 + 2 = 4.", "label": "4"}\n')
    request = plan.generate_request(project, teacher=SERVER, exemplars=file)

    def take(tx) -> None:
        run = runs.add(
            tx, kind="generate", title="G", lane="network", spec=request.spec.to_json(), context=request.context
        )
        message = TeacherAnswer(row, 0, "So. The answer is 3.", "stop", tokens_in=9, tokens_out=9)
        intake.take(tx, run, Event(1, 0.0, message))

    project.store.write_now(take)
    (version,) = prompts.versions(project.store.reader)
    assert (version.name, version.answers, version.used) == ("mine.jsonl", 1, True)
    assert version.body == request.spec.to_json()["prompt"]
    assert versions.chosen(project).name == "Built-in, numbers"
