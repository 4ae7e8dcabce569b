"""Settings: one declared option each, bad values fall back, what is not ours is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dsbs_gui.core import catalogue
from dsbs_gui.core import settings as module
from dsbs_gui.core.settings import OPTIONS, Settings, put_into_environment


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def test_a_value_survives_a_restart(path: Path) -> None:
    Settings(path).theme = "dark"
    assert Settings(path).theme == "dark"


def test_without_a_file_every_option_has_its_default(path: Path) -> None:
    settings = Settings(path)
    assert (settings.theme, settings.offline, settings.recent) == ("system", False, [])
    assert not settings.problems
    assert not path.exists()


def test_every_option_has_a_help_and_a_default_that_it_takes() -> None:
    for key, option in OPTIONS.items():
        assert option.help.endswith("."), key
        assert option.problem(option.default) == "", key


@pytest.mark.parametrize("bad", ['theme = "pink"', "theme = 3", "theme = []"])
def test_a_bad_value_falls_back_with_a_sentence(path: Path, bad: str) -> None:
    path.parent.mkdir()
    path.write_text(f"[look]\n{bad}\n[network]\noffline = true\n", "utf-8")
    settings = Settings(path)
    assert settings.theme == "system"
    assert settings.offline is True, "the good ones are used"
    assert len(settings.problems) == 1
    assert "look.theme" in settings.problems[0]


def test_a_number_is_not_taken_for_yes(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("[network]\noffline = 1\n", "utf-8")
    assert Settings(path).offline is False


def test_unknown_keys_and_comments_are_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("# mine\n[look]\nfuture = 7 # later\n[other]\nx = 1\n", "utf-8")
    Settings(path).theme = "light"
    text = path.read_text("utf-8")
    assert "# mine" in text
    assert "future = 7 # later" in text
    assert "[other]\nx = 1" in text
    assert 'theme = "light"' in text


def test_two_windows_do_not_undo_each_other(path: Path) -> None:
    first, second = Settings(path), Settings(path)
    first.theme = "dark"
    second.offline = True
    again = Settings(path)
    assert (again.theme, again.offline) == ("dark", True)


def test_a_file_that_is_no_toml_is_put_aside_and_not_overwritten(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("[look\ntheme = ", "utf-8")
    settings = Settings(path)
    assert settings.problems
    settings.theme = "dark"
    assert path.with_suffix(".damaged").read_text("utf-8") == "[look\ntheme = "
    assert Settings(path).theme == "dark"


def test_bytes_that_are_no_text_are_survived(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00theme")
    settings = Settings(path)
    settings.theme = "dark"
    assert Settings(path).theme == "dark"


def test_a_table_that_is_something_else_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("look = 3\n", "utf-8")
    Settings(path).theme = "dark"
    assert Settings(path).theme == "dark"


def test_what_cannot_be_written_is_kept_in_memory_and_noted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    settings = Settings(tmp_path / "file" / "settings.toml")
    settings.problems.clear()
    settings.theme = "dark"
    assert settings.theme == "dark"
    assert settings.problems


def test_a_wrong_value_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match=r"look\.theme"):
        Settings(path).theme = "pink"


def test_listeners_hear_of_changes_only(path: Path) -> None:
    settings, heard = Settings(path), []
    end = settings.listen(heard.append)
    settings.theme = "dark"
    settings.theme = "dark"
    end()
    settings.theme = "light"
    assert heard == ["look.theme"]


def test_the_default_list_is_not_shared(path: Path) -> None:
    Settings(path).recent.append("x")
    assert Settings(path).recent == []


def test_workers_inherit_offline_and_the_model_folders(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_before", {})
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_DATASETS_OFFLINE", raising=False)
    monkeypatch.setenv("DSBS_MODELS", "/from/outside")
    settings = Settings(path)
    settings.offline = True
    settings.model_folders = [str(tmp_path / "a"), str(tmp_path / "b")]
    put_into_environment(settings)
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["HF_DATASETS_OFFLINE"] == "1"
    assert catalogue.folders()[1:] == [tmp_path / "a", tmp_path / "b"]
    settings.offline = False
    settings.model_folders = []
    put_into_environment(settings)
    assert "HF_HUB_OFFLINE" not in os.environ
    assert catalogue.folders()[1:] == [Path("/from/outside")]
