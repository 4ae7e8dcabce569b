"""A decoded prefix is kept: the next job with the same exemplars does not decode it again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dsbs_gui.core.settings import cache_folder
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work.asking import Reply, Request
from dsbs_gui.steps.teacher.work.llama_context import Batch
from dsbs_gui.steps.teacher.work.llama_engine import LlamaEngine
from dsbs_gui.steps.teacher.work.llama_prefixes import make_room

from .gguf_files import embedded

PREFIX = "Q: What is 2 + 3?\nA: 2 + 3 = 5. The answer is 5.\n\n"
REQUESTS = [Request(0, 0, f"{PREFIX}Q: What is 4 + 4?\nA:")]
PREFIX_SEQUENCE = 2


@pytest.fixture
def n_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tokens decoded for the prefix, counted from here on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    count = [0]
    add = Batch.add

    def counting(self: Batch, token: int, position: int, sequence: int, logits: bool) -> int:
        count[0] += sequence == PREFIX_SEQUENCE
        return add(self, token, position, sequence, logits)

    monkeypatch.setattr(Batch, "add", counting)
    return count


def ask() -> Reply:
    spec = GenerateSpec(model=str(embedded()), max_tokens=8, parallel=PREFIX_SEQUENCE, weights="given")
    engine = LlamaEngine(spec, PREFIX, (), [REQUESTS[0].prompt])
    try:
        return next(engine.answer(iter(REQUESTS), lambda: False))
    finally:
        engine.close()


def kept() -> Path:
    (file,) = (cache_folder() / "teacher-prefixes").iterdir()
    return file


def test_a_second_job_decodes_no_prefix_and_answers_the_same(n_decoded: list[int]) -> None:
    first = ask()
    assert n_decoded[0] > 10
    n_decoded[0] = 0
    second = ask()
    assert n_decoded[0] == 0
    assert (second.raw, second.mean_logprob) == (first.raw, first.mean_logprob)


@pytest.mark.parametrize("harm", ["cut", "changed", "empty"])
def test_a_damaged_state_is_decoded_anew(n_decoded: list[int], harm: str) -> None:
    first = ask()
    content = kept().read_bytes()
    changed = content[:-1] + bytes([content[-1] ^ 1])
    kept().write_bytes({"cut": content[: len(content) // 2], "changed": changed, "empty": b""}[harm])
    n_decoded[0] = 0
    assert ask().raw == first.raw
    assert n_decoded[0] > 10
    assert kept().read_bytes() == content


def test_a_cache_that_cannot_be_written_harms_nothing(n_decoded: list[int]) -> None:
    cache_folder().parent.mkdir(parents=True)
    cache_folder().write_text("a file where a folder should be")
    assert ask().raw


def test_the_files_used_longest_ago_go_first(tmp_path: Path) -> None:
    for age, name in enumerate("abcd"):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    make_room(tmp_path, 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
