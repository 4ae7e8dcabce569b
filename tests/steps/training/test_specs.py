from __future__ import annotations

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.training.methods import METHODS, alpha, rationale_weight
from dsbs_gui.steps.training.options import BY_NAME
from dsbs_gui.steps.training.specs import TrainSpec


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "magic"},
        {"precision": "fp16"},
        {"rationale_weight": -1.0},
        {"fraction": 0.0},
        {"fraction": 1.5},
        {"steps": 0},
        {"rationale_weight": float("inf")},
        {"rationale_weight": float("nan")},
        {"fraction": float("nan")},
        {"steps": 0, "epochs": float("inf")},
        {"epochs": float("nan")},
        {"weight_decay": float("inf")},
        {"clip": float("nan")},
        {"lr": 0.0},
        {"lr": 101.0},
        {"lr": float("inf")},
        {"lr": float("nan")},
        {"batch_size": 0},
        {"patience": -1},
        {"max_label": 1},
    ],
)
def test_settings_that_make_no_sense_are_refused_with_a_remedy(wrong: dict[str, object]) -> None:
    with pytest.raises(UserError) as error:
        TrainSpec(**({"steps": 10} | wrong))
    assert error.value.hint


def test_a_setting_that_is_no_finite_number_is_named() -> None:
    with pytest.raises(UserError, match="The setting lr is not a finite number"):
        TrainSpec(steps=1, lr=float("inf"))
    assert TrainSpec(steps=1, lr=float(BY_NAME["lr"].high)).lr == 100


def test_a_spec_survives_the_way_through_its_file() -> None:
    spec = TrainSpec(steps=5, rationale_weight=0.3, starter={"d_model": 32})
    assert TrainSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize("weight", [0.0, 0.25, 1.0, 3.0])
def test_alpha_and_lambda_are_inverse(weight: float) -> None:
    assert rationale_weight(alpha(weight)) == pytest.approx(weight, abs=1e-12)


def test_the_standard_baselines_have_no_prefix_as_in_the_reference_code() -> None:
    assert {name for name, method in METHODS.items() if method.prefixed} == {"step-by-step", "shuffled-rationale"}
