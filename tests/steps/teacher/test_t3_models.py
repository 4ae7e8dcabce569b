"""T3: malformed model files. Every one gets a verdict in a sentence within ten seconds, and none takes anything along.

The window reads the head of a file only (``facts``, in this process, which therefore must survive). The worker loads
it (here a child that stands for it), and at most that worker dies; of the kinds listed it does not even do that.
"""

from __future__ import annotations

import gzip
import json
import pickle
import queue
import random
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.teacher.facts import Facts, facts
from dsbs_gui.steps.teacher.work import llama_model

from .gguf_files import embedded
from .gguf_kinds import KINDS, STRING, archive, canary_pickle, good, text

LOADED, DIED = "loaded", "died"
WHOLE_ALL_THE_SAME = {
    "a name that is no UTF-8",
    "no context",
    "an endless context",
    "an end token beyond the vocabulary",
}
"""Odd, but llama.cpp makes a model of them; what the engine makes of their limits is its own matter."""
VERDICT_S = 10.0
CHILD = Path(__file__).with_name("gguf_child.py")
SEED = 20_261_124


class Loader:
    """The child that loads; started again when it has died."""

    def __init__(self) -> None:
        self.deaths = 0
        self._start()

    def _start(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, args=(self.child, self._said), daemon=True).start()

    @staticmethod
    def _listen(child: subprocess.Popen[str], said: queue.Queue[str]) -> None:
        assert child.stdout is not None
        for line in child.stdout:
            said.put(line)
        said.put("")

    def verdict(self, path: Path, patience_s: float = 120.0) -> tuple[str, str]:
        """What is said of the file, and the cure."""
        assert self.child.stdin is not None
        self.child.stdin.write(f"{path}\n")
        self.child.stdin.flush()
        line = self._said.get(timeout=patience_s)
        if line:
            said, hint = json.loads(line)
            return said, hint
        self.deaths += 1
        self.close()
        self._start()
        return DIED, ""

    def close(self) -> None:
        self.child.kill()
        self.child.communicate()


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    embedded()  # skips where there is no llama.cpp
    made = Loader()
    yield made
    made.close()


def looked_at(path: Path) -> Facts:
    """What the window shows of the file, in time."""
    began = time.monotonic()
    found = facts(str(path))
    assert time.monotonic() - began < VERDICT_S
    return found


def test_t3_the_file_that_is_spoilt_is_a_whole_one(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "good.gguf"
    path.write_bytes(good().to_bytes())
    assert loader.verdict(path) == (LOADED, "")
    assert (looked_at(path).title, looked_at(path).context, looked_at(path).problem) == ("Tiny", 64, "")


@pytest.mark.parametrize("kind", KINDS)
def test_t3_gguf_kind(kind: str, loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "spoilt.gguf"
    path.write_bytes(KINDS[kind]())
    before = loader.deaths
    began = time.monotonic()
    said, hint = loader.verdict(path)
    assert time.monotonic() - began < VERDICT_S
    assert loader.deaths == before
    assert not said.startswith("BUG")
    if kind in WHOLE_ALL_THE_SAME:
        assert said == LOADED
    else:
        assert "spoilt.gguf" in said
        assert hint
    shown = looked_at(path)
    assert bool(shown.problem) == bool(shown.hint)
    assert shown.title


def test_t3_300_truncations_are_all_called_cut_off_or_no_model(tmp_path: Path) -> None:
    whole, luck = good().to_bytes(), random.Random(SEED)
    path = tmp_path / "cut.gguf"
    head = len(whole) - len(good().data)
    lengths = [*luck.sample(range(head), 200), *luck.sample(range(head, len(whole) - 1), 100)]
    began = time.monotonic()
    for length in lengths:
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"cut\.gguf is (cut off|not a GGUF file|empty)") as caught:
            llama_model.check(path)
        assert caught.value.hint, length
        looked_at(path)
    assert time.monotonic() - began < VERDICT_S * len(lengths)


def test_t3_1000_flipped_bits_take_nothing_along(loader: Loader, tmp_path: Path) -> None:
    whole, luck = good().to_bytes(), random.Random(SEED)
    head = len(whole) - len(good().data)
    path = tmp_path / "flipped.gguf"
    verdicts = {LOADED: 0, "refused before": 0, "refused by llama.cpp": 0, DIED: 0}
    longest = 0.0
    for n in range(1_000):
        place = luck.randrange(head) if n % 4 else luck.randrange(head, len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << luck.randrange(8)]) + whole[place + 1 :])
        looked_at(path)
        began = time.monotonic()
        try:
            llama_model.check(path)
        except UserError:
            verdicts["refused before"] += 1
            continue
        said, _ = loader.verdict(path)
        longest = max(longest, time.monotonic() - began)
        assert not said.startswith("BUG"), (place, said)
        verdicts[said if said in verdicts else "refused by llama.cpp"] += 1
    print(f"seed {SEED}: {verdicts}, longest {longest:.2f} s")
    assert longest < VERDICT_S
    assert verdicts["refused before"] > 100
    assert verdicts[DIED] == 0


def _in_metadata(canary: bytes) -> bytes:
    return good().having("tokenizer.chat_template", STRING, text(canary)).to_bytes()


def _as_tensors(canary: bytes) -> bytes:
    return struct.pack("<Q", 2) + b"{}" + canary


PICKLES: dict[str, Callable[[bytes], bytes]] = {
    "bare": lambda canary: canary,
    "in torch's archive": lambda canary: archive(archive__data_pkl=canary, archive__data=b"", archive__version=b"3\n"),
    "in numpy's archive": lambda canary: archive(weights_npy=b"\x93NUMPY\x01\x00" + canary),
    "packed": gzip.compress,
    "behind a GGUF's magic": lambda canary: b"GGUF" + canary,
    "behind a whole GGUF": lambda canary: good().to_bytes() + canary,
    "in a GGUF's metadata": _in_metadata,
    "as a GGUF's weights": lambda canary: good().to_bytes()[: -len(canary)] + canary,
    "behind a header of safetensors": _as_tensors,
    "as joblib writes it": lambda canary: b"ZF" + gzip.compress(canary),
}


@pytest.mark.parametrize("ending", [".gguf", ".bin"])
@pytest.mark.parametrize("wrapper", PICKLES)
def test_t3_pickle_is_never_read(wrapper: str, ending: str, loader: Loader, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    path = tmp_path / f"model{ending}"
    path.write_bytes(PICKLES[wrapper](canary_pickle(str(canary))))
    looked_at(path)
    said, _ = loader.verdict(path)
    assert not said.startswith(("BUG", DIED))
    assert not canary.exists()


def test_t3_the_canary_would_have_been_seen(tmp_path: Path) -> None:
    pickle.loads(canary_pickle(str(tmp_path / "canary"))).close()
    assert (tmp_path / "canary").exists()
