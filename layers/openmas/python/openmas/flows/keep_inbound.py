"""Keep what recipients write with the client whose port it is, and list at once whoever opts out.

A carrier may bring a message again, hours later, when the recipient has long agreed again. So a message
counts from when it was brought first, and once: it is kept, then all is done that follows from it, then that
is on record. Whoever dies in between leaves it to the next one, who looks first at what was struck meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import SANDBOX
from openmas.domain.characters import seen
from openmas.domain.grounds import WHY_LENGTH_MAX
from openmas.domain.inbound import Brought, Inbound, KeptInbound, Mo, access_codes
from openmas.domain.listing import OPTOUT, Act, ListChange, ListEntry
from openmas.domain.opt_out import is_opt_out
from openmas.domain.profile import Profile
from openmas.needs import Clock, Crew, Lists, Messages, Registry

# Changes of a list that are read at once.
CHANGES = 100


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
class InboundCounts:
    """Counts of what became of the messages; `left` are the places of those that the time did not do for."""

    inbound: int = 0
    opted_out: int = 0
    inbound_orphans: int = 0
    left: frozenset[int] = frozenset()

    def __add__(self, other: "InboundCounts") -> "InboundCounts":
        return InboundCounts(
            self.inbound + other.inbound,
            self.opted_out + other.opted_out,
            self.inbound_orphans + other.inbound_orphans,
            self.left | other.left,
        )


def keep_inbound(needs: Needs, brought: Sequence[Brought], for_s: float) -> InboundCounts:
    """The messages are kept with their clients or as orphans; whoever opted out is on the opt-out list.

    Shape: after `for_s` nothing new is begun.
    Raises: Unavailable when the records should be tried again; keeping a message again changes nothing.
    """
    until = needs.clock.now() + timedelta(seconds=for_s)
    owners = _Owners(needs)
    total = InboundCounts()
    for place, each in enumerate(brought):
        in_time = needs.clock.now() < until
        total += _keep(needs, owners, each) if in_time else InboundCounts(left=frozenset({place}))
    return total


class _Owners:
    """Whose port it is, and who carries for whom; each is asked once."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._on = shanghai_day(needs.clock.now())
        self._clients: dict[str, str | None] = {}
        self._profiles: dict[str, Profile | None] = {}

    def client(self, port: str, carrier: str) -> str | None:
        """The client that this carrier may bring a message to this port for."""
        client = next((found for code in access_codes(port) if (found := self._client(code))), None)
        return client if client and (carrier == SANDBOX or self.carries(client, carrier)) else None

    def carries(self, client: str, carrier: str) -> bool:
        """Whether the carrier carries for the client, or has: people answer old messages, too."""
        profile = self._profile(client)
        contracts = profile.contracts if profile else ()
        return any(each.carrier == carrier and each.effective_on <= self._on for each in contracts)

    def opts_out(self, client: str) -> Callable[[str], bool]:
        """Whether a text opts out by the contract in force, or by the usual words where there is none."""
        profile = self._profile(client)
        contract = profile.contract_on(self._on) if profile else None
        if contract is None:
            return is_opt_out
        return partial(is_opt_out, more=contract.opt_out_words, but=contract.not_opt_out_words)

    def _profile(self, client: str) -> Profile | None:
        if client not in self._profiles:
            self._profiles[client] = self._needs.registry.profile(client)
        return self._profiles[client]

    def _client(self, access_code: str) -> str | None:
        if access_code not in self._clients:
            self._clients[access_code] = self._needs.registry.client_of_port(access_code)
        return self._clients[access_code]


def _keep(needs: Needs, owners: _Owners, brought: Brought) -> InboundCounts:
    by_client: dict[str | None, list[Mo]] = {}
    for mo in brought.messages:
        by_client.setdefault(owners.client(mo.port, brought.carrier), []).append(mo)
    orphans = by_client.pop(None, [])
    now = needs.clock.now()
    needs.crew.each(lambda mo: needs.messages.keep_orphan_inbound(brought.carrier, mo, now), orphans)
    total = InboundCounts(inbound_orphans=len(orphans))
    for client, messages in by_client.items():
        assert client is not None, "what is nobody's was taken out"
        # The sandbox speaks for real recipients only where it is the client's real carrier.
        listing = owners.carries(client, brought.carrier)
        opts_out = owners.opts_out(client) if listing else None
        total += _keep_for(needs, client, messages, opts_out)
    return total


def _keep_for(
    needs: Needs, client: str, messages: Sequence[Mo], opts_out: Callable[[str], bool] | None
) -> InboundCounts:
    """Shape: without `opts_out`, nobody is listed for what he writes."""
    inbound = [Inbound(mo.id, client, mo.number, mo.port, mo.text, mo.at) for mo in messages]
    now = needs.clock.now()
    kept = needs.crew.each(lambda each: needs.messages.keep_inbound(each, now), inbound)
    opted_out = [
        each for each in kept if opts_out is not None and not each.done and opts_out(each.inbound.text)
    ]
    _list(needs, client, opted_out, now)
    needs.crew.each(needs.messages.end_inbound, opted_out)
    return InboundCounts(inbound=len(inbound), opted_out=len(opted_out))


def _list(needs: Needs, client: str, opted_out: Sequence[KeptInbound], now: datetime) -> None:
    """Who opted out is listed as of when he did, but for those who were struck from the list since."""
    again = [each.kept_at for each in opted_out if each.kept_at != now]
    struck = _struck_since(needs, client, min(again), now) if again else {}
    # The message itself is kept for half a year, the entry with what was written for as long as the list.
    entries = [
        ListEntry(of.number, "recipient", each.kept_at, _why(of))
        for each in opted_out
        if (of := each.inbound).number not in struck or struck[of.number] < each.kept_at
    ]
    needs.lists.change(client, OPTOUT, Act.ADDED, entries)


def _why(of: Inbound) -> str:
    """What was written, as long as any reason may be: so much of it is a word and what stands around it."""
    why = f"inbound {of.id}: {seen(of.text)}"
    return why if len(why) <= WHY_LENGTH_MAX else f"{why[: WHY_LENGTH_MAX - 1]}…"


def _struck_since(needs: Needs, client: str, since: datetime, now: datetime) -> Mapping[str, datetime]:
    """The numbers that were struck from the opt-out list since then, and when last."""
    struck: dict[str, datetime] = {}
    for change in _changes_since(needs, client, since, now):
        if change.act is Act.STRUCK and change.name == OPTOUT:
            struck = {**dict.fromkeys(change.numbers, change.at), **struck}
    return struck


def _changes_since(needs: Needs, client: str, since: datetime, now: datetime) -> Iterator[ListChange]:
    """The newest first."""
    month, first = shanghai_day(now).replace(day=1), shanghai_day(since).replace(day=1)
    while month >= first:
        before = None
        while True:
            page, before = needs.lists.changes(client, OPTOUT.kind, f"{month:%Y%m}", before, CHANGES)
            yield from (change for change in page if change.at >= since)
            if before is None or page[-1].at < since:
                break
        month = (month - timedelta(days=1)).replace(day=1)
