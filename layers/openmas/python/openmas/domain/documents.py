"""JSON written by strangers, read strictly: every fault is told with its place."""

import json
from collections.abc import Callable, Mapping, Sequence
from re import Pattern
from typing import Any, TypeVar

from openmas.errors import Fault, InvalidInput, LimitExceeded

Document = Mapping[str, Any]
Value = TypeVar("Value")


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
        raise InvalidInput("body_not_json", "The body is not JSON in UTF-8, with every name once.") from None
    if not isinstance(document, dict):
        raise wrong("", "The body is not a JSON object.")
    return document


def wrong(pointer: str, detail: str) -> InvalidInput:
    """The error that says what is wrong at one place."""
    said = "The body does not have the form that is asked for."
    return InvalidInput("body_invalid", said, faults=(Fault(pointer, detail),))


def only(document: Document, pointer: str, names: frozenset[str]) -> None:
    """The object has no other members than these."""
    strange = document.keys() - names
    if strange:
        raise wrong(f"{pointer}/{_escaped(min(strange))}", "This member is not known.")


def objects(document: Document, name: str, count_max: int) -> Sequence[Document]:
    """The member, a list of one object or more."""
    found = document.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= count_max:
        raise wrong(f"/{name}", f"A list of 1 to {count_max} objects belongs here.")
    for place, each in enumerate(found):
        if not isinstance(each, dict):
            raise wrong(f"/{name}/{place}", "An object belongs here.")
    return found


def text(document: Document, pointer: str, name: str, form: Pattern[str]) -> str:
    """The member, a text of the given form."""
    found = document.get(name)
    if not isinstance(found, str) or form.fullmatch(found) is None:
        raise wrong(f"{pointer}/{name}", f"A text of the form {form.pattern} belongs here.")
    return found


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


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:64]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name stands twice")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
