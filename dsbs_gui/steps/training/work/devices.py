"""The device of a run, as torch has it. ROCm's GPUs are called ``cuda`` by torch too."""

from __future__ import annotations

import torch

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.gpus import gpus, torch_without_support


def use(wanted: str) -> str:
    """Make the device of ``TrainSpec.device`` torch's current one; its kind: ``cpu``, ``cuda``, ``mps`` or ``xpu``.

    Raises: ResourceError if torch cannot use it here, with the cure.
    """
    if wanted == "auto":
        return next((kind for kind in ("cuda", "mps", "xpu") if _available(kind)), "cpu")
    kind, _, number = wanted.partition(":")
    if kind == "cpu":
        return kind
    if not _available(kind):
        why = idle_gpu() if kind == "cuda" else ""
        why = why or "There is none that torch can use here."
        raise ResourceError(f"This run wants the device {wanted}. {why}", "Or choose auto or cpu.")
    index = int(number or 0)
    if kind == "cuda":
        if index >= torch.cuda.device_count():
            raise ResourceError(
                f"This run wants the device {wanted}, and there are {torch.cuda.device_count()} GPUs here.",
                "The first one is cuda:0. Choose one of those, or auto.",
            )
        torch.cuda.set_device(index)
    return kind


def in_bf16(precision: str, kind: str) -> bool:
    """Whether a run of ``TrainSpec.precision`` on a device of this kind computes in bf16.

    Raises: ResourceError if it is to, and the GPU has no bf16.
    """
    if precision == "fp32" or (precision == "auto" and kind != "cuda"):
        return False
    has = kind != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
    if not has and precision == "bf16":
        raise ResourceError("This GPU has no bf16.", "Train in fp32. fp16 is not offered: T5 becomes NaN in it.")
    return has


def idle_gpu() -> str:
    """Why torch cannot use the GPU that the driver's tool tells of, with the cure; "" if it can or there is none."""
    if _available("cuda") or not (there := gpus()):
        return ""
    if torch.version.cuda is None and torch.version.hip is None:
        return torch_without_support(there[0].name, str(torch.__version__))
    return f"This machine has a GPU ({there[0].name}), but torch {torch.__version__} cannot use it: update its driver."


def _available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    return torch.xpu.is_available()
