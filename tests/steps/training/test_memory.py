"""The estimate of memory against what autograd really keeps, and what is said of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from dsbs_gui.core import catalogue
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples, imports
from dsbs_gui.steps.training import fit as fitting
from dsbs_gui.steps.training import memory, overview, shapes
from dsbs_gui.steps.training.choice import choose
from dsbs_gui.steps.training.devices import Device
from dsbs_gui.steps.training.fit import fit
from dsbs_gui.steps.training.memory import Load, activations, estimate
from dsbs_gui.steps.training.plan import train_request
from dsbs_gui.steps.training.work import cutting
from dsbs_gui.steps.training.work.lora import adapt
from dsbs_gui.steps.training.work.packing import Layout, Side, packing_of
from tests.steps.training.toy import make_run, spec_for
from tests.students.tiny import tiny_llama, tiny_t5

ROWS, SOURCE, TARGET = 4, 40, 20
HEADS = ("encoder_attention_heads", "decoder_attention_heads")
T5_SMALL = {"d_model": 64, "d_ff": 256, "d_kv": 16, "num_heads": 4, "num_layers": 2, "vocab_size": 500}
T5_LARGER = {"d_model": 128, "d_ff": 256, "d_kv": 32, "num_heads": 6, "num_layers": 3, "vocab_size": 500}
LLAMA = {"hidden_size": 64, "intermediate_size": 160, "num_attention_heads": 4, "num_key_value_heads": 2}
BART = {"d_model": 64, "encoder_ffn_dim": 256, "decoder_ffn_dim": 256, **dict.fromkeys(HEADS, 4)}


def kept_numbers(model: Any, **inputs: torch.Tensor) -> int:
    """Numbers in float32 that autograd keeps for the backward pass, weights left out, each storage once."""
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}
    alive: list[torch.Tensor] = []  # so that no address comes twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model.train()(**inputs, use_cache=False)
    return sum(kept.values()) // memory.FLOAT


def ids(length: int) -> torch.Tensor:
    return torch.randint(3, 400, (ROWS, length))


@pytest.mark.parametrize(
    ("sizes", "dropout", "forward"),
    [
        (T5_SMALL, 0.0, "relu"),
        (T5_SMALL, 0.1, "relu"),
        (T5_LARGER, 0.0, "gated-gelu"),
        (T5_LARGER, 0.1, "gated-gelu"),
    ],
)
def test_what_a_t5_keeps_is_told_within_5_percent(sizes: dict[str, int], dropout: float, forward: str) -> None:
    config = T5Config(**sizes, dropout_rate=dropout, feed_forward_proj=forward, decoder_start_token_id=0)
    shape = shapes.from_config(config.to_dict())
    assert shape is not None
    model = T5ForConditionalGeneration(config)
    source = ids(SOURCE)
    found = kept_numbers(model, input_ids=source, attention_mask=torch.ones_like(source), decoder_input_ids=ids(TARGET))
    assert activations(shape, ROWS, SOURCE, TARGET) == pytest.approx(found, rel=0.05)


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_what_a_t5_keeps_of_rows_one_of_which_is_long_is_told_within_5_percent(dropout: float) -> None:
    config = T5Config(**T5_LARGER, dropout_rate=dropout, decoder_start_token_id=0)
    shape = shapes.from_config(config.to_dict())
    assert shape is not None
    model = T5ForConditionalGeneration(config)
    packing = packing_of(model)
    assert packing is not None
    rows = [(SOURCE, TARGET)] * (ROWS - 1) + [(8 * SOURCE, 3 * TARGET)]
    (sources, targets), widest = zip(*rows, strict=True), rows[-1]
    with packing.laid_out(Layout(Side.of(sources), Side.of(targets))):
        found = kept_numbers(
            model,
            input_ids=torch.randint(3, 400, (1, sum(sources))),
            decoder_input_ids=torch.randint(3, 400, (1, sum(targets))),
        )
    kept = activations(shape, ROWS, SOURCE, TARGET, widest)
    assert kept == memory.t5_activations(shape, ROWS, (sum(sources), sum(targets)), widest)
    assert kept == pytest.approx(found, rel=0.05)


@pytest.mark.parametrize("kv_heads", [2, 4])
def test_what_a_llama_keeps_is_told_within_2_percent(kv_heads: int) -> None:
    config = LlamaConfig(**LLAMA | {"num_key_value_heads": kv_heads}, num_hidden_layers=3, vocab_size=500)
    shape = shapes.from_config(config.to_dict())
    assert shape is not None
    source = ids(SOURCE + TARGET)
    found = kept_numbers(LlamaForCausalLM(config), input_ids=source, attention_mask=torch.ones_like(source))
    assert activations(shape, ROWS, SOURCE, TARGET) == pytest.approx(found, rel=0.02)


def test_what_a_bart_keeps_is_told_within_8_percent() -> None:
    config = BartConfig(**BART, encoder_layers=2, decoder_layers=2, vocab_size=500, attention_dropout=0.1)
    shape = shapes.from_config(config.to_dict())
    assert shape is not None
    source = ids(SOURCE)
    found = kept_numbers(
        BartForConditionalGeneration(config),
        input_ids=source,
        attention_mask=torch.ones_like(source),
        decoder_input_ids=ids(TARGET),
    )
    assert activations(shape, ROWS, SOURCE, TARGET) == pytest.approx(found, rel=0.08)


def test_weights_are_counted_from_sizes_files_and_headers_alike(tmp_path: Path) -> None:
    for name, student in (("t5", tiny_t5()), ("llama", tiny_llama())):
        student.model.save_pretrained(tmp_path / name)
        shape = shapes.shape_of(choose(str(tmp_path / name)))
        assert shape is not None
        stored = sum(parameter.numel() for parameter in student.model.parameters())
        assert shape.parameters == stored
        by_sizes = shapes.from_config(json.loads((tmp_path / name / "config.json").read_text()))
        assert by_sizes is not None
        assert by_sizes.parameters == pytest.approx(stored, rel=0.02)
    (tmp_path / "t5" / "model.safetensors").write_bytes(b"\xff" * 40)
    damaged = shapes.shape_of(choose(str(tmp_path / "t5")))
    assert damaged is not None
    assert damaged.parameters == pytest.approx(sum(p.numel() for p in tiny_t5().model.parameters()), rel=0.02)


@pytest.mark.parametrize("entry", [e for e in catalogue.entries() if "student" in e.roles], ids=lambda entry: entry.id)
def test_every_student_of_the_catalogue_has_a_shape_that_fits_its_published_size(entry: catalogue.Entry) -> None:
    if entry.kind == "gguf" and entry.local_path() is None:
        pytest.skip("its file is not installed")
    shape = shapes.shape_of(choose(entry.id))
    assert shape is not None
    if entry.parameters:
        assert shape.parameters == pytest.approx(entry.parameters, rel=0.02)


def test_a_student_that_cannot_be_told_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "mystery", "vocab_size": 3}')
    assert shapes.shape_of(choose(str(tmp_path))) is None
    (tmp_path / "config.json").write_text("[")
    assert shapes.shape_of(choose(str(tmp_path))) is None
    assert shapes.shape_of(choose("somebody/something")) is None


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")
@pytest.mark.parametrize("make", [tiny_t5, tiny_llama])
def test_what_lora_trains_is_counted_as_peft_makes_it(make: Any) -> None:
    pytest.importorskip("peft")
    student = make()
    shape = shapes.from_config(student.model.config.to_dict())
    adapt(student, 4)
    trained = sum(p.numel() for p in student.model.parameters() if p.requires_grad)
    assert shape is not None
    assert memory.lora_parameters(shape, 4) == trained


def test_parts_grow_with_what_makes_them() -> None:
    shape = shapes.from_config(T5_SMALL | {"model_type": "t5"})
    assert shape is not None
    base = estimate(shape, Load(rows=8, input=100, label=4, rationale=60))
    assert base.weights == base.gradients == 4 * shape.parameters
    assert base.optimiser == 8 * shape.parameters
    assert base.logits == 8 * 60 * 500 * 4, "they become their own gradient"
    assert estimate(shape, Load(rows=16, input=100, label=4, rationale=60)).activations == 2 * base.activations
    assert estimate(shape, Load(rows=8, input=100, label=4)).logits < base.logits
    lora = estimate(shape, Load(rows=8, input=100, label=4, rationale=60, lora_rank=4))
    assert lora.optimiser < base.optimiser / 10


def test_a_verdict_names_the_largest_part_and_what_makes_it_smaller() -> None:
    shape = shapes.from_config(T5_SMALL | {"model_type": "t5"})
    assert shape is not None
    needed = estimate(shape, Load(rows=256, input=256, label=4, rationale=128))
    device = [Device("cpu", "CPU", 0, free) for free in (2 * needed.total, needed.total + 1, needed.total - 1)]
    found = [fitting.Fit(device, one, "", shape.parameters, needed) for one in device]
    assert [one.verdict for one in found] == ["fits", "tight", "does not fit"]
    assert found[0].advice() == ""
    assert "activations: a smaller micro-batch" in found[2].advice()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "text")

    def write(tx: Any) -> None:
        import_id = imports.start(tx, "import-1", "toy", "train", {}, "")
        rows = [
            {"line": i, "id": None, "fields": {"input": text}, "input": text, "label": "yes"}
            for i, text in enumerate([*["é" * 160] * 198, "x" * 3200, "y" * 3200, "z" * 3200])
        ]
        examples.add(tx, rows, split="train", import_id=import_id)

    made.store.write_now(write)
    yield made
    made.close()


def test_lengths_are_those_of_the_chosen_rows_in_bytes(project: Project) -> None:
    found = overview.lengths(project.store.reader, "gold", "all")
    assert found == memory.Lengths(1005, 6, 0, longest_input=1005, longest_label=6)
    assert overview.lengths(project.store.reader, "gold", "reviewed") is None
    assert overview.lengths(project.store.reader, "teacher", "all") is None


def test_the_longest_row_is_told_beside_those_that_are_usual() -> None:
    found = memory.lengths_of([(100, 4, 50)] * 200 + [(1000, 8, 300)])
    assert (found.input, found.label, found.rationale) == tuple(map(memory.tokens, (100, 4, 50)))
    assert (found.longest_input, found.longest_label, found.longest_rationale) == tuple(
        map(memory.tokens, (1000, 8, 300))
    )


CPU, GPU = Device("cpu", "CPU", 8 << 30, 8 << 30), Device("cuda:0", "Stand-in", 8 << 30, 8 << 30)


def test_a_plan_of_the_form_is_weighed_as_it_would_be_run(project: Project) -> None:
    plain = {"method": "finetune", "student": "starter", "labels": "gold", "rows": "all", "rationale_weight": 1.0}
    spec = train_request(project, **plain).spec.to_json()
    choices = plain | {name: spec[name] for name in (*_SETTINGS, "lora_rank")}
    found = fit(project.store.reader, choices)
    assert found.needed is not None
    assert found.verdict == "fits"
    assert fitting.load_of(choices, memory.Lengths(1005, 6, 50), CPU) == Load(rows=32, input=256, label=6)
    twice = fitting.load_of(choices | {"method": "step-by-step"}, memory.Lengths(100, 6, 500), GPU)
    assert (twice.rationale, twice.device) == (128, "gpu")
    automatic = choices | {"precision": "auto"}
    assert [fitting.load_of(automatic, memory.Lengths(9, 6, 5), device).bf16 for device in (CPU, GPU)] == [False, True]
    whole = fitting.load_of(choices | {"method": "single-task"}, memory.Lengths(100, 6, 50), CPU)
    assert (whole.label, whole.rationale) == (56, 0)
    unknown = fit(project.store.reader, choices | {"student": "somebody/something"})
    assert unknown.needed is None
    assert unknown.advice() == ""


PLAN = {"method": "step-by-step", "rationale_weight": 1.0, "precision": "fp32", "lora_rank": 0, "micro_batch": 0}
PLAN |= {"max_input": 2048, "max_target": 1024, "max_label": 64}
OUTLIER = memory.Lengths(40, 4, 20, longest_input=400, longest_label=4, longest_rationale=200)
"""200 rows alike, and one ten times as long."""


@pytest.mark.parametrize(("batch", "micro"), [(32, 0), (128, 32)])
@pytest.mark.parametrize("dropout", [0.0, 0.1])
@pytest.mark.parametrize("long", [(400, 200), (400, 20)])
def test_no_pass_that_is_cut_keeps_more_than_was_estimated(
    batch: int, micro: int, dropout: float, long: tuple[int, int]
) -> None:
    shape = shapes.from_config(T5_SMALL | {"model_type": "t5", "dropout_rate": dropout})
    assert shape is not None
    usual, longest = cutting.Shape(40, 20), cutting.Shape(*long)
    labels = [cutting.Shape(row.input, 4) for row in (usual, longest)]
    room = cutting.Room.of([usual, longest, *labels], joined=False, packed=True).times(micro or 32)
    lengths = replace(OUTLIER, longest_rationale=long[1])
    loads = fitting.loads_of(PLAN | {"batch_size": batch, "micro_batch": micro}, lengths, CPU)
    told = max(estimate(shape, load).activations for load in loads)
    assert max(load.rows for load in loads) == batch
    for step in (
        [*[usual] * (batch - 1), longest],
        [usual] * batch,
        [*[labels[0]] * (batch - 1), labels[1]],
        [labels[0]] * batch,
    ):
        for places in cutting.cut(step, room):
            rows = [step[place] for place in places]
            tokens = sum(row.input for row in rows), sum(row.target for row in rows)
            widest = max(row.input for row in rows), max(row.target for row in rows)
            kept = memory.FLOAT * memory.t5_activations(shape, len(rows), tokens, widest)
            assert told >= 0.9 * kept, (len(rows), widest)


def test_a_decoder_only_student_may_compute_many_short_rows_in_the_place_of_the_longest() -> None:
    choices = PLAN | {"method": "finetune", "batch_size": 500, "micro_batch": 8}
    lengths = memory.Lengths(40, 4, 0, longest_input=436, longest_label=4)
    assert [load.rows for load in fitting.loads_of(choices, lengths, CPU, joined=True)] == [8, 8]
    assert [load.rows for load in fitting.loads_of(choices, lengths, CPU)] == [8, 8]
    longer = replace(lengths, longest_label=64)
    assert [load.rows for load in fitting.loads_of(choices, longer, CPU, joined=True)] == [8, 90]
    assert [load.rows for load in fitting.loads_of(choices, longer, CPU)] == [8, 87]


def test_processes_share_the_rows_of_a_step_and_on_a_cpu_the_memory() -> None:
    shape = shapes.from_config(T5_SMALL | {"model_type": "t5"})
    assert shape is not None
    for device, times in ((CPU, 4), (GPU, 1)):
        loads = {
            (batch, n): fitting.load_of(PLAN | {"batch_size": batch, "processes": n}, OUTLIER, device)
            for batch in (30, 256)
            for n in (0, 1, 4)
        }
        assert {key: load.rows for key, load in loads.items()} == {
            (30, 0): 30, (30, 1): 30, (30, 4): 8, (256, 0): 32, (256, 1): 32, (256, 4): 32,
        }  # fmt: skip
        one, four = (estimate(shape, loads[256, n]) for n in (1, 4))
        assert {name: part / getattr(one, name) for name, part in vars(four).items()} == dict.fromkeys(vars(one), times)


_SETTINGS = ("batch_size", "micro_batch", "max_input", "max_target", "max_label", "precision", "device")


def _t5(d_model: int, d_ff: int, d_kv: int, layers: int) -> dict[str, int]:
    sizes = {"d_model": d_model, "d_ff": d_ff, "d_kv": d_kv, "num_heads": 8, "vocab_size": 4000}
    return sizes | {"num_layers": layers, "num_decoder_layers": layers}


SIZES = {"tiny": {}, "small": _t5(256, 1024, 32, 4), "t5-small": _t5(512, 2048, 64, 6)}


def weigh(folder: Path, rows: list[dict[str, Any]], **changes: object) -> tuple[shapes.Shape, dict[str, Any]]:
    """Two steps in a process of their own: the shape of the student, and what it took."""
    run = make_run(folder / "run", rows)
    (run / "input.valid.jsonl").unlink()
    spec = spec_for(run, steps=2, **changes)
    (folder / "spec.json").write_text(json.dumps(spec.to_json() | {"run_dir": str(run)}))
    script = str(Path(__file__).with_name("weighed_run.py"))
    done = subprocess.run(
        [sys.executable, script, str(folder / "spec.json")], capture_output=True, text=True, check=True, timeout=500
    )
    shape = shapes.shape_of(choose(str(run / "starter")))
    assert shape is not None
    return shape, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is what Linux says of the process")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("size", ["tiny", "small", pytest.param("t5-small", marks=pytest.mark.slow)])
def test_a_real_run_takes_what_was_estimated_within_a_factor_of_two(size: str, tmp_path: Path) -> None:
    """T5-small size and the starter on a CPU. Measured on CQA: 1.0 to 1.25; before, LoRA 1.7."""
    rows = [
        {"example_id": i, "input": f"{i} " + "red box " * 30, "label": "blue", "rationale": "after red " * 20}
        for i in range(8)
    ]
    shape, took = weigh(tmp_path, rows, batch_size=8, starter=SIZES[size])
    load = Load(rows=8, input=took["input_tokens"], label=4, rationale=took["target_tokens"])
    ratio = estimate(shape, load).total / took["whole_peak_bytes"]
    print(f"{size}: estimated {estimate(shape, load).total / 1e6:.0f} MB, {ratio:.2f} of what was measured")
    assert 0.5 < ratio < 2
    assert took["peak_bytes"] <= 1.3 * took["whole_peak_bytes"]


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is what Linux says of the process")
@pytest.mark.timeout(600)
def test_a_real_run_with_one_long_row_takes_what_was_estimated(tmp_path: Path) -> None:
    """Measured 0.99 to 1.08 where it has 240 to 480 tokens, 12 times those of the others; by these alone 0.3 to 0.6."""
    rows = [
        {
            "example_id": i,
            "input": "red box " * (120 if i == 40 else 10),
            "label": "blue",
            "rationale": "after red " * 9,
        }
        for i in range(64)
    ]
    shape, took = weigh(tmp_path, rows, batch_size=32, starter=SIZES["small"], max_input=512)
    longest, written = took["input_tokens"], took["target_tokens"]
    lengths = memory.Lengths(longest // 12, 4, written, longest, 4, written)
    loads = fitting.loads_of(PLAN | {"batch_size": 32}, lengths, CPU)
    ratio = max(estimate(shape, load).total for load in loads) / took["whole_peak_bytes"]
    before = estimate(shape, replace(loads[0], widest=None)).total / took["whole_peak_bytes"]
    print(f"one long row: {ratio:.2f} of what was measured; by the usual rows alone {before:.2f}")
    assert 0.7 < ratio < 1.6
