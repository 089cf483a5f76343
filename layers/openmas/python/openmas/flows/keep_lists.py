"""Keep a client's black, white and opt-out lists, with who changed them, when and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from openmas.domain.listing import ListEntry, ListKind
from openmas.domain.phone import parse_mobile
from openmas.domain.submission import sort_recipients
from openmas.errors import InvalidInput, NotFound
from openmas.needs import Clock, Lists


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def lists(self) -> Lists: ...


@dataclass(frozen=True, slots=True)
class Changed:
    """How many numbers a change was made for, and the places of the others by reason."""

    numbers: int
    refused: Mapping[str, Sequence[int]]


def kind_named(name: str) -> ListKind:
    """Raises: NotFound if there is no such kind of list."""
    try:
        return ListKind(name)
    except ValueError:
        raise NotFound("kind_unknown", f"There are the lists {', '.join(ListKind)}.") from None


def keep_numbers(
    needs: Needs, client: str, kind: str, written: Sequence[str], by: str, why: str | None
) -> Changed:
    """The good numbers stand on the list, as the last who put them there says."""
    named = kind_named(kind)
    if why is None:
        raise InvalidInput("why_missing", "Say why the numbers belong on the list.", "2.1.12")
    entries, refused = _entries(needs, written, by, why)
    if entries:
        needs.lists.keep(client, named, entries)
    return Changed(len(entries), refused)


def strike_numbers(
    needs: Needs, client: str, kind: str, written: Sequence[str], by: str, why: str | None
) -> Changed:
    """The good numbers are off the list; a recipient's own opt-out is only undone with a reason."""
    named = _struck_kind(kind, why)
    entries, refused = _entries(needs, written, by, why or "")
    if entries:
        needs.lists.strike(client, named, entries)
    return Changed(len(entries), refused)


def strike_number(needs: Needs, client: str, kind: str, written: str, by: str, why: str | None) -> None:
    """The number is off the list.

    Raises: NotFound if it was not on it, InvalidInput if it is no number.
    """
    named = _struck_kind(kind, why)
    number = find_entry(needs, client, kind, written).number
    needs.lists.strike(client, named, [ListEntry(number, by, needs.clock.now(), why or "")])


def find_entry(needs: Needs, client: str, kind: str, written: str) -> ListEntry:
    """Raises: NotFound if the number is not on the list, InvalidInput if it is no number."""
    entry = needs.lists.entry(client, kind_named(kind), parse_mobile(written))
    if entry is None:
        raise NotFound("number_not_listed", "The number is not on this list.")
    return entry


def _entries(
    needs: Needs, written: Sequence[str], by: str, why: str
) -> tuple[Sequence[ListEntry], Mapping[str, Sequence[int]]]:
    """The good numbers with who changes the list now and why, and the places of the others by reason."""
    numbers, refused = sort_recipients(written)
    now = needs.clock.now()
    return [ListEntry(number, by, now, why) for number in numbers.values()], refused


def _struck_kind(kind: str, why: str | None) -> ListKind:
    named = kind_named(kind)
    if why is None and named is ListKind.OPTOUT:
        raise InvalidInput("why_missing", "Say why the recipient's opt-out no longer holds.", "2.1.16")
    return named
