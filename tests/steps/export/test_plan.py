"""From the project to an export and back into its list of exports."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_json, read_jsonl
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions, examples, exports, guidelines, imports, predictions, remarks, runs
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.core.store.predictions import Prediction
from dsbs_gui.steps.export import intake, plan
from dsbs_gui.steps.export.card import model_card
from dsbs_gui.steps.training.data import Counts
from dsbs_gui.students.meta import StudentMeta

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsbs_gui.core.store.database import Transaction


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Six math problems with answers; the first is edited and the second accepted."""
    made = Project.create(
        tmp_path / "project", "math", intakes={"export-student": intake.take, "export-data": intake.take}
    )
    made.store.write_now(_fill)
    made.jobs.begin()
    yield made
    made.close()


def _fill(tx: Transaction) -> None:
    import_id = imports.start(tx, "import-1", "rows.jsonl", "train", {}, None)
    rows = [
        {"line": i, "id": f"p{i}", "fields": {"input": f"How many is {i} + 1?"}, "input": f"How many is {i} + 1?"}
        for i in range(6)
    ]
    ids, _ = examples.add(tx, [{**row, "label": "1"} for row in rows], split="train", import_id=import_id)
    for i in ids:
        answers.add(
            tx,
            NewAnswer(
                i,
                "generate-1",
                "teacher",
                "a-teacher",
                "=raw",
                rationale="=first",
                label="1",
                agree=True,
                label_logprob=-0.5,
            ),
        )
    decisions.edit(tx, ids[0], rationale="mine")
    decisions.edit(tx, ids[2], teacher_label="one")
    decisions.set_state(tx, Selection.of([ids[1]]), "accepted")
    decisions.edit(tx, ids[0], note="ask Mia")
    remarks.rate(tx, Selection.of(ids[:1]), 4)
    for name in ("unit", "two steps"):
        remarks.tag(tx, Selection.of(ids[:1]), name)


