"""Loading a student from a folder, the hub or a decoder-only GGUF file, with plain refusals.

Models are foreign files: no remote code is run, and a folder that lacks weights is refused rather
than filled up with random numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig
from transformers.utils.logging import disable_progress_bar

from dsbs_gui.core import catalogue, gguf_student
from dsbs_gui.core.errors import DsbsError, ResourceError, UserError

from .folders import is_whole
from .meta import ENCODER_DECODER, FILE, StudentMeta, read_meta
from .student import Student, kind_of

disable_progress_bar()  # ours is a line of its own in events.jsonl

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "*.model", "vocab.*", "*.spm")
_REMEDY = "Choose a folder that save_pretrained wrote, a hub id, or a GGUF file of a decoder-only model."


def load_student(path_or_id: str, *, gguf_file: str = "") -> Student:
    """A student in float32 on the CPU.

    Args:
        path_or_id: a student or model folder, a run folder, a ``.gguf`` file, or a hub id.
        gguf_file: name of a GGUF file within the folder ``path_or_id``.
    Raises: UserError for what is no usable student, ResourceError if the hub cannot be reached.
    """
    place, gguf_file, meta = _place(path_or_id, gguf_file)
    options: dict[str, Any] = {"trust_remote_code": False}
    if gguf_file:
        gguf_student.check(Path(place, gguf_file))
        if find_spec("gguf") is None:
            raise ResourceError("GGUF files cannot be read here.", "Install the package gguf, or use a folder.")
        options["gguf_file"] = gguf_file
    with _plain_refusals(path_or_id):
        config = AutoConfig.from_pretrained(place, **options)
        kind = kind_of(config)
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
        family: Any = AutoModelForSeq2SeqLM if kind == ENCODER_DECODER else AutoModelForCausalLM
        model, report = family.from_pretrained(place, dtype=torch.float32, output_loading_info=True, **options)
    if gguf_file:
        _forget_quantisation(model)
    if report["missing_keys"]:
        missing = ", ".join(sorted(report["missing_keys"])[:3])
        raise UserError(f"The weights of “{path_or_id}” are incomplete: {missing} are missing.", _REMEDY)
    if tokenizer.eos_token_id is None:
        raise UserError(f"The tokenizer of “{path_or_id}” has no end token.", "Choose another student.")
    if kind == ENCODER_DECODER and model.config.decoder_start_token_id is None:
        model.config.decoder_start_token_id = model.config.pad_token_id
    _forget_generation_settings(model, tokenizer)
    meta = meta or StudentMeta(kind=kind, base=Path(path_or_id).name if gguf_file else path_or_id)
    return Student(model.eval(), tokenizer, kind, meta, place)


def load_tokenizer(path_or_id: str) -> tuple[Student, str]:
    """The same student without its weights, with the type of its model, e.g. ``t5``.

    It encodes and decodes; its ``model`` is None.

    Raises: as :func:`load_student`.
    """
    place, gguf_file, meta = _place(path_or_id, "")
    options: dict[str, Any] = {"trust_remote_code": False}
    if gguf_file:
        gguf_student.check(Path(place, gguf_file))
        options["gguf_file"] = gguf_file
    with _plain_refusals(path_or_id):
        config = AutoConfig.from_pretrained(place, **options)
        kind = kind_of(config)
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
    if tokenizer.eos_token_id is None:
        raise UserError(f"The tokenizer of “{path_or_id}” has no end token.", "Choose another student.")
    student = Student(None, tokenizer, kind, meta or StudentMeta(kind=kind, base=path_or_id), place)
    return student, str(config.model_type)


def student_folder(folder: Path) -> Path:
    """The student within ``folder``: itself, ``student/``, or the best checkpoint of a run.

    Raises: UserError if there is none.
    """
    best = sorted(folder.glob("checkpoints/best-*"), key=lambda path: (len(path.name), path.name), reverse=True)
    for candidate in (folder, folder / "student", *best):
        if (candidate / FILE).is_file() and (candidate not in best or is_whole(candidate)):
            return candidate
    raise UserError(f"There is no trained student in “{folder.name}”.", "Train it first, or choose another run.")


def _forget_generation_settings(model: Any, tokenizer: Any) -> None:
    """A student answers greedily, here and wherever it is exported to.

    ``generate`` fills what our own settings leave open from the model's, such as a least length or tokens that are
    forced or forbidden: they would make another model's answers out of what the student has learnt.
    """
    model.generation_config = GenerationConfig(
        decoder_start_token_id=getattr(model.config, "decoder_start_token_id", None),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id,
    )


def _forget_quantisation(model: Any) -> None:
    """The weights of a GGUF file are plain float32 once they are loaded.

    transformers goes on to call the model quantised, and would then refuse to save what was trained.
    """
    for name in ("hf_quantizer", "quantization_method"):
        if hasattr(model, name):
            delattr(model, name)
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config


def _place(path_or_id: str, gguf_file: str) -> tuple[str, str, StudentMeta | None]:
    """Where to load from, the GGUF file's name or "", and what a student folder says about itself."""
    path = Path(path_or_id).expanduser()
    if gguf_file or path.suffix.lower() == ".gguf":
        file = path / gguf_file if gguf_file else path
        if not file.is_file():
            raise UserError(f"There is no file “{file}”.", _REMEDY)
        return str(file.parent), file.name, None
    if path.is_dir():
        folder = path if (path / "config.json").is_file() else _inner(path)
        _check_folder(folder)
        return str(folder), "", read_meta(folder)
    if path.is_file():
        raise UserError(f"“{path.name}” is neither a model folder nor a GGUF file.", _REMEDY)
    if not catalogue.HUB_ID.match(path_or_id):
        raise UserError(f"There is no folder “{path_or_id}”.", _REMEDY)
    return path_or_id, "", None


