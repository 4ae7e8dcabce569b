from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dsbs_gui.app.arguments import parser
from dsbs_gui.app.commands.training import _choices
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import CheckpointSaved, Evaluated, Event, Progress, StepMetrics
from dsbs_gui.core.store import answers, decisions, examples, imports, policy, runs, training
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.core.store.policy import Rule
from dsbs_gui.steps.training import data, intake, overview, plan, recipe, spoken
from dsbs_gui.steps.training.defaults import of_run
from dsbs_gui.steps.training.methods import METHODS
from dsbs_gui.steps.training.presets import PRESETS
from dsbs_gui.steps.training.rows import data_hash


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """30 train, 5 valid and 5 test rows; the teacher has answered the first 10 train rows, wrongly from 6 on."""
    made = Project.create(tmp_path / "project", "text")

    def fill(tx) -> None:
        for split, n in (("train", 30), ("valid", 5), ("test", 5)):
            import_id = imports.start(tx, f"import-{split}", "toy", split, {}, "")
            rows = [
                {"line": i, "id": None, "fields": {"input": f"{split} {i}"}, "input": f"{split} {i}", "label": "yes"}
                for i in range(n)
            ]
            examples.add(tx, rows, split=split, import_id=import_id)
        for i in range(1, 11):
            label = "yes" if i <= 5 else "no"
            answer = answers.NewAnswer(
                i, "generate-1", "teacher", "Tina", "raw", rationale=f"because {i}", label=label, agree=i <= 5
            )
            answers.add(tx, answer)

    made.store.write_now(fill)
    yield made
    made.close()


def _rows(request, name: str = "train") -> list[dict]:
    return list(request.inputs[f"input.{name}.jsonl"])


def test_the_rows_are_frozen_with_their_hash_and_test_rows_never_come_in(project: Project) -> None:
    request = plan.train_request(project)
    train, valid = _rows(request), _rows(request, "valid")
    assert (len(train), len(valid)) == (30, 5)
    assert not any(row["input"].startswith("test") for row in train + valid)
    assert request.spec.data_sha256 == data_hash(train) == request.context["data_hash"]
    assert request.context["counts"]["rationales"] == {"teacher": 10}
    assert request.context["counts"]["conflicts"] == 5
    assert request.context["teacher"] == "Tina"
    assert {name: getattr(request.spec, name) for name in ("steps", "lr")} == {"steps": 900, "lr": 3e-3}
    assert request.spec.starter["d_model"] == 64


def test_rejected_rows_keep_their_label_without_the_rationale_and_reviewed_rows_can_be_had_alone(
    project: Project,
) -> None:
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1]), "rejected"))
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([2, 3]), "accepted"))
    every = plan.train_request(project)
    assert [(row["label"], row["rationale"]) for row in _rows(every)[:2]] == [("yes", None), ("yes", "because 2")]
    assert every.context["counts"]["rejected"] == 1
    reviewed = plan.train_request(project, rows="reviewed")
    assert [row["example_id"] for row in _rows(reviewed)] == [2, 3]


def test_standard_distillation_learns_the_teachers_labels_and_is_judged_by_gold(project: Project) -> None:
    request = plan.train_request(project, method="distill")
    assert [row["label"] for row in _rows(request)] == ["yes"] * 5 + ["no"] * 5
    assert {row["label"] for row in _rows(request, "valid")} == {"yes"}
    assert request.context["counts"]["no_label"] == 20
    assert request.context["counts"]["conflicts"] == 0
    assert "Standard distillation" in request.title


def test_without_a_valid_split_a_tenth_of_train_is_held_out_whatever_the_seed(project: Project) -> None:
    moved = {example_id: "unsplit" for example_id in range(31, 36)}
    project.store.write_now(lambda tx: examples.set_splits(tx, moved))
    one, two = (plan.train_request(project, seed=seed, data_seed=seed) for seed in (0, 5))
    assert (len(_rows(one)), len(_rows(one, "valid"))) == (27, 3)
    assert _rows(one, "valid") == _rows(two, "valid")
    assert not {r["example_id"] for r in _rows(one)} & {r["example_id"] for r in _rows(one, "valid")}
    assert one.context["counts"]["held_out"]


