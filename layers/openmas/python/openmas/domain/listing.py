"""Black, white and opt-out lists: who may be sent to (clauses 2.1.1, 2.1.10, 2.1.12 and 2.1.16)."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openmas.domain.contract import Category, ServiceKind
from openmas.domain.reasons import (
    CONSENT_MISSING,
    NUMBER_NOT_ON_WHITE_LIST,
    NUMBER_ON_BLACK_LIST,
    NUMBER_ON_OPT_OUT_LIST,
)


class ListKind(StrEnum):
    BLACK = "black"
    WHITE = "white"
    OPTOUT = "optout"


class ConsentBasis(StrEnum):
    """Why a recipient may be written to."""

    EMPLOYEE = "employee"
    CUSTOMER = "customer"
    REGISTERED = "registered"
    WRITTEN = "written"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Consent:
    """That recipients have agreed (2.1.10); `evidence` is the client's own reference to the proof."""

    basis: ConsentBasis
    evidence: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a number stands on a list (2.1.12), and how its holder has agreed (2.1.10)."""

    why: str
    consent: Consent | None = None


# An English signature may hold spaces, though not at its ends.
_SCOPE = re.compile(
    r"category:(?:verification|notice|marketing)|signature:(?! )[^#@\x00-\x1f\x7f]{1,20}(?<! )"
)

_SIGNATURE = "signature:"


@dataclass(frozen=True, slots=True, order=True)
class ListName:
    """One list: its kind, and what it is limited to.

    Shape: `scope` is empty for a list that counts for all that the client sends, else `category:marketing` or
    `signature:` and the signature.
    """

    kind: ListKind
    scope: str = ""

    def __str__(self) -> str:
        return f"{self.kind}@{self.scope}" if self.scope else str(self.kind)

    @property
    def signature(self) -> str | None:
        """The signature that the list is limited to."""
        return self.scope.removeprefix(_SIGNATURE) if self.scope.startswith(_SIGNATURE) else None

    @property
    def stands_for_consent(self) -> bool:
        """Whether marketing goes to whoever stands on the list, so that every entry needs its consent."""
        others = (f"category:{each}" for each in Category if each is not Category.MARKETING)
        return self.kind is ListKind.WHITE and self.scope not in others


BLACK, WHITE, OPTOUT = map(ListName, ListKind)
# Sixteen signatures with a list of each kind; every change writes the heads of all lists again.
SIGNATURE_LISTS_MAX = 48


def is_scope(text: str) -> bool:
    """Whether the text limits a list to something."""
    return _SCOPE.fullmatch(text) is not None


def list_named(text: str) -> ListName:
    """The list that `str` wrote."""
    kind, _, scope = text.partition("@")
    return ListName(ListKind(kind), scope)


class Act(StrEnum):
    """What is done to numbers of a list; only operators freeze and thaw."""

    ADDED = "added"
    STRUCK = "struck"
    FROZEN = "frozen"
    THAWED = "thawed"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One number with who put it on a list, or struck it off, when and why (2.1.12).

    Shape: a `frozen` one is not struck by the client, and on a white list does not count.
    """

    number: str
    by: str
    at: datetime
    why: str
    consent: Consent | None = None
    frozen: bool = False

    @property
    def grounds(self) -> Grounds:
        return Grounds(self.why, self.consent)


@dataclass(frozen=True, slots=True)
class ListChange:
    """One change of a list, or a part of a large one; parts of one change have the same `id`.

    Shape: a freeze of the whole list, and its end, name no numbers; `grounds`, where there are any, are each
    number's own and go over the change's.
    """

    id: str
    name: ListName
    act: Act
    by: str
    at: datetime
    why: str
    consent: Consent | None
    numbers: tuple[str, ...]
    grounds: tuple[Grounds, ...] = ()


_MANAGED_BY = {
    ServiceKind.TEMPLATE_BLACK: ListKind.BLACK,
    ServiceKind.ORDINARY_WHITE: ListKind.WHITE,
    ServiceKind.ORDINARY_BLACK: ListKind.BLACK,
}


def may_client_strike(kind: ListKind) -> bool:
    """Whether a client may strike what an operator froze: a frozen white entry counts for nothing anyway."""
    return kind is ListKind.WHITE


def lists_to_ask(
    service: ServiceKind, category: Category, signature: str, *, consent_stated: bool = False
) -> tuple[ListName, ...]:
    """The lists that decide about a recipient, also those that are limited to this category or signature."""
    kinds = [_MANAGED_BY[service]]
    # A verification code is what the recipient himself has just asked for, also after he opted out.
    if category is not Category.VERIFICATION:
        kinds.append(ListKind.OPTOUT)
    if category is Category.MARKETING and not consent_stated and ListKind.WHITE not in kinds:
        kinds.append(ListKind.WHITE)
    scopes = ("", f"category:{category}", f"signature:{signature}")
    return tuple(ListName(kind, scope) for kind in kinds for scope in scopes)


def decide(
    service: ServiceKind, category: Category, on_lists: Collection[ListKind], *, consent_stated: bool = False
) -> str | None:
    """Why a recipient that stands on lists of these kinds is refused; None if he may be sent to."""
    managed_by = _MANAGED_BY[service]
    if managed_by is ListKind.BLACK and ListKind.BLACK in on_lists:
        return NUMBER_ON_BLACK_LIST
    if managed_by is ListKind.WHITE and ListKind.WHITE not in on_lists:
        return NUMBER_NOT_ON_WHITE_LIST
    if category is not Category.VERIFICATION and ListKind.OPTOUT in on_lists:
        return NUMBER_ON_OPT_OUT_LIST
    if category is Category.MARKETING and not consent_stated and ListKind.WHITE not in on_lists:
        return CONSENT_MISSING
    return None


def refused_by_lists(
    service: ServiceKind,
    category: Category,
    numbers: Iterable[tuple[int, str]],
    listed: Mapping[ListName, Collection[str]],
    *,
    consent_stated: bool = False,
) -> Iterator[tuple[int, str]]:
    """The places whose numbers the lists refuse, each with its reason.

    Shape: `listed` says of every list that was asked which numbers stand on it.
    """
    full = [(name.kind, on_it) for name, on_it in listed.items() if on_it]
    decided: dict[tuple[ListKind, ...], str | None] = {}
    for place, number in numbers:
        kinds = tuple([kind for kind, on_it in full if number in on_it])
        if kinds not in decided:
            decided[kinds] = decide(service, category, kinds, consent_stated=consent_stated)
        reason = decided[kinds]
        if reason is not None:
            yield place, reason


def newest(entries: Sequence[ListEntry]) -> dict[str, ListEntry]:
    """The last word on each number."""
    return {entry.number: entry for entry in entries}
