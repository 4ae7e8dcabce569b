"""The numbers of a run: a few in sight, the rest folded, each with a reason and a default from the preset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSizePolicy, QSpinBox, QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.theme.icons import set_icon
from dsbs_gui.kit.words import tooltip
from dsbs_gui.steps.training.options import BY_NAME, Option, said
from dsbs_gui.steps.training.presets import PRESETS, TITLES, source
from dsbs_gui.steps.training.specs import PRECISIONS, TrainSpec

from .log_to_field import LogToField

BASIC = ("steps", "batch_size")
ADVANCED = (
    *("epochs", "eval_every", "patience", "valid_limit", "save_every", "micro_batch", "lora_rank", "warmup"),
    *("weight_decay", "clip", "data_seed", "max_input", "max_target", "max_label"),
)
_RATE = re.compile(r"(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"[1-9]\d{0,2},\d{3}", re.ASCII)
PROCESSES = "processes"
"""Of advanced settings the one that is offered only where there are several GPUs."""


class SettingsFields(QWidget):
    """Signals:
    changed: a setting was changed.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preset = QComboBox()
        for name in PRESETS:
            self.preset.addItem(TITLES[name], name)
        self.lr = QLineEdit()
        self.seed = QSpinBox()
        self.seed.setRange(0, int(BY_NAME["seed"].high))
        self.log_to = LogToField()
        self.precision = QComboBox()
        for precision in PRECISIONS:
            self.precision.addItem(precision, precision)
        self.numbers: dict[str, QSpinBox | QDoubleSpinBox] = {
            name: _box(BY_NAME[name]) for name in (*BASIC, *ADVANCED, PROCESSES)
        }
        self.fields: dict[str, FormField] = {}
        self.fold = LinkButton("Advanced")
        self._advanced = Form()
        self._own_preset = "starter"
        self._build()
        self._connect()
        self.use_preset("starter")
        self.set_open(False)

    def _build(self) -> None:
        basic = Form()
        self.fields["preset"] = basic.add("Preset", self.preset, "Follows the student until you choose another one")
        basic.add_row(*(self._field(name, self.numbers[name]) for name in BASIC))
        self.lr_field = self._field("lr", self.lr)
        basic.add_row(self.lr_field, self._field("seed", self.seed))
        fields = [self._field(name, self.numbers[name]) for name in ADVANCED]
        fields.append(self._field("precision", self.precision))
        fields.append(self._field(PROCESSES, self.numbers[PROCESSES]))
        self.fields[PROCESSES].hide()
        for start in range(0, len(fields), 2):
            self._advanced.add_row(*fields[start : start + 2])
        self._advanced.add_row(self._field("log_to", self.log_to))
        for form in (basic, self._advanced):  # as high as its texts need at this width
            form.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for widget in (*self.numbers.values(), self.seed, self.lr):  # so that two of them share a line evenly
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
        column(basic, row(self.fold, None), self._advanced, gap="m", parent=self)

    def _field(self, name: str, widget: QWidget) -> FormField:
        self.fields[name] = FormField(BY_NAME[name].title, widget, BY_NAME[name].help)
        return self.fields[name]

    def _connect(self) -> None:
        self.preset.activated.connect(lambda _: self.use_preset(str(self.preset.currentData())))
        self.fold.clicked.connect(lambda: self.set_open(self._advanced.isHidden()))
        self.lr.textChanged.connect(self._on_changed)
        self.seed.valueChanged.connect(self._on_changed)
        self.precision.currentIndexChanged.connect(self._on_changed)
        self.log_to.changed.connect(self._on_changed)
        for box in self.numbers.values():
            box.valueChanged.connect(self._on_changed)

    def use_preset(self, name: str) -> None:
        """Set every setting but seeds to those of a preset."""
        self.preset.setCurrentIndex(self.preset.findData(name))
        wanted = self._defaults()
        for setting, box in self.numbers.items():
            if setting != "data_seed":
                box.setValue(wanted[setting])
        self.lr.setText(said(wanted["lr"]))
        self.precision.setCurrentIndex(self.precision.findData(wanted["precision"]))
        self._say_sources()
        self._on_changed()

    def follow(self, own: str) -> None:
        """Take the student's own preset, unless another one than the last student's own is chosen."""
        was, self._own_preset = self._own_preset, own
        if own != was and self.preset.currentData() == was:
            self.use_preset(own)

    def fill(self, choices: Mapping[str, Any]) -> None:
        """Show these choices, which name every setting."""
        self.preset.setCurrentIndex(self.preset.findData(choices["preset"]))
        for setting, box in self.numbers.items():
            if not (setting == "steps" and choices["epochs"]):
                set_exactly(box, choices[setting])
        self.lr.setText(said(float(choices["lr"])))
        self.seed.setValue(choices["seed"])
        self.precision.setCurrentIndex(self.precision.findData(choices["precision"]))
        self.log_to.set_value(choices["log_to"])
        self._say_sources()
        self._on_changed()
        if self.numbers[PROCESSES].value() > 1:
            self.fields[PROCESSES].show()
        if self.differing():
            self.set_open(True)

    def set_open(self, open: bool) -> None:
        """Show or fold the advanced settings."""
        self._advanced.setVisible(open)
        set_icon(self.fold, "caret-down" if open else "caret-right", role="accent")

    def offer_processes(self, gpus: int) -> None:
        """Let several processes train where there are several GPUs; stays in sight where they were chosen already."""
        self.fields[PROCESSES].setVisible(gpus > 1 or self.numbers[PROCESSES].value() > 1)

    def differing(self) -> list[str]:
        """Labels of advanced settings that are not the preset's."""
        wanted = self._defaults()
        names = [BY_NAME[name].title for name in (*ADVANCED, PROCESSES) if self.numbers[name].value() != wanted[name]]
        names += ["Precision"] if self.precision.currentData() != wanted["precision"] else []
        return names + (["Log to"] if self.log_to.value() else [])

    def problem(self) -> str:
        """Why the settings cannot be used; shown at the field too. Empty if they can."""
        rate = BY_NAME["lr"]
        wrong = f"A number above 0, up to {rate.high:g}, such as 0.001 or 5e-5" if rate.problem(self._rate()) else ""
        self.lr_field.set_error(wrong)
        return wrong

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``train_request``."""
        found: dict[str, Any] = {name: box.value() for name, box in self.numbers.items()}
        if found["epochs"]:
            found["steps"] = 0
        found |= {"lr": self._rate(), "seed": self.seed.value(), "precision": str(self.precision.currentData())}
        return found | {"preset": str(self.preset.currentData()), "log_to": self.log_to.value()}

    def _rate(self) -> float:
        """0 for what is no number; a comma may stand for the point, but not for thousands."""
        text = self.lr.text().strip()
        if not _RATE.fullmatch(text) or _THOUSANDS.fullmatch(text):
            return 0.0
        return float(text.replace(",", "."))

    def _defaults(self) -> dict[str, Any]:
        return TrainSpec(steps=1).to_json() | PRESETS[str(self.preset.currentData())].settings()

    def _say_sources(self) -> None:
        """At each field its default and where that comes from: shortly below it, in full in its tooltip."""
        wanted, preset = self._defaults(), str(self.preset.currentData())
        for name, field in self.fields.items():
            where = source(preset, name)
            if name not in wanted or where is None:
                continue
            option = BY_NAME[name]
            value = option.zero if option.zero and not wanted[name] else said(wanted[name])
            field.set_help(f"{option.help}\nDefault {value} ({where.tag})")
            full = tooltip(f"Default {value}. {where.text}.")
            for part in (field.label, field.field, field.help):
                part.setToolTip(full)

    def _on_changed(self) -> None:
        n = len(self.differing())
        self.fold.setText(f"Advanced · {n} {'differs' if n == 1 else 'differ'} from the preset" if n else "Advanced")
        self.fold.set_tooltip(", ".join(self.differing()))
        by_epochs = bool(self.numbers["epochs"].value())
        self.numbers["steps"].setEnabled(not by_epochs)
        self.fields["steps"].setToolTip(tooltip("Epochs count, under Advanced") if by_epochs else "")
        self.changed.emit()


def set_exactly(box: QSpinBox | QDoubleSpinBox, value: float) -> None:
    """Show a number with all its digits, also where the box has fewer by itself."""
    if isinstance(box, QDoubleSpinBox):
        digits = len(f"{Decimal(repr(float(value))):f}".rstrip("0").partition(".")[2])
        box.setDecimals(max(box.decimals(), digits))
        box.setValue(value)
    else:
        box.setValue(int(value))


def _box(option: Option) -> QSpinBox | QDoubleSpinBox:
    box: QSpinBox | QDoubleSpinBox
    if option.decimals:
        box = QDoubleSpinBox()
        box.setDecimals(option.decimals)
        box.setSingleStep(10.0**-option.decimals)
        box.setRange(option.low, option.high)
    else:
        box = QSpinBox()
        box.setRange(int(option.low), int(option.high))
        box.setGroupSeparatorShown(True)
    box.setSpecialValueText(option.zero)
    return box
