"""Self-consistency (Wang et al. 2023): of several samples the label that most of them give. Plain Python.

Who does not vote: failures (they never come here) and answers without a label; a blank is never a label.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Ballot:
    """A usable answer: its id, sample index, label and mean log-probability (None where the engine gives none)."""

    answer_id: int
    sample: int
    label: str | None
    mean_logprob: float | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Ballots whose labels mean the same, the best first; ``label`` as the best one writes it."""

    label: str
    ballots: tuple[Ballot, ...]

    @property
    def votes(self) -> int:
        return len(self.ballots)


@dataclass(frozen=True, slots=True)
class Vote:
    """The outcome.

    Attributes:
        parties: labels with their ballots, the winner first.
        abstained: answers without a label.
        chosen: the answer whose rationale stands: the best of the winning label.
    """

    parties: tuple[Party, ...]
    abstained: tuple[Ballot, ...]
    chosen: Ballot

    @property
    def tied(self) -> bool:
        """Whether another label has as many votes as the winner, so that probability decided."""
        return len(self.parties) > 1 and self.parties[1].votes == self.parties[0].votes

    @property
    def share(self) -> float:
        """The winner's part of the votes cast; 0 if none was."""
        cast = sum(party.votes for party in self.parties)
        return self.parties[0].votes / cast if cast else 0.0


def vote(ballots: Iterable[Ballot], same: Same) -> Vote | None:
    """Count the votes; None without ballots.

    A tie goes to the label with the higher mean log-probability, then to the one with the lowest sample. Of
    the winning label the answer with the highest mean log-probability is chosen, then the lowest sample.

    Args:
        same: whether two labels mean the same.
    """
    ordered = sorted(ballots, key=_merit)
    if not ordered:
        return None
    cast = [ballot for ballot in ordered if ballot.label and ballot.label.strip()]
    parties = sorted(_parties(cast, same), key=lambda party: (-party.votes, -_mean(party), _lowest(party)))
    abstained = tuple(ballot for ballot in ordered if ballot not in cast)
    return Vote(tuple(parties), abstained, parties[0].ballots[0] if parties else ordered[0])


def _merit(ballot: Ballot) -> tuple[float, int]:
    return -_logprob(ballot), ballot.sample


def _logprob(ballot: Ballot) -> float:
    return -math.inf if ballot.mean_logprob is None else ballot.mean_logprob


def _mean(party: Party) -> float:
    return sum(map(_logprob, party.ballots)) / party.votes


def _lowest(party: Party) -> int:
    return min(ballot.sample for ballot in party.ballots)


def _parties(cast: Sequence[Ballot], same: Same) -> list[Party]:
    groups: list[list[Ballot]] = []
    for ballot in cast:
        group = next((g for g in groups if same(str(g[0].label), str(ballot.label))), None)
        if group is None:
            groups.append([ballot])
        else:
            group.append(ballot)
    return [Party(str(group[0].label), tuple(group)) for group in groups]
