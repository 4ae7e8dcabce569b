from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.arithmetic import same_value
from dsbs_gui.core.votes import Ballot, Vote, vote


def held(*cast: tuple[str | None, float | None], same: Callable[[str, str], bool] = str.__eq__) -> Vote:
    result = vote((Ballot(10 + i, i, label, logprob) for i, (label, logprob) in enumerate(cast)), same)
    assert result is not None
    return result


def test_the_label_of_most_samples_wins_and_its_best_sample_is_chosen() -> None:
    result = held(("4", -0.9), ("5", -0.1), ("4", -0.2), ("4", -0.5))
    assert [(party.label, party.votes) for party in result.parties] == [("4", 3), ("5", 1)]
    assert result.chosen.sample == 2
    assert (result.tied, result.share) == (False, 0.75)


def test_a_tie_goes_to_the_higher_mean_log_probability() -> None:
    result = held(("4", -0.9), ("5", -0.1), ("4", -0.2), ("5", -0.3))
    assert (result.chosen.sample, result.tied) == (1, True)


def test_then_to_the_lowest_sample() -> None:
    assert held(("4", None), ("5", None)).chosen.sample == 0
    assert held(("4", -0.5), ("5", -0.5)).chosen.sample == 0


def test_without_probabilities_the_first_sample_of_the_winner_is_chosen() -> None:
    assert held(("5", None), ("4", None), ("4", None)).chosen.sample == 1


def test_labels_that_mean_the_same_vote_together() -> None:
    result = held(("42", -0.5), ("(84 / 2)", -0.1), ("41", -0.2), same=same_value)
    assert [party.votes for party in result.parties] == [2, 1]
    assert result.parties[0].label == "(84 / 2)"


def test_a_blank_is_never_a_label_and_does_not_vote() -> None:
    result = held((None, -0.1), (" ", -0.1), ("4", -0.9))
    assert (result.chosen.sample, len(result.abstained), result.share) == (2, 2, 1.0)
    nobody = held((None, -0.3), ("", -0.1))
    assert (nobody.parties, nobody.chosen.sample, nobody.share) == ((), 1, 0.0)


def test_no_ballots_make_no_vote() -> None:
    assert vote([], str.__eq__) is None


@given(st.permutations([("4", -0.9), ("5", -0.1), ("4", -0.2), ("5", -0.3), (None, -0.05)]))
def test_the_order_in_which_samples_arrive_does_not_matter(order: list[tuple[str | None, float]]) -> None:
    samples = {("4", -0.9): 0, ("5", -0.1): 1, ("4", -0.2): 2, ("5", -0.3): 3, (None, -0.05): 4}
    result = vote((Ballot(samples[cast], samples[cast], *cast) for cast in order), str.__eq__)
    assert result is not None
    assert result.chosen.sample == 1
