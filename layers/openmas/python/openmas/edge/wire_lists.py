"""Lists on the wire: what clients and operators ask of them, and what they are told."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openmas.domain.calendar import shanghai_day
from openmas.domain.change import Change
from openmas.domain.listing import Consent, ConsentBasis, Grounds, ListChange, ListEntry, ListName
from openmas.domain.phone import mask
from openmas.edge.request import Answer, Request
from openmas.edge.seals import Listing
from openmas.edge.wire import (
    Why,
    Wire,
    Written,
    consent_document,
    masked,
    place_in,
    plain,
    query,
    refused_documents,
    time_text,
)
from openmas.errors import InvalidInput

NUMBERS_MAX = 10_000
CHANGES_MAX = 100
_MONTH = re.compile(r"2[01][0-9]{2}-(?:0[1-9]|1[0-2])")


class ConsentBody(Wire):
    """That the recipients have agreed, and where the client keeps the proof."""

    basis: Literal["employee", "customer", "registered", "written", "asked"]
    evidence: Why

    def consent(self) -> Consent:
        return Consent(ConsentBasis(self.basis), self.evidence)


def given_consent(body: ConsentBody | None) -> Consent | None:
    return body.consent() if body else None


class NumbersBody(Wire):
    """POST and DELETE /v1/lists/{kind}/numbers."""

    numbers: Annotated[list[Written], Field(min_length=1, max_length=NUMBERS_MAX)]
    why: Why | None = None
    consent: ConsentBody | None = None


class ActBody(Wire):
    """POST /v1/operator/clients/{client}/lists/{kind}/acts; without numbers, to the whole list."""

    act: Literal["struck", "frozen", "thawed"]
    numbers: Annotated[list[Written], Field(min_length=1, max_length=NUMBERS_MAX)] | None = None
    why: Why

    @model_validator(mode="after")
    def _whole_only_if_nothing_is_named(self) -> Self:
        if self.numbers is None and "numbers" in self.model_fields_set:
            raise ValueError("to freeze or thaw a whole list, leave the numbers out")
        return self


# What a query for changes may name.
OF_HISTORY = ("month", "limit", "cursor")


def asked(request: Request, *names: str) -> Mapping[str, str]:
    """The query, which may limit the list besides."""
    return query(request, "scope", *names)


def changed_answer(
    request: Request, name: ListName, why: str | None, count: int, refused: Mapping[str, Iterable[int]]
) -> Answer:
    """How many numbers were kept or struck, and the places of the others; the log line says it, too."""
    word = "kept" if request.method == "POST" else "struck"
    request.noted.update({"list": str(name), word: count, "why": masked(why or "")})
    return Answer({word: count, "refused": refused_documents(refused)})


def month_asked(asked: Mapping[str, str], now: datetime) -> str:
    """The month that a query names, as it is kept; this one in Shanghai if it names none."""
    today: date = shanghai_day(now)
    written = asked.get("month", f"{today:%Y-%m}")
    if _MONTH.fullmatch(written) is None:
        raise InvalidInput("query_invalid", "`month` is written yyyy-mm.")
    return written.replace("-", "")


def place(listing: Listing, asked: Mapping[str, str]) -> tuple[str | None, int]:
    """Where to go on in a list's changes, and how many to give: each may hold a thousand numbers."""
    before, limit = place_in(listing, asked)
    return before, min(limit, CHANGES_MAX)


def entry_document(entry: ListEntry) -> dict[str, object]:
    return {
        "number": entry.number,
        "by": entry.by,
        "at": time_text(entry.at),
        "why": entry.why,
        "consent": consent_document(entry.consent),
        "frozen": entry.frozen,
    }


def masked_entry_document(entry: ListEntry) -> dict[str, object]:
    """An entry as somebody reads it who goes through a whole list."""
    return {**entry_document(entry), "number": mask(entry.number)}


def lists_document(frozen: Mapping[ListName, Change | None]) -> dict[str, object]:
    """Every list with its freeze, if it is frozen."""
    return {
        "lists": [
            {"list": name.kind, "scope": name.scope or None, "frozen": plain(change) if change else None}
            for name, change in frozen.items()
        ]
    }


def masked_change_document(change: ListChange) -> dict[str, object]:
    """A change as somebody reads it who need not know the numbers."""
    return {**change_document(change), "numbers": [mask(number) for number in change.numbers]}


def change_document(change: ListChange) -> dict[str, object]:
    return {
        "change": change.id,
        "scope": change.name.scope or None,
        "act": change.act,
        "by": change.by,
        "at": time_text(change.at),
        "why": change.why,
        "consent": consent_document(change.consent),
        "numbers": list(change.numbers),
        "grounds": _grounds_documents(change.grounds),
    }


def _grounds_documents(grounds: Sequence[Grounds]) -> list[dict[str, object]] | None:
    """What goes over the change's own reason and consent, each wording with the places of its numbers."""
    places: dict[Grounds, list[int]] = {}
    for place, each in enumerate(grounds):
        places.setdefault(each, []).append(place)
    told: list[dict[str, object]] = [
        {"why": each.why, "consent": consent_document(each.consent), "places": where}
        for each, where in places.items()
    ]
    return told or None
