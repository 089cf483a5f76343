"""One sheet of a workbook, built row by row from its XML."""

import re
from typing import Protocol

from openmas.adapters.files.cells import (
    CELL_LENGTH_MAX,
    COLUMNS_MAX,
    ROWS_MAX,
    armed_again,
    at_line,
    damaged,
    plain_number,
    row_of,
)
from openmas.domain import reasons
from openmas.domain.sheet import Row
from openmas.errors import LimitExceeded

# Cells without a formula of their own that a formula elsewhere fills.
FILLED_MAX = 1_000
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_SPELLED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Texts(Protocol):
    def __getitem__(self, n: int, /) -> str: ...


class FilledAreas:
    """What formulas fill beyond their own cells; asked line by line, which only rise."""

    def __init__(self) -> None:
        # By the first and the last line, the columns as bits.
        self._areas: list[tuple[int, int, int]] = []
        # What is filled on the line that was asked for last, and the first line on which that may change.
        self._columns, self._until = 0, 0

    def add(self, top: int, bottom: int, columns: int) -> None:
        self._areas.append((top, bottom, columns))
        self._until = 0

    def __len__(self) -> int:
        return len(self._areas)

    def hold(self, line: int, column: int) -> bool:
        if line >= self._until:
            self._look_at(line)
        return bool(self._columns >> column & 1)

    def _look_at(self, line: int) -> None:
        self._columns, self._until = 0, ROWS_MAX + 1
        for top, bottom, columns in self._areas:
            if top <= line <= bottom:
                self._columns |= columns
            self._until = min([self._until, *(each for each in (top, bottom + 1) if each > line)])


class SheetParser:
    """Takes the events of the XML; the rows that are complete wait in it."""

    def __init__(self, strings: Texts, date_styles: frozenset[int]) -> None:
        self._strings = strings
        self._date_styles = date_styles
        self._rows: list[Row] = []
        self._filled = FilledAreas()
        self._columns: dict[str, int] = {}
        self._line = 0
        self._cells: list[str] = []
        self._faults: dict[int, str] = {}
        self._column = -1
        self._kind, self._style = "n", ""
        self._value: list[str] = []
        self._length = 0
        self._formula = self._inside = self._phonetic = self._hidden = False

    def taken(self) -> list[Row]:
        """The rows that have become complete since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "v" or (name == "t" and not self._phonetic):
            self._inside = True
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._begin_row(attributes)
        elif name == "f":
            self._formula = True
            self._fill(attributes)
        elif name == "rPh":
            self._phonetic = True

    def text(self, characters: str) -> None:
        if self._inside:
            self._length += len(characters)
            if self._length > CELL_LENGTH_MAX:
                raise at_line(LimitExceeded, reasons.LINE_TOO_LONG, self._line)
            self._value.append(characters)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._inside = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            row = row_of(self._line, self._cells, self._faults)
            if row is not None:
                self._rows.append(row)
        elif name == "rPh":
            self._phonetic = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        line, written = self._line + 1, attributes.get("r")
        self._hidden = attributes.get("hidden") in ("1", "true")
        if written is not None:
            if not (written.isascii() and written.isdigit() and len(written) <= 7):
                raise damaged()
            line = int(written)
        # A line that stands twice, or again further down, is no line that a person could find.
        if not self._line < line:
            raise damaged(line)
        if line > ROWS_MAX:
            raise at_line(LimitExceeded, reasons.ROWS_TOO_MANY, line)
        self._line, self._column = line, -1
        self._cells, self._faults = [], {}

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        column = self._column + 1 if place is None else self._column_of(place)
        if column <= self._column:
            raise damaged(self._line)
        if column >= COLUMNS_MAX:
            raise at_line(LimitExceeded, reasons.COLUMNS_TOO_MANY, self._line)
        self._column = column
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value, self._length, self._formula = [], 0, False

    def _end_cell(self) -> None:
        if not self._value and not self._formula:
            return
        self._cells.extend([""] * (self._column + 1 - len(self._cells)))
        fault = self._fault()
        if fault is None:
            self._cells[self._column] = self._read("".join(self._value))
        else:
            self._faults[self._column] = fault

    def _fault(self) -> str | None:
        if self._hidden:
            return reasons.ROW_HIDDEN
        if self._formula or (self._filled and self._filled.hold(self._line, self._column)):
            return reasons.CELL_FORMULA
        if self._kind == "e":
            return reasons.CELL_ERROR
        if self._kind == "d" or (self._kind == "n" and self._style and self._shows_date()):
            return reasons.CELL_DATE
        return None

    def _read(self, value: str) -> str:
        match self._kind:
            case "s":
                return armed_again(_spelled_out(self._strings[_index(value)]))
            case "n":
                return plain_number(value.strip())
            case "b":
                return "TRUE" if value.strip() == "1" else "FALSE"
        return armed_again(_spelled_out(value))

    def _shows_date(self) -> bool:
        return self._style.isascii() and self._style.isdigit() and int(self._style[:9]) in self._date_styles

    def _column_of(self, place: str) -> int:
        match = _PLACE.fullmatch(place)
        if match is None or int(match[2]) != self._line:
            raise damaged(self._line)
        letters = match[1]
        if letters not in self._columns:
            self._columns[letters] = _column(letters)
        return self._columns[letters]

    def _fill(self, attributes: dict[str, str]) -> None:
        """The area that the formula of one cell fills is no more trusted than the cell."""
        first, _, last = (_PLACE.fullmatch(end) for end in attributes.get("ref", "").partition(":"))
        # Each cell of a shared formula says so itself.
        if first is None or last is None or attributes.get("t") == "shared":
            return
        if len(self._filled) == FILLED_MAX:
            raise damaged(self._line)
        left, right = _column(first[1]), min(_column(last[1]), COLUMNS_MAX)
        self._filled.add(int(first[2]), int(last[2]), max(0, (2 << right) - (1 << left)))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _index(value: str) -> int:
    written = value.strip()
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise damaged()
    return int(written)


def _spelled_out(text: str) -> str:
    """Characters that XML cannot hold are spelled in it; half a surrogate pair is none."""
    return _SPELLED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)
