"""GGUF files by hand: a whole tiny model, and ways to spoil it. For tests.

Own writer because libraries refuse to write what is wrong. Format: ggml's ``docs/gguf.md``, version 3.
"""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO

U32, F32, STRING, ARRAY, U64 = 4, 6, 8, 9, 10
WIDTH, HIDDEN, ALIGNMENT = 32, 64, 32
TOKENS = ["<unk>", "<s>", "</s>", *(f"<0x{i:02X}>" for i in range(256)), "▁a", "▁b"]


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def u32(value: int) -> bytes:
    return struct.pack("<I", value)


def array(kind: int, items: list[bytes], n: int | None = None) -> bytes:
    return struct.pack("<IQ", kind, len(items) if n is None else n) + b"".join(items)


@dataclass(frozen=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    kind: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Gguf:
    """A file as its parts; counts are those of the parts unless they are given."""

    values: dict[str, tuple[int, bytes]]
    tensors: tuple[Tensor, ...]
    data: bytes
    magic: bytes = b"GGUF"
    version: int = 3
    n_tensors: int | None = None
    n_values: int | None = None
    more: bytes = b""
    names: dict[str, bytes] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        head = self.magic + u32(self.version)
        head += struct.pack("<Q", len(self.tensors) if self.n_tensors is None else self.n_tensors)
        head += struct.pack("<Q", len(self.values) if self.n_values is None else self.n_values)
        for key, (kind, value) in self.values.items():
            head += self.names.get(key, text(key)) + u32(kind) + value
        head += self.more
        for tensor in self.tensors:
            head += text(tensor.name) + u32(len(tensor.shape))
            head += b"".join(struct.pack("<Q", n) for n in tensor.shape) + struct.pack(
                "<IQ", tensor.kind, tensor.offset
            )
        return head + b"\0" * (-len(head) % ALIGNMENT) + self.data

    def having(self, key: str, kind: int, value: bytes) -> Gguf:
        return replace(self, values={**self.values, key: (kind, value)})

    def lacking(self, key: str) -> Gguf:
        return replace(self, values={name: value for name, value in self.values.items() if name != key})

    def with_tensor(self, name: str, **changes: object) -> Gguf:
        made = (replace(tensor, **changes) if tensor.name == name else tensor for tensor in self.tensors)  # type: ignore[arg-type]
        return replace(self, tensors=tuple(made))


def good() -> Gguf:
    """A whole Llama of one layer with random-looking weights, some 60 kB."""
    numbers = {
        "block_count": 1, "context_length": 64, "embedding_length": WIDTH, "feed_forward_length": HIDDEN,
        "attention.head_count": 2, "attention.head_count_kv": 2, "rope.dimension_count": 16,
    }  # fmt: skip
    values = {"general.architecture": (STRING, text("llama")), "general.name": (STRING, text("Tiny"))}
    values |= {f"llama.{name}": (U32, u32(n)) for name, n in numbers.items()}
    values["llama.attention.layer_norm_rms_epsilon"] = (F32, struct.pack("<f", 1e-5))
    values["tokenizer.ggml.model"] = (STRING, text("llama"))
    values["tokenizer.ggml.tokens"] = (ARRAY, array(STRING, [text(token) for token in TOKENS]))
    values["tokenizer.ggml.scores"] = (ARRAY, array(F32, [struct.pack("<f", -float(i)) for i in range(len(TOKENS))]))
    kinds = [2, 3, 3, *[6] * 256, 1, 1]
    values["tokenizer.ggml.token_type"] = (ARRAY, array(5, [struct.pack("<i", kind) for kind in kinds]))
    shapes = {"token_embd.weight": (WIDTH, len(TOKENS)), "output_norm.weight": (WIDTH,)}
    shapes |= {f"blk.0.attn_{part}.weight": (WIDTH, WIDTH) for part in ("q", "k", "v", "output")}
    shapes |= {f"blk.0.{part}_norm.weight": (WIDTH,) for part in ("attn", "ffn")}
    shapes |= {f"blk.0.ffn_{part}.weight": (WIDTH, HIDDEN) for part in ("gate", "up")}
    shapes["blk.0.ffn_down.weight"] = (HIDDEN, WIDTH)
    tensors, offset = [], 0
    for name, shape in shapes.items():
        tensors.append(Tensor(name, shape, 0, offset))
        offset += 4 * shape[0] * (shape[1] if len(shape) > 1 else 1)
    data = b"".join(struct.pack("<f", (i * 7919 % 101 - 50) / 500) for i in range(offset // 4))
    return Gguf(values, tuple(tensors), data)


class _Canary:
    """What a pickle may do when it is read: here it writes a file."""

    def __init__(self, place: str) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (self.place, "w")


def canary_pickle(place: str) -> bytes:
    """A pickle that makes the file ``place`` if anybody unpickles it."""
    return pickle.dumps(_Canary(place))


def archive(**members: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, body in members.items():
            file.writestr(name.replace("__", "/"), body)
    return made.getvalue()


def _values(**changes: tuple[int, bytes]) -> Callable[[], bytes]:
    def make() -> bytes:
        made = good()
        for name, (kind, value) in changes.items():
            made = made.having(name.replace("__", "."), kind, value)
        return made.to_bytes()

    return make


def _parts(**changes: object) -> Callable[[], bytes]:
    return lambda: replace(good(), **changes).to_bytes()  # type: ignore[arg-type]


def _tensor(name: str, **changes: object) -> Callable[[], bytes]:
    return lambda: good().with_tensor(name, **changes).to_bytes()


_DEEP = array(ARRAY, [array(ARRAY, [array(ARRAY, [array(U32, [u32(1)])])])])
_Q = "blk.0.attn_q.weight"

KINDS: dict[str, Callable[[], bytes]] = {
    # what is no GGUF at all
    "empty": lambda: b"",
    "three bytes": lambda: b"GGU",
    "magic alone": lambda: b"GGUF",
    "a web page": lambda: b"<!doctype html><title>Sign in</title>" * 9,
    "text": lambda: b"Once upon a time there was a model.\n" * 99,
    "an older format": _parts(magic=b"GGML"),
    "a zip archive": lambda: archive(data=b"x" * 99),
    "a pickle": lambda: canary_pickle("nowhere"),
    "safetensors": lambda: struct.pack("<Q", 2) + b"{}",
    # counts and lengths
    "version 0": _parts(version=0),
    "version 1": _parts(version=1),
    "version 99": _parts(version=99),
    "big-endian": _parts(version=3 << 24),
    "too many values": _parts(n_values=1 << 62),
    "one value too many": _parts(n_values=len(good().values) + 1),
    "one value too few": _parts(n_values=len(good().values) - 1),
    "too many tensors": _parts(n_tensors=1 << 62),
    "one tensor too many": _parts(n_tensors=len(good().tensors) + 1),
    "one tensor too few": _parts(n_tensors=len(good().tensors) - 1),
    "no tensors": _parts(tensors=()),
    "a name of endless length": _parts(names={"general.name": struct.pack("<Q", 1 << 63)}),
    "a text of endless length": _values(general__name=(STRING, struct.pack("<Q", (1 << 64) - 1))),
    "a name that is no UTF-8": _parts(names={"general.name": text(b"\xff\xfe\xfd")}),
    "a value of an unknown kind": _values(general__name=(99, b"")),
    "an array of an unknown kind": _values(general__tags=(ARRAY, array(77, []))),
    "an array of endless length": _values(general__tags=(ARRAY, array(U32, [], 1 << 60))),
    "an array that wraps round": _values(general__tags=(ARRAY, array(U64, [], 1 << 61))),
    "arrays in arrays": _values(general__tags=(ARRAY, _DEEP)),
    # tensors
    "five dimensions": _tensor(_Q, shape=(2, 2, 2, 2, 2)),
    "a dimension of 0": _tensor(_Q, shape=(0, WIDTH)),
    "dimensions that overflow": _tensor(_Q, shape=(1 << 62, 1 << 62)),
    "dimensions that wrap to 0": _tensor(_Q, shape=(1 << 32, 1 << 32)),
    "a row that is no whole block": _tensor(_Q, kind=8, shape=(31, WIDTH)),
    "weights of an unknown kind": _tensor(_Q, kind=250),
    "weights of a kind that was removed": _tensor(_Q, kind=4),
    "weights beyond the end": _tensor(_Q, offset=1 << 40),
    "weights at an endless offset": _tensor(_Q, offset=(1 << 64) - 32),
    "weights at an odd offset": _tensor(_Q, offset=7),
    "weights on top of others": _tensor(_Q, offset=0),
    "the same tensor twice": lambda: replace(good(), tensors=(*good().tensors, good().tensors[0])).to_bytes(),
    "a tensor missing": lambda: replace(good(), tensors=good().tensors[:-1]).to_bytes(),
    "another shape than it should be": _tensor(_Q, shape=(WIDTH, WIDTH // 2)),
    "half of the weights": _parts(data=good().data[: len(good().data) // 2]),
    "no weights": _parts(data=b""),
    "weights that are no numbers": _parts(data=struct.pack("<f", float("nan")) * (len(good().data) // 4)),
    "infinite weights": _parts(data=struct.pack("<f", float("inf")) * (len(good().data) // 4)),
    # metadata
    "alignment 0": _values(general__alignment=(U32, u32(0))),
    "alignment 3": _values(general__alignment=(U32, u32(3))),
    "alignment that is a text": _values(general__alignment=(STRING, text("32"))),
    "the same name twice": _parts(more=text("general.name") + u32(STRING) + text("x"), n_values=len(good().values) + 1),
    "no architecture": lambda: good().lacking("general.architecture").to_bytes(),
    "an unknown architecture": _values(general__architecture=(STRING, text("nonesuch"))),
    "an architecture that is a number": _values(general__architecture=(U32, u32(7))),
    "no layers": _values(llama__block_count=(U32, u32(0))),
    "100,000 layers": _values(llama__block_count=(U32, u32(100_000))),
    "4 thousand million layers": _values(llama__block_count=(U32, u32(0xFFFFFFFF))),
    "layers that are a text": _values(llama__block_count=(STRING, text("1"))),
    "no number of layers": lambda: good().lacking("llama.block_count").to_bytes(),
    "no heads": _values(llama__attention__head_count=(U32, u32(0))),
    "a million heads": _values(llama__attention__head_count=(U32, u32(1_000_000))),
    "more heads for keys": _values(llama__attention__head_count_kv=(U32, u32(999))),
    "no width": _values(llama__embedding_length=(U32, u32(0))),
    "another width": _values(llama__embedding_length=(U32, u32(33))),
    "no context": _values(llama__context_length=(U32, u32(0))),
    "an endless context": _values(llama__context_length=(U32, u32(0xFFFFFFFF))),
    "an odd rotation": _values(llama__rope__dimension_count=(U32, u32(7))),
    # vocabulary
    "no vocabulary": lambda: good().lacking("tokenizer.ggml.tokens").to_bytes(),
    "an empty vocabulary": _values(tokenizer__ggml__tokens=(ARRAY, array(STRING, []))),
    "a smaller vocabulary": _values(tokenizer__ggml__tokens=(ARRAY, array(STRING, [text("a")]))),
    "the same token twice": _values(tokenizer__ggml__tokens=(ARRAY, array(STRING, [text("a")] * len(TOKENS)))),
    "a vocabulary of numbers": _values(tokenizer__ggml__tokens=(ARRAY, array(U32, [u32(i) for i in range(9)]))),
    "an unknown tokenizer": _values(tokenizer__ggml__model=(STRING, text("nonesuch"))),
    "fewer scores than tokens": _values(tokenizer__ggml__scores=(ARRAY, array(F32, [struct.pack("<f", 0.0)]))),
    "fewer kinds than tokens": _values(tokenizer__ggml__token_type=(ARRAY, array(5, [struct.pack("<i", 1)]))),
    "an end token beyond the vocabulary": _values(tokenizer__ggml__eos_token_id=(U32, u32(1 << 30))),
}  # fmt: skip
"""Name → a maker of the file. Those of which nobody can say what they should be are spoilt all the same."""
