"""What a teacher's tokens cost: prices that the person entered, kept in the settings of this machine.

No list of prices comes with the program: they change, and a wrong one is worse than none. A run remembers the
price it was made under, so that its cost stays what it was. Plain Python.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.kit import words

from .ledger import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.core.settings import Settings

MILLION = 1_000_000
_SEPARATOR = " = "
_CENTS, _LEAST_SHOWN = 0.1, 0.0001


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens of prompts, and of a million tokens of answers, in the currency of the settings."""

    million_in: float = 0.0
    million_out: float = 0.0

    @property
    def known(self) -> bool:
        return self.million_in > 0 or self.million_out > 0

    def of(self, usage: Usage) -> float:
        """What so many tokens cost."""
        return (usage.tokens_in * self.million_in + usage.tokens_out * self.million_out) / MILLION


FREE = Price()


def of_spec(spec: Mapping[str, Any]) -> Price:
    """The price that a run was made under."""
    return Price(float(spec.get("price_in") or 0), float(spec.get("price_out") or 0))


def kept(settings: Settings, teacher: str) -> Price:
    """The price kept for a teacher (by the name under which its answers are stored); :data:`FREE` if there is none.

    An entry that cannot be read is passed over.
    """
    for entry in settings.prices:
        name, _, amounts = entry.rpartition(_SEPARATOR)
        if name == teacher:
            price_in, _, price_out = amounts.partition("/")
            try:
                return checked(float(price_in), float(price_out))
            except (ValueError, UserError):
                continue
    return FREE


def keep(settings: Settings, teacher: str, price: Price) -> None:
    """Keep a price for a teacher in the place of the one before; :data:`FREE` takes it away."""
    others = [entry for entry in settings.prices if entry.rpartition(_SEPARATOR)[0] != teacher]
    mine = [f"{teacher}{_SEPARATOR}{price.million_in:g} / {price.million_out:g}"] if price.known else []
    settings.prices = sorted(others + mine)


def checked(million_in: float, million_out: float) -> Price:
    """Raises UserError for an amount that is negative or no number."""
    if not all(math.isfinite(amount) and amount >= 0 for amount in (million_in, million_out)):
        raise UserError("A price is negative or no number.", "Give the price of a million tokens, such as 0.15.")
    return Price(million_in, million_out)


def money(amount: float, currency: str = "$") -> str:
    """``4.20 $``; below ten cents with the two digits that count: ``0.012 $``."""
    if 0 < amount < _LEAST_SHOWN:
        return f"below {_LEAST_SHOWN}{words.NBSP}{currency}"
    shown = words.figure(amount, 2) if 0 < amount < _CENTS else f"{amount:,.2f}".replace(",", words.THIN)
    return f"{shown}{words.NBSP}{currency}"
