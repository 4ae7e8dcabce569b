from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher import own_rules, parse_rules
from dsbs_gui.steps.teacher.parse_rules import DEFAULT, RUNGS, Ladder, Rule
from dsbs_gui.steps.teacher.parsing import Parsed, parse, version

HASHES = Rule("hashes", r"^#### (?P<label>.+)$")
POND = {"question": "Where do fish live?", "choices": ["aquarium", "desert", "pond"]}
SUM = {"input": "How many?"}


def read(raw: str, ladder: Ladder, task: str = "math") -> Parsed:
    return parse(raw, TASKS[task], POND if task == "choice" else SUM, ladder=ladder)


def names(ladder: Ladder, task: str = "math") -> list[str]:
    return [rule.name for rule in ladder.for_task(task)]


def test_each_task_sees_the_rungs_that_can_hold_for_it() -> None:
    assert names(DEFAULT, "choice") == ["json", "letter", "text", "contained", "last-sentence"]
    assert names(DEFAULT, "math") == ["json", "value", "last-sentence"]
    assert names(DEFAULT, "nli") == ["json", "text", "contained", "last-sentence"]
    assert names(DEFAULT, "text") == ["json", "text"]
    assert all(rung.help.endswith(".") for rung in RUNGS.values())


def test_a_rule_of_ones_own_reads_label_and_rationale() -> None:
    ladder = DEFAULT.added(HASHES)
    assert read("Add them: 40 + 2.\n#### 42\n", ladder) == Parsed("Add them: 40 + 2.", "42", "hashes")
    whole = DEFAULT.added(Rule("tags", r"<why>(?P<rationale>.*?)</why>\s*<so>(?P<label>.*?)</so>"))
    assert read("Hm. <why>Half of 84.</why> <so>84 / 2</so>", whole) == Parsed("Half of 84.", "84 / 2", "tags")


def test_the_label_of_a_rule_is_read_as_any_label_is() -> None:
    ladder = DEFAULT.added(HASHES)
    assert read("Fish.\n#### (c)", ladder, "choice").label == "pond"
    assert read("Fish.\n#### The pond", ladder, "choice").label == "pond"
    assert read("Fish.\n#### no idea", ladder, "choice").label is None


def test_the_last_match_counts_and_a_blank_one_is_none() -> None:
    ladder = DEFAULT.added(Rule("answer", r"^A ?= ?(?P<label>.*)$"))
    assert read("A = 3\nNo.\nA = 4\nA = ", ladder).label == "4"
    assert read("A = \nA =  ", ladder) == Parsed("A = \nA =", None, "unparsed", ("no-trigger",))


def test_the_order_decides() -> None:
    raw = "So it is 9.\n#### 8\nThe answer is 7."
    front = DEFAULT.added(HASHES)
    assert read(raw, front).label == "8"
    behind = front.moved("hashes", 1, "math").moved("hashes", 1, "math")
    assert names(behind) == ["json", "value", "hashes", "last-sentence"]
    assert read(raw, behind).label == "7"


def test_moving_passes_over_rungs_of_other_tasks_and_stops_at_the_ends() -> None:
    moved = DEFAULT.moved("value", -1, "math")
    assert names(moved) == ["value", "json", "last-sentence"]
    assert names(moved, "choice") == names(DEFAULT, "choice")
    assert moved.moved("value", -1, "math") == moved
    assert moved.moved("value", 1, "math").for_task("math") == DEFAULT.for_task("math")


def test_a_rule_that_is_switched_off_reads_nothing() -> None:
    raw = "He has 16 - 7 = 9 peaches."
    assert read(raw, DEFAULT).rung == "last-sentence"
    assert read(raw, DEFAULT.switched("last-sentence", False)).label is None
    letters = DEFAULT.switched("letter", False)
    assert read("So the answer is (c) pond.", letters, "choice").rung in ("text", "contained")


def test_a_built_in_rung_can_be_switched_off_but_not_removed() -> None:
    assert DEFAULT.without("json") == DEFAULT
    assert DEFAULT.added(HASHES).without("hashes") == DEFAULT


def test_a_ladder_survives_being_stored_and_new_rungs_come_last() -> None:
    ladder = DEFAULT.added(HASHES).switched("json", False).moved("hashes", 1, "math")
    assert Ladder.from_json(ladder.to_json()) == ladder
    old = [item for item in ladder.to_json() if item["name"] != "value"]
    assert Ladder.from_json([*old, {"name": "of-tomorrow"}]).rules[-1] == Rule("value")
    assert Ladder.from_json([]) == DEFAULT


def test_the_project_keeps_the_ladder_and_answers_say_which_one_read_them(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", "math")
    ladder = DEFAULT.added(HASHES)
    try:
        assert parse_rules.of_project(project.store.reader) == DEFAULT
        project.store.write_now(lambda tx: parse_rules.put(tx, ladder))
        assert parse_rules.of_project(project.store.reader) == ladder
    finally:
        project.close()
    assert len({version(), version(ladder), version(DEFAULT.switched("json", False))}) == 3
    assert version(ladder) == version(DEFAULT.added(HASHES))


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("", "empty"),
        ("(?P<label>", "no regular expression at character 11"),
        ("#### (.+)", "named label"),
        ("(?P<label>.)(?P<reason>.)", "named reason"),
        ("(?P<label>a{99999999})", "a thousand times"),
        ("(?P<label>x)" + "y" * 500, "longer than 500"),
        ("(?P<label>(a+a+)+b)", "too long on some texts"),
        (r"(?P<label>(\s+\s+)+x)", "too long on some texts"),
    ],
)
def test_a_pattern_that_cannot_serve_is_refused_with_the_reason(pattern: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        DEFAULT.added(Rule("mine", pattern))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["", " x", "json", "unparsed", "hashes", "x" * 41])
def test_names_are_one_of_a_kind(name: str) -> None:
    with pytest.raises(UserError):
        DEFAULT.added(HASHES).added(Rule(name, HASHES.pattern))


def test_a_rule_can_be_changed_and_keep_its_name() -> None:
    ladder = DEFAULT.added(HASHES)
    changed = ladder.changed("hashes", Rule("hashes", r"^## (?P<label>.+)$"))
    assert read("Well.\n## 5", changed).label == "5"
    assert changed.rules[0].name == "hashes"


def test_a_catastrophic_pattern_is_given_up_and_flagged_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_rules, "check_pattern", lambda pattern: None)
    ladder = DEFAULT.added(Rule("slow", "(?P<label>(q+q+)+z)"))
    began = time.monotonic()
    parsed = read("q" * 5_000 + " The answer is 4.", ladder)
    assert time.monotonic() - began < 30 * own_rules.TIME_LIMIT_S
    assert (parsed.label, parsed.rung, parsed.flags) == ("4", "value", ("rule-too-slow",))


def test_a_ladder_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    ladder = DEFAULT.added(HASHES).switched("json", False)
    file.write_text(json.dumps(ladder.to_json()), "utf-8")
    assert parse_rules.from_file(file) == ladder


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}}",
        '["json"]',
        '[{"on": true}]',
        "3",
        '[{"name": "mine", "pattern": "(x"}]',
        '[{"name": "a", "pattern": "(?P<label>x)"}, {"name": "a", "pattern": "(?P<label>y)"}]',
    ],
)
def test_a_file_without_rules_is_the_users_mistake(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UserError):
        parse_rules.from_file(file)
