"""Check a client's lists as the operator (2.1.12): see, freeze and thaw them, strike what does not belong."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from openmas.domain.change import Change
from openmas.domain.listing import Act, ListEntry, ListName
from openmas.errors import InvalidInput
from openmas.flows import keep_contracts
from openmas.flows.keep_lists import Asking, Changed, change_numbers, check_name, find_entry
from openmas.needs import Clock, Lists, Registry


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def registry(self) -> Registry: ...


def show_lists(needs: Needs, client: str) -> Mapping[ListName, Change | None]:
    """Every list that the client ever used, and who froze it."""
    keep_contracts.show_client(needs, client)
    return dict(sorted(needs.lists.frozen(client).items()))


def show_entry(needs: Needs, client: str, name: ListName, written: str) -> ListEntry:
    """Raises: NotFound if the number is not on the list, InvalidInput if it is no number."""
    keep_contracts.show_client(needs, client)
    return find_entry(needs, client, name, written)


def show_numbers(
    needs: Needs, client: str, name: ListName, after: str | None, limit: int
) -> tuple[Sequence[ListEntry], str | None]:
    """Some entries of the list, and where to go on (None at the end)."""
    keep_contracts.show_client(needs, client)
    return needs.lists.page(client, name, after, limit)


def change_entries(
    needs: Needs, client: str, name: ListName, act: Act, written: Sequence[str], *, by: str, why: str
) -> Changed:
    """The good numbers are struck, frozen or thawed, whoever froze them before.

    Raises: InvalidInput for numbers to be added: what a client's list holds is the client's own word.
    """
    keep_contracts.show_client(needs, client)
    if act is Act.ADDED:
        raise InvalidInput("act_unknown", "An operator strikes, freezes and thaws; clients add.", "2.1.12")
    return change_numbers(needs, client, name, act, written, Asking(by, why, operator=True))


def change_list(needs: Needs, client: str, name: ListName, act: Act, *, by: str, why: str) -> None:
    """The whole list is frozen or thawed.

    Raises: InvalidInput for any other act: a whole list is never struck.
    """
    keep_contracts.show_client(needs, client)
    check_name(needs, client, name)
    change = Change(by, needs.clock.now(), why)
    match act:
        case Act.FROZEN:
            needs.lists.freeze(client, name, change)
        case Act.THAWED:
            needs.lists.thaw(client, name, change)
        case _:
            raise InvalidInput("act_unknown", "A whole list is frozen or thawed.", "2.1.12")
