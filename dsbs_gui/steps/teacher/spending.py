"""What a budget has been used for: over all runs of a teacher in a project, whatever became of them. Plain Python.

A budget belongs to a teacher and a project. It counts every run of that teacher that was made under a budget,
from the first one on, with what a killed worker was asking when it died at the most that it may have cost. So
neither a restart nor a resume spends it twice; who wants to go on raises it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import answers, runs

from . import ledger, prices
from .ledger import Usage

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run

    from .specs import GenerateSpec

KIND = "generate"


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens, and money at the prices that the runs were made under."""

    tokens: int = 0
    money: float = 0.0

    def plus(self, other: Spent) -> Spent:
        return Spent(self.tokens + other.tokens, self.money + other.money)


def of_teacher(project: Project, teacher: str) -> Spent:
    """What was used of a teacher's budget in this project."""
    total = Spent()
    for run in runs.all_runs(project.store.reader, KIND):
        if run.context.get("teacher") == teacher and is_budgeted(run):
            total = total.plus(of_run(project, run))
    return total


def budgeted(project: Project, spec: GenerateSpec, teacher: str, tokens: int, money: float) -> GenerateSpec:
    """The spec with a budget (0: no limit) and with what earlier runs took of it.

    Raises: UserError for a budget that makes no sense, or while another run spends from it.
    """
    if tokens < 0 or money < 0 or not math.isfinite(money):
        raise UserError("The budget is negative or no number.", "Leave it out for no limit.")
    if not tokens and not money:
        return replace(spec, budget_tokens=0, budget_money=0.0, spent_tokens=0, spent_money=0.0)
    if money and not prices.Price(spec.price_in, spec.price_out).known:
        raise UserError(
            "A budget in money needs prices.", "Enter what a million tokens cost, or give the budget in tokens."
        )
    for run in runs.all_runs(project.store.reader, KIND, runs.LIVE):
        if run.context.get("teacher") == teacher and is_budgeted(run):
            raise UserError(f"{run.id} spends from this budget at the moment.", "Wait until it has ended, or stop it.")
    spent = of_teacher(project, teacher)
    return replace(
        spec, budget_tokens=tokens, budget_money=money, spent_tokens=spent.tokens, spent_money=round(spent.money, 9)
    )


def is_budgeted(run: Run) -> bool:
    return bool(run.spec.get("budget_tokens") or run.spec.get("budget_money"))


def of_run(project: Project, run: Run) -> Spent:
    """What one run used, by its ledger; by its answers where the ledger is gone."""
    account = ledger.read(project.run_folder(run.id))
    if account.lines:
        # A local teacher's lost work costs nobody anything; a server bills what it was asked.
        usage = account.at_most if run.spec.get("teacher_kind") == "server" else account.settled
    else:
        tally = answers.tally(project.store.reader, run.id)
        usage = Usage(tally["tokens_in"], tally["tokens_out"])
    return Spent(usage.tokens, prices.of_spec(run.spec).of(usage))
