"""The job *lift* with the real small model: its figures are the model's own, and nothing that is no number is kept."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Finished, LiftsMeasured, Message
from dsbs_gui.core.store import decisions, examples, lifts, runs, signals
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.teacher.lift import intake, plan
from dsbs_gui.steps.teacher.lift.specs import LiftSpec
from dsbs_gui.steps.teacher.lift.texts import Writer
from dsbs_gui.steps.teacher.prompts import Exemplar, Prompt
from dsbs_gui.steps.teacher.work import lifting, llama_scorer
from dsbs_gui.steps.teacher.work.llama_model import EXPANDED
from dsbs_gui.steps.teacher.work.llama_scorer import Scorer, logprob
from dsbs_gui.steps.teacher.work.llama_weights import model_in_best_form
from tests.steps.review.making import add_answer, add_examples
from tests.steps.teacher.gguf_files import embedded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROMPT = Prompt(
    task="math",
    instruction="",
    question_prefix="Q:",
    answer_prefix="A:",
    trigger="The answer is",
    stop=("\n",),
    exemplars=(Exemplar({"input": "How much is 2 and 2?"}, "2 + 2 = 4.", "4"),),
)
RATIONALES = [
    ("How much is 31 and 12?", "31 + 12 = 43.", "43"),
    ("How much is 25 and 30?", "25 + 30 = 55.", "55"),
    ("How much is 14 and 22?", "Bananas are yellow, and the sea is 99 miles wide.", "36"),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    rows = [{"fields": {"input": text}, "label": gold} for text, _, gold in RATIONALES]
    for example_id, (_, rationale, gold) in zip(add_examples(made, rows), RATIONALES, strict=True):
        add_answer(made, example_id, rationale, gold)
    entry = plan.versions.chosen(made)
    monkeypatch.setattr(plan.versions, "chosen", lambda _: entry._replace(prompt=PROMPT))
    yield made
    made.close()


def measure(project: Project, stop: Callable[[list[Message]], bool] = lambda said: False) -> list[Message]:
    """Run the job as the worker does, and take in what it says as the owner does."""
    request = plan.request(project, str(embedded()))
    run = project.store.write_now(
        lambda tx: runs.add(
            tx, kind=request.kind, title=request.title, lane=request.lane, spec=request.spec.to_json(),
            context=dict(request.context),
        )
    )  # fmt: skip
    folder = RunFolder(project.run_folder(run.id))
    folder.make(request.kind, request.spec.to_json(), request.inputs)
    said: list[Message] = []
    lifting.run(
        LiftSpec.from_json({**request.spec.to_json(), "run_dir": str(folder.path)}), said.append, lambda: stop(said)
    )
    for seq, message in enumerate(said, 1):
        event = Event(seq, 0.0, message)
        project.store.write_now(lambda tx, event=event: intake.take(tx, run, event))
    return said


def test_the_texts_differ_by_the_rationale_alone() -> None:
    writer = Writer(PROMPT, task_named("math"))
    texts = writer.texts({"input": "How much is 1 and 1?"}, " 1 + 1 = 2. ", "2")
    assert writer.prefix == "Q: How much is 2 and 2?\nA: 2 + 2 = 4. The answer is 4.\n\n"
    assert texts.without == f"{writer.prefix}Q: How much is 1 and 1?\nA: The answer is"
    assert texts.given == f"{writer.prefix}Q: How much is 1 and 1?\nA: 1 + 1 = 2. The answer is"
    assert texts.label == " 2."


def test_figures_are_those_of_the_models_own_logits_whatever_is_decoded_together() -> None:
    """Against ``llama_cpp.Llama``, which is given the same tokens one text at a time."""
    from llama_cpp import Llama

    path = embedded()
    writer = Writer(PROMPT, task_named("math"))
    written = [writer.texts({"input": text}, rationale, gold) for text, rationale, gold in RATIONALES]
    # In half precision: with the file's own weights, llama.cpp rounds activations to 8 bits, by the size of the batch.
    whole_model, _ = model_in_best_form(path, EXPANDED, lambda: False)
    path = whole_model.path
    with closing(whole_model) as model, closing(Scorer(model, writer.prefix)) as scorer:
        pairs = [(scorer.text(t.given, t.label), scorer.text(t.without, t.label)) for t in written]
        together = scorer.logprobs(pairs)
        alone = [scorer.logprobs([pair])[0] for pair in pairs]
        assert scorer.cells(*pairs[0]) < len(pairs[0][0].tokens) + len(pairs[0][1].tokens)
    peer = Llama(str(path), n_ctx=256, logits_all=True, verbose=False)
    try:
        for text, figures in zip(written, together, strict=True):
            for before, figure in zip((text.given, text.without), figures, strict=True):
                stem, whole = peer.tokenize(before.encode()), peer.tokenize((before + text.label).encode())
                peer.reset()
                peer.eval(whole)
                wanted = sum(
                    logprob(np.asarray(peer.scores[place - 1]), whole[place]) for place in range(len(stem), len(whole))
                )
                assert figure == pytest.approx(wanted, abs=0.1)
    finally:
        peer.close()
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=0.1)


def test_a_rationale_that_reckons_raises_the_gold_label_and_one_beside_the_point_less(project: Project) -> None:
    said = measure(project)
    assert isinstance(said[-1], Finished)
    assert (said[-1].status, said[-1].summary["measured"]) == ("done", 3)
    found = [lifts.of_example(project.store.reader, i) for i in (1, 2, 3)]
    nats = [lift.nats for lift in found if lift is not None]
    assert len(nats) == 3
    assert min(nats[:2]) > 0.5
    assert max(nats[2], 0) < min(nats[:2])
    helped = {i for i, value in enumerate(nats, 1) if value <= 0}
    assert signals.counts(project.store.reader).get(lifts.SIGNAL, 0) == len(helped) == said[-1].summary["unhelpful"]


def test_only_what_has_changed_is_measured_again_and_a_stop_loses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifting, "SEQUENCES", 4)  # a row a group
    began = measure(project, stop=lambda said: any(isinstance(message, LiftsMeasured) for message in said))
    assert began[-1] == Finished("stopped", lifting.summary(1))
    assert measure(project)[-1].summary["measured"] == 2  # type: ignore[attr-defined]
    assert measure(project)[-1] == Finished("done", lifting.summary())
    project.store.write_now(lambda tx: decisions.edit(tx, 2, rationale="25 + 30 = 55 apples."))
    assert measure(project)[-1].summary["measured"] == 1  # type: ignore[attr-defined]


def test_a_check_of_the_texts_leaves_what_was_measured_alone(project: Project) -> None:
    mark = lifts.mark_of(RATIONALES[0][0], RATIONALES[0][1], RATIONALES[0][2])
    project.store.write_now(lambda tx: lifts.put(tx, "small", "s", [(1, mark, -1.0, -2.0)]))
    from dsbs_gui.core.protocol import SignalsFound
    from dsbs_gui.steps.review.signals import intake as checks

    run = project.store.write_now(lambda tx: runs.add(tx, kind="signals", title="", lane="disk", spec={}, context={}))
    row = {"example_id": 1, "mark": "00" * 16, "found": [["short", "3"]]}
    for over_all in (False, True):
        event = Event(1, 0.0, SignalsFound((row,), over_all=over_all, first=over_all))
        project.store.write_now(lambda tx, event=event: checks.take(tx, run, event))
    assert signals.counts(project.store.reader) == {lifts.SIGNAL: 1, "short": 1}


def test_what_is_no_number_is_never_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = llama_scorer.logprob, iter([math.nan])
    monkeypatch.setattr(llama_scorer, "logprob", lambda logits, token: next(calls, None) or real(logits, token))
    said = measure(project)
    assert isinstance(said[-1], Finished)
    assert (said[-1].summary["measured"], said[-1].summary["no_number"]) == (2, 1)
    assert all(math.isfinite(x) for m in said if isinstance(m, LiftsMeasured) for row in m.rows for x in row[2:])


def test_a_model_without_any_number_is_an_error_with_a_cure(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_scorer, "logprob", lambda logits, token: math.nan)
    with pytest.raises(ResourceError, match="no numbers"):
        measure(project)
    assert lifts.of_example(project.store.reader, 1) is None


def test_a_text_that_is_too_long_is_left_out_and_counted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "and so on " * 3_000
    project.store.write_now(lambda tx: decisions.edit(tx, 2, rationale=long))
    said = measure(project)
    assert isinstance(said[-1], Finished)
    assert (said[-1].summary["measured"], said[-1].summary["too_long"]) == (2, 1)
    assert lifts.of_example(project.store.reader, 2) is None


def test_logits_that_are_no_numbers_are_told() -> None:
    assert math.isnan(logprob(np.array([np.nan, 1.0], dtype=np.float32), 1))
    assert math.isnan(logprob(np.array([np.inf, 1.0], dtype=np.float32), 1))
    assert logprob(np.array([0.0, 0.0], dtype=np.float32), 1) == pytest.approx(-math.log(2))
    assert logprob(np.array([0.0, -np.inf], dtype=np.float32), 1) == -math.inf


def test_a_server_and_a_project_without_gold_labels_are_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="server"):
        plan.request(project, "http://localhost:8080/v1")
    empty = Project.create(tmp_path / "empty", "math")
    add_answer(empty, add_examples(empty, [{"fields": {"input": "Q"}, "label": None}])[0], "R", "1")
    assert examples.count(empty.store.reader) == 1
    with pytest.raises(UserError, match="gold label"):
        plan.request(empty, str(embedded()))
    empty.close()