def test_held_out_rows_are_judged_by_gold_and_counted_with_those_that_validate(project: Project) -> None:
    def others_wrong(tx) -> None:
        examples.set_splits(tx, {example_id: "unsplit" for example_id in range(31, 36)})
        for i in range(11, 31):
            answers.add(
                tx,
                answers.NewAnswer(
                    i, "generate-1", "teacher", "Tina", "raw", rationale=f"because {i}", label="no", agree=False
                ),
            )

    project.store.write_now(others_wrong)
    request = plan.train_request(project, method="distill")
    assert {row["label"] for row in _rows(request, "valid")} == {"yes"}
    assert "no" in {row["label"] for row in _rows(request)}
    counts = plan.train_request(project).context["counts"]
    learnt = [row["example_id"] for row in _rows(plan.train_request(project))]
    assert (counts["train"], counts["valid"]) == (27, 3)
    assert counts["rationales"] == {"teacher": 27}
    assert counts["conflicts"] == sum(example_id > 5 for example_id in learnt)


def test_gold_judges_the_rows_of_the_valid_split_too(project: Project) -> None:
    def answer(tx) -> None:
        for i in range(31, 36):
            answers.add(tx, answers.NewAnswer(i, "generate-1", "teacher", "Tina", "raw", label="no", agree=False))

    project.store.write_now(answer)
    request = plan.train_request(project, method="distill", labels="teacher")
    assert {row["label"] for row in _rows(request, "valid")} == {"yes"}


def test_explicit_settings_win_over_the_preset(project: Project) -> None:
    spec = plan.train_request(project, steps=7, batch_size=3, lr=0.5, lora=4, preset="paper").spec
    assert (spec.steps, spec.batch_size, spec.lr, spec.lora_rank) == (7, 3, 0.5, 4)
    assert spec.max_input == PRESETS["paper"].max_input
    by_epochs = plan.train_request(project, epochs=2).spec
    assert (by_epochs.steps, by_epochs.epochs) == (0, 2)


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"method": "distill", "rows": "all", "labels": "gold", "epochs": 1.5, "seed": 4},
        {"preset": "paper", "lr": 0.1 + 0.2, "warmup": 3, "fraction": 0.125, "data_seed": 2, "student": "smollm2-135m"},
        {"method": "label-then-rationale", "student": "google/t5-v1_1-small", "lora_rank": 4, "patience": 2},
    ],
)
def test_a_run_queued_again_recipes_and_the_shown_command_are_the_same_run(project: Project, choices: dict) -> None:
    request = plan.train_request(project, **choices)
    run = _add_run(project, request, "done")
    again = of_run(run)
    assert plan.train_request(project, **again).spec == request.spec
    assert plan.train_request(project, **recipe.parse(recipe.text(again))).spec == request.spec
    _, *words = spoken.words(project.folder, again)
    assert plan.train_request(project, **_choices(parser().parse_args(words))).spec == request.spec
    older = replace(run, context={name: run.context[name] for name in ("labels", "counts")})
    assert plan.train_request(project, **of_run(older)).spec == request.spec, "a run of an earlier version"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"method": "magic"}, "no method"),
        ({"preset": "best"}, "no preset"),
        ({"student": "./absent"}, "no file or folder"),
        ({"student": ""}, "No student"),
        ({"labels": "both"}, "no labels"),
        ({"rows": "some"}, "no choice of rows"),
        ({"rows": "reviewed"}, "accepted or edited"),
        ({"lr": -1.0}, "learning rate"),
        ({"resume": "train-9"}, "no run"),
    ],
)
def test_what_makes_no_sense_is_refused(project: Project, wrong: dict, says: str) -> None:
    with pytest.raises(UserError, match=says):
        plan.train_request(project, **wrong)


