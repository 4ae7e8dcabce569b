from __future__ import annotations

from pathlib import Path

import numpy
import pytest
from gguf import GGUFWriter

from dsbs_gui.core import gguf_student
from dsbs_gui.core.errors import UserError


def _file(folder: Path, architecture: str, tokens: bool = True) -> Path:
    path = folder / f"{architecture}.gguf"
    writer = GGUFWriter(path, architecture)
    if tokens:
        writer.add_token_list(["a", "b"])
    for name in ("first", "last"):
        writer.add_tensor(name, numpy.zeros((8, 32), numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_whole_decoder_only_file_may_be_a_student(tmp_path: Path) -> None:
    gguf_student.check(_file(tmp_path, "llama"))


@pytest.mark.parametrize(
    ("architecture", "tokens", "says"),
    [("t5", True, "decoder-only"), ("bert", True, "decoder-only"), ("rwkv7", True, "rwkv7"), ("llama", False, "token")],
)
def test_what_cannot_be_trained_is_refused_with_a_remedy(
    architecture: str, tokens: bool, says: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=says) as error:
        gguf_student.check(_file(tmp_path, architecture, tokens))
    assert error.value.hint


def test_a_file_that_is_cut_off_or_no_gguf_is_refused(tmp_path: Path) -> None:
    whole = _file(tmp_path, "llama")
    cut, header, text = (tmp_path / f"{name}.gguf" for name in ("cut", "header", "text"))
    cut.write_bytes(whole.read_bytes()[:-1030])  # the last tensor is gone
    header.write_bytes(b"GGUF\x03\x00\x00\x00\xff")
    text.write_text("hello")
    for path, says in ((cut, "weights are missing"), (header, "cut off"), (text, "not a GGUF file")):
        with pytest.raises(UserError, match=says):
            gguf_student.check(path)
