"""Keep a client's black, white and opt-out lists, with who changed them, when and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.listing import (
    SIGNATURE_LISTS_MAX,
    Act,
    Consent,
    ListEntry,
    ListKind,
    ListName,
    is_scope,
)
from openmas.domain.phone import parse_mobile
from openmas.domain.reasons import rejected
from openmas.domain.submission import sort_recipients
from openmas.errors import InvalidInput, LimitExceeded, NotAllowed, NotFound
from openmas.needs import Clock, Lists, Registry

_NOTHING: Mapping[str, str] = {}
_WHY = "Say why the numbers belong on the list, or no longer do."


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def registry(self) -> Registry: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a change, and why; `consent` is what he knows of the recipients' own."""

    by: str
    why: str | None
    consent: Consent | None = None
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """How many numbers a change was made for, and the places of the others by reason."""

    numbers: int
    refused: Mapping[str, Sequence[int]]


def list_asked(kind: str, asked: Mapping[str, str] = _NOTHING) -> ListName:
    """The list of this kind, with the limit that a query may name.

    Raises: NotFound if there is no such kind of list, InvalidInput if it cannot be limited so.
    """
    scope = asked.get("scope", "")
    if scope and not is_scope(scope):
        raise InvalidInput("scope_malformed", "A scope is category:… with a category, or signature:….")
    try:
        return ListName(ListKind(kind), scope)
    except ValueError:
        raise NotFound("kind_unknown", f"There are the lists {', '.join(ListKind)}.") from None


def keep_numbers(needs: Needs, client: str, name: ListName, written: Sequence[str], asks: Asking) -> Changed:
    """The good numbers stand on the list, as the last who put them there says."""
    if asks.why is None:
        raise InvalidInput("why_missing", _WHY, "2.1.12")
    if asks.consent is not None and name.kind is not ListKind.WHITE:
        raise rejected(InvalidInput, reasons.CONSENT_MISPLACED)
    if asks.consent is None and name.stands_for_consent:
        raise rejected(InvalidInput, reasons.CONSENT_MISSING)
    return change_numbers(needs, client, name, Act.ADDED, written, asks)


def strike_numbers(
    needs: Needs, client: str, name: ListName, written: Sequence[str], asks: Asking
) -> Changed:
    """The good numbers are off the list, but for those that an operator froze."""
    _check_why(name, asks)
    return change_numbers(needs, client, name, Act.STRUCK, written, asks)


def strike_number(needs: Needs, client: str, name: ListName, written: str, asks: Asking) -> None:
    """The number is off the list.

    Raises: NotFound if it was not on it, InvalidInput if it is no number, NotAllowed if it is frozen.
    """
    _check_why(name, asks)
    number = find_entry(needs, client, name, written).number
    if change_numbers(needs, client, name, Act.STRUCK, [number], asks).refused:
        raise rejected(NotAllowed, reasons.ENTRY_FROZEN)


def find_entry(needs: Needs, client: str, name: ListName, written: str) -> ListEntry:
    """Raises: NotFound if the number is not on the list, InvalidInput if it is no number."""
    entry = needs.lists.entry(client, name, parse_mobile(written))
    if entry is None:
        raise NotFound("number_not_listed", "The number is not on this list.")
    return entry


def change_numbers(
    needs: Needs, client: str, name: ListName, act: Act, written: Sequence[str], asks: Asking
) -> Changed:
    """The act is done to the good numbers, as far as whoever asks may.

    Raises: InvalidInput and LimitExceeded as `check_name`.
    """
    check_name(needs, client, name)
    numbers, refused = sort_recipients(written)
    now = needs.clock.now()
    entries = [ListEntry(number, asks.by, now, asks.why or "", asks.consent) for number in numbers.values()]
    left = needs.lists.change(client, name, act, entries, by_operator=asks.operator)
    if left:
        refused[reasons.ENTRY_FROZEN] = [place for place, number in numbers.items() if number in left]
    return Changed(len(entries) - len(left), refused)


def check_name(needs: Needs, client: str, name: ListName) -> None:
    """The client may have a list of this name.

    Raises: InvalidInput if the list is limited to a signature that is not the client's; LimitExceeded if it
    would be one list too many.
    """
    check_signature(needs.registry, client, name)
    check_room(needs.lists, client, name)


def check_signature(registry: Registry, client: str, name: ListName) -> None:
    """Raises: InvalidInput if the list is limited to a signature that is not the client's."""
    profile = registry.profile(client, fresh=True) if name.signature else None
    known = {*profile.signatures, *(each.signature for each in profile.contracts)} if profile else set()
    if name.signature is not None and name.signature not in known:
        raise rejected(InvalidInput, reasons.SCOPE_UNKNOWN)


def check_room(lists: Lists, client: str, name: ListName) -> None:
    """Raises: LimitExceeded if the list would be one too many: the heads of all of them are one item."""
    used = lists.frozen(client) if name.signature else {}
    if name not in used and sum(each.signature is not None for each in used) >= SIGNATURE_LISTS_MAX:
        raise rejected(LimitExceeded, reasons.LISTS_TOO_MANY)


def _check_why(name: ListName, asks: Asking) -> None:
    """No list is changed without a reason, least of all a recipient's own opt-out undone."""
    if asks.why is None:
        opted_out = name.kind is ListKind.OPTOUT
        told = "Say why the recipient's opt-out no longer holds." if opted_out else _WHY
        raise InvalidInput("why_missing", told, "2.1.16" if opted_out else "2.1.12")


# What a client does with many numbers, by the method of its request.
CHANGES = {"POST": keep_numbers, "DELETE": strike_numbers}
