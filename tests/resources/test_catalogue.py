"""The catalogue of models says what is true of the files that are here, and claims no more."""

from __future__ import annotations

import tomllib
from hashlib import file_digest
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

MODELS = Path(__file__).parents[2] / "models"
ENTRIES: list[dict[str, Any]] = tomllib.loads((MODELS / "catalogue.toml").read_text("utf-8"))["model"]
BY_ID = {entry["id"]: entry for entry in ENTRIES}
MEASURED = {"sha256", "size_bytes", "parameters", "context_length"}


def test_ids_are_unique_and_the_two_that_always_exist_are_there() -> None:
    assert len(BY_ID) == len(ENTRIES)
    assert BY_ID["smollm2-135m"]["roles"] == ["teacher", "student"]
    assert BY_ID["starter"]["roles"] == ["student"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_every_entry_says_what_it_is_and_where_it_comes_from(entry: dict[str, Any]) -> None:
    assert entry["kind"] in {"gguf", "hub", "config"}
    assert entry["architecture"] in {"encoder-decoder", "decoder-only"}
    assert entry["roles"]
    assert set(entry["roles"]) <= {"teacher", "student"}
    assert entry["licence"]
    assert entry["title"]
    assert entry["summary"].endswith(".")
    assert sum(key in entry for key in ("package", "hub_id", "config")) == 1
    if "teacher" in entry["roles"]:
        assert entry["kind"] == "gguf"
        assert entry["architecture"] == "decoder-only"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_what_nobody_has_downloaded_is_not_called_verified_or_measured(entry: dict[str, Any]) -> None:
    assert entry["verified"] is ("hub_id" not in entry)
    if not entry["verified"]:
        assert not MEASURED & set(entry)
        assert {"approximate_size_bytes", "approximate_parameters"} <= set(entry)


def test_the_embedded_model_is_the_file_that_the_catalogue_describes() -> None:
    entry = BY_ID["smollm2-135m"]
    try:
        files = distribution(entry["package"]).files or []
    except PackageNotFoundError:
        pytest.skip(f"the package {entry['package']} is not installed")
    (found,) = [file for file in files if file.name == entry["file"]]
    path = Path(str(found.locate()))
    assert path.stat().st_size == entry["size_bytes"]
    with path.open("rb") as stream:
        assert file_digest(stream, "sha256").hexdigest() == entry["sha256"]


def test_the_starter_student_has_the_heads_that_its_width_needs() -> None:
    config = BY_ID["starter"]["config"]
    assert config["num_heads"] * config["d_kv"] == config["d_model"]
    assert (config["num_layers"], config["num_decoder_layers"]) == (3, 3)


def test_weights_are_kept_out_of_git() -> None:
    assert "/models/weights/" in (MODELS.parent / ".gitignore").read_text("utf-8").splitlines()
