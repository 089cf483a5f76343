"""CSV as the world writes it: in UTF-8, UTF-16 or GB18030, with commas, semicolons or tabs; line by line."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import BinaryIO

from openmas.adapters.files.cells import CELL_LENGTH_MAX, ROWS_MAX, armed_again, at_line, row_of
from openmas.domain import reasons
from openmas.domain.reasons import rejected
from openmas.domain.sheet import Row
from openmas.errors import InvalidInput, LimitExceeded

LINE_LENGTH_MAX = 65_536
_CHUNK_BYTES = 1 << 16
_SAMPLE_BYTES = 4_096
_SAMPLE_LINES = 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Archives, old office files, portable documents and images by their first bytes.
_OTHER_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")


def text_rows(file: BinaryIO) -> Iterator[Row]:
    """The rows of a CSV file, read as they are taken.

    Raises: InvalidInput and LimitExceeded with the line, as soon as it is reached.
    """
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        with _decoding():
            yield from _rows(text)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper) -> Iterator[Row]:
    lines = _lines(text)
    sample = list(islice(lines, _SAMPLE_LINES))
    before, separator = 0, _separator(sample)
    if sample and sample[0].strip().lower() == f"sep={separator}":
        before, sample = 1, sample[1:]
    reader = csv.reader(chain(sample, lines), delimiter=separator, strict=True)
    line = before + 1
    while (cells := _next(reader, line)) is not None:
        if line > ROWS_MAX:
            raise at_line(LimitExceeded, reasons.ROWS_TOO_MANY, line)
        if (row := _row(line, cells)) is not None:
            yield row
        line = before + reader.line_num + 1


def _next(reader: Iterator[list[str]], line: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error:
        raise at_line(InvalidInput, reasons.QUOTES_WRONG, line) from None


def _row(line: int, cells: list[str]) -> Row | None:
    faults = {}
    for n, cell in enumerate(cells):
        if cell.lstrip().startswith("="):
            faults[n], cells[n] = reasons.CELL_FORMULA, ""
        elif len(cell) > CELL_LENGTH_MAX:
            raise at_line(LimitExceeded, reasons.LINE_TOO_LONG, line)
        elif cell.startswith("'"):
            cells[n] = armed_again(cell)
    return row_of(line, cells, faults)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LINE_LENGTH_MAX + 1):
        number += 1
        if len(line) > LINE_LENGTH_MAX:
            raise at_line(LimitExceeded, reasons.LINE_TOO_LONG, number)
        if "\0" in line:
            raise at_line(InvalidInput, reasons.FILE_NOT_TEXT, number)
        yield line


def _separator(sample: list[str]) -> str:
    """What parts the cells: what stands in most lines outside quotes, a comma in doubt."""
    if sample and (told := sample[0].strip().lower()).startswith("sep=") and len(told) == 5:
        return told[-1]
    bare = ["".join(line.split('"')[::2]) for line in sample]
    return max(",;\t", key=lambda each: sum(each in line for line in bare))


def _encoding(file: BinaryIO) -> str:
    """The encoding in which the whole file can be read; the file stands at its start again."""
    sample = file.read(_SAMPLE_BYTES)
    file.seek(0)
    if sample.startswith(_OTHER_FILES):
        raise rejected(InvalidInput, reasons.FILE_NOT_TEXT)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    # ASCII characters in UTF-16 have a zero in every second place.
    zeros = sample[1::2].count(0), sample[::2].count(0)
    if max(zeros) * 4 > len(sample):
        return "utf-16-le" if zeros[0] > zeros[1] else "utf-16-be"
    for name in ("utf-8", "gb18030"):
        if _decodes(file, name):
            return name
    raise rejected(InvalidInput, reasons.FILE_ENCODING_UNKNOWN)


def _decodes(file: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


@contextmanager
def _decoding() -> Iterator[None]:
    """A file that its own mark belies is not read further."""
    try:
        yield
    except UnicodeError:
        raise rejected(InvalidInput, reasons.FILE_ENCODING_UNKNOWN) from None
