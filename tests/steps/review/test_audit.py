"""What counts as wrong in a sample, and what is said of the rest."""

from __future__ import annotations

import pytest

from dsbs_gui.core.statistics import remaining
from dsbs_gui.core.store.audits import Audit, Drawn
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.review import audit
from dsbs_gui.steps.review.audit import Findings, Judged

MATH = task_named("math")


def row(state: str, label: str | None = "4", rationale: str = "old", **other: bool) -> Drawn:
    return Drawn(
        1, state, rationale, label, "old", "4", "{}", int(other.get("renewed", False)), int(other.get("swept", False))
    )


def found(judged: Judged, population: int = 1_000, rest: int = 900) -> Findings:
    return Findings(Audit(1, 0.0, "me", 7, "unreviewed", population, 0, judged.drawn), judged, rest)


@pytest.mark.parametrize(
    ("drawn", "kind"),
    [
        (row("rejected"), "rejected"),
        (row("rejected", "5"), "rejected"),
        (row("edited", "5"), "relabelled"),
        (row("edited", None), "relabelled"),
        (row("edited", "4.0"), "untouched"),
        (row("edited", "4", "new"), "reworded"),
        (row("accepted"), "untouched"),
        (row("accepted", renewed=True), "renewed"),
        (row("rejected", swept=True), "swept"),
        (row("unreviewed", swept=True), ""),
        (row("unreviewed"), ""),
        (row("skipped"), ""),
    ],
)
def test_a_row_is_wrong_if_it_was_rejected_or_relabelled(drawn: Drawn, kind: str) -> None:
    judged = audit.judge([drawn], MATH)
    kinds = ("rejected", "relabelled", "reworded", "untouched", "renewed", "swept")
    assert [getattr(judged, name) for name in kinds] == [int(kind == name) for name in kinds]
    assert judged.wrong == (kind in ("rejected", "relabelled"))
    assert judged.left == (kind == "")


def test_the_rate_is_that_of_the_rows_that_were_not_judged() -> None:
    judged = Judged(drawn=100, rejected=3, relabelled=1, reworded=6, untouched=90)
    share = audit.rate(found(judged))
    said = remaining(4, 100, 1_000)
    assert share is not None
    assert (share.estimate, share.low, share.high) == pytest.approx(
        (said.estimate / 900, said.low / 900, said.high / 900)
    )


def test_the_sentence_says_the_share_and_its_interval() -> None:
    judged = Judged(drawn=200, rejected=5, relabelled=3, untouched=192)
    assert audit.headline(found(judged, 100_000, 99_800)) == "Accept the rest: about 4.0\u00a0% wrong (1.7–7.7\u00a0%)."
    few = Judged(drawn=20, rejected=2, untouched=18)
    assert audit.headline(found(few, 100_000, 99_980)) == "Accept the rest: about 10\u00a0% wrong (1–32\u00a0%)."
    none = Judged(drawn=200, untouched=200)
    assert audit.headline(found(none, 100_000, 99_800)) == "Accept the rest: about 0\u00a0% wrong (0.0–1.8\u00a0%)."


def test_an_estimate_is_there_while_the_sample_is_being_judged() -> None:
    assert audit.rate(found(Judged(drawn=100))) is None
    assert audit.headline(found(Judged(drawn=100))) == "100\u00a0rows to judge, in this order."
    begun = Judged(drawn=100, rejected=1, untouched=9)
    assert audit.rate(found(begun)) is not None
    assert audit.details(found(begun)) == (
        "10 of 100 judged · 1 rejected · drawn from 1\u2009000\u00a0rows (unreviewed), seed 7"
    )


def test_nothing_is_offered_where_nothing_is_left() -> None:
    done = Judged(drawn=10, untouched=10)
    assert audit.rate(found(done, population=10, rest=0)) is None
    assert audit.headline(found(done, population=10, rest=0)) == "Nothing is left to accept."


def test_without_a_sample_it_says_what_one_is_for() -> None:
    assert "how many of the rows that nobody has read are wrong" in audit.headline(None)
    assert "reject it or give it another label" in audit.details(None)
