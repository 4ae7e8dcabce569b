"""The local teacher: the embedded model, really run, on few rows and few tokens."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.errors import ResourceError, Stopped, UserError
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work.asking import TOO_LONG, Reply, Request
from dsbs_gui.steps.teacher.work.llama_answer import Answer
from dsbs_gui.steps.teacher.work.llama_context import Batch
from dsbs_gui.steps.teacher.work.llama_engine import LlamaEngine

from .gguf_files import embedded, truncated

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from llama_cpp import Llama
    from numpy.typing import NDArray

    from dsbs_gui.steps.teacher.work.llama_model import LlamaModel

PREFIX = "Q: What is 2 + 3?\nA: 2 + 3 = 5. The answer is 5.\n\n"
QUESTIONS = [
    "What is 4 + 4?",
    "Ann has 3 pens and buys 4 more. How many pens does Ann have?",
    "What is the capital of France?",
    "A café sells 6 cakes a day. How many in 2 days?",
    "Is ice cold?",
]
REQUESTS = [Request(i, 0, f"{PREFIX}Q: {question}\nA:") for i, question in enumerate(QUESTIONS)]
N_TOKENS = 14
ROUNDING = 1.0  # logits


def spec(**settings: object) -> GenerateSpec:
    """Weights as the file has them, as the peer reads them."""
    common = GenerateSpec(model=str(embedded()), max_tokens=N_TOKENS, parallel=4, weights="given")
    return replace(common, **settings)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No measurement and no decoded prefix of an earlier test: one lane, and all is decoded."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def ask(
    settings: GenerateSpec, requests: list[Request], prefix: str = PREFIX, stops: tuple[str, ...] = ()
) -> list[Reply]:
    engine = LlamaEngine(settings, prefix, stops, [request.prompt for request in requests])
    try:
        return sorted(
            engine.answer(iter(requests), lambda: False), key=lambda r: (r.request.example_id, r.request.sample)
        )
    finally:
        engine.close()


@pytest.fixture(scope="module")
def recorded() -> tuple[list[Reply], dict[int, list[int]]]:
    """Answers of four slots, and the tokens that were chosen for each example."""
    tokens: dict[int, list[int]] = {}
    extend = Answer.extend

    def recording(self: Answer, model: LlamaModel, logits: NDArray[np.float32]) -> None:
        tokens.setdefault(self.request.example_id, []).append(int(logits.argmax()))
        extend(self, model, logits)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Answer, "extend", recording)
        return ask(spec(), REQUESTS), tokens


@pytest.fixture(scope="module")
def side_by_side(recorded: tuple[list[Reply], dict[int, list[int]]]) -> list[Reply]:
    return recorded[0]


def shortfalls(peer: Llama, prompt: str, chosen: list[int]) -> list[float]:
    """By how many logits each chosen token lies below the best one when the prompt is asked alone."""
    before = peer.tokenize(prompt.encode())
    peer.reset()
    peer.eval(before + chosen)
    scores = peer.scores[len(before) - 1 : len(before) - 1 + len(chosen)]
    return [float(row.max() - row[token]) for row, token in zip(scores, chosen, strict=True)]


def test_tokens_chosen_side_by_side_are_the_best_ones_when_asked_alone(
    recorded: tuple[list[Reply], dict[int, list[int]]],
) -> None:
    """Up to rounding: llama.cpp's logits move where a sequence lies elsewhere in the cache, so that texts part at
    close calls, as those of two runs one at a time do that differ in a setting."""
    from llama_cpp import Llama

    replies, tokens = recorded
    peer = Llama(str(embedded()), n_ctx=256, logits_all=True, verbose=False)
    try:
        for reply in replies:
            chosen = tokens[reply.request.example_id]
            assert len(chosen) == reply.tokens_out
            assert max(shortfalls(peer, reply.request.prompt, chosen)) < ROUNDING
        # What the bound is worth: the tokens of another row's answer do not pass.
        strangers = tokens[REQUESTS[3].example_id]
        assert max(shortfalls(peer, REQUESTS[0].prompt, strangers)) > 4 * ROUNDING
    finally:
        peer.close()


def test_every_token_of_a_prompt_is_decoded_once_at_its_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared prefix, then each slot's own part, then what was chosen: no token lost, doubled or moved."""
    from llama_cpp import Llama

    decoded: dict[int, list[tuple[int, int]]] = {}
    add = Batch.add

    def recording(self: Batch, token: int, position: int, sequence: int, logits: bool) -> int:
        decoded.setdefault(sequence, []).append((position, token))
        return add(self, token, position, sequence, logits)

    monkeypatch.setattr(Batch, "add", recording)
    replies = ask(spec(parallel=3), REQUESTS[:3])
    peer = Llama(str(embedded()), vocab_only=True, verbose=False)
    shared = decoded.pop(3)
    assert len(shared) > 10
    for slot, reply in enumerate(replies):
        tokens = peer.tokenize(reply.request.prompt.encode())
        both = [*shared, *decoded[slot]][: len(tokens)]
        assert both == list(enumerate(tokens))
        assert [position for position, _ in decoded[slot]] == list(
            range(len(shared), len(tokens) + reply.tokens_out - 1)
        )
    peer.close()


