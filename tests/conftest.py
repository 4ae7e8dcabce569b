"""What all tests share: no screen, no hub, no keys, no waiting for ever."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
os.environ.pop("DSBS_API_KEY", None)
# Hundreds of processes are started: without compiled files each would compile the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.dont_write_bytecode = False

_MEMORY_DISK = Path("/dev/shm")
_ROOM_BYTES = 2 << 30


def _keep_files_in_memory() -> None:
    """Each commit waits for the disk, and there are many thousands: where memory is plentiful, files are there.

    No test can tell: what is in a file outlives a killed process either way; only a power cut would differ.
    """
    if _MEMORY_DISK.is_dir() and os.access(_MEMORY_DISK, os.W_OK):
        free = min(shutil.disk_usage(_MEMORY_DISK).free, psutil.virtual_memory().available // 4)
        if free > _ROOM_BYTES:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY_DISK))


_keep_files_in_memory()


@pytest.fixture(scope="session", autouse=True)
def _short_looks() -> None:
    """Jobs are looked at five times as often: most are done within the time between two looks."""
    from dsbs_gui.core.jobs.supervisor import Jobs

    Jobs.__init__.__kwdefaults__["interval_s"] = 0.05


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, caches and projects of a test never meet those of the person who runs it."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("HF_HOME", str(home / "hf"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data beside the repository; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("../shared with the real datasets is not there")
    return folder


def pytest_collection_finish() -> None:
    """What is imported by now stays: pages are collected after each test, and that need not look at all modules."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """As the program does when it quits: what would else complain or crash when the interpreter ends."""
    if "llama_cpp._utils" in sys.modules:  # it opens the null device twice and never closes it
        sys.modules["llama_cpp._utils"].outnull_file.close()
        sys.modules["llama_cpp._utils"].errnull_file.close()
    # A test that copied text ends in a crash at exit without this.
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtWidgets import QApplication

        from dsbs_gui.kit.clipboard import settle

        if QApplication.instance() is not None:
            settle()
