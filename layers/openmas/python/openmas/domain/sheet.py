"""Tables that people hand in as files: rows of cells, and what the header says of the others."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice

from openmas.domain import reasons
from openmas.domain.phone import parse_mobile
from openmas.domain.reasons import rejected
from openmas.errors import InvalidInput


class FileForm(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds anything.

    Shape: `line` as a person counts it, from 1; `cells` without white space around them; `faults` names by
    column the reason why a cell is not to be trusted, and the cell itself is then empty.
    """

    line: int
    cells: tuple[str, ...]
    faults: Mapping[int, str] = field(default_factory=dict)

    def cell(self, column: int) -> str:
        """The cell; an empty one where the row is too short."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose first rows were looked at.

    Shape: `header` as it is written, empty if the file has none; `numbers` is the column of the telephone
    numbers; `rows` are those behind the header and are read once, as they are taken.
    """

    header: tuple[str, ...]
    numbers: int
    rows: Iterator[Row]

    def column(self, *names: str) -> int | None:
        """The first column that is headed so, whatever its capitals, spaces and widths."""
        wanted = {plain(name) for name in names}
        return next((n for n, each in enumerate(self.header) if plain(each) in wanted), None)


_MOBILE_NAMES = (
    *("mobile", "mobilenumber", "mobilephone", "msisdn", "cellphone"),
    *("手机", "手机号", "手机号码", "移动电话", "会员手机", "手機", "手機號碼"),
)
NUMBER_NAMES = (
    *("number", "numbers", "phone", "phonenumber", "telephone", "tel", "recipient"),
    *("号码", "电话", "电话号码", "联系电话", "联系方式"),
    *("接收号码", "被叫号码", "用户号码", "目标号码", "號碼", "電話"),
    *_MOBILE_NAMES,
)
# So far down a table may have titles above its header.
HEADER_WITHIN = 5
# With so many digits a cell is somebody's attempt at a number, not the name of a column.
_ATTEMPT = re.compile(r"(?:[0-9０-９][^0-9０-９]?){7}")
# What is written behind a name: 手机号码（如13800130000）.
_REMARK = re.compile(r"(?<=[^（(])[（(][^（(]*[）)]\Z")
_BETWEEN = re.compile(r"[\s_\-*:：.()（）]+")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+")


def read_table(rows: Iterator[Row]) -> Table:
    """The table that the rows make: its header, if it has one, and the column of the numbers.

    Raises: InvalidInput if there are no rows, or several columns of which none is headed as numbers are.
    """
    above: list[Row] = []
    for row in islice(rows, HEADER_WITHIN):
        column = _column(row.cells)
        if column is not None:
            return Table(row.cells, column, rows)
        above.append(row)
        if any(map(_is_mobile, row.cells)):
            break
    if not above:
        raise rejected(InvalidInput, reasons.FILE_EMPTY)
    return _untitled(above[0], chain(above[1:], rows))


def _untitled(first: Row, rows: Iterator[Row]) -> Table:
    """The table of a file in which no column is headed as numbers are."""
    numbers = [n for n, cell in enumerate(first.cells) if _is_mobile(cell)]
    attempts = numbers or [n for n, cell in enumerate(first.cells) if _ATTEMPT.search(cell)]
    if attempts or first.faults:
        return Table((), (attempts or list(first.faults))[0], chain((first,), rows))
    written = [n for n, name in enumerate(first.cells) if name]
    if len(written) > 1:
        raise rejected(InvalidInput, reasons.COLUMN_MISSING)
    return Table(first.cells, written[0], rows)


def number_in(row: Row, column: int) -> tuple[str | None, str]:
    """The number in a cell, or None and the reason why there is none."""
    if (fault := row.faults.get(column)) is not None:
        return None, fault
    cell = row.cell(column)
    try:
        return parse_mobile(cell), ""
    except InvalidInput as error:
        # A program that writes 1.38E+10 has lost most of the digits.
        return None, reasons.NUMBER_SCIENTIFIC if _SCIENTIFIC.fullmatch(cell) else error.code


def _column(header: tuple[str, ...]) -> int | None:
    """The first column that is headed as numbers are, rather one of mobile numbers."""
    names = list(map(_name, header))
    wanted = next((each for each in (_MOBILE_NAMES, NUMBER_NAMES) if not set(names).isdisjoint(each)), ())
    return next((n for n, name in enumerate(names) if name in wanted), None)


def _name(cell: str) -> str:
    return plain(_REMARK.sub("", cell))


def _is_mobile(cell: str) -> bool:
    try:
        return bool(parse_mobile(cell))
    except InvalidInput:
        return False


def plain(name: str) -> str:
    """A name or a word as it is compared: whatever its capitals, spaces and widths."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()
