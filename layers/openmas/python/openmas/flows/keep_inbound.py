"""Keep what recipients write with the client whose port it is, and list at once whoever opts out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import SANDBOX
from openmas.domain.characters import seen
from openmas.domain.contract import Contract
from openmas.domain.inbound import Brought, Inbound, Mo, access_codes
from openmas.domain.listing import OPTOUT, Act, ListEntry
from openmas.domain.opt_out import is_opt_out
from openmas.needs import Clock, Crew, Lists, Messages, Registry


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def crew(self) -> Crew: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def messages(self) -> Messages: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Counts of what became of the messages; `left` are the places of those that the time did not do for."""

    inbound: int = 0
    opted_out: int = 0
    inbound_orphans: int = 0
    left: frozenset[int] = frozenset()

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(
            self.inbound + other.inbound,
            self.opted_out + other.opted_out,
            self.inbound_orphans + other.inbound_orphans,
            self.left | other.left,
        )


def keep_inbound(needs: Needs, brought: Sequence[Brought], for_s: float) -> Kept:
    """The messages are kept with their clients or as orphans; whoever opted out is on the opt-out list.

    Shape: after `for_s` nothing new is begun.
    Raises: Unavailable when the records should be tried again; keeping a message again changes nothing.
    """
    until = needs.clock.now() + timedelta(seconds=for_s)
    owners = _Owners(needs)
    total = Kept()
    for place, each in enumerate(brought):
        in_time = needs.clock.now() < until
        total += _keep(needs, owners, each) if in_time else Kept(left=frozenset({place}))
    return total


class _Owners:
    """Whose port it is, and who carries for whom; each is asked once."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._on = shanghai_day(needs.clock.now())
        self._clients: dict[str, str | None] = {}
        self._contracts: dict[str, Contract | None] = {}

    def client(self, port: str, carrier: str) -> str | None:
        """The client that this carrier may bring a message to this port for."""
        client = next((found for code in access_codes(port) if (found := self._client(code))), None)
        return client if client and carrier in (SANDBOX, self.carrier(client)) else None

    def carrier(self, client: str) -> str | None:
        """The carrier of the contract in force."""
        contract = self._contract(client)
        return contract.carrier if contract else None

    def opt_out_words(self, client: str) -> Sequence[str]:
        """The words of the contract in force, beside those that hold everywhere."""
        contract = self._contract(client)
        return contract.opt_out_words if contract else ()

    def _contract(self, client: str) -> Contract | None:
        if client not in self._contracts:
            profile = self._needs.registry.profile(client)
            self._contracts[client] = profile.contract_on(self._on) if profile else None
        return self._contracts[client]

    def _client(self, access_code: str) -> str | None:
        if access_code not in self._clients:
            self._clients[access_code] = self._needs.registry.client_of_port(access_code)
        return self._clients[access_code]


def _keep(needs: Needs, owners: _Owners, brought: Brought) -> Kept:
    by_client: dict[str | None, list[Mo]] = {}
    for mo in brought.messages:
        by_client.setdefault(owners.client(mo.port, brought.carrier), []).append(mo)
    orphans = by_client.pop(None, [])
    now = needs.clock.now()
    needs.crew.each(lambda mo: needs.messages.keep_orphan_inbound(brought.carrier, mo, now), orphans)
    total = Kept(inbound_orphans=len(orphans))
    for client, messages in by_client.items():
        assert client is not None, "what is nobody's was taken out"
        # The sandbox speaks for real recipients only where it is the client's real carrier.
        listing = owners.carrier(client) == brought.carrier
        words = owners.opt_out_words(client) if listing else None
        total += _keep_for(needs, client, messages, words)
    return total


def _keep_for(needs: Needs, client: str, messages: Sequence[Mo], words: Sequence[str] | None) -> Kept:
    """Shape: without `words`, nobody is listed for what he writes."""
    inbound = [Inbound(mo.id, client, mo.number, mo.port, mo.text, mo.at) for mo in messages]
    needs.crew.each(needs.messages.keep_inbound, inbound)
    opted_out = [each for each in inbound if words is not None and is_opt_out(each.text, words)]
    now = needs.clock.now()
    # The message itself is kept for half a year, the entry with what was written for as long as the list.
    entries = [
        ListEntry(each.number, by="recipient", at=now, why=f"inbound {each.id}: {seen(each.text)}")
        for each in opted_out
    ]
    needs.lists.change(client, OPTOUT, Act.ADDED, entries)
    return Kept(inbound=len(inbound), opted_out=len(opted_out))