def test_sharing_the_prefix_changes_nothing() -> None:
    shared, whole = (ask(spec(parallel=1), REQUESTS[1:2], prefix=prefix)[0] for prefix in (PREFIX, ""))
    assert (shared.raw, shared.tokens_in) == (whole.raw, whole.tokens_in)
    assert shared.mean_logprob == pytest.approx(whole.mean_logprob, abs=0.01)


def test_what_is_said_beside_an_answer_does_not_touch_it(side_by_side: list[Reply]) -> None:
    """The same place in the cache, other neighbours of the same length: bit for bit the same."""
    words = ["red", "old", "two", "big"]
    prompts = [[PREFIX + "Q: " + " ".join([word] * 12) + "\nA:" for word in chosen] for chosen in (words, words[::-1])]
    prompts[1][0] = prompts[0][0]
    first, second = (ask(spec(), [Request(i, 0, p) for i, p in enumerate(some)])[0] for some in prompts)
    assert (first.raw, first.mean_logprob) == (second.raw, second.mean_logprob)


def test_a_stop_string_ends_an_answer_and_is_not_part_of_it() -> None:
    plain, stopped = (ask(spec(), REQUESTS[:1], stops=stops)[0] for stops in ((), ("The",)))
    if "The" not in plain.raw:
        pytest.skip("this build of llama.cpp answers otherwise")
    assert stopped.raw == plain.raw[: plain.raw.index("The")]
    assert stopped.finish_reason == "stop"
    assert stopped.tokens_out < plain.tokens_out


def test_samples_differ_from_each_other_and_are_the_same_again() -> None:
    requests = [replace(REQUESTS[1], sample=sample) for sample in range(3)]
    settings = spec(temperature=1.0, seed=3)
    first = [reply.raw for reply in ask(settings, requests)]
    assert len(set(first)) > 1
    assert [reply.raw for reply in ask(settings, requests)] == first


def test_a_prompt_longer_than_the_model_was_trained_for_fails_alone() -> None:
    huge = Request(99, 0, PREFIX + "Q: " + "one two three " * 4000 + "\nA:")
    replies = ask(spec(parallel=2, max_tokens=2), [huge, *REQUESTS[:2]])
    assert [reply.failure for reply in replies] == ["", "", TOO_LONG]


def test_requests_wait_where_the_context_holds_only_one_at_a_time(side_by_side: list[Reply]) -> None:
    replies = ask(spec(n_ctx=256, max_tokens=150, parallel=4), REQUESTS[:2], stops=("\n", "."))
    assert [bool(reply.raw) for reply in replies] == [True, True]


