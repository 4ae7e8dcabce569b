"""The numbers of a run: a few in sight, the rest folded, each with a reason and a default from the preset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.theme.icons import set_icon
from dsbs_gui.steps.training.presets import PRESETS
from dsbs_gui.steps.training.specs import PRECISIONS, TrainSpec

_MOST = 1_000_000


@dataclass(frozen=True)
class Setting:
    """A number of ``TrainSpec``. ``zero`` is what 0 is called where it means something else than nothing."""

    name: str
    label: str
    help: str
    low: float = 0
    high: float = _MOST
    decimals: int = 0
    zero: str = ""


BASIC = (
    Setting("steps", "Steps", "Optimiser steps in all", low=1),
    Setting("batch_size", "Batch size", "Rows of one step", low=1, high=4096),
)
ADVANCED = (
    Setting("eval_every", "Validate every", "Steps between validations", zero="automatic"),
    Setting("patience", "Patience", "Stops after validations without gain", zero="off"),
    Setting("valid_limit", "Validation rows", "At most so many each time", zero="all"),
    Setting(
        "save_every", "Checkpoint every", "Steps; automatic: as validations, or every ten minutes", zero="automatic"
    ),
    Setting("micro_batch", "Micro-batch", "Rows computed at once; the result is the same", zero="automatic"),
    Setting("lora_rank", "LoRA rank", "Trains small matrices instead of all weights", high=512, zero="off"),
    Setting("warmup", "Warm-up", "Steps over which the rate rises first", zero="none"),
    Setting("weight_decay", "Weight decay", "Of AdamW; the paper's code uses 0", high=1, decimals=3),
    Setting("clip", "Gradient clip", "Largest norm of a step's gradient", high=100, decimals=2, zero="none"),
    Setting("data_seed", "Data seed", "Which rows a share takes", high=2**31 - 1),
    Setting("max_input", "Input tokens", "Longer inputs are cut, with a warning", low=2, high=8192),
    Setting("max_target", "Rationale tokens", "Longer rationales are cut", low=2, high=8192),
    Setting("max_label", "Label tokens", "Longer labels are cut", low=2, high=8192),
)
_TITLES = {"starter": "Starter", "faster": "T5, faster", "paper": "As in the paper", "decoder-only": "Language model"}


class SettingsFields(QWidget):
    """Signals:
    changed: a setting was changed.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preset = QComboBox()
        for name in PRESETS:
            self.preset.addItem(_TITLES[name], name)
        self.lr = QLineEdit()
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.precision = QComboBox()
        for precision in PRECISIONS:
            self.precision.addItem(precision, precision)
        self.numbers: dict[str, QSpinBox | QDoubleSpinBox] = {s.name: _box(s) for s in (*BASIC, *ADVANCED)}
        self.fold = LinkButton("Advanced")
        self._advanced = Form()
        self._build()
        self._connect()
        self.use_preset("starter")
        self.set_open(False)

    def _build(self) -> None:
        basic = Form()
        basic.add("Preset", self.preset, "Follows the student until you choose another one")
        basic.add_row(*(FormField(s.label, self.numbers[s.name], s.help) for s in BASIC))
        self.lr_field = FormField("Learning rate", self.lr, "Falls linearly to 0")
        basic.add_row(self.lr_field, FormField("Seed", self.seed, "Order, dropout, new weights"))
        fields = [FormField(s.label, self.numbers[s.name], s.help) for s in ADVANCED]
        fields.append(FormField("Precision", self.precision, "bf16 is faster where a GPU has it; weights stay in fp32"))
        for start in range(0, len(fields), 2):
            self._advanced.add_row(*fields[start : start + 2])
        column(basic, row(self.fold, None), self._advanced, gap="m", parent=self)

    def _connect(self) -> None:
        self.preset.activated.connect(lambda _: self.use_preset(str(self.preset.currentData())))
        self.fold.clicked.connect(lambda: self.set_open(self._advanced.isHidden()))
        self.lr.textChanged.connect(self._on_changed)
        self.seed.valueChanged.connect(self._on_changed)
        self.precision.currentIndexChanged.connect(self._on_changed)
        for box in self.numbers.values():
            box.valueChanged.connect(self._on_changed)

    def use_preset(self, name: str) -> None:
        """Set every setting but seeds and precision to those of a preset."""
        self.preset.setCurrentIndex(self.preset.findData(name))
        wanted = self._defaults()
        for setting in (*BASIC, *ADVANCED):
            if setting.name != "data_seed":
                self.numbers[setting.name].setValue(wanted[setting.name])
        self.lr.setText(f"{wanted['lr']:g}")
        self._on_changed()

    def set_open(self, open: bool) -> None:
        """Show or fold the advanced settings."""
        self._advanced.setVisible(open)
        set_icon(self.fold, "caret-down" if open else "caret-right", role="accent")

    def differing(self) -> list[str]:
        """Labels of advanced settings that are not the preset's."""
        wanted = self._defaults()
        names = [s.label for s in ADVANCED if self.numbers[s.name].value() != wanted[s.name]]
        return names + (["Precision"] if self.precision.currentData() != wanted["precision"] else [])

    def problem(self) -> str:
        """Why the settings cannot be used; shown at the field too. Empty if they can."""
        said = "" if self._rate() > 0 else "A number above 0, such as 0.001 or 5e-5"
        self.lr_field.set_error(said)
        return said

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``train_request``."""
        found: dict[str, Any] = {name: box.value() for name, box in self.numbers.items()}
        found |= {"lr": self._rate(), "seed": self.seed.value(), "precision": str(self.precision.currentData())}
        return found | {"preset": str(self.preset.currentData())}

    def _rate(self) -> float:
        try:
            return float(self.lr.text().strip().replace(",", "."))
        except ValueError:
            return 0.0

    def _defaults(self) -> dict[str, Any]:
        return TrainSpec(steps=1).to_json() | PRESETS[str(self.preset.currentData())].settings()

    def _on_changed(self) -> None:
        n = len(self.differing())
        self.fold.setText(f"Advanced · {n} {'differs' if n == 1 else 'differ'} from the preset" if n else "Advanced")
        self.fold.set_tooltip(", ".join(self.differing()))
        self.changed.emit()


def _box(setting: Setting) -> QSpinBox | QDoubleSpinBox:
    box: QSpinBox | QDoubleSpinBox
    if setting.decimals:
        box = QDoubleSpinBox()
        box.setDecimals(setting.decimals)
        box.setSingleStep(10.0**-setting.decimals)
        box.setRange(setting.low, setting.high)
    else:
        box = QSpinBox()
        box.setRange(int(setting.low), int(setting.high))
        box.setGroupSeparatorShown(True)
    box.setSpecialValueText(setting.zero)
    return box
