"""Keep a client's ports: registered for one purpose, opened, limited and closed with a reason, reclaimed."""

from collections.abc import Sequence
from datetime import date
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

    Shape: the access code may also be one that a version in force from a later day brings.
    Raises: NotAllowed for what the contract does not cover, or what would have ended already; Conflict if the
    number, or its access code, is another client's or in quarantine, or the port serves another purpose;
    NotFound for a port of an access code that the contract has no more.
    """
    profile, now = show_client(needs, client), needs.clock.now()
    today, change, before = shanghai_day(now), Change(by, now, why), profile.ports.get(number)
    agreed = _agreed(profile, number, today)
    code = agreed[0].access_code.code
    _check_covered(terms, agreed, profile)
    _check_holds(needs, client, code)
    left_by = None
    if before is not None and before.reclaimed_on is None:
        after = before.changed(terms, change)
        if after is not before and before.access_code != code:
            # What still waits on the port was accepted on its old terms, and could not be given them back.
            raise rejected(NotFound, PORT_UNKNOWN)
    else:
        _check_rested(before, today)
        flow = Flow(FlowState.OPEN, change)
        new = Port(number=number, access_code=code, terms=terms, registered=change, flow=flow, change=change)
        after = before.again(new) if before else new
        left_by = _left_by(needs, client, after, today)
    if after is not before and after.expired(today):
        raise rejected(NotAllowed, PORT_EXPIRED)
    return _kept(needs, client, before, after, left_by)


def set_flow(
    needs: Needs, client: str, number: str, state: FlowState, rate_per_s: int | None, *, by: str, why: str
) -> Port:
    """The port lets through what the operator says, within seconds, also of what is queued already.

    Shape: an access code that is not registered is from now on, for every purpose, as it was before; also one
    that the contract of today has no more, as long as the client holds it.
    Raises: NotFound for any other number that is no port of the client.
    """
    profile, change = show_client(needs, client), Change(by, needs.clock.now(), why)
    flow, before = Flow(state, change, rate_per_s), profile.ports.get(number)
    if profile.port(number) is None and _is_bare(profile, number):
        _check_holds(needs, client, number)
        new = Port(
            number=number, access_code=number, terms=Terms(None), registered=change, flow=flow, change=change
        )
        return _kept(needs, client, before, before.again(new) if before else new)
    port = _port_now(profile, number)
    return _kept(needs, client, port, port.with_flow(flow))


def reclaim_port(needs: Needs, client: str, number: str, *, by: str, why: str) -> Port:
    """Nothing is sent from the port any more; after its quarantine the number may serve again.

    Raises: Conflict for an access code, which without a registration would serve every purpose.
    """
    profile, now = show_client(needs, client), needs.clock.now()
    port, today = _port_now(profile, number), shanghai_day(now)
    if port.number == port.access_code:
        told = "An access code itself goes back with its contract only: close it, if nothing is to be sent."
        raise Conflict("access_code_stays", told, "2.2.11")
    days = _agreed(profile, number, today)[0].access_code.quarantine_days
    return _kept(needs, client, port, port.reclaimed(today, days, Change(by, now, why)))


def _kept(needs: Needs, client: str, before: Port | None, after: Port, left_by: str | None = None) -> Port:
    if after is not before:
        needs.registry.keep_port(client, after, left_by)
    # Whoever says it again may have died before he told those who wait.
    if before is not None and (after.wider_than(before) or (after is before and not after.closed)):
        needs.release_queue.put_port(client, after.number)
    return after


def _agreed(profile: Profile, number: str, on: date) -> Sequence[Contract]:
    """The versions, now and to come, under which the number would be a port; today's if it fits none.

    Raises: NotAllowed for a client without any.
    """
    versions = profile.contracts_from(on)
    if not versions:
        raise rejected(NotAllowed, CONTRACT_MISSING)
    fitting = [each for each in versions if number.startswith(each.access_code.code)] or versions[:1]
    return [each for each in fitting if each.access_code.code == fitting[0].access_code.code]


def _is_bare(profile: Profile, number: str) -> bool:
    """Whether it is an access code of any contract: what was accepted with an earlier one still goes out."""
    return any(each.access_code.code == number for each in profile.contracts)


def _port_now(profile: Profile, number: str) -> Port:
    port = profile.port(number)
    if port is None:
        raise rejected(NotFound, PORT_UNKNOWN)
    return port


def _check_holds(needs: Needs, client: str, code: str) -> None:
    """Raises: Conflict for an access code that the client holds no more: what comes to it is another's."""
    holder = needs.registry.holder_of(code)
    if holder is None or holder.client != client or holder.contract is None:
        raise Conflict("port_taken", f"The access code {code} is not this client's any more.", "2.2.11")


def _check_rested(before: Port | None, today: date) -> None:
    """Raises: Conflict for a number that rests, as replies to what it sent still come."""
    if before is not None and before.free_on is not None and today < before.free_on:
        raise _resting(before.number, before.free_on)


def _resting(number: str, free_on: date) -> Conflict:
    return Conflict("port_resting", f"The number {number} is in quarantine until {free_on}.", "2.2.11")


def _check_covered(terms: Terms, agreed: Sequence[Contract], profile: Profile) -> None:
    if not any(terms.category in each.categories for each in agreed):
        raise rejected(NotAllowed, CATEGORY_NOT_ALLOWED)
    in_use = {text for text, entry in profile.signatures.items() if entry.in_use}
    in_use.update(each.signature for each in agreed)
    if not in_use.issuperset(terms.signatures):
        raise rejected(NotAllowed, SIGNATURE_UNKNOWN)


def _left_by(needs: Needs, client: str, port: Port, today: date) -> str | None:
    """Which client left the number behind when its access code became this client's, if any did.

    Raises: Conflict if the number, or a shorter one inside it, leads elsewhere, or rests after another
    client: replies would be shared.
    """
    left_by = None
    for digits in range(len(port.access_code) + 1, len(port.number) + 1):
        number = port.number[:digits]
        holder = needs.registry.holder_of(number)
        if holder is None or (holder.client == client and holder.contract is None):
            continue
        if holder.free_on is not None:
            if holder.free_on > today:
                raise _resting(number, holder.free_on)
            continue
        theirs = needs.registry.profile(holder.client, fresh=True)
        left = theirs.ports.get(number) if theirs else None
        if holder.contract is not None or left is None or left.access_code != port.access_code:
            raise Conflict("port_taken", "This number is, or extends, another one that is in use.", "2.1.7")
        left_by = holder.client if number == port.number else None
    return left_by