def _inner(folder: Path) -> Path:
    if (folder / "adapter_config.json").is_file():
        raise UserError(f"“{folder.name}” holds a LoRA adapter without its model.", "Merge it into its model first.")
    if (folder / "checkpoints").is_dir() or (folder / "student").is_dir():
        return student_folder(folder)
    raise UserError(f"“{folder.name}” is no model folder: it has no config.json.", _REMEDY)


def _check_folder(folder: Path) -> None:
    if not any(True for pattern in _WEIGHTS for _ in folder.glob(pattern)):
        raise UserError(f"The folder “{folder.name}” has no weights (no model.safetensors).", _REMEDY)
    # Without one transformers makes up an empty tokenizer.
    if not any(True for pattern in _TOKENIZERS for _ in folder.glob(pattern)):
        raise UserError(f"The folder “{folder.name}” has no tokenizer (no tokenizer.json).", _REMEDY)


@contextmanager
def _plain_refusals(name: str) -> Iterator[None]:
    """Turns what transformers raises into one sentence with a remedy; the cause stays in the log."""
    try:
        yield
    except DsbsError:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise ResourceError(f"There is too little memory for “{name}”.", "Choose a smaller student.") from error
    except SafetensorError as error:
        raise UserError(f"The weights of “{name}” are damaged: {error}.", "Download or copy them again.") from error
    except OSError as error:
        text = str(error)
        if "connect" in text.lower() or "offline" in text.lower():
            raise ResourceError(
                f"The student “{name}” is not on this machine and the hub cannot be reached.",
                "Connect to the network, or choose a local folder.",
            ) from error
        raise UserError(f"“{name}” cannot be loaded as a student: {_first_line(text)}", _REMEDY) from error
    except Exception as error:  # foreign files: transformers raises many kinds for them
        raise UserError(f"“{name}” cannot be loaded as a student: {_first_line(str(error))}", _REMEDY) from error


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["it is of an unknown kind."])[0][:300]
