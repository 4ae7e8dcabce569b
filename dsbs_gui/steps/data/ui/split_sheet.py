"""The sheet that draws valid and test: shares, seed, what must not be torn apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox

from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.data import plan
from dsbs_gui.steps.data.splitting import NEAR_DUPLICATE, NONE

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge


class SplitSheet(Sheet):
    """Splits on accept, and stays open with the reason when that cannot be.

    Signals:
        split_done(result): what ``plan.split`` returned.
    """

    split_done = Signal(object)

    def __init__(
        self, parent: QWidget | None, project: Project, bridge: Bridge, total: int, kept: dict[str, int], students: int
    ) -> None:
        super().__init__(parent, "Split the rows", subtitle="The same seed always gives the same split.", width="m")
        self._project, self._bridge = project, bridge
        self._total, self._kept = total, kept
        self.valid, self.test, self.seed = _share(10), _share(20), QSpinBox()
        self.seed.setMaximum(2**31 - 1)
        self.group = QComboBox()
        for key, text in self._groups():
            self.group.addItem(text, key)
        self.outcome = PlainLabel(wrap=True, type="emphasis")
        self._build(students)
        self.valid.valueChanged.connect(self._show_outcome)
        self.test.valueChanged.connect(self._show_outcome)
        self._show_outcome()

    def _build(self, students: int) -> None:
        form = Form()
        form.add_row(
            FormField("Valid", self.valid, "To choose the best checkpoint."),
            FormField("Test", self.test, "Looked at once, at the end."),
            FormField("Seed", self.seed, "Any number."),
        )
        form.add("Keep together", self.group, "Twins on both sides of a split make a student look better than it is.")
        stay = " and ".join(f"{plural(number, 'row')} of {name}" for name, number in self._kept.items())
        self.valid.setDisabled("valid" in self._kept)
        self.test.setDisabled("test" in self._kept)
        words = f"{stay} came from a file as such and stay there." if stay else ""
        self.add(form, self.outcome, PlainLabel(words, tone="muted", wrap=True))
        self.body.addStretch(1)
        if students:
            self.messages.show_message(
                "attention",
                f"{plural(students, 'student was', 'students were')} trained on the present split.",
                "After a new split their results cannot be compared with later ones.",
                dismissible=False,
            )
        self.apply = self.add_accept("Split")
        self.apply.clicked.disconnect()
        self.apply.clicked.connect(self.split)

    def _groups(self) -> list[tuple[str, str]]:
        fields = [name for name in self._project.task.fields if name not in ("input", "choices")]
        return [
            (NEAR_DUPLICATE, "Near-duplicates (equal once numbers are masked)"),
            *((name, f"Rows with the same {name}") for name in fields),
            (NONE, "Nothing: draw row by row"),
        ]

    def split(self) -> None:
        """Draw in the background; the sheet closes when the rows are moved."""
        self.apply.setEnabled(False)
        self.messages.clear("split")
        wanted: dict[str, Any] = {
            "valid": self.valid.value() / 100,
            "test": self.test.value() / 100,
            "seed": self.seed.value(),
            "group_by": self.group.currentData(),
        }
        self._bridge.run(lambda: plan.split(self._project, **wanted), self._on_split, self._on_refused, self)

    def _show_outcome(self) -> None:
        free = self._total - sum(self._kept.values())
        drawn = {
            "valid": 0 if "valid" in self._kept else round(free * self.valid.value() / 100),
            "test": 0 if "test" in self._kept else round(free * self.test.value() / 100),
        }
        rest = free - sum(drawn.values())
        parts = [f"about {count(rest)} train"]
        parts += [f"{count(self._kept.get(name, drawn[name]))} {name}" for name in ("valid", "test")]
        self.outcome.setText(" · ".join(parts))
        self.apply.setEnabled(rest > 0 and any(drawn.values()))

    def _on_split(self, result: dict[str, Any]) -> None:
        self.split_done.emit(result)
        self.accept()

    def _on_refused(self, error: DsbsError) -> None:
        self.apply.setEnabled(True)
        self.messages.show_message("bad", error.message, error.hint, key="split")


def _share(value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, 90)
    box.setSuffix(" %")
    box.setSingleStep(5)
    box.setValue(value)
    return box
