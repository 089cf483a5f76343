"""Black, white and opt-out lists: who may be sent to (clauses 2.1.1 and 2.1.16)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openmas.domain.characters import seen
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.reasons import NUMBER_NOT_ON_WHITE_LIST, NUMBER_ON_BLACK_LIST, NUMBER_ON_OPT_OUT_LIST


class ListKind(StrEnum):
    BLACK = "black"
    WHITE = "white"
    OPTOUT = "optout"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One number with who put it on a list, or struck it off, when and why (2.1.12)."""

    number: str
    by: str
    at: datetime
    why: str


_MANAGED_BY = {
    ServiceKind.TEMPLATE_BLACK: ListKind.BLACK,
    ServiceKind.ORDINARY_WHITE: ListKind.WHITE,
    ServiceKind.ORDINARY_BLACK: ListKind.BLACK,
}
_OPT_OUT_WORDS = frozenset({"r", "td", "t", "退订", "取消"})
_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def lists_to_ask(service: ServiceKind, category: Category) -> tuple[ListKind, ...]:
    """The lists that decide about a recipient."""
    managed_by = _MANAGED_BY[service]
    # A verification code is what the recipient himself has just asked for, also after he opted out.
    return (managed_by,) if category is Category.VERIFICATION else (managed_by, ListKind.OPTOUT)


def decide(service: ServiceKind, category: Category, on_lists: Collection[ListKind]) -> str | None:
    """Why a recipient that stands on these lists is refused; None if he may be sent to."""
    asked = lists_to_ask(service, category)
    if ListKind.BLACK in asked and ListKind.BLACK in on_lists:
        return NUMBER_ON_BLACK_LIST
    if ListKind.WHITE in asked and ListKind.WHITE not in on_lists:
        return NUMBER_NOT_ON_WHITE_LIST
    if ListKind.OPTOUT in asked and ListKind.OPTOUT in on_lists:
        return NUMBER_ON_OPT_OUT_LIST
    return None


def refused_by_lists(
    service: ServiceKind,
    category: Category,
    numbers: Iterable[tuple[int, str]],
    listed: Mapping[ListKind, Collection[str]],
) -> Iterator[tuple[int, str]]:
    """The places whose numbers the lists refuse, each with its reason.

    Shape: `listed` says of every list that was asked which numbers stand on it.
    """
    for place, number in numbers:
        reason = decide(service, category, [kind for kind, on_it in listed.items() if number in on_it])
        if reason is not None:
            yield place, reason


def is_opt_out(text: str) -> bool:
    """Whether an inbound text is one of the words by which a recipient opts out, and nothing else."""
    return seen(text).translate(_TO_ASCII).lower() in _OPT_OUT_WORDS
