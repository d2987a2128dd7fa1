"""What can be read on a printed paper: in a PDF of ours letters are numbers of a font, which says which is which."""

import re
import zlib

ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """Everything that is written there, read with each of its fonts in turn: with another's it is gibberish."""
    parts = [_unpacked(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)]
    fonts = [_letters(part.decode("ascii")) for part in parts if b"beginbfchar" in part]
    lines = [_numbers(line) for part in parts for line in re.findall(rb"\bBT\b(.*?)\bET\b", part, re.DOTALL)]
    return "\n".join(" ".join("".join(font.get(number, "") for number in line) for line in lines) for font in fonts)


def _unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


def _letters(font: str) -> dict[int, str]:
    pairs = re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]{4,})>$", font, re.MULTILINE)
    return {int(number, 16): bytes.fromhex(letter).decode("utf-16-be") for number, letter in pairs}


def _numbers(line: bytes) -> list[int]:
    said = b"".join(re.findall(rb"\(((?:[^()\\]|\\.)*)\)", line, re.DOTALL))
    plain = re.sub(rb"\\([0-7]{3}|.)", lambda one: _byte(one[1]), said, flags=re.DOTALL)
    return [int.from_bytes(plain[at : at + 2], "big") for at in range(0, len(plain), 2)]


def _byte(escaped: bytes) -> bytes:
    return bytes([int(escaped, 8)]) if len(escaped) == 3 else ESCAPED.get(escaped, escaped)
