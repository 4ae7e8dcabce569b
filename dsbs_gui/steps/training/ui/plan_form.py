"""The plan of a run: method, student, data, λ, settings. Says what it will be, not how it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QDoubleSpinBox, QWidget
from typing_extensions import override

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.choice_card import ChoiceCard
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import percent, plural
from dsbs_gui.steps.training.data import Counts
from dsbs_gui.steps.training.fit import Fit
from dsbs_gui.steps.training.methods import METHODS, Method, alpha
from dsbs_gui.steps.training.options import BY_NAME
from dsbs_gui.steps.training.presets import preset_for

from .command_card import CommandCard
from .device_field import DeviceField, MemoryLine
from .like_bar import LikeBar
from .settings_fields import SettingsFields, set_exactly
from .student_picker import StudentPicker

_ICONS = {
    "step-by-step": "list-numbers",
    "finetune": "circle-wavy-check",
    "distill": "flask",
    "single-task": "text-align-left",
    "label-then-rationale": "tag",
    "shuffled-rationale": "shuffle",
}
_WIDTH = 350
"""So that the sentences of the methods stay on their line."""
_SHARES = (1.0, 0.5, 0.25, 0.125)
_AUTHORS = {"teacher": "of the teacher", "textbook": "textbook", "import": "imported", "person": "of a person"}


class PlanForm(QWidget):
    """Signals:
    changed: anything was changed.
    rows_changed: which rows are wanted was changed: `show_counts` is due.
    """

    changed = Signal()
    rows_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Counts | None = None
        self.methods: dict[str, ChoiceCard] = {}
        self.student = StudentPicker()
        self.memory = MemoryLine()
        self.device = DeviceField()
        self.labels = SegmentedControl([("gold", "Gold labels"), ("teacher", "Teacher's labels")], name="Labels")
        self.rows = SegmentedControl([("all", "All rows"), ("reviewed", "Reviewed rows")], name="Rows")
        self.share = QComboBox()
        self.weight = QDoubleSpinBox()
        self.alpha = PlainLabel(tone="muted")
        self.data_note = PlainLabel(wrap=True)
        self.data_warning = PlainLabel(type="caption", tone="attention", wrap=True)
        self.settings = SettingsFields()
        self.like = LikeBar()
        self.command = CommandCard()
        self._group = QButtonGroup(self)
        self._build()
        self._connect()
        self.set_method("step-by-step")

    def _build(self) -> None:
        for name, method in METHODS.items():
            card = self.methods[name] = ChoiceCard(method.title, method.summary, _ICONS[name])
            self._group.addButton(card)
        for share in _SHARES:
            self._add_share(share)
        self.weight.setRange(BY_NAME["rationale_weight"].low, BY_NAME["rationale_weight"].high)
        self.weight.setDecimals(2)
        self.weight.setSingleStep(0.1)
        self.weight.setValue(1)
        weight = row(self.weight, self.alpha, None, gap="m")
        self._weight_card = Card(
            "Rationale weight λ",
            weight,
            PlainLabel(
                "Loss = label loss + λ · rationale loss. The reference code writes α = 1/(1+λ).",
                type="caption",
                tone="muted",
                wrap=True,
            ),
        )
        self.weight.setAccessibleName("Rationale weight λ")
        self.share_field = FormField(
            "Share of the rows", self.share, "For one data seed, smaller shares lie within larger ones"
        )
        data = Card(
            "Data",
            row(self.labels, None),
            row(self.rows, None),
            self.share_field,
            self.data_note,
            self.data_warning,
        )
        layout = column(
            self.like,
            Card("Method", *self.methods.values()),
            Card("Student", self.student, self.memory),
            Card("Device", self.device),
            data,
            self._weight_card,
            Card("Settings", self.settings),
            self.command,
            gap="m",
            parent=self,
        )
        layout.addStretch(1)
        self.setMinimumWidth(_WIDTH)

    def _connect(self) -> None:
        for name, card in self.methods.items():
            card.clicked.connect(lambda _=False, name=name: self.set_method(name))
        self.student.changed.connect(self._on_student_changed)
        self.labels.chosen.connect(lambda _: self._on_rows_changed())
        self.rows.chosen.connect(lambda _: self._on_rows_changed())
        self.share.currentIndexChanged.connect(lambda _: self._show())
        self.weight.valueChanged.connect(lambda _: self._show())
        self.settings.changed.connect(self._on_settings_changed)
        self.device.changed.connect(self._on_settings_changed)
        self.like.forgotten.connect(self.forget)

    # ------------------------------------------------------------ what others call

    def method(self) -> Method:
        """The chosen method."""
        return next(METHODS[name] for name, card in self.methods.items() if card.isChecked())

    def set_method(self, name: str) -> None:
        """Choose a method; its usual labels are chosen with it."""
        self.methods[name].setChecked(True)
        self.labels.set_value(METHODS[name].labels)
        self._on_rows_changed()

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``train_request``."""
        return {
            "method": self.method().name,
            "student": self.student.student(),
            "labels": self.labels.value(),
            "rows": self.rows.value(),
            "fraction": float(self.share.currentData()),
            "rationale_weight": self.weight.value(),
            "device": self.device.device(),
        } | self.settings.choices()

    def fill(self, choices: Mapping[str, Any], name: str) -> None:
        """Show these choices, which name every option, and mark from now on what differs from them.

        Args:
            name: of the run or file that they come from, for people.
        """
        self.like.end()
        self.methods[choices["method"]].setChecked(True)
        self.student.set_student(choices["student"])
        self.labels.set_value(choices["labels"])
        self.rows.set_value(choices["rows"])
        if self.share.findData(choices["fraction"]) < 0:
            self._add_share(choices["fraction"])
        self.share.setCurrentIndex(self.share.findData(choices["fraction"]))
        set_exactly(self.weight, choices["rationale_weight"])
        self.device.set_device(choices["device"])
        self.settings.fill(choices)
        self.like.begin(name, choices)
        self._on_rows_changed()

    def forget(self) -> None:
        """Compare with nothing any more; what is chosen stays."""
        self.like.end()
        self._mark()

    def problem(self) -> str:
        """Why there can be no run yet, as a sentence; empty if there can."""
        if wrong := self.settings.problem():
            return f"The learning rate cannot be used: {wrong[0].lower()}{wrong[1:]}."
        if not self.student.student():
            return "Name a student: a folder, a GGUF file or a hub id."
        return self.student.problem()

    def train_rows(self) -> int:
        """Rows to learn from, before a share is taken; 0 while they are not counted."""
        return self._counts.train if self._counts else 0

    def show_counts(self, counts: Counts) -> None:
        """Say how many rows there are, and what is odd about them."""
        self._counts = counts
        self._show()

    def show_fit(self, found: Fit) -> None:
        """Say which devices there are, and whether the plan fits into its own."""
        self.device.show_fit(found)
        self.memory.show_fit(found)
        self.settings.offer_processes(sum(device.kind == "gpu" for device in found.devices))

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        method = self.method()
        self._weight_card.setVisible(method.multitask)
        self.alpha.setText(f"α {alpha(self.weight.value()):.3g}")
        if self._counts is not None:
            self.data_note.setText(" ".join(_said(self._counts, float(self.share.currentData()), method)))
            self.data_warning.show_text(" ".join(_odd(self._counts, method, self.labels.value())), "attention")
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        """Colour the labels of what differs from the run or recipe that the form was filled after."""
        names = {o.name for o in self.like.compare(self.choices())} if self.like.name() else set()
        fields = {**self.settings.fields, "fraction": self.share_field}
        for name, field in fields.items():
            field.label.set_tone("accent" if name in names else "text")
        self._weight_card.title.set_tone("accent" if "rationale_weight" in names else "text")

    def _add_share(self, share: float) -> None:
        self.share.addItem("All of them" if share == 1 else percent(share, 1 if share < 0.2 else 0), share)

    def _on_settings_changed(self) -> None:
        self._mark()
        self.changed.emit()

    def _on_rows_changed(self) -> None:
        self._counts = None
        self._show()
        self.rows_changed.emit()

    def _on_student_changed(self) -> None:
        self.memory.hide()  # until the new one has been weighed
        self.settings.follow(preset_for(self.student.student(), self.student.architecture()))
        self.changed.emit()

    @override
    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(_WIDTH, 0))


