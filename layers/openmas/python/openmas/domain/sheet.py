"""Tables that people hand in as files: rows of cells, and what the header says of the others."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    numbers; `variables` are those of the wanted ones that have a column; `rows` are those behind the header
    and are read once, as they are taken.
    """

    header: tuple[str, ...]
    numbers: int
    rows: Iterator[Row]
    variables: Mapping[str, int] = field(default_factory=dict)

    def column(self, *names: str) -> int | None:
        """The column that is headed so, whatever its capitals, spaces and widths.

        Raises: InvalidInput if several are.
        """
        wanted = {plain(name) for name in names}
        found = [n for n, each in enumerate(self.header) if plain(each) in wanted]
        return _only(found) if found else None


# What a client is told to call the column, so that it is known among others.
_TOLD_NAMES = ("number", "号码")
NUMBER_NAMES = (
    *_TOLD_NAMES,
    *("numbers", "phone", "phonenumber", "telephone", "tel", "recipient"),
    *("电话", "电话号码", "联系电话", "联系方式"),
    *("接收号码", "被叫号码", "用户号码", "目标号码", "號碼", "電話"),
    *("mobile", "mobilenumber", "mobilephone", "msisdn", "cellphone"),
    *("手机", "手机号", "手机号码", "移动电话", "会员手机", "手機", "手機號碼"),
)
# So far down a table may have titles above its header.
HEADER_WITHIN = 5
# With so many digits a cell is somebody's attempt at a number, not the name of a column.
_ATTEMPT = re.compile(r"(?:[0-9０-９][^0-9０-９]?){7}")
# What is written behind a name: 手机号码（如13800130000）.
_REMARK = re.compile(r"(?<=[^（(])[（(][^（(]*[）)]\Z")
_BETWEEN = re.compile(r"[\s_\-*:：.()（）]+")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+")


def read_table(rows: Iterator[Row], variables: Collection[str] = ()) -> Table:
    """The table that the rows make: its header, if it has one, and the columns of the numbers and variables.

    Raises: InvalidInput if there are no rows, or several columns of which none is headed as numbers are, or
    if more than one column may be meant.
    """
    above: list[Row] = []
    for row in islice(rows, HEADER_WITHIN):
        if any(_name(cell) in NUMBER_NAMES for cell in row.cells):
            return _titled(row.cells, rows, variables)
        above.append(row)
        if _mobiles(row):
            break
    if not above:
        raise rejected(InvalidInput, reasons.FILE_EMPTY)
    if len(_mobiles(above[-1])) > 1:
        raise rejected(InvalidInput, reasons.COLUMN_AMBIGUOUS)
    return _untitled(above, rows, variables)


def _titled(header: tuple[str, ...], rows: Iterator[Row], variables: Collection[str]) -> Table:
    """The table under a header in which a column is headed as numbers are.

    Shape: what is headed as a variable is that variable's column, and never the one of the recipients.
    """
    columns = _headed(header, variables)
    names = {n: _name(cell) for n, cell in enumerate(header) if n not in columns.values()}
    found = [n for n, name in names.items() if name in NUMBER_NAMES]
    told = [n for n in found if names[n] in _TOLD_NAMES]
    return Table(header, _only(told or found), rows, columns)


def _untitled(above: Sequence[Row], rows: Iterator[Row], variables: Collection[str]) -> Table:
    """The table of a file in which no column is headed as numbers are; a row above may hold a number."""
    first, rows = above[0], chain(above, rows)
    attempts = _mobiles(first) or [n for n, cell in enumerate(first.cells) if _ATTEMPT.search(cell)]
    if attempts or first.faults:
        # Of a row that nobody sees no cell is read; the first number below shows where the others stand.
        return Table((), _only(attempts or _mobiles(above[-1]) or list(first.faults)), rows)
    next(rows)
    columns = _headed(first.cells, variables)
    written = [n for n, name in enumerate(first.cells) if name]
    if len(written) > 1 or columns:
        raise rejected(InvalidInput, reasons.COLUMN_MISSING)
    return Table(first.cells, written[0], rows)


def _headed(header: tuple[str, ...], variables: Collection[str]) -> dict[str, int]:
    """The column of each variable that has one: what is headed by its very name, else much the same.

    Raises: InvalidInput if several are, or one is for several variables.
    """
    exact = {name: [n for n, cell in enumerate(header) if cell == name] for name in variables}
    taken = set(chain.from_iterable(exact.values()))
    free = {n: known for n, cell in enumerate(header) if n not in taken and (known := plain(cell))}
    found = {
        name: at or [n for n, known in free.items() if known == plain(name)] for name, at in exact.items()
    }
    columns = {name: _only(at) for name, at in found.items() if at}
    if len(set(columns.values())) < len(columns):
        raise rejected(InvalidInput, reasons.COLUMN_AMBIGUOUS)
    return columns


def _only(columns: list[int]) -> int:
    """Raises: InvalidInput if there is none of them, or more than one."""
    if len(columns) != 1:
        code = reasons.COLUMN_AMBIGUOUS if columns else reasons.COLUMN_MISSING
        raise rejected(InvalidInput, code)
    return columns[0]


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


def _name(cell: str) -> str:
    return plain(_REMARK.sub("", cell))


def _mobiles(row: Row) -> list[int]:
    return [n for n, cell in enumerate(row.cells) if _is_mobile(cell)]


def _is_mobile(cell: str) -> bool:
    try:
        return bool(parse_mobile(cell))
    except InvalidInput:
        return False


def plain(name: str) -> str:
    """A name or a word as it is compared: whatever its capitals, spaces and widths."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()
