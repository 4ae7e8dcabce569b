"""From a rule to the teacher, and from a rule to what a student is given, in the real window with its real pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from dsbs_gui.app.commands.common import follow, opened
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.store import policy, runs
from dsbs_gui.steps.training import plan
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import OpenWindow


def click(qtbot: Any, button: Any) -> None:
    qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=20_000)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_rows_that_a_rule_wants_asked_again_arrive_at_the_teacher(
    qtbot: Any, open_window: OpenWindow, tmp_path: Path
) -> None:
    apples(tmp_path / "apples").close()
    window = open_window(tmp_path / "apples")
    assert window.session is not None
    window.go_to("review")
    review: Any = window.session.page("review")
    qtbot.waitUntil(lambda: review.area.model.rowCount() == 11, timeout=20_000)
    review.ruling.open()
    sheet = review.ruling.sheet
    next(entry for entry in sheet.menu.actions() if entry.text() == "Differs from gold").trigger()
    sheet.rows[0].what.setCurrentIndex(policy.WHATS.index("ask"))
    click(qtbot, sheet.ask_button)
    teacher: Any = window.session.page("teacher")
    qtbot.waitUntil(lambda: window.nav.current_key() == "teacher", timeout=20_000)
    choices = teacher.view("ask").choices()
    assert (list(choices["ids"]), choices["hint_gold"]) == ([3, 6, 9], "always")
    assert [rule.what for rule in policy.of_project(window.session.project.store.reader)] == ["ask"]


def test_a_student_is_not_given_what_a_rule_masks_or_drops(tmp_path: Path) -> None:
    apples(tmp_path / "apples", 40).close()
    rules = [
        {"name": "Differs", "what": "mask", "matching": {"agreement": ["conflict"]}},
        {"name": "Two", "what": "drop", "matching": {"text": "has 2 apples"}},
    ]
    with opened(tmp_path / "apples") as project:
        project.store.write_now(lambda tx: policy.save(tx, policy.from_json(rules)))
        run = follow(project, plan.train_request(project, steps=2, batch_size=4))
        assert run.state == "done"
        given = {
            row["example_id"]: row["rationale"] for row in read_jsonl(project.run_folder(run.id) / "input.train.jsonl")
        }
        kept = runs.get(project.store.reader, run.id).context["counts"]
    assert 2 not in given
    assert {i for i, rationale in given.items() if rationale is None} == {i for i in given if i % 3 == 0 or i == 40}
    masked = sum(i % 3 == 0 for i in given)  # of the rows that are learnt: some of the thirteen are held out
    assert 0 < masked < 13
    assert [(rule["rule"], rule["rows"]) for rule in kept["policy"]] == [("Differs", masked), ("Two", 1)]
    assert (kept["masked"], kept["dropped"]) == (masked, 1)
