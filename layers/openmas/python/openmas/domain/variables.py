"""A template's variables: what each may hold, in its own strict form (clause 2.1.11).

Telephone numbers stand in variables of the kind `phone` only, and links in none: whoever reviewed the text
has seen where a number stands, and every link that there is. A code of five digits may look like a service
number, so a `number` is only not one that could be dialled as more: a mobile, a fixed line, a 400 or 800.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from openmas.domain import disguise
from openmas.domain.characters import CLOSING, OPENING, is_unseen
from openmas.domain.moments import is_date_time
from openmas.domain.reasons import TEMPLATE_MALFORMED, rejected
from openmas.domain.units import exceeds_utf16
from openmas.errors import InvalidInput

LENGTH_MAX = 200
DECIMALS_MAX = 6

_BRACKETS = OPENING | CLOSING
# What most texts are made of: nothing of it is unseen or a bracket.
_ORDINARY = re.compile(r"[0-9A-Za-z\u4e00-\u9fa5，、。；：！？（）()\-. ]*")
_NUMBER = re.compile(r"(?P<sign>[+-])?(?P<whole>[0-9]+)(?:\.(?P<decimals>[0-9]+))?")
# Whatever sign and decimals stand around it, and with the country's prefix, too.
_LINE = re.compile(r"(?:00)?(?:86)?(?:1[3-9][0-9]{9}|[48]00[0-9]{7}|0[1-9][0-9]{8,10})")
_SUM = r"(?:0|[1-9][0-9]{0,8}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,2})(?:\.[0-9]{1,2})?"
_MONEY = re.compile(rf"[¥￥]{_SUM}|{_SUM}元?")
_PHONE = re.compile(
    r"(?:\+86[- ]?)?1[3-9][0-9](?:[0-9]{8}|-[0-9]{4}-[0-9]{4}| [0-9]{4} [0-9]{4})"
    r"|(?:0[1-9][0-9]{1,2}[- ]?|\(0[1-9][0-9]{1,2}\)|（0[1-9][0-9]{1,2}）)?[2-8][0-9]{6,7}(?:-[0-9]{1,5})?"
    r"|[48]00(?:[0-9]{7}|-[0-9]{3}-[0-9]{4}|-[0-9]{4}-[0-9]{3}|-[0-9]{7})"
    r"|9[56][0-9]{3,6}|1[0-2][0-9]{3}|1[12][0-9]"
)


class VariableKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE_TIME = "date_time"
    MONEY = "money"
    PHONE = "phone"


LENGTHS: Mapping[VariableKind, int] = {
    VariableKind.TEXT: 32,
    VariableKind.NUMBER: 16,
    VariableKind.DATE_TIME: 40,
    VariableKind.MONEY: 20,
    VariableKind.PHONE: 20,
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One gap of a template.

    Shape: only a `number` has `decimals`, at most so many, and may be `signed`.
    Units: `length_max` UTF-16 units.
    Raises: InvalidInput for bounds that make no sense.
    """

    name: str
    kind: VariableKind = VariableKind.TEXT
    length_max: int = LENGTHS[VariableKind.TEXT]
    decimals: int = 0
    signed: bool = False

    def __post_init__(self) -> None:
        numeric = self.kind is VariableKind.NUMBER or not (self.decimals or self.signed)
        if not (numeric and 1 <= self.length_max <= LENGTH_MAX and 0 <= self.decimals <= DECIMALS_MAX):
            raise rejected(InvalidInput, TEMPLATE_MALFORMED)

    def fault(self, value: str) -> str | None:
        """Why this value may not be put in, or None."""
        if exceeds_utf16(value, self.length_max):
            return f"A value has at most {self.length_max} characters."
        return _FAULTS[self.kind](self, value)


def _text_fault(_variable: Variable, value: str) -> str | None:
    return _fault_of_text(value)


@lru_cache(maxsize=4096)
def _fault_of_text(value: str) -> str | None:
    if _ORDINARY.fullmatch(value) is None:
        if any(map(is_unseen, value)):
            return "A value has no control or invisible characters."
        if not _BRACKETS.isdisjoint(value + unicodedata.normalize("NFKC", value)):
            return "A value has no brackets such as 【】 or []."
    plain = disguise.plain(value)
    if disguise.has_link(plain):
        return "A value has no links."
    if disguise.has_number(plain):
        return "A telephone number belongs in a variable of the type phone only."
    if disguise.has_long_run(plain):
        return f"A text has at most {disguise.RUN_MAX} digits in a row; the type number takes more."
    return None


def _number_fault(variable: Variable, value: str) -> str | None:
    found = _NUMBER.fullmatch(value)
    if found is None or (found["sign"] and not variable.signed):
        return f"The digits 0 to 9 belong here, with{' or without' if variable.signed else 'out'} a sign."
    if len(found["decimals"] or "") > variable.decimals:
        return f"A number has at most {variable.decimals} decimals here."
    if _LINE.fullmatch(found["whole"]):
        return "A telephone number belongs in a variable of the type phone only."
    return None


def _date_time_fault(_variable: Variable, value: str) -> str | None:
    return None if is_date_time(value) else "A date that there is, a time, or a span of them belongs here."


def _money_fault(_variable: Variable, value: str) -> str | None:
    return None if _MONEY.fullmatch(value) else "A sum such as 12.50, 12.50元 or ¥12.50 belongs here."


def _phone_fault(_variable: Variable, value: str) -> str | None:
    return None if _PHONE.fullmatch(value) else "A telephone number as it is dialled belongs here."


_FAULTS: Mapping[VariableKind, Callable[[Variable, str], str | None]] = {
    VariableKind.TEXT: _text_fault,
    VariableKind.NUMBER: _number_fault,
    VariableKind.DATE_TIME: _date_time_fault,
    VariableKind.MONEY: _money_fault,
    VariableKind.PHONE: _phone_fault,
}
