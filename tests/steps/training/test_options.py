"""The table of options, defaults with their sources, recipes, and the command that does the same."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from dsbs_gui.app.arguments import parser
from dsbs_gui.app.commands.training import _choices
from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.training import recipe, spoken, sweep
from dsbs_gui.steps.training.choice import choose
from dsbs_gui.steps.training.defaults import complete, defaults
from dsbs_gui.steps.training.options import BY_NAME, OPTIONS, REQUIRED, said
from dsbs_gui.steps.training.presets import PRESETS, source
from dsbs_gui.steps.training.specs import TrainSpec

BASE = {"method": "step-by-step", "student": "starter"}
DOCS = Path(__file__).resolve().parents[3] / "docs" / "command-line.md"
CHOICES = [
    BASE,
    BASE | {"rationale_weight": 0.5, "lr": 5e-5, "seed": 3, "fraction": 0.125},
    BASE | {"preset": "paper", "steps": 10, "lr": 0.1 + 0.2, "micro_batch": 0, "weight_decay": 0.0},
    BASE
    | {
        "preset": "decoder-only",
        "micro_batch": 0,
        "epochs": 2.5,
        "precision": "bf16",
        "patience": 2,
        "log_to": "tensorboard,mlflow",
    },
    {"method": "distill", "student": "some one/mod'el $HOME", "labels": "gold", "rows": "reviewed"},
    {"method": "distill", "student": "models/a.gguf", "lora_rank": 8},
]


def test_every_setting_of_a_run_can_be_said() -> None:
    own = {"run_dir", "task", "starter", "base", "resume_from", "data_sha256"}
    assert {field.name for field in fields(TrainSpec)} - own <= set(BY_NAME)
    assert {option.key for option in OPTIONS} == {option.flag[2:] for option in OPTIONS}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_default_says_where_it_comes_from_on_the_page_of_the_command_too(preset: str) -> None:
    page = DOCS.read_text("utf-8").split("### Presets")[1].split("### Recipes")[0]
    rows = {line.split("|")[1].strip(" `"): line for line in page.splitlines() if line.startswith("| `")}
    column = 2 + list(PRESETS).index(preset)
    usual = defaults(BASE | {"preset": preset})
    for name, value in usual.items():
        if name in ("labels", "rows", "preset"):
            continue
        found = source(preset, name)
        assert found is not None, name
        assert found.tag in ("paper", "reference code", "T5 docs", "measured", "our choice")
        if line := rows.get(BY_NAME[name].key):
            assert line.split("|")[column].strip() == said(value), name
            assert found.text in line
        else:
            assert name in ("fraction", "rationale_weight", "seed", "data_seed", "epochs", "log_to")
    assert source(preset, "rationale_weight").text in page


@pytest.mark.parametrize("choices", CHOICES)
def test_a_recipe_comes_back_exactly(choices: dict, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    recipe.write(file, choices)
    assert complete(recipe.read(file)) == complete(choices)
    assert recipe.text(recipe.read(file)) == file.read_text("utf-8")


@pytest.mark.parametrize("choices", CHOICES)
def test_the_command_that_is_shown_gives_the_same_run(choices: dict) -> None:
    line = spoken.command_line(Path("/home/mia/my project"), choices)
    program, *words = shlex.split(line)
    arguments = parser().parse_args(words)
    assert (program, arguments.project) == ("dsbs", Path("/home/mia/my project"))
    assert complete(_choices(arguments)) == complete(choices)


def test_the_command_says_only_what_is_not_usual_anyway() -> None:
    assert spoken.words(Path("p"), complete(BASE))[2:] == ["p", "--method", "step-by-step", "--student", "starter"]
    said_of = spoken.words(Path("p"), BASE | {"rationale_weight": 0.5, "patience": 3})
    assert said_of[7:] == ["--lambda", "0.5", "--patience", "3"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = 1\nsteps = 3\nstepz = 4\n", "line 3: there is no setting “stepz”"),
        ("version = 1\n\nsteps = 'many'\n", "line 3: steps = “many” is not a whole number"),
        ("version = 1\nsteps = true\n", "line 2: steps = true is not a whole number"),
        ("version = 1\nsteps = 0\n", "line 2: steps = 0 is too small: at least 1"),
        ("version = 1\nlr = 0\n", "line 2: lr = 0 is too small: more than 0"),
        ("version = 1\nlr = nan\n", "line 2: lr = nan is not a number that can be used"),
        ("version = 1\nfraction = 1.5\n", "line 2: fraction = 1.5 is too large: at most 1"),
        ("version = 1\nmethod = 'magic'\n", "line 2: method = “magic” is none of step-by-step"),
        ("version = 1\nmethod = 3\n", "line 2: method = 3 is not a text"),
        ("version = 1\n[steps]\nx = 1\n", "line 2: steps = {'x': 1} is not a whole number"),
        ("version = 1\n[other.thing]\nx = 1\n", "line 2: there is no setting “other”"),
        ("version = 1\nsteps = 3\nepochs = 2\n", "line 3: a run counts steps or epochs"),
        ("version = 1\nsteps = = 3\n", "line 2 is not TOML"),
        ("version = 1\nsteps = 3\nsteps = 4\n", "is not TOML"),
        ("steps = 3\n", "does not say its version"),
        ("version = 2\nsteps = 3\n", "recipe of version 2"),
        ("version = 'one'\n", "line 1: the version is not a number"),
    ],
)
def test_a_recipe_that_cannot_be_used_names_line_and_key(text: str, says: str) -> None:
    with pytest.raises(UserError, match=re.escape(says)) as caught:
        recipe.parse(text, "mine.toml")
    assert "mine.toml" in caught.value.message
    assert caught.value.hint


def test_a_recipe_that_is_no_text_or_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="not text in UTF-8"):
        recipe.read(tmp_path / "r.toml")
    with pytest.raises(UserError, match="cannot be read"):
        recipe.read(tmp_path / "absent.toml")


def test_a_recipe_that_is_far_too_large_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("version = 1\n" + "# much\n" * 200_000)
    with pytest.raises(UserError, match=r"“x\.toml” is too large for a recipe: more than 1 MB") as caught:
        recipe.read(tmp_path / "x.toml")
    assert caught.value.hint


def test_a_recipe_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_bytes(b"\xef\xbb\xbf" + b"version = 1\r\nseed = 3\r\n")
    assert recipe.read(tmp_path / "r.toml") == {"seed": 3}


@pytest.mark.parametrize("value", ["9" * 400, "0x" + "f" * 5000])
def test_numbers_of_hundreds_of_digits_are_refused_in_a_sentence(value: str) -> None:
    for key in ("steps", "lr"):
        with pytest.raises(UserError, match=f"line 2: {key} = .* is too large"):
            recipe.parse(f"version = 1\n{key} = {value}\n")
    with pytest.raises(UserError, match="recipe of version"):
        recipe.parse(f"version = {value}\n")
    assert "is too large" in sweep.read("9" * 400, "seed")[1]
    with pytest.raises(UserError, match=r"is too large|is not a whole number"):
        parser().parse_args(["train", "p", "--steps", "9" * 400])
    with pytest.raises(UserError, match="not a number of 0 or more"):
        parser().parse_args(["train", "p", "--lr", "9" * 400])


def test_what_is_said_beside_a_recipe_wins_and_steps_take_the_place_of_epochs(tmp_path: Path) -> None:
    recipe.write(tmp_path / "r.toml", BASE | {"epochs": 2.0, "seed": 1, "lr": 0.5})

    def heard(*options: str) -> dict:
        return _choices(parser().parse_args(["train", "p", "--recipe", str(tmp_path / "r.toml"), *options]))

    found = heard("--steps", "7", "--seed", "2", "--method", "finetune")
    assert (found["method"], found["steps"], found["seed"], found["lr"]) == ("finetune", 7, 2, 0.5)
    assert "epochs" not in found
    assert heard()["epochs"] == 2.0
    with pytest.raises(UserError, match="keeps its own settings"):
        heard("--resume", "train-1")
    with pytest.raises(UserError, match="--method and --student are missing"):
        _choices(parser().parse_args(["train", "p"]))
    with pytest.raises(UserError, match="--student is missing"):
        _choices(parser().parse_args(["train", "p", "--method", "finetune"]))


def test_0_epochs_leave_the_steps_of_a_recipe_alone(tmp_path: Path) -> None:
    recipe.write(tmp_path / "r.toml", BASE | {"steps": 10})
    found = _choices(parser().parse_args(["train", "p", "--recipe", str(tmp_path / "r.toml"), "--epochs", "0"]))
    assert (found["steps"], found["epochs"]) == (10, 0)
    assert complete(found)["steps"] == 10
    found = _choices(parser().parse_args(["train", "p", "--recipe", str(tmp_path / "r.toml"), "--epochs", "2"]))
    assert "steps" not in found


@pytest.mark.parametrize("student", ["-odd/model", "--seed", "-"])
def test_a_value_that_begins_like_an_option_is_said_so_that_it_is_read_as_a_value(student: str) -> None:
    choices = BASE | {"student": student}
    line = spoken.command_line(Path("p"), choices)
    assert f"--student={student}" in line
    assert complete(_choices(parser().parse_args(shlex.split(line)[1:]))) == complete(choices)


def test_an_address_is_no_student() -> None:
    with pytest.raises(UserError, match="An address is no student: give the hub id, such as google/flan-t5-small"):
        choose("https://huggingface.co/google/flan-t5-small")


@pytest.mark.parametrize("config", ["[]", "3", "null", '"t5"', "{", "[" * 100_000])
def test_a_config_that_is_no_json_object_leaves_the_architecture_open(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config)
    assert choose(str(tmp_path)).architecture == ""


def test_what_is_required_has_no_default() -> None:
    assert set(defaults(BASE)) == set(BY_NAME) - set(REQUIRED)
