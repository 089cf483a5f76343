"""Cells as they lie in files, and as they may be handed out again."""

import re
from collections.abc import Sequence
from decimal import Context, Decimal

from openmas.domain import reasons
from openmas.domain.reasons import rejected
from openmas.domain.sheet import Row
from openmas.errors import Fault, InvalidInput, LimitExceeded, Rejected

# As many as a sheet of Excel has.
ROWS_MAX = 1_048_576
COLUMNS_MAX = 100
CELL_LENGTH_MAX = 32_767
# What a spreadsheet program takes for the beginning of a formula, also behind what it may leave out; and what
# looks as if it had been disarmed, so that every cell reads back as it was.
_FORMULA = re.compile(r"[\s']*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")
_DIGITS_OF_A_DOUBLE = 15
_AS_SHOWN = Context(prec=_DIGITS_OF_A_DOUBLE)
# No program shows more of a number's digits in its short form.
_SHOWN_DIGITS_MAX = 6


def row_of(line: int, cells: Sequence[str], faults: dict[int, str]) -> Row | None:
    """The row of these cells, without the empty ones at its end; None if nothing stands in it.

    Raises: LimitExceeded for a row that is too wide.
    """
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1] and len(stripped) - 1 not in faults:
        stripped.pop()
    if len(stripped) > COLUMNS_MAX:
        raise at_line(LimitExceeded, reasons.COLUMNS_TOO_MANY, line)
    return Row(line, tuple(stripped), faults) if stripped else None


def at_line(kind: type[Rejected], code: str, line: int) -> Rejected:
    """The error that says the reason and the line."""
    return rejected(kind, code, (Fault(f"/lines/{line}", f"Line {line}."),))


def damaged(line: int | None = None) -> Rejected:
    """The file cannot be what its form says."""
    code = reasons.FILE_DAMAGED
    return rejected(InvalidInput, code) if line is None else at_line(InvalidInput, code, line)


def armed_again(cell: str) -> str:
    """The cell as it was before it was disarmed."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def disarmed(cell: str) -> str:
    """The cell as no spreadsheet program will take it for a formula.

    Source: OWASP, "CSV Injection".
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain_number(written: str) -> str:
    """A number of a sheet as the sheet shows it where there is room: with fifteen digits at most.

    Shape: one that was stored with most of its digits lost stays as it is, as 1.38E+10, and so does what is
    too large or too small for fifteen digits.
    Source: ECMA-376 part 1, 18.3.1.96; spreadsheet programs store 16.4 as 16.399999999999999.
    """
    if written.isascii() and written.isdigit():
        return written
    if _NUMBER.fullmatch(written) is None:
        return written
    value = _AS_SHOWN.create_decimal(written)
    if "e" in written.lower() and value.adjusted() >= _SHOWN_DIGITS_MAX and _is_short(value):
        return written
    if value and not -_DIGITS_OF_A_DOUBLE <= value.adjusted() < _DIGITS_OF_A_DOUBLE:
        return written
    whole = value.to_integral_value()
    return str(int(whole)) if whole == value else f"{value.normalize():f}"


def _is_short(value: Decimal) -> bool:
    return len(value.normalize().as_tuple().digits) <= _SHOWN_DIGITS_MAX