def test_a_gguf_that_is_none_is_refused_before_anything_is_queued(project: Project, tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("hello")
    with pytest.raises(UserError, match="not a GGUF file"):
        plan.train_request(project, student=str(tmp_path / "notes.gguf"))


def test_without_rationales_or_teacher_labels_the_message_says_what_to_do(tmp_path: Path) -> None:
    bare = Project.create(tmp_path / "bare", "text")
    try:
        with pytest.raises(UserError, match="no rows in the train split"):
            plan.train_request(bare)

        def fill(tx) -> None:
            import_id = imports.start(tx, "import-1", "toy", "train", {}, "")
            rows = [{"line": 1, "id": None, "fields": {"input": "a"}, "input": "a", "label": "b"}]
            examples.add(tx, rows, split="train", import_id=import_id)

        bare.store.write_now(fill)
        with pytest.raises(UserError, match="needs rationales"):
            plan.train_request(bare)
        with pytest.raises(UserError, match="label of the teacher"):
            plan.train_request(bare, method="distill")
        assert len(_rows(plan.train_request(bare, method="finetune"))) == 1
        assert plan.train_request(bare, rationale_weight=0.0).spec.rationale_weight == 0
    finally:
        bare.close()


def _add_run(project: Project, request, state: str) -> runs.Run:
    def add(tx) -> runs.Run:
        run = runs.add(
            tx, kind="train", title="t", lane="gpu", spec=request.spec.to_json(), context=dict(request.context)
        )
        runs.set_state(tx, run.id, state)
        return runs.get(tx, run.id)

    run = project.store.write_now(add)
    folder = project.run_folder(run.id)
    folder.mkdir(parents=True)
    for name, rows in request.inputs.items():
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return run


def test_a_stopped_run_goes_on_with_its_own_rows_settings_and_curves(project: Project) -> None:
    first = plan.train_request(project, lr=0.01)
    run = _add_run(project, first, "stopped")
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1]), "rejected"))  # later changes
    again = plan.train_request(project, method="step-by-step", resume=run.id)
    assert again.spec.lr == 0.01
    assert again.spec.resume_from == str(project.run_folder(run.id))
    assert data_hash(_rows(again)) == first.spec.data_sha256
    with pytest.raises(UserError, match="step-by-step run"):
        plan.train_request(project, method="finetune", resume=run.id)

    def take(tx) -> None:
        for step in (10, 20, 30):
            intake.take(tx, run, Event(step, 0.0, StepMetrics(step, {"loss": step / 10})))
        intake.take(tx, run, Event(31, 0.0, Evaluated(20, "valid", 5, 3)))
        second = runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context=dict(again.context))
        for seq, message in enumerate(
            (Progress("Training", 20, 100), StepMetrics(25, {"loss": 2.2}), Progress("Training", 25, 100)), start=1
        ):
            intake.take(tx, second, Event(seq, 0.0, message))

    project.store.write_now(take)
    assert training.series(project.store.reader, "train-2", "loss") == ([10, 20, 25], [1.0, 2.0, 2.2])
    assert training.evaluations(project.store.reader, "train-2")[0].accuracy == 0.6


@pytest.mark.parametrize("state", [*runs.LIVE, "done"])
def test_a_run_that_works_waits_or_is_finished_is_not_resumed(project: Project, state: str) -> None:
    run = _add_run(project, plan.train_request(project), state)
    with pytest.raises(UserError, match=f"is {state}"):
        plan.train_request(project, resume=run.id)


@pytest.mark.parametrize("change", ['"label": "no"', "}{", None])
def test_a_run_whose_rows_were_changed_since_is_not_resumed(project: Project, change: str | None) -> None:
    run = _add_run(project, plan.train_request(project), "stopped")
    file = project.run_folder(run.id) / "input.train.jsonl"
    file.write_text(file.read_text().replace('"label": "yes"', change, 1) if change else "")
    with pytest.raises(UserError, match=f"The rows of {run.id} are not those that it was started with"):
        plan.resumed(project, run.id)


def test_a_run_of_a_version_that_noted_no_hash_is_resumed(project: Project) -> None:
    request = plan.train_request(project)
    run = _add_run(project, replace(request, spec=replace(request.spec, data_sha256="")), "stopped")
    assert plan.resumed(project, run.id).context["resumed"] == run.id


def test_the_student_folder_is_that_of_the_best_checkpoint(project: Project) -> None:
    run = _add_run(project, plan.train_request(project), "done")
    with pytest.raises(UserError, match="no trained student"):
        plan.student_folder(project, run.id)
    best = project.run_folder(run.id) / "checkpoints" / "best-000200"
    best.mkdir(parents=True)
    (best / "dsbs_student.json").write_text("{}")

    def take(tx) -> None:
        intake.take(tx, run, Event(1, 0.0, CheckpointSaved(200, "checkpoints/best-000200", best=True)))
        intake.take(tx, run, Event(2, 0.0, CheckpointSaved(250, "checkpoints/step-000250")))

    project.store.write_now(take)
    assert plan.student_folder(project, run.id) == best
    with pytest.raises(UserError, match="no run"):
        plan.student_folder(project, "train-77")


@pytest.mark.parametrize("labels", ["gold", "teacher"])
@pytest.mark.parametrize("rows", ["all", "reviewed"])
def test_the_counts_of_the_page_are_those_of_the_plan(project: Project, labels: str, rows: str) -> None:
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1, 7]), "rejected"))
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([2, 3, 8]), "accepted"))
    collected = data.collect(project.store.reader, METHODS["finetune"], labels, rows).counts
    assert overview.counts(project.store.reader, labels, rows) == collected


