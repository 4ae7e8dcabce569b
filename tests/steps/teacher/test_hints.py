"""The gold label told as a hint: what gives it away, and that it is marked for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions, examples
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher import accuracy, plan, side_by_side
from dsbs_gui.steps.teacher.hints import MENTIONS_HINT, hint, mentions_hint
from dsbs_gui.steps.teacher.prompts import Prompt
from dsbs_gui.steps.teacher.work.asking import Request

from .working import SERVER, Adder, sums, work

BARE = Prompt("math", "", "Q:", "A:", "The answer is", ("\nQ:",), ())
POND = {"question": "Where do fish live?", "choices": ["desert", "pond"]}


@pytest.mark.parametrize(
    "text",
    [
        "As the hint says, it is 4.",
        "I was told that the answer is 4.",
        "Since the given answer is 4, we add.",
        "The correct answer is already given.",
        "We have been informed that it is 4.",
        "According to the correct answer, 4.",
        "As stated, the label is neutral.",
        "Because it was provided, the answer is 4.",
        "The known answer is 4, so we work back.",
    ],
)
def test_words_that_give_the_hint_away(text: str) -> None:
    assert mentions_hint(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mary told John that she has 4 apples. So he knows 4.",
        "He gave her 3 pens. She was given 4 more. 3 + 4 = 7.",
        "Fish need water, which is provided by a pond.",
        "The premise states that it rains.",
        "She has 5 left. The answer is 5.",
    ],
)
def test_words_of_the_problem_itself_do_not(text: str) -> None:
    assert not mentions_hint(text)


def test_the_hint_tells_the_label_as_the_teacher_would_write_it() -> None:
    assert "is (b) pond." in hint(TASKS["choice"], "pond", POND)
    assert "is (7 + 5)." in hint(TASKS["math"], "7 + 5", {"input": "x"})


class Wrong(Adder):
    """Is wrong about every sum until it is told; gives the hint away for every second one."""

    def __init__(self) -> None:
        super().__init__(self.say)

    @staticmethod
    def say(request: Request) -> str:
        if not request.hinted:
            return "Hm. The answer is 999."
        gold = request.example_id
        return f"{'As the hint says, ' if gold % 2 else ''}one more is {gold}. The answer is {gold}."


def test_a_told_label_is_marked_for_ever_and_never_counts_for_the_teacher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = sums(tmp_path / "sums", 4)
    try:
        wanted = plan.generate_request(project, teacher=SERVER, prompt=BARE, hint_gold="wrong")
        run = work(project, wanted, Wrong(), monkey=monkeypatch)
        assert run.summary["failed"] == {MENTIONS_HINT: 2}
        _check_marks(project)
        project.store.write_now(lambda tx: decisions.edit(tx, 2, rationale="In my own words."))
        # An export takes the mark from the answer that a rationale goes back to, whoever has edited it since.
        found = examples.page(project.store.reader, [1, 2, 3, 4])
        marks = answers.signals(project.store.reader, [example.answer_id or 0 for example in found.values()])
        assert [marks[found[i].answer_id or 0].hinted for i in (1, 2, 3, 4)] == [False, True, False, True]
        assert found[2].rationale == "In my own words."
    finally:
        project.close()


def _check_marks(project: Project) -> None:
    db = project.store.reader
    found = examples.page(db, [1, 2, 3, 4])
    assert [found[i].rationale for i in (1, 2, 3, 4)] == ["Hm.", "one more is 2.", "Hm.", "one more is 4."]
    told = [answer for answer in answers.each(db) if answer.hinted]
    assert {(a.example_id, a.failure) for a in told} == {(1, MENTIONS_HINT), (2, None), (3, MENTIONS_HINT), (4, None)}
    assert all(answer.rationale is None for answer in told if answer.failure)
    assert accuracy.of_split(db, project.task)["accuracy"] == 0
    survey = side_by_side.survey(db, project.task)
    assert list(survey.of("hinted")) == [2, 4]
    assert next(iter(survey.teachers.values())).right == 0
