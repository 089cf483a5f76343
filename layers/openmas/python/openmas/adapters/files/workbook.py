"""XLSX: the first visible sheet of a workbook, row by row; nothing in it is reckoned or trusted."""

import posixpath
import re
from array import array
from collections.abc import Iterator
from typing import BinaryIO

from openmas.adapters.files import markup
from openmas.adapters.files.archive import Archive
from openmas.adapters.files.cells import CELL_LENGTH_MAX, ROWS_MAX, at_line, damaged
from openmas.adapters.files.sheet import SheetParser
from openmas.domain import reasons
from openmas.domain.reasons import rejected
from openmas.domain.sheet import Row
from openmas.errors import InvalidInput, LimitExceeded

STRINGS_BYTES_MAX = 96 << 20
STRINGS_MAX = 8 << 20
SHEETS_MAX = 1_000
STYLES_MAX = 65_536
# Formats of dates and times that need not be spelled out, the East Asian ones included.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_LITERALS = re.compile(r'"[^"]*"|\\.|\[(?![hmsHMS]+\])[^\]]*\]')
_DATE_LETTERS = re.compile(r"[ymdhsYMDHS年月日]")


class Strings:
    """Very many short texts in little room."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("I")

    def append(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "replace")
        self._ends.append(len(self._bytes))
        if len(self._bytes) > STRINGS_BYTES_MAX or len(self._ends) > STRINGS_MAX:
            raise rejected(LimitExceeded, reasons.FILE_TOO_LARGE)

    def __getitem__(self, n: int) -> str:
        if not 0 <= n < len(self._ends):
            raise damaged()
        return self._bytes[self._ends[n - 1] if n else 0 : self._ends[n]].decode()


def workbook_rows(file: BinaryIO) -> Iterator[Row]:
    """The rows of the first visible sheet, read as they are taken.

    Raises: InvalidInput and LimitExceeded, as soon as the fault is reached.
    """
    if file.read(4) != b"PK\x03\x04":
        raise rejected(InvalidInput, reasons.FILE_NOT_XLSX)
    archive = Archive(file)
    if "xl/workbook.xml" not in archive:
        raise rejected(InvalidInput, reasons.FILE_NOT_XLSX)
    sheet = _first_sheet(archive)
    parser = SheetParser(_strings(archive), _date_styles(archive))
    found = 0
    for _ in markup.parsed(archive.chunks(sheet), parser.start, parser.end, parser.text):
        rows = parser.taken()
        found += len(rows)
        if found > ROWS_MAX:
            raise at_line(LimitExceeded, reasons.ROWS_TOO_MANY, rows[-1].line)
        yield from rows


def _first_sheet(archive: Archive) -> str:
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and len(sheets) < SHEETS_MAX:
            marks = (value for key, value in attributes.items() if key.rpartition(":")[2] == "id")
            sheets.append((next(marks, ""), attributes.get("state", "visible")))

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and len(targets) < SHEETS_MAX:
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _tell(archive, "xl/workbook.xml", sheet)
    _tell(archive, "xl/_rels/workbook.xml.rels", relation)
    visible = [mark for mark, state in sheets if state == "visible"]
    target = targets.get(visible[0] if visible else "")
    if target is None:
        raise damaged()
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _strings(archive: Archive) -> Strings:
    strings = Strings()
    if "xl/sharedStrings.xml" not in archive:
        return strings
    parts: list[str] = []
    inside, phonetic, length = False, False, 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal inside, phonetic, length
        if name == "si":
            parts.clear()
            length = 0
        phonetic = phonetic or name == "rPh"
        inside = name == "t" and not phonetic

    def end(name: str) -> None:
        nonlocal inside, phonetic
        inside = False
        phonetic = phonetic and name != "rPh"
        if name == "si":
            strings.append("".join(parts))

    def text(characters: str) -> None:
        nonlocal length
        if inside:
            length += len(characters)
            if length > CELL_LENGTH_MAX:
                raise damaged()
            parts.append(characters)

    markup.read(archive.chunks("xl/sharedStrings.xml"), start, end, text)
    return strings


def _date_styles(archive: Archive) -> frozenset[int]:
    """The places of the styles by which a number is shown as a date or time."""
    dates: set[int] = set()
    formats: set[int] = set(_DATES)
    places, inside = 0, False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal places, inside
        if name == "numFmt" and _DATE_LETTERS.search(_LITERALS.sub("", attributes.get("formatCode", ""))):
            formats.add(_whole(attributes.get("numFmtId")))
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside and places < STYLES_MAX:
            if _whole(attributes.get("numFmtId")) in formats:
                dates.add(places)
            places += 1

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    if "xl/styles.xml" in archive:
        markup.read(archive.chunks("xl/styles.xml"), start, end, _ignore)
    return frozenset(dates)


def _tell(archive: Archive, part: str, start: markup.Start) -> None:
    markup.read(archive.chunks(part), start, _ignore, _ignore)


def _whole(written: str | None) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 9 else 0


def _ignore(_: object) -> None:
    pass
