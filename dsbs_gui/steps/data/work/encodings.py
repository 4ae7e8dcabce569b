"""Which encoding a text file has. Wrong letters are worse than a refusal, so a guess has to be a safe one.

charset-normalizer alone is not safe: it takes French in cp1252 for cp1250, and “©” for a Japanese letter.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.data.specs import ENCODINGS

if TYPE_CHECKING:
    from pathlib import Path

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHUNK = 1 << 20
SAMPLE = 1 << 16
ENOUGH = 40  # letters beyond ASCII before a language can be recognised
WESTERN = set("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿŒœ“”‘’„«»‹›–—…•€£¥§©®™°±·×÷½¼¾¿¡²³µ\u00a0")
_TOGETHER = re.compile(r"[^\W\d_a-zA-Z]{3,}|\w[¼½¾¿¡²³±]\w")


def encoding_of(path: Path) -> tuple[str, str]:
    """``(codec, note)``: the note is empty unless the user has to know.

    A file that is UTF-8 but for a few bytes counts as UTF-8: those rows are rejected one by one.

    Raises:
        UserError: if the encoding cannot be told safely; the hint names the likely ones.
    """
    with path.open("rb") as file:
        head = file.read(4)
    for mark, codec in BOMS:
        if head.startswith(mark):
            if codec == "utf-8-sig":
                return codec, ""
            _refuse_if_damaged(path, codec)
            return codec, f"The file was read as {codec.upper()}, by its byte order mark."
    if codec := unmarked(head):
        _refuse_if_damaged(path, codec)
        return codec, f"The file has no byte order mark; it was read as {codec.upper()}."
    good, bad, sample = _count_sequences(path)
    if not bad or good > 2 * bad:
        return "utf-8", ""
    return _guess(path, sample)


def unmarked(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, told by the NULs beside the header's first letter; "" if it is neither."""
    zeros = tuple(not byte for byte in head[:4])
    codecs_by_zeros: dict[tuple[bool, ...], str] = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return codecs_by_zeros.get(zeros, "")


def _refuse_if_damaged(path: Path, codec: str) -> None:
    """A wrong byte of UTF-16 or UTF-32 cannot be kept within its row as one of UTF-8 can: the rest may be shifted."""
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as file:
        try:
            while block := file.read(CHUNK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise UserError(
                f"{path.name} is damaged: not all of it is {codec.upper()}, as its beginning says.",
                "Save it again, best as UTF-8.",
            ) from None


def _count_sequences(path: Path) -> tuple[int, int, bytes]:
    """UTF-8 sequences beyond ASCII that are right, those that are wrong, and lines that hold wrong ones."""
    good = bad = 0
    sample = bytearray()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            if block.isascii():
                continue
            block += file.readline(CHUNK)  # not to cut a letter in two
            try:
                good += sum(not character.isascii() for character in block.decode("utf-8"))
            except UnicodeDecodeError:
                text = block.decode("utf-8", "replace")
                wrong = max(1, text.count("\ufffd") - block.count(b"\xef\xbf\xbd"))
                bad += wrong
                good += sum(not character.isascii() for character in text) - wrong
                lines = [line for line in block.splitlines(True) if not line.isascii()]
                sample += b"".join(lines)[: max(0, SAMPLE - len(sample))]
    return good, bad, bytes(sample)


def _guess(path: Path, sample: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample))
    coherence = {name: match.coherence for match in reversed(matches) for name in match.could_be_from_charset}
    best = max(coherence.values(), default=0.0)
    if _western(sample) and (len(sample) < 4 * ENOUGH or best <= coherence.get("cp1252", 0.0) + 0.05):
        return "cp1252", "The file is not UTF-8; it was read as cp1252 (Western European)."
    first = matches[0] if matches else None
    if first and first.coherence >= 0.35 and len(re.findall(rb"[\x80-\xff]", sample)) >= ENOUGH:
        others = [m.coherence for m in matches[1:]]
        if all(first.coherence >= other + 0.1 for other in others):
            return (
                first.encoding,
                f"The file is not UTF-8; it was read as {first.encoding} ({first.language}).",
            )
    likely = ", ".join(dict.fromkeys(m.encoding for m in matches[:3]))
    raise UserError(
        f"The encoding of {path.name} cannot be told: it is not UTF-8.",
        "Save it as UTF-8, or choose its encoding: in the import window, or with “dsbs import --encoding NAME”"
        + (f" (perhaps {likely})." if likely else "."),
    )


def _western(sample: bytes) -> bool:
    """Whether the bytes are what Western European text in cp1252 has."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return all(character in WESTERN for character in text if not character.isascii()) and not _TOGETHER.search(text)


def known_codec(name: str) -> str:
    """``name`` if Python has such a text encoding. Raises UserError otherwise."""
    try:
        codecs.lookup(name)
        "a".encode(name)
    except (LookupError, UnicodeError):
        raise UserError(f"There is no encoding “{name}”.", f"Choose one of {', '.join(ENCODINGS)}.") from None
    return name
