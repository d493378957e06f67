"""Lines of a text file, as UTF-8, with their numbers; never more is held than a line may have.

UTF-8 with or without a byte order mark, or UTF-16 with one: what PowerShell writes.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from bot.domain.errors import InventoryFault
from bot.domain.inventory import MAX_LINE_BYTES, MAX_NETWORK_BYTES

_NETWORK = re.compile(rb'\s*\{\s*"network"\s*:')
BLOCK = 1 << 18
"""Bytes read at once; less than the longest line, so only a line across blocks can be too long."""


class BadLine(InventoryFault):
    """A line that cannot be had; what comes after it may still be read."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number


class Lines:
    """Numbered lines of one stream.

    Iterating gives batches `(number of the first, lines)`, or a BadLine in the place of a line.
    A line has no line end, and may be empty.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.position = 0
        """Bytes read so far."""
        self.unended = False
        """The last line has no line end: whoever wrote it may have been interrupted."""
        self._stream = stream

    def __iter__(self) -> Iterator[tuple[int, list[bytes]] | BadLine]:
        number = 1
        rest = b""
        skipping = False
        for block in self._blocks():
            if isinstance(block, str):
                yield BadLine(number, block)
                return
            lines = block.split(b"\n")
            if len(lines) == 1:
                rest = b"" if skipping else rest + block
            else:
                lines[0] = rest + lines[0]
                rest = lines.pop()
                if skipping:
                    del lines[0]
                    number += 1
                    skipping = False
                elif len(lines[0]) > _most(lines[0]):
                    yield _too_long(number, _most(lines[0]))
                    del lines[0]
                    number += 1
                if lines:
                    yield number, lines
                    number += len(lines)
            if len(rest) > _most(rest):
                yield _too_long(number, _most(rest))
                rest = b""
                skipping = True
        if rest:
            self.unended = True
            yield number, [rest]

    def _blocks(self) -> Iterator[bytes | str]:
        """Blocks of UTF-8; a sentence instead when the encoding is broken, and then the end."""
        block = self._stream.read(BLOCK)
        encoding, mark = encoding_of(block)
        if encoding == "utf-8":
            block = block[mark:]
            self.position = mark
            while block:
                self.position += len(block)
                yield block
                block = self._stream.read(BLOCK)
            return
        decoder = codecs.getincrementaldecoder(encoding)()
        block = block[mark:]
        self.position = mark
        while True:
            try:
                text = decoder.decode(block, final=not block)
                yield text.encode()
            except UnicodeDecodeError:
                yield "is not valid UTF-16, though the file begins as such"
                return
            if not block:
                return
            self.position += len(block)
            block = self._stream.read(BLOCK)


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding a file begins with and the length of its mark.

    Raises:
        InventoryFault: it is neither UTF-8 nor UTF-16 with a byte order mark.
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _no_text("UTF-32")
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise _no_text("compressed, as a ZIP archive or an Excel workbook is")
    if b"\x00" in head[:64]:
        raise _no_text("binary, or UTF-16 without its byte order mark")
    return "utf-8", 0


def _no_text(what: str) -> InventoryFault:
    return InventoryFault(
        f"The file is {what}.",
        hint="Save it as text in UTF-8, or in UTF-16 with a byte order mark.",
    )


def _most(line: bytes) -> int:
    """How many bytes a line may have that begins so."""
    return MAX_NETWORK_BYTES if _NETWORK.match(line) else MAX_LINE_BYTES


def _too_long(number: int, most: int) -> BadLine:
    return BadLine(number, f"is longer than {most:,} bytes")