def test_a_run_at_a_glance_has_its_best_accuracy(project: Project) -> None:
    run = _add_run(project, plan.train_request(project), "running")

    def take(tx) -> None:
        for step in (1, 2):
            intake.take(tx, run, Event(step, 0.0, StepMetrics(step, {"label_loss": 1.0 / step})))
        intake.take(tx, run, Event(3, 0.0, Evaluated(1, "valid", 10, 7, ({"prediction": "a"},))))
        intake.take(tx, run, Event(4, 0.0, Evaluated(2, "valid", 10, 6, ({"prediction": "b"},))))

    project.store.write_now(take)
    db = project.store.reader
    (view,) = overview.run_views(db, {})
    assert (view.accuracy, view.n, view.losses) == (0.7, 10, [1.0, 0.5])
    assert overview.run_views(db, {view.id: view})[0] is view
    assert overview.teacher_line(db) is None  # ten answers are too few for a line


def test_a_run_whose_last_checkpoint_is_its_best_student_can_be_resumed_too(project: Project) -> None:
    run = _add_run(project, plan.train_request(project), "interrupted")
    best = CheckpointSaved(50, "checkpoints/best-000050", best=True)  # the event that stands for both at a step
    project.store.write_now(lambda tx: intake.take(tx, run, Event(1, 0.0, best)))
    assert not overview.run_views(project.store.reader, {})[0].resumable
    (project.run_folder(run.id) / "checkpoints" / "step-000050").mkdir(parents=True)
    assert overview.run_views(project.store.reader, {})[0].resumable


def rule(name: str, what: str, **matching: object) -> Rule:
    return Rule(name, Filter(**matching), what)  # type: ignore[arg-type]


def saved(project: Project, *rules: Rule) -> None:
    project.store.write_now(lambda tx: policy.save(tx, rules))


def test_rules_mask_and_drop_rows_when_they_are_frozen_and_the_run_says_how_many(project: Project) -> None:
    before = plan.train_request(project)
    project.store.write_now(lambda tx: decisions.set_state(tx, Selection.of([6]), "accepted"))
    project.store.write_now(lambda tx: decisions.edit(tx, 7, note="x"))
    saved(
        project,
        rule("noted", "drop", noted=True),
        rule("differs", "mask", agreement=("conflict",)),
        rule("first", "ask", text="train 0"),
        rule("kept", "keep", text="train 1"),
    )
    request = plan.train_request(project)
    rows = {row["example_id"]: row["rationale"] for row in _rows(request)}
    assert 7 not in rows
    assert len(rows) == 29
    assert [i for i in range(1, 11) if rows.get(i)] == [2, 3, 4, 5, 6], "what was accepted stays"
    counts = request.context["counts"]
    assert [(found["rule"], found["what"], found["rows"]) for found in counts["policy"]] == [
        ("noted", "drop", 1), ("differs", "mask", 3), ("first", "ask", 1), ("kept", "keep", 1),
    ]  # fmt: skip
    assert (counts["masked"], counts["dropped"], counts["conflicts"], counts["rationales"]) == (4, 1, 1, {"teacher": 5})
    assert request.spec.data_sha256 != before.spec.data_sha256
    for labels in ("gold", "teacher"):
        for which in ("all", "reviewed"):
            found = data.collect(project.store.reader, METHODS["step-by-step"], labels, which).counts
            assert overview.counts(project.store.reader, labels, which) == replace(found, policy=())


def test_a_rule_that_looks_at_gold_does_not_hold_for_the_teachers_labels(project: Project) -> None:
    saved(project, rule("differs", "drop", agreement=("conflict",)), rule("second", "mask", text="train 1"))
    request = plan.train_request(project, labels="teacher")
    assert [row["label"] for row in _rows(request)] == ["yes"] * 5 + ["no"] * 5
    assert request.context["counts"]["policy"] == ({"rule": "second", "what": "mask", "rows": 1},)
    assert plan.train_request(project, method="distill").context["counts"]["masked"] == 1


def test_rules_that_leave_nothing_say_so(project: Project) -> None:
    saved(project, rule("all", "mask"))
    with pytest.raises(UserError, match="no training row has one") as caught:
        plan.train_request(project)
    assert "Rules mask 10" in caught.value.hint
    project.store.write_now(lambda tx: examples.set_splits(tx, dict.fromkeys(range(11, 31), "unsplit")))
    saved(project, rule("all", "drop"))
    with pytest.raises(UserError, match="Rules leave no row"):
        plan.train_request(project)
