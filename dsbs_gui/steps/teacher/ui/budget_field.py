"""A hard limit in tokens or in money, and how much of it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QWidget

from dsbs_gui.core.settings import user_settings
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.words import count
from dsbs_gui.steps.teacher.prices import money

if TYPE_CHECKING:
    from dsbs_gui.steps.teacher.spending import Spent

_HELP = "A hard stop, over all runs"
_STEPS = {"tokens": 10_000.0, "money": 1.0}


class BudgetField(FormField):
    """Signals:
    changed: another amount or unit.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.amount = QDoubleSpinBox(minimum=0, maximum=99_999_999, decimals=0, singleStep=_STEPS["tokens"])
        self.amount.setSpecialValueText("no limit")
        self.unit = QComboBox()
        self.unit.addItem("tokens", "tokens")
        self.unit.setAccessibleName("Unit of the budget")
        super().__init__("Budget", boxed(row(self.amount, self.unit, gap="xs")), _HELP, parent)
        self.amount.setAccessibleName("Budget")
        self.unit.currentIndexChanged.connect(lambda _: self._on_unit())
        self.amount.valueChanged.connect(lambda _: self.changed.emit())

    def choices(self) -> dict[str, Any]:
        """Keyword arguments for ``generate_request``."""
        amount, in_money = self.amount.value(), self.unit.currentData() == "money"
        return {
            "budget_tokens": None if in_money or not amount else int(amount),
            "budget_money": round(amount, 2) if in_money and amount else None,
        }

    def set_money(self, allowed: bool) -> None:
        """Whether the budget may be in money: a local teacher costs none."""
        place = self.unit.findData("money")
        if allowed and place < 0:
            self.unit.addItem(user_settings().currency, "money")
        elif not allowed and place >= 0:
            self.unit.setCurrentIndex(0)
            self.unit.removeItem(place)

    def show_spent(self, spent: Spent, currency: str) -> None:
        """Say what this teacher has used under budgets so far."""
        text = _HELP
        if self.amount.value() and (spent.tokens or spent.money):
            in_money = self.unit.currentData() == "money"
            text = f"{money(spent.money, currency) if in_money else count(spent.tokens)} of it spent, over all runs"
        self.set_help(text)

    def _on_unit(self) -> None:
        unit = str(self.unit.currentData())
        self.amount.setValue(0)
        self.amount.setDecimals(2 if unit == "money" else 0)
        self.amount.setSingleStep(_STEPS[unit])
        self.changed.emit()