def test_data_exports_say_what_is_the_teachers_and_what_was_edited(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "data.jsonl"
    run = project.jobs.submit(plan.data_request(project, format="jsonl", out=out))
    run = project.jobs.wait(run.id, 60)
    assert (run.state, run.reason) == ("done", "")
    first, second, third, *_ = read_jsonl(out)
    assert (first["label_probability"], third["label_probability"]) == (0.606531, None), "a person's label has none"
    assert (first["rationale"], first["original_rationale"], first["edited"]) == ("mine", "=first", True)
    assert (second["rationale"], second["original_rationale"], second["edited"]) == ("=first", None, False)
    assert (second["id"], second["state"], second["teacher"], second["agree"]) == ("p1", "accepted", "a-teacher", True)
    assert (first["note"], first["rating"], first["tags"]) == ("ask Mia", 4, ["unit", "two steps"])
    assert (second["note"], second["rating"], second["tags"]) == (None, None, [])
    (kept,) = exports.all_exports(project.store.reader)
    assert (kept.format, kept.path, kept.verified, kept.summary["rows"]) == ("jsonl", str(out), None, 6)
    assert kept.bytes == out.stat().st_size
    assert read_json(tmp_path / "data.jsonl.manifest.json")["rows_in_project"] == 6


def test_of_a_merged_rationale_both_answers_go_out(project: Project, tmp_path: Path) -> None:
    db = project.store.reader
    [other] = [a for a in answers.of_example(db, 2) if a.failure is None][:1]
    project.store.write_now(lambda tx: decisions.merge(tx, 2, other.id, "Of both.", "1", agree=True))
    columns = next(iter(plan.data_request(project, format="jsonl", out=tmp_path / "out").inputs["input.jsonl"]))
    place = columns["rationale"].index("Of both.")
    assert columns["original_rationale"][place] == columns["merged_rationale"][place] == other.rationale
    assert [text for text in columns["merged_rationale"] if text] == [other.rationale]


def test_the_guidelines_go_out_with_the_data(project: Project, tmp_path: Path) -> None:
    assert "guidelines" not in plan.data_request(project, out=tmp_path / "a").spec.origin
    project.store.write_now(lambda tx: guidelines.save(tx, "Be *strict*.\r\n"))
    run = project.jobs.submit(plan.data_request(project, format="jsonl", out=tmp_path / "data.jsonl"))
    assert project.jobs.wait(run.id, 60).state == "done"
    assert read_json(tmp_path / "data.jsonl.manifest.json")["guidelines"] == "Be *strict*.\r\n"


def test_rows_are_chosen_by_state_and_split(project: Project, tmp_path: Path) -> None:
    request = plan.data_request(project, out=tmp_path / "a", statuses=("accepted",))
    assert [page["id"] for page in request.inputs["input.jsonl"]] == [["p1"]]
    assert request.title == "Export 1 rows as jsonl"
    with pytest.raises(UserError, match="No row matches") as caught:
        plan.data_request(project, out=tmp_path / "a", splits=("test",))
    assert "6 rows" in caught.value.hint
    with pytest.raises(UserError, match="no status “done”"):
        plan.data_request(project, out=tmp_path / "a", statuses=("done",))
    with pytest.raises(UserError, match="no format “xls”"):
        plan.data_request(project, out=tmp_path / "a", format="xls")


def _trained(tx: Transaction) -> str:
    spec = {"method": "step-by-step", "student": "google-t5/t5-small", "rationale_weight": 0.5, "seed": 7}
    counts = asdict(Counts(train=6, valid=2, rationales={"teacher": 4, "textbook": 2}, rejected=1))
    context = {"teacher": "a-teacher", "labels": "gold", "counts": counts, "data_hash": "f00d"}
    run = runs.add(tx, kind="train", title="t", lane="gpu", spec=spec, context=context)
    rows = [Prediction(run.id, "test", i, "1", None, correct=i < 4) for i in range(1, 7)]
    predictions.put(tx, rows)
    return run.id


def test_a_student_goes_out_with_a_card_that_says_how_it_was_made(
    project: Project, student_dir: Path, tmp_path: Path
) -> None:
    run_id = project.store.write_now(_trained)
    request = plan.student_request(project, run_id, student_dir=student_dir, out=tmp_path / "out")
    assert len(list(request.inputs["input.jsonl"])) == 6
    assert not any("label" in row for row in request.inputs["input.jsonl"])
    run = project.jobs.wait(project.jobs.submit(request).id, 110)
    assert (run.state, run.reason) == ("done", "")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    for part in (
        "| test | 6 | 50.0 % | 18.8 to 81.2 % |",
        "λ = 0.5 (α = 0.667",
        "Rationales of the rows to learn from: 4 by the teacher, 2 textbook.",
        "Rows: 6 to learn from, 2 to validate on",
        "Teacher: a-teacher",
        "SHA-256 of the training rows: f00d",
        "Seed: 7",
        "Apache-2.0",
        "`predict: `",
    ):
        assert part in card, part
    (kept,) = exports.all_exports(project.store.reader)
    assert (kept.student_run, kept.verified) == (run_id, True)
    manifest = read_json(tmp_path / "out" / "manifest.json")
    assert (manifest["run"], manifest["data_sha256"]) == (run_id, "f00d")


def test_a_card_names_a_seed_of_0_and_a_lambda_only_where_it_was_used(project: Project, tmp_path: Path) -> None:
    def card(**spec: object) -> dict[str, Any]:
        context = {"counts": asdict(Counts(train=6, rationales={}))}
        add = partial(runs.add, kind="train", title="t", lane="gpu", spec=spec, context=context)
        run = project.store.write_now(lambda tx: add(tx))
        return plan.student_request(project, run.id, student_dir=tmp_path, out=tmp_path / "out").spec.card

    alone = card(method="finetune", rationale_weight=1.0, seed=0, steps=0, epochs=2.0)
    assert alone["training"].items() >= {"Seed": "0", "Epochs": "2.0"}.items()
    assert not {"λ (rationale weight)", "Steps"} & set(alone["training"])
    assert "lambda" not in alone
    assert alone["counts"] == {}
    control = card(method="shuffled-rationale", rationale_weight=0.0)
    assert control["training"]["λ (rationale weight)"] == "0.0"
    assert (control["lambda"], control["explains"]) == (0.0, True)


def test_a_card_shows_names_as_text_and_leaves_out_what_is_not_known() -> None:
    meta = StudentMeta(kind="decoder-only", label_prefix="")
    card = model_card({"data": {"Project": "a | b\n# <b>c</b>"}}, vars(meta), "my “student”")
    assert "* Project: a \\| b # &lt;b>c&lt;/b>" in card
    assert "without a prefix" in card
    assert "AutoModelForCausalLM" in card
    assert "λ" not in card
    front = card.split("---\n")[1]
    assert json.loads(front.split("tags: ")[1].splitlines()[0]) == ["distillation", "distilling-step-by-step"]


@pytest.mark.parametrize("label_first", [False, True])
def test_a_card_says_how_one_text_is_read_and_lets_it_be_written_whole(label_first: bool) -> None:
    meta = StudentMeta(label_prefix="", single_target=True, label_first=label_first, max_label=10, max_target=30)
    card = model_card({"between": "So it is:"}, vars(meta), "out")
    said = "the label, `So it is:` and a rationale" if label_first else "a rationale, `So it is:` and the label"
    assert f"The answer is one text: {said}" in card
    assert "max_new_tokens=56" in card
    assert "one text" not in model_card({}, vars(replace(meta, single_target=False)), "out")


def test_unknown_runs_and_formats_are_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run"):
        plan.student_request(project, "train-9", student_dir=tmp_path, out=tmp_path / "out")
    with pytest.raises(UserError, match="onnx"):
        plan.student_request(project, "train-9", student_dir=tmp_path, format="onnx", out=tmp_path / "out")
