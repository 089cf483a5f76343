"""JSON written by strangers, read strictly: every fault is told with its place."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from enum import StrEnum
from re import Pattern
from typing import Any, TypeVar

from openmas.errors import Fault, InvalidInput, LimitExceeded

Document = Mapping[str, Any]
Value = TypeVar("Value")
Kind = TypeVar("Kind", bound=StrEnum)

OBJECTS_MAX = 10

# Contracts live in these two centuries; reckoning with their days then never leaves the calendar.
_DAY = re.compile(r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}")
_DAY_FORM = "A day of the form yyyy-mm-dd belongs here."
_CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def parse_object(body: str | bytes, bytes_max: int) -> Document:
    """The JSON object that the body holds.

    Raises: LimitExceeded for a body that is too large; InvalidInput for one that is no JSON object in UTF-8.
    """
    raw = body if isinstance(body, bytes) else body.encode(errors="surrogatepass")
    if len(raw) > bytes_max:
        raise LimitExceeded("body_too_large", f"A body has at most {bytes_max} bytes.")
    try:
        document = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise wrong("", "This is not JSON in UTF-8 with every name once.") from None
    if not isinstance(document, dict):
        raise wrong("", "The body is not a JSON object.")
    return document


def wrong(pointer: str, detail: str) -> InvalidInput:
    """The error that says what is wrong at one place."""
    return all_wrong([Fault(pointer, detail)])


def all_wrong(faults: Iterable[Fault]) -> InvalidInput:
    """The error that says what is wrong at several places."""
    said = "The body does not have the form that is asked for."
    return InvalidInput("body_invalid", said, faults=tuple(faults))


def only(document: Document, pointer: str, names: frozenset[str]) -> None:
    """The object has no other members than these."""
    strange = sorted(document.keys() - names)
    if strange:
        raise all_wrong(Fault(f"{pointer}/{_escaped(name)}", "This member is not known.") for name in strange)


def text(document: Document, pointer: str, name: str, form: Pattern[str]) -> str:
    """The member, a text of the given form."""
    found = document.get(name)
    if not isinstance(found, str) or form.fullmatch(found) is None:
        raise wrong(f"{pointer}/{name}", f"A text of the form {form.pattern} belongs here.")
    return found


def texts(document: Document, pointer: str, name: str, form: Pattern[str], count_max: int) -> tuple[str, ...]:
    """The member, a list of so many texts of the given form, each once; none where it is missing."""
    found = document.get(name, [])
    if not isinstance(found, list) or len(found) > count_max:
        raise wrong(f"{pointer}/{name}", f"A list of at most {count_max} texts belongs here.")
    for place, each in enumerate(found):
        if not isinstance(each, str) or form.fullmatch(each) is None:
            raise wrong(f"{pointer}/{name}/{place}", f"A text of the form {form.pattern} belongs here.")
    if len(set(found)) != len(found):
        raise wrong(f"{pointer}/{name}", "Each stands in the list once.")
    return tuple(found)


def text_if_any(document: Document, pointer: str, name: str, form: Pattern[str]) -> str | None:
    """The member, a text of the given form, or None where it is missing or null."""
    return None if document.get(name) is None else text(document, pointer, name, form)


def reading(read: Callable[[str], Value], written: object, pointer: str, detail: str) -> Value:
    """What `read` makes of a text; whatever it refuses is a fault at this place."""
    if not isinstance(written, str):
        raise wrong(pointer, detail)
    try:
        return read(written)
    except (ValueError, OverflowError, InvalidInput):
        raise wrong(pointer, detail) from None


def whole(document: Document, pointer: str, name: str, low: int, high: int) -> int:
    """The member, a whole number in this range; `true` is none."""
    found = document.get(name)
    if type(found) is not int or not low <= found <= high:
        raise wrong(f"{pointer}/{name}", f"A whole number from {low} to {high} belongs here.")
    return found


def whole_if_any(document: Document, pointer: str, name: str, low: int, high: int) -> int | None:
    """The member, a whole number in this range, or None where it is missing or null."""
    return None if document.get(name) is None else whole(document, pointer, name, low, high)


def flag(document: Document, pointer: str, name: str) -> bool:
    """The member, true or false."""
    found = document.get(name)
    if not isinstance(found, bool):
        raise wrong(f"{pointer}/{name}", "true or false belongs here.")
    return found


def part(document: Document, pointer: str, name: str) -> Document:
    """The member, an object."""
    found = document.get(name)
    if not isinstance(found, dict):
        raise wrong(f"{pointer}/{name}", "An object belongs here.")
    return found


def objects(document: Document, pointer: str, name: str) -> Sequence[Document]:
    """The member, a list of one to ten objects."""
    found = document.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= OBJECTS_MAX:
        raise wrong(f"{pointer}/{name}", f"A list of 1 to {OBJECTS_MAX} objects belongs here.")
    strange = [place for place, each in enumerate(found) if not isinstance(each, dict)]
    if strange:
        raise all_wrong(Fault(f"{pointer}/{name}/{i}", "An object belongs here.") for i in strange)
    return found


def choice(document: Document, pointer: str, name: str, kinds: type[Kind]) -> Kind:
    """The member, one of the named kinds."""
    return reading(kinds, document.get(name), f"{pointer}/{name}", _one_of(kinds))


def choices(
    document: Document, pointer: str, name: str, kinds: type[Kind], at_least: int = 1
) -> frozenset[Kind]:
    """The member, a list of so many or more of the named kinds, each once."""
    found = document.get(name)
    if not isinstance(found, list) or len(found) < at_least:
        raise wrong(f"{pointer}/{name}", f"A list belongs here; of each: {_one_of(kinds)}")
    known = set(kinds)
    strange = [place for place, each in enumerate(found) if not isinstance(each, str) or each not in known]
    if strange:
        raise all_wrong(Fault(f"{pointer}/{name}/{place}", _one_of(kinds)) for place in strange)
    if len(set(found)) != len(found):
        raise wrong(f"{pointer}/{name}", "Each stands in the list once.")
    return frozenset(map(kinds, found))


def day(document: Document, pointer: str, name: str) -> date:
    """The member, a day that there is."""
    written = document.get(name)
    if not isinstance(written, str) or _DAY.fullmatch(written) is None:
        raise wrong(f"{pointer}/{name}", _DAY_FORM)
    return reading(date.fromisoformat, written, f"{pointer}/{name}", _DAY_FORM)


def day_if_any(document: Document, pointer: str, name: str) -> date | None:
    """The member, a day that there is, or None where it is missing or null."""
    return None if document.get(name) is None else day(document, pointer, name)


def clock_time(document: Document, pointer: str, name: str) -> time:
    """The member, a time of day to the minute."""
    written = document.get(name)
    if not isinstance(written, str) or _CLOCK_TIME.fullmatch(written) is None:
        raise wrong(f"{pointer}/{name}", "A time of the form hh:mm belongs here.")
    return time.fromisoformat(written)


def _one_of(kinds: type[StrEnum]) -> str:
    return f"One of these belongs here: {', '.join(kinds)}."


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:64]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name stands twice")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
