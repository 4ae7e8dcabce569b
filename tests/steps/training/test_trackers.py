"""Experiment trackers: real TensorBoard files, one that fails, one that is not there; nothing without being asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from accelerate.tracking import LOGGER_TYPE_TO_CLASS, TensorBoardTracker

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import Evaluated, Finished, StepMetrics, Warned
from dsbs_gui.steps.training import trackers
from dsbs_gui.steps.training.options import BY_NAME
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.ui.log_to_field import LogToField
from dsbs_gui.steps.training.ui.settings_fields import SettingsFields

from .toy import make_run, spec_for, student_of, train, weights_hash

READ = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1])
found.Reload()
print(json.dumps({tag: [(e.step, e.value) for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}))
"""


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_has_the_curves_that_the_owner_has(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, log_to="tensorboard", steps=4, eval_every=2))
    assert not [message for message in said if isinstance(message, Warned)]
    (place,) = (path.parent for path in folder.rglob("events.out.*") if path.parent.name == "dsbs-studio")
    assert place.parent == folder / "tensorboard"
    read = subprocess.run([sys.executable, "-W", "ignore", "-c", READ, str(place)], capture_output=True, text=True)
    found = json.loads(read.stdout)
    for name in ("label_loss", "rationale_loss", "lr", "grad_norm"):
        told = [
            (m.step, pytest.approx(m.values[name])) for m in said if isinstance(m, StepMetrics) and name in m.values
        ]
        assert told
        assert [tuple(point) for point in found[name]] == told
    told = [(m.step, pytest.approx(m.correct / m.n)) for m in said if isinstance(m, Evaluated)]
    assert [tuple(point) for point in found["valid_accuracy"]] == told
    settings = "".join(path.read_text() for path in folder.rglob("hparams.yml"))
    assert "rationale_weight" in settings
    assert str(tmp_path) not in settings, "no place of this machine"


@pytest.mark.filterwarnings("ignore")
def test_without_being_asked_nothing_is_logged_and_logging_changes_nothing_that_is_learnt(tmp_path: Path) -> None:
    plain, logged = make_run(tmp_path / "plain"), make_run(tmp_path / "logged")
    expected = weights_hash(student_of(plain, train(spec_for(plain))))
    assert not (plain / "tensorboard").exists()
    assert weights_hash(student_of(logged, train(spec_for(logged, log_to="tensorboard")))) == expected


@pytest.mark.parametrize("fails_at", ["start", "log", "finish"])
def test_a_tracker_that_fails_is_given_up_and_the_training_goes_on(
    fails_at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(TensorBoardTracker):
        def start(self) -> None:
            self._at("start")

        def store_init_configuration(self, values: dict) -> None:
            pass

        def log(self, values: dict, step: int | None = None, **_: object) -> None:
            self._at("log")

        def finish(self) -> None:
            self._at("finish")

        def _at(self, place: str) -> None:
            if place == fails_at:
                raise OSError("the server does not answer")

    monkeypatch.setitem(LOGGER_TYPE_TO_CLASS, "tensorboard", Failing)
    said = train(spec_for(make_run(tmp_path / "run"), log_to="tensorboard"))
    warned = [message.text for message in said if isinstance(message, Warned)]
    assert warned == ["Logging to a tracker failed: the server does not answer."]
    [end] = [message for message in said if isinstance(message, Finished)]
    assert (end.status, end.summary["steps"]) == ("done", 4)


def test_what_is_unknown_or_not_installed_is_said_before_anything_is_queued() -> None:
    assert trackers.names(" tensorboard, mlflow,,tensorboard ") == ["tensorboard", "mlflow"]
    trackers.demand("tensorboard")
    with pytest.raises(UserError, match="no tracker “paper”"):
        trackers.demand("paper")
    with pytest.raises(UserError, match="no tracker “paper”"):
        TrainSpec(steps=1, log_to="paper")
    absent = next(name for name in trackers.TRACKERS if not trackers.is_installed(name))
    with pytest.raises(UserError, match="is not installed") as caught:
        trackers.demand(absent)
    assert f"pip install {trackers.TRACKERS[absent].package}" in caught.value.hint
    assert set(trackers.TRACKERS) <= set(LOGGER_TYPE_TO_CLASS), "accelerate knows each of them"
    assert "is no list of tensorboard" in BY_NAME["log_to"].problem("tensorboard, paper")
    assert BY_NAME["log_to"].problem("tensorboard, mlflow") == BY_NAME["log_to"].problem("") == ""


def test_the_window_offers_what_is_installed_and_ticks_nothing(qtbot) -> None:
    field = LogToField()
    qtbot.addWidget(field)
    assert {name for name, box in field.boxes.items() if box.isEnabled()} == {
        name for name in trackers.TRACKERS if trackers.is_installed(name)
    }
    assert field.value() == ""
    field.boxes["tensorboard"].click()
    assert field.value() == "tensorboard"
    absent = next(name for name in trackers.TRACKERS if not trackers.is_installed(name))
    field.set_value(f"{absent},tensorboard")
    assert field.value() == f"tensorboard,{absent}"
    assert "not installed" in field.boxes[absent].text()
    settings = SettingsFields()
    qtbot.addWidget(settings)
    settings.log_to.set_value("tensorboard")
    assert settings.choices()["log_to"] == "tensorboard"
    assert settings.differing() == ["Log to"]
