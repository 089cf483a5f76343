"""Keep a client's ports: registered for one purpose, opened, limited and closed with a reason, reclaimed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.change import Change
from openmas.domain.contract import Contract
from openmas.domain.port import Flow, FlowState, Port, Terms
from openmas.domain.profile import Profile
from openmas.domain.reasons import (
    CATEGORY_NOT_ALLOWED,
    CONTRACT_MISSING,
    PORT_EXPIRED,
    PORT_UNKNOWN,
    SIGNATURE_UNKNOWN,
    rejected,
)
from openmas.errors import Conflict, NotAllowed, NotFound
from openmas.flows.keep_contracts import show_client
from openmas.needs import Clock, Entropy, Registry, ReleaseQueue


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def entropy(self) -> Entropy: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def release_queue(self) -> ReleaseQueue: ...


def show_ports(needs: Needs, client: str) -> Sequence[Port]:
    """The ports that the client has now."""
    profile = show_client(needs, client)
    return [port for port in profile.ports.values() if port.reclaimed_on is None]


def show_port(needs: Needs, client: str, number: str) -> Sequence[Port]:
    """All versions of a port, also of one that was reclaimed; the newest one last.

    Raises: NotFound if the client never had it.
    """
    show_client(needs, client)
    versions = needs.registry.port_versions(client, number)
    if not versions:
        raise rejected(NotFound, PORT_UNKNOWN)
    return versions


def keep_port(needs: Needs, client: str, number: str, terms: Terms, *, by: str, why: str) -> Port:
    """The port is registered, or changed, on these terms; one that has them already stays as it is.

    Raises: NotAllowed for what the contract does not cover, or what would have ended already; Conflict if the
    number is another client's or in quarantine, or the port serves another purpose.
    """
    profile, now = show_client(needs, client), needs.clock.now()
    contract = _contract(profile, now)
    _check_covered(terms, contract, profile)
    change, before = Change(by, now, why), profile.ports.get(number)
    left_by = None
    if before is not None and before.reclaimed_on is None:
        after = before.changed(terms, change)
    else:
        _check_rested(before, shanghai_day(now))
        code = contract.access_code.code
        flow = Flow(FlowState.OPEN, change)
        new = Port(number=number, access_code=code, terms=terms, registered=change, flow=flow, change=change)
        after = before.again(new) if before else new
        left_by = _left_by(needs, client, after)
    if after is not before and after.expired(shanghai_day(now)):
        raise rejected(NotAllowed, PORT_EXPIRED)
    return _kept(needs, client, before, after, left_by)


def set_flow(
    needs: Needs, client: str, number: str, state: FlowState, rate_per_s: int | None, *, by: str, why: str
) -> Port:
    """The port lets through what the operator says, within seconds, also of what is queued already.

    Shape: an access code that is not registered is from now on, for every purpose, as it was before.
    Raises: NotFound for any other number that is no port of the client.
    """
    profile, change = show_client(needs, client), Change(by, needs.clock.now(), why)
    flow, before = Flow(state, change, rate_per_s), profile.ports.get(number)
    if profile.port(number) is None and _is_bare(profile, number, change.at):
        new = Port(
            number=number, access_code=number, terms=Terms(None), registered=change, flow=flow, change=change
        )
        return _kept(needs, client, before, before.again(new) if before else new)
    port = _port_now(profile, number)
    after = _kept(needs, client, port, port.with_flow(flow))
    if after is port and not after.closed:
        # Whoever says it again may have died before he told those who wait.
        needs.release_queue.put_port(client, number)
    return after


def reclaim_port(needs: Needs, client: str, number: str, *, by: str, why: str) -> Port:
    """Nothing is sent from the port any more; after its quarantine the number may serve again.

    Raises: Conflict for an access code, which without a registration would serve every purpose.
    """
    profile, now = show_client(needs, client), needs.clock.now()
    port, today = _port_now(profile, number), shanghai_day(now)
    if port.number == port.access_code:
        told = "An access code itself goes back with its contract only: close it, if nothing is to be sent."
        raise Conflict("access_code_stays", told, "2.2.11")
    days = _contract(profile, now).access_code.quarantine_days
    return _kept(needs, client, port, port.reclaimed(today, days, Change(by, now, why)))


def _kept(needs: Needs, client: str, before: Port | None, after: Port, left_by: str | None = None) -> Port:
    if after is not before:
        needs.registry.keep_port(client, after, left_by)
        if before is not None and after.wider_than(before):
            needs.release_queue.put_port(client, after.number)
    return after


def _contract(profile: Profile, now: datetime) -> Contract:
    contract = profile.contract_on(shanghai_day(now))
    if contract is None:
        raise rejected(NotAllowed, CONTRACT_MISSING)
    return contract


def _is_bare(profile: Profile, number: str, now: datetime) -> bool:
    contract = profile.contract_on(shanghai_day(now))
    return contract is not None and contract.access_code.code == number


def _port_now(profile: Profile, number: str) -> Port:
    port = profile.port(number)
    if port is None:
        raise rejected(NotFound, PORT_UNKNOWN)
    return port


def _check_rested(before: Port | None, today: date) -> None:
    """Raises: Conflict for a number that rests, as replies to what it sent still come."""
    if before is not None and before.free_on is not None and today < before.free_on:
        raise Conflict("port_resting", f"The number is in quarantine until {before.free_on}.", "2.2.11")


def _check_covered(terms: Terms, contract: Contract, profile: Profile) -> None:
    if terms.category not in contract.categories:
        raise rejected(NotAllowed, CATEGORY_NOT_ALLOWED)
    in_use = {text for text, entry in profile.signatures.items() if entry.in_use} | {contract.signature}
    if not in_use.issuperset(terms.signatures):
        raise rejected(NotAllowed, SIGNATURE_UNKNOWN)


def _left_by(needs: Needs, client: str, port: Port) -> str | None:
    """Which client left the number behind when its access code became this client's, if any did.

    Raises: Conflict if the number, or a shorter one inside it, leads elsewhere: replies would be shared.
    """
    left_by = None
    for digits in range(len(port.access_code) + 1, len(port.number) + 1):
        number = port.number[:digits]
        holder = needs.registry.holder_of(number)
        if holder is None or (holder.client == client and holder.contract is None):
            continue
        theirs = needs.registry.profile(holder.client, fresh=True)
        left = theirs.ports.get(number) if theirs else None
        if holder.contract is not None or left is None or left.access_code != port.access_code:
            raise Conflict("port_taken", "This number is, or extends, another one that is in use.", "2.1.7")
        left_by = holder.client if number == port.number else None
    return left_by
