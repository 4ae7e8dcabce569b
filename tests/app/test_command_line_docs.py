"""docs/command-line.md and the parser say the same: every command, option, choice, and the JSON keys of quick ones."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pytest

from dsbs_gui.app import arguments as spoken
from dsbs_gui.app import cli

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
EVERYWHERE = {"--help", "--json"}


def commands() -> dict[str, argparse.ArgumentParser]:
    (group,) = [a for a in spoken.parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(group.choices)


def sections() -> dict[str, str]:
    """Command → what stands below its heading."""
    parts = re.split(r"^## dsbs ([\w-]+)\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def long_options(parser: argparse.ArgumentParser) -> set[str]:
    return {name for action in parser._actions for name in action.option_strings if name.startswith("--")}


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert list(sections()) == list(commands())


@pytest.mark.parametrize("name", commands())
def test_the_section_has_the_options_of_the_command_and_no_others(name: str) -> None:
    section, parser = sections()[name], commands()[name]
    assert set(OPTION.findall(section)) - EVERYWHERE == long_options(parser) - EVERYWHERE
    table = set(re.findall(r"^\| `(--[a-z-]+)` \|", section, re.MULTILINE))
    assert table == long_options(parser) - EVERYWHERE, "each has a row that explains it"
    synopsis = section.split("```")[1]
    assert synopsis.startswith(f"\ndsbs {name}")
    assert set(OPTION.findall(synopsis)) == long_options(parser) - {"--help"}


@pytest.mark.parametrize("name", commands())
def test_the_section_names_what_can_be_chosen_and_what_stands_without_an_option(name: str) -> None:
    section = sections()[name]
    for action in commands()[name]._actions:
        for choice in action.choices or ():
            assert re.search(rf"(?<![\w-]){re.escape(str(choice))}(?![\w-])", section), f"{action.dest}: {choice}"
        if not action.option_strings:
            assert str(action.metavar) in section


def test_what_holds_for_all_commands_names_no_other_option() -> None:
    first = PAGE.read_text("utf-8").partition("\n## dsbs ")[0]
    assert set(OPTION.findall(first)) == {*EVERYWHERE, "--version"}


def test_the_keys_that_quick_commands_print_are_those_of_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"input": f"{i} and one?", "label": str(i + 1)}) + "\n" for i in range(20)))
    project = str(tmp_path / "p")
    for arguments in (
        ["new", project],
        ["import", project, str(rows)],
        ["split", project, "--group-by", "none"],
        ["jobs", project],
        ["stop", project, "import-1"],
        ["export-data", project, str(tmp_path / "out.jsonl"), "--format", "jsonl"],
    ):
        assert cli.main([*arguments, "--json"]) == 0
        printed = json.loads(capsys.readouterr().out)
        told = sections()[arguments[0]].partition("\nJSON: ")[2].partition("\n```")[0]
        jobs = printed.get("jobs", [{}])
        for key in (*printed, *jobs[0]):
            assert f"`{key}`" in told, f"{arguments[0]} prints {key}"
