"""T3, students: malformed safetensors and pickles in a model folder.

Each is refused in a sentence with a remedy, within ten seconds, and no code of theirs is run.
"""

from __future__ import annotations

import gzip
import json
import pickle
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dsbs_gui.core.errors import DsbsError, UserError
from dsbs_gui.students.loading import load_student
from dsbs_gui.students.saving import save_student
from tests.students.tiny import tiny_t5

VERDICT_S = 10.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole student, to be spoilt."""
    student = tiny_t5()
    save_student(student, tmp_path / "spoilt-student", student.meta)
    return tmp_path / "spoilt-student"


def refusal(folder: Path) -> str:
    """Why the folder is refused."""
    began = time.monotonic()
    with pytest.raises(DsbsError) as caught:
        load_student(str(folder))
    assert time.monotonic() - began < VERDICT_S
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value.message


def _parts(raw: bytes) -> tuple[dict[str, Any], bytes]:
    (n,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + n]), raw[8 + n :]


def _whole(header: Any, data: bytes) -> bytes:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + data


def _edited(edit: Callable[[dict[str, Any], str, str], object]) -> Callable[[bytes], bytes]:
    """Change the header; ``edit`` gets it and the names of two of its tensors."""

    def spoil(raw: bytes) -> bytes:
        header, data = _parts(raw)
        names = sorted((name for name in header if name != "__metadata__"), key=lambda n: header[n]["data_offsets"][0])
        edit(header, names[0], names[1])
        return _whole(header, data)

    return spoil


def _offsets(tensor: dict[str, Any]) -> list[int]:
    return list(tensor["data_offsets"])


def _first(**changes: Any) -> Callable[[bytes], bytes]:
    return _edited(lambda header, first, _: header[first].update(changes))


SAFETENSORS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda raw: b"",
    "four bytes": lambda raw: raw[:4],
    "length alone": lambda raw: raw[:8],
    "half of the header": lambda raw: raw[:100],
    "half of the weights": lambda raw: raw[: len(raw) // 2],
    "a byte too few": lambda raw: raw[:-1],
    "bytes too many": lambda raw: raw + b"\0" * 64,
    "a header of endless length": lambda raw: struct.pack("<Q", 1 << 62) + raw[8:],
    "a header of 200 MB": lambda raw: struct.pack("<Q", 200 << 20) + raw[8:],
    "a header that is no JSON": lambda raw: _whole(b"{" * 64, raw[8:]),
    "a header that is a list": lambda raw: _whole([], raw[8:]),
    "a header that is no UTF-8": lambda raw: _whole(b'{"\xff": 1}', raw[8:]),
    "deep nesting": lambda raw: _whole(b"[" * 50_000, raw[8:]),
    "an unknown kind of number": _first(dtype="F7"),
    "a negative dimension": _first(shape=[-1, 4]),
    "dimensions that overflow": _first(shape=[1 << 62, 1 << 62]),
    "another shape": _first(shape=[1]),
    "an offset beyond the end": _first(data_offsets=[0, 1 << 60]),
    "offsets the wrong way round": _first(data_offsets=[64, 0]),
    "tensors that overlap": _edited(lambda header, one, two: header[two].update(data_offsets=_offsets(header[one]))),
    "a hole": _edited(lambda header, first, _: header.pop(first)),
    "a web page": lambda raw: b"<!doctype html><title>Sign in</title>" * 9,
}  # fmt: skip


@pytest.mark.parametrize("kind", SAFETENSORS)
def test_t3_safetensors_kind(kind: str, folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(SAFETENSORS[kind](weights.read_bytes()))
    assert folder.name in refusal(folder)


class _Canary:
    """What a pickle may do when it is read: here it writes a file."""

    def __init__(self, place: Path) -> None:
        self.place = str(place)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (self.place, "w")


def _torch_archive(file: Path, canary: _Canary) -> None:
    torch.save({"shared.weight": canary}, file)


def _old_torch_file(file: Path, canary: _Canary) -> None:
    torch.save({"shared.weight": canary}, file, _use_new_zipfile_serialization=False)


def _archive_by_hand(file: Path, canary: _Canary) -> None:
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("archive/data.pkl", pickle.dumps(canary))
        made.writestr("archive/version", "3\n")


def _bare(file: Path, canary: _Canary) -> None:
    file.write_bytes(pickle.dumps(canary))


def _packed(file: Path, canary: _Canary) -> None:
    file.write_bytes(gzip.compress(pickle.dumps(canary)))


def _protocol_0(file: Path, canary: _Canary) -> None:
    file.write_bytes(pickle.dumps(canary, protocol=0))


def _behind_a_good_pickle(file: Path, canary: _Canary) -> None:
    file.write_bytes(pickle.dumps({}) + pickle.dumps(canary))


def _named_as_safetensors(file: Path, canary: _Canary) -> None:
    file.with_name("model.safetensors").write_bytes(pickle.dumps(canary))


def _in_an_index(file: Path, canary: _Canary) -> None:
    torch.save({"shared.weight": canary}, file.with_name("pytorch_model-00001-of-00001.bin"))
    index = {"metadata": {}, "weight_map": {"shared.weight": "pytorch_model-00001-of-00001.bin"}}
    file.with_name("pytorch_model.bin.index.json").write_text(json.dumps(index))


PICKLES = [
    _torch_archive, _old_torch_file, _archive_by_hand, _bare, _packed, _protocol_0, _behind_a_good_pickle,
    _named_as_safetensors, _in_an_index,
]  # fmt: skip


@pytest.mark.parametrize("wrap", PICKLES, ids=[wrap.__name__.strip("_").replace("_", " ") for wrap in PICKLES])
@pytest.mark.filterwarnings("ignore")  # torch says in many ways that it does not like such a file
def test_t3_pickle_is_never_run(wrap: Callable[[Path, _Canary], None], folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").unlink()
    wrap(folder / "pytorch_model.bin", _Canary(tmp_path / "canary"))
    (tmp_path / "canary").unlink(missing_ok=True)
    refusal(folder)
    assert not (tmp_path / "canary").exists()


@pytest.mark.filterwarnings("ignore")
def test_t3_the_canary_would_have_been_seen(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(_Canary(tmp_path / "canary"))).close()
    assert (tmp_path / "canary").exists()


def test_t3_code_that_comes_with_a_model_is_never_run(folder: Path, tmp_path: Path) -> None:
    (folder / "canary.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w')")
    config = json.loads((folder / "config.json").read_text())
    config |= {"auto_map": {name: "canary.Thing" for name in ("AutoConfig", "AutoModelForSeq2SeqLM", "AutoTokenizer")}}
    config["model_type"] = "canary"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError):
        load_student(str(folder))
    assert not (tmp_path / "canary").exists()