def _said(counts: Counts, share: float, method: Method) -> list[str]:
    used = max(1, round(counts.train * share)) if counts.train else 0
    valid = f"{plural(counts.valid, 'row')} to validate on" if counts.valid else "none to validate on"
    parts = [f"{plural(used, 'row')} to learn from, {valid}."]
    if method.uses_rationales and counts.rationales:
        written = ", ".join(f"{n} {_AUTHORS.get(author, author)}" for author, n in counts.rationales.items())
        of_all = f" of all {plural(counts.train, 'row')}" if share < 1 else ""
        parts.append(f"Rationales{of_all}: {written}.")
    return parts


def _odd(counts: Counts, method: Method, labels: str) -> list[str]:
    parts = []
    if counts.no_label:
        whose = "gold label" if labels == "gold" else "label of the teacher"
        parts.append(f"{plural(counts.no_label, 'row')} without a {whose} left out.")
    if counts.dropped:
        parts.append(f"{plural(counts.dropped, 'row')} left out, as your rules say.")
    if counts.held_out:
        parts.append("There is no valid split: a tenth of the rows is held out for it.")
    if not method.uses_rationales:
        return parts
    without = counts.train - counts.masked - sum((counts.rationales or {}).values())
    if without > 0 and not counts.held_out:
        parts.append(f"{plural(without, 'row')} without a rationale: there only the label is learnt.")
    if counts.masked:
        parts.append(f"{plural(counts.masked, 'rationale')} not learnt, as your rules say.")
    if counts.conflicts:
        argue = "argues" if counts.conflicts == 1 else "argue"
        parts.append(f"{plural(counts.conflicts, 'rationale')} {argue} for another label than the gold one.")
    return parts
