"""The text of the macros in a ``vbaProject.bin``, to see which xlwings they belong to."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

import olefile

# The compressed text of every module begins with "Attribute " and follows a byte of 1, the head
# of its first chunk and the flags of the first eight letters ([MS-OVBA] 2.4.1).
_START = b"\x00Attribut\x00e "
_BEFORE_START = 3
_CHUNK = 4096
_VERSION = re.compile(rb'XLWINGS_VERSION As String = "([^"]*)"')


def xlwings_version(project: bytes) -> str | None:
    """The version of xlwings whose VBA stands in a project, or None if there is none.

    Raises:
        ValueError: the project cannot be read.
    """
    for text in module_texts(project):
        if found := _VERSION.search(text):
            return found[1].decode("ascii", "replace")
    return None


def module_texts(project: bytes) -> Iterator[bytes]:
    """The source of each module, in the code page of the project.

    Raises:
        ValueError: the project cannot be read.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(project)) as file:
            streams = [file.openstream(path).read() for path in file.listdir()]
    except (OSError, IndexError, struct.error) as error:
        raise ValueError("not a VBA project") from error
    for stream in streams:
        start = stream.find(_START) - _BEFORE_START
        if start >= 0 and stream[start] == 1:
            yield decompressed(stream, start)


def decompressed(stream: bytes, start: int = 0) -> bytes:
    """What a compressed container holds, by [MS-OVBA] 2.4.1.3; a cut one gives what it has."""
    text = bytearray()
    position = start + 1
    while position + 2 <= len(stream):
        (head,) = struct.unpack_from("<H", stream, position)
        if head >> 12 & 7 != 3:
            break
        end = min(position + (head & 0xFFF) + 3, len(stream))
        position += 2
        if head >> 15:
            _add_chunk(text, stream, position, end)
        else:
            text += stream[position : position + _CHUNK]
        position = end
    return bytes(text)


def _add_chunk(text: bytearray, stream: bytes, position: int, end: int) -> None:
    first = len(text)
    while position < end:
        flags = stream[position]
        position += 1
        for bit in range(8):
            if position >= end:
                return
            if not flags >> bit & 1:
                text.append(stream[position])
                position += 1
                continue
            if position + 2 > end:
                return
            (token,) = struct.unpack_from("<H", stream, position)
            position += 2
            offset_bits = max(4, (len(text) - first - 1).bit_length())
            back = (token >> 16 - offset_bits) + 1
            if back > len(text) - first:
                return
            for _ in range((token & 0xFFFF >> offset_bits) + 3):
                text.append(text[-back])
