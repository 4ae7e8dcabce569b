"""A spec goes through JSON and comes back equal."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.specs import Spec


@dataclass(frozen=True)
class ExampleSpec(Spec):
    path: str = ""
    columns: tuple[str, ...] = ()


def test_a_spec_survives_json_and_leaves_its_place_behind() -> None:
    spec = ExampleSpec(run_dir="/somewhere", path="a", columns=("x", "y"))
    body = json.loads(json.dumps(spec.to_json()))
    assert "run_dir" not in body
    assert ExampleSpec.from_json(body | {"run_dir": "/elsewhere"}) == ExampleSpec("/elsewhere", "a", ("x", "y"))


def test_a_misspelt_setting_is_refused_by_name() -> None:
    with pytest.raises(UserError, match="colums"):
        ExampleSpec.from_json({"colums": []})
