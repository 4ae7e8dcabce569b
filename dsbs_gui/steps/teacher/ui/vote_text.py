"""A vote among samples as a sentence. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.words import plural, visible

if TYPE_CHECKING:
    from dsbs_gui.core.votes import Vote

_MOST = 4


def vote_text(vote: Vote) -> str:
    """*Vote: 42 by 3 of 5 samples; 41 by 1; 1 without a label*, and how a tie was broken."""
    n = sum(party.votes for party in vote.parties) + len(vote.abstained)
    if not vote.parties:
        return f"None of {plural(n, 'sample')} has a label."
    first, *others = vote.parties
    said = [f"Vote: {visible(first.label, 40)} by {first.votes} of {plural(n, 'sample')}"]
    said += [f"{visible(party.label, 40)} by {party.votes}" for party in others[: _MOST - 1]]
    if len(others) >= _MOST:
        said.append(f"{plural(len(others) - _MOST + 1, 'further label')}")
    if vote.abstained:
        said.append(f"{len(vote.abstained)} without a label")
    return "; ".join(said) + (". A tie: the more probable label stands." if vote.tied else ".")
