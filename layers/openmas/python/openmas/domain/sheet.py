"""Tables that people hand in as files: rows of cells, and what the first row says of the others."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

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
    """A file whose first row was looked at.

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


NUMBER_NAMES = (
    *("number", "numbers", "phone", "phonenumber", "mobile", "mobilenumber", "mobilephone", "msisdn"),
    *("telephone", "tel", "cellphone", "recipient"),
    *("号码", "手机", "手机号", "手机号码", "移动电话", "电话", "电话号码", "联系电话", "联系方式"),
    *("接收号码", "被叫号码", "用户号码", "会员手机", "目标号码", "號碼", "手機", "手機號碼", "電話"),
)
# With so many digits a cell is somebody's attempt at a number, not the name of a column.
_ATTEMPT = re.compile(r"(?:[0-9０-９][^0-9０-９]?){7}")
_BETWEEN = re.compile(r"[\s_\-*:：.()（）]+")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+")


def read_table(rows: Iterator[Row]) -> Table:
    """The table that the rows make: its header, if it has one, and the column of the numbers.

    Raises: InvalidInput if there are no rows, or several columns of which none is headed as numbers are.
    """
    first = next(rows, None)
    if first is None:
        raise rejected(InvalidInput, reasons.FILE_EMPTY)
    attempts = [n for n, cell in enumerate(first.cells) if _ATTEMPT.search(cell)]
    if attempts or first.faults:
        return Table((), (attempts or list(first.faults))[0], chain((first,), rows))
    return Table(first.cells, _headed(first.cells), rows)


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


def _headed(header: tuple[str, ...]) -> int:
    named = [n for n, name in enumerate(header) if plain(name) in NUMBER_NAMES]
    written = [n for n, name in enumerate(header) if name]
    if not named and len(written) > 1:
        raise rejected(InvalidInput, reasons.COLUMN_MISSING)
    return (named or written)[0]


def plain(name: str) -> str:
    """A name or a word as it is compared: whatever its capitals, spaces and widths."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()
