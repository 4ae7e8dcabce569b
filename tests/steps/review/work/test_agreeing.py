"""κ, α and their intervals: against published values, against leaving out each row, and where there are none."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Finished, Message
from dsbs_gui.core.store import decisions, reviews
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.core.store.reviews import Review
from dsbs_gui.steps.review import agreement
from dsbs_gui.steps.review.agreement import AgreementSpec
from dsbs_gui.steps.review.work import agreeing
from dsbs_gui.steps.review.work.agreeing import Units
from tests.steps.review.making import apples

GRANTS: Units = Counter({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15})
"""Two readers of 50 grant proposals, the usual example: κ = 0.4."""


def krippendorffs() -> Units:
    """Three coders, 15 units, some missing: α = 0.691 with nominal distance (Krippendorff's own example)."""
    coders = ("* * * * * 3 4 1 2 1 1 3 3 * 3", "1 * 2 1 3 3 4 3 * * * * * * *", "* * 2 1 3 4 4 * 2 1 1 3 3 * 4")
    columns = zip(*(line.split() for line in coders), strict=True)
    return Counter(tuple(None if one == "*" else one for one in column) for column in columns)


def test_values_are_those_of_the_books() -> None:
    assert agreeing.kappa(GRANTS) == pytest.approx(0.4)
    assert agreeing.alpha(krippendorffs()) == pytest.approx(0.691, abs=5e-4)


def test_a_rows_kind_stands_for_each_of_its_rows_in_the_jackknife() -> None:
    value, interval = agreeing.jackknifed(GRANTS, agreeing.kappa)
    assert value == pytest.approx(0.4)
    rows = list(GRANTS.elements())
    left_out = [agreeing.kappa(Counter(rows[:k] + rows[k + 1 :])) for k in range(len(rows))]
    mean = math.fsum(one or 0 for one in left_out) / len(rows)
    error = math.sqrt((len(rows) - 1) / len(rows) * math.fsum(((one or 0) - mean) ** 2 for one in left_out))
    assert interval == pytest.approx([0.4 - 1.959964 * error, 0.4 + 1.959964 * error], abs=1e-6)
    # The large-sample standard error of Fleiss, Cohen and Everitt for these figures is 0.127.
    assert error == pytest.approx(0.127, abs=0.005)


def test_a_share_stands_beside_them_and_reasons_where_there_is_none() -> None:
    found = agreeing.compare(GRANTS)
    assert (found["n"], found["agreement"], found["why"]) == (50, 0.7, "")
    alike = agreeing.compare(Counter({("kept", "kept"): 30}))
    assert (alike["agreement"], alike["kappa"], alike["why"]) == (1.0, None, "all decided the same everywhere")
    assert alike["agreement_ci"][0] == pytest.approx(0.886, abs=1e-3)
    assert agreeing.compare(Counter())["why"] == "no row was decided by both"
    many = agreeing.compare(Counter({(f"{k}", f"{k}"): 1 for k in range(60)}))
    assert (many["agreement"], many["kappa"]) == (1.0, None)
    assert "more than 50" in many["why"]


def test_perfect_agreement_has_no_made_up_interval() -> None:
    value, interval = agreeing.jackknifed(Counter({("a", "a"): 5, ("b", "b"): 5}), agreeing.kappa)
    assert (value, interval) == (1.0, None)


def test_a_reviewer_who_saw_nothing_of_the_others_is_left_out_of_alpha() -> None:
    units: Units = Counter({("a", "a", None): 6, ("b", "b", None): 4, ("a", "b", None): 2, (None, None, "c"): 9})
    found = agreeing.measure(units, ("here", "anna", "bob"))
    assert [pair["n"] for pair in found["pairs"]] == [12, 0, 0]
    assert found["alpha"] == pytest.approx(agreeing.alpha(Counter({("a", "a"): 6, ("b", "b"): 4, ("a", "b"): 2})))


def measured(project: Project, folder: Path) -> dict[str, object]:
    """The job, in this process."""
    request = agreement.request(project)
    folder.mkdir()
    lines = [json.dumps(row) for row in request.inputs["input.jsonl"]]
    (folder / "input.jsonl").write_text("\n".join(lines) + "\n")
    said: list[Message] = []
    spec = AgreementSpec.from_json({**request.spec.to_json(), "run_dir": str(folder)})
    agreeing.run(spec, said.append, lambda: False)
    assert isinstance(said[-1], Finished)
    json.dumps(said[-1].summary, allow_nan=False)
    return said[-1].summary


def test_the_job_compares_what_was_decided_before_a_choice_was_made(folder: Path, tmp_path: Path) -> None:
    project = apples(folder)
    act = project.store.write_now
    act(lambda tx: decisions.set_state(tx, Selection.of(range(1, 9)), "accepted"))
    act(lambda tx: decisions.set_state(tx, Selection.of([9, 10]), "rejected"))
    said = {1: "rejected", 2: "skipped", 9: "rejected", 10: "rejected"}
    rows = [
        Review(i, "anna", said.get(i, "accepted"), f"Ann has {i} and Ben has {i}, so {i} + {i}.", f"{i} + {i}", 1)
        for i in range(1, 12)
    ]
    act(lambda tx: reviews.put(tx, rows))
    before = measured(project, tmp_path / "run-1")
    act(lambda tx: reviews.settle(tx, 1, "anna"))
    assert measured(project, tmp_path / "run-2") == before
    kept, decision, label = before["measures"]  # type: ignore[misc]
    [pair] = kept["pairs"]  # type: ignore[index]
    assert (pair["reviewers"], pair["n"], pair["agreement"]) == (["here", "anna"], 9, pytest.approx(8 / 9))
    assert pair["kappa"] == pytest.approx(0.7273, abs=1e-3)
    assert decision["pairs"][0]["n"] == 9  # type: ignore[index]
    assert label["pairs"][0]["n"] == 6, "only rows that both keep have a label to compare"  # type: ignore[index]
    words = agreement.sentences(before)
    assert words[0].startswith(
        "Here and anna agree on keeping or rejecting in 89\u00a0% of 9\u00a0rows (57–98 %); Cohen’s κ 0.73"
    )
    assert any(line.startswith("Krippendorff’s α for keeping or rejecting: 0.") for line in words)
    project.close()
