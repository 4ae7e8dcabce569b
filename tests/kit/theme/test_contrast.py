"""Both themes can be read."""

from __future__ import annotations

import pytest

from dsbs_gui.kit.theme.contrast import pairs_in_use, ratio
from dsbs_gui.kit.theme.tokens import DARK, LIGHT, Tokens


def test_the_ratio_is_that_of_the_standard() -> None:
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert ratio("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
def test_every_pair_in_use_has_enough_contrast(tokens: Tokens) -> None:
    poor = [
        f"{pair.name}: {ratio(pair.foreground, pair.background):.2f}, needs {pair.least}"
        for pair in pairs_in_use(tokens)
        if ratio(pair.foreground, pair.background) < pair.least
    ]
    assert not poor


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)
def test_lines_through_a_plot_can_be_told_from_each_other(tokens: Tokens) -> None:
    drawn_together = [tokens.data[role] for role in ("label_loss", "rationale_loss", "accuracy", "baseline_1")]
    assert len(set(drawn_together)) == len(drawn_together)
