from __future__ import annotations

from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.policy import WHATS, Effect
from dsbs_gui.steps.review import policies


def test_everything_that_a_rule_can_do_has_a_word_and_a_sentence() -> None:
    assert set(policies.WHATS) == set(policies.MEANINGS) == set(WHATS)


def test_a_rule_is_called_by_its_condition() -> None:
    names = [policies.named(matching).name for matching in policies.ready_made()]
    assert names[:4] == ["Differs from gold", "Told the gold label", "Log-probability below -1", "Label not concluded"]
    assert len(set(names)) == len(names)
    assert policies.named(Filter()).name == "Every row"
    assert policies.named(Filter(tags=("a", "b"), ratings=(1, 2), noted=True)).name == (
        "Rated 1 or 2 · tagged “a” or “b” · with a note"
    )


def test_an_effect_says_what_stays() -> None:
    rule = policies.named(Filter(agreement=("conflict",)))
    assert policies.effect(Effect(rule, 1, 0)) == "1\u00a0row"
    assert policies.effect(Effect(rule, 1200, 14)) == "1\u2009200\u00a0rows · 14 decided stay"
    assert policies.sentence(1, Effect(rule, 34, 3)) == (
        "1. Differs from gold: mask the rationale loss (34 rows, 3 decided stay as they are)"
    )
    ask = policies.named(Filter(), "ask")
    assert policies.asking([Effect(rule, 5, 0), Effect(ask, 7, 1), Effect(ask, 2, 0)]) == 9