def test_the_cost_is_the_most_that_an_answer_takes(side_by_side: list[Reply]) -> None:
    engine = LlamaEngine(spec(), PREFIX, (), [REQUESTS[0].prompt])
    try:
        assert engine.cost(REQUESTS[0]) == side_by_side[0].tokens_in + N_TOKENS
    finally:
        engine.close()


def test_stopping_in_the_middle_ends_within_a_second() -> None:
    engine = LlamaEngine(spec(max_tokens=400), PREFIX, (), [REQUESTS[0].prompt])
    wanted: list[float] = []
    n_asked = 0

    def should_stop() -> bool:
        nonlocal n_asked
        n_asked += 1
        if n_asked > 5 and not wanted:
            wanted.append(time.monotonic())
        return bool(wanted)

    try:
        replies = list(engine.answer(iter(REQUESTS), should_stop))
        assert time.monotonic() - wanted[0] < 1
        assert len(replies) < len(REQUESTS)
    finally:
        engine.close()


def test_stopping_in_the_middle_of_one_long_decode_ends_within_a_second() -> None:
    request = Request(0, 0, "one two three " * 1500 + "\nA:")
    engine = LlamaEngine(spec(max_tokens=2, parallel=1), "", (), [request.prompt])
    started = time.monotonic()
    try:
        assert list(engine.answer(iter([request]), lambda: time.monotonic() - started > 0.5)) == []
        assert time.monotonic() - started < 1.5
    finally:
        engine.close()


def test_loading_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsbs_gui.steps.teacher.work.llama_model._ASK_SECONDS", 0.0)
    with pytest.raises(Stopped):
        LlamaEngine(spec(), PREFIX, (), [REQUESTS[0].prompt], lambda: True)


def test_a_chat_prompt_is_wrapped_by_the_models_own_template(side_by_side: list[Reply]) -> None:
    (reply,) = ask(spec(chat=True), REQUESTS[:1])
    assert reply.tokens_in > side_by_side[0].tokens_in
    assert reply.raw.strip()
    assert "<|im" not in reply.raw


def test_more_answers_at_once_than_llama_can_write_are_refused() -> None:
    with pytest.raises(UserError, match="5000 answers at once"):
        LlamaEngine(spec(parallel=5000), PREFIX, (), [REQUESTS[0].prompt])


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "is empty"), (0.001, "is cut off: its header ends"), (0.5, "is cut off: its end"), (0.999, "is cut off")],
)
def test_a_truncated_file_is_named_as_such(tmp_path: Path, share: float, said: str) -> None:
    whole = embedded()
    path = truncated(whole, tmp_path, int(whole.stat().st_size * share))
    with pytest.raises(UserError, match=said) as caught:
        LlamaEngine(spec(model=str(path)), PREFIX, (), [REQUESTS[0].prompt])
    assert path.name in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_no_gguf_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("Not a model.\n" * 100)
    with pytest.raises(UserError, match=r"notes\.gguf is not a GGUF file"):
        LlamaEngine(GenerateSpec(model=str(path)), PREFIX, (), [])


def test_a_file_or_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        LlamaEngine(GenerateSpec(model=str(tmp_path / "gone.gguf")), PREFIX, (), [])
    with pytest.raises(UserError, match="is a folder"):
        LlamaEngine(GenerateSpec(model=str(tmp_path)), PREFIX, (), [])


def test_a_missing_llama_cpp_is_a_resource_error_that_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    model = embedded()
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    monkeypatch.setitem(sys.modules, "llama_cpp.llama_cpp", None)
    with pytest.raises(ResourceError, match="llama-cpp-python, which is not installed") as caught:
        LlamaEngine(GenerateSpec(model=str(model)), PREFIX, (), [])
    assert "pip install llama-cpp-python" in caught.value.hint
    assert "remote teacher" in caught.value.hint
