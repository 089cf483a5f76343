"""Put contracts into force: documents are filed, and a version that lacks nothing is activated."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from openmas.domain.activation import Activation, Holder
from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import SANDBOX
from openmas.domain.change import Change
from openmas.domain.client_document import CLAUSES, ClientDocument, on_file
from openmas.domain.contract import Contract
from openmas.domain.contract_warnings import Warning as ContractWarning
from openmas.domain.contract_warnings import warnings
from openmas.domain.lifecycle import Life, code_free_on, life
from openmas.domain.profile import Profile
from openmas.domain.readiness import obstacles
from openmas.errors import Conflict, Fault, InvalidInput, NotFound, Unavailable
from openmas.flows.keep_contracts import odd_about, show_client, version_gap
from openmas.needs import Carriers, Clock, Registry

# The shortest access code that a contract may have.
DIGITS_MIN = 3


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...


class CheckNeeds(Needs, Protocol):
    @property
    def carriers(self) -> Carriers: ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """Where a contract version stands today, what keeps it from its force, and what is odd about it."""

    contract: Contract
    life: Life
    activation: Activation | None
    missing: tuple[Fault, ...]
    odd: tuple[ContractWarning, ...]


@dataclass(frozen=True, slots=True)
class ContractCheck:
    """What keeping a contract would object to, what is odd about it, and what activating it would miss."""

    problems: tuple[Fault, ...]
    odd: tuple[ContractWarning, ...]
    missing: tuple[Fault, ...] = ()


def check_contract(
    needs: CheckNeeds, contract: Contract, faults: tuple[Fault, ...], client: str | None
) -> ContractCheck:
    """All that would be said of the contract if it were kept and activated; nothing is kept.

    Shape: `faults` are those of its document, and nothing is said of what rests on a member at fault. Without
    a client it is the one that holds the access code under this contract's number, if there is one.
    Raises: NotFound if there is no such client.
    """
    unread = {fault.pointer.split("/")[1] for fault in faults}
    carrier = () if "carrier" in unread else tuple(_carrier(needs, contract.carrier))
    client = client or _client_of(needs, contract, unread)
    if client is None or unread & {"number", "version", "effective_on"}:
        return ContractCheck(faults, (*warnings(contract, unread=unread), *carrier))
    profile = show_client(needs, client)
    gap = version_gap(contract, profile)
    odd = (*odd_about(needs, profile, contract, unread), *carrier)
    faults = (*faults, gap) if gap else faults
    if unread:
        return ContractCheck(faults, odd)
    key = (contract.number, contract.version)
    stored = [each for each in (*profile.contracts, *profile.drafts) if (each.number, each.version) == key]
    if stored and stored != [contract]:
        said = "This version is stored with other content; give the change a new version."
        faults = (*faults, Fault("/version", said, "10"))
    missing = () if key in profile.activations else tuple(_missing(needs, profile, contract, None))
    return ContractCheck(faults, odd, missing)


def file_document(needs: Needs, client: str, document: ClientDocument) -> ClientDocument:
    """The newest document of its kind says what this one says: the one that did already, or this one.

    Raises: InvalidInput for one that is over already: it would count, and what waits would be refused.
    """
    newest = on_file(show_client(needs, client).documents).get(document.kind)
    if newest is not None and newest.says_the_same(document):
        return newest
    last_on, clause = document.valid_until, CLAUSES[document.kind]
    if last_on is not None and last_on < shanghai_day(needs.clock.now()):
        fault = Fault("/valid_until", f"Its last day was {last_on}.", clause)
        raise InvalidInput("document_over", "A document that is over proves nothing.", clause, (fault,))
    needs.registry.keep_document(client, document)
    return document


def withdraw_document(needs: Needs, client: str, document: str, by: str, why: str) -> ClientDocument:
    """The document counts no more, and stays on record with the reason; the first word on it stands.

    Raises: NotFound if the client has filed no such document.
    """
    for filed in show_client(needs, client).documents:
        if filed.id == document:
            withdrawn = replace(filed, withdrawn=Change(by, needs.clock.now(), why))
            return filed if filed.withdrawn else needs.registry.withdraw_document(client, withdrawn)
    raise NotFound("document_unknown", "The client has filed no document of this name.")


def show_contract(needs: Needs, client: str, number: str, version: int) -> Readiness:
    """Where the version stands, and what is missing if it were to be activated now.

    Raises: NotFound if the client has no such version.
    """
    profile = show_client(needs, client)
    contract, today = _version(profile, number, version), shanghai_day(needs.clock.now())
    activation = profile.activations.get((number, version))
    missing = () if activation else tuple(_missing(needs, profile, contract, None))
    lived = life(contract, profile.contracts, today, profile.stopped)
    return Readiness(contract, lived, activation, missing, odd_about(needs, profile, contract))


def activate(
    needs: Needs, client: str, number: str, version: int, by: str, signature_passed_because: str | None
) -> Activation:
    """The version is in force from its effective day on; activating it again changes nothing.

    Raises: NotFound if the client has no such version; Conflict that lists everything that is missing;
    Unavailable if a code that may begin with this one, or this with it, was given out in this instant.
    """
    profile = show_client(needs, client)
    contract = _version(profile, number, version)
    if (number, version) in profile.activations:
        return profile.activations[number, version]
    # Seen before it is judged: whatever happens to the code from here on is noticed by the last write.
    code, given = contract.access_code.code, needs.registry.codes_given()
    seen, held = needs.registry.holder_of(code), _holds(needs, profile, code, shanghai_day(needs.clock.now()))
    missing = tuple(_missing(needs, profile, contract, signature_passed_because))
    if missing:
        raise Conflict(
            "contract_not_ready", "The contract lacks what it needs to come into force.", faults=missing
        )
    activation = Activation(
        contract=number,
        version=version,
        by=by,
        at=needs.clock.now(),
        signature_passed_because=signature_passed_because,
    )
    before = profile.activated(number)
    needs.registry.activate(client, activation, code, seen, before, None if held else given)
    return activation


def _carrier(needs: CheckNeeds, name: str) -> Iterator[ContractWarning]:
    """What keeps messages from being offered to the carrier now; the sandbox is always there."""
    try:
        if name != SANDBOX:
            needs.carriers.named(name)
    except Unavailable as error:
        if error.code not in {"carrier_unknown", "carrier_unusable"}:
            raise
        yield ContractWarning("/carrier", "2.2.1", f"{error.detail} Until it is set up, all messages wait.")


def _client_of(needs: Needs, contract: Contract, unread: Collection[str]) -> str | None:
    """The client under whose version of this contract the access code is held."""
    holder = None if "access_code" in unread else needs.registry.holder_of(contract.access_code.code)
    return holder.client if holder and holder.contract == contract.number else None


def _version(profile: Profile, number: str, version: int) -> Contract:
    for each in (*profile.contracts, *profile.drafts):
        if (each.number, each.version) == (number, version):
            return each
    raise NotFound("contract_unknown", "The client has no such version of a contract.")


def _missing(
    needs: Needs, profile: Profile, contract: Contract, signature_passed_because: str | None
) -> Iterator[Fault]:
    yield from obstacles(contract, profile, signature_passed_because, shanghai_day(needs.clock.now()))
    code, client, today = contract.access_code.code, profile.client.id, shanghai_day(needs.clock.now())
    if _holds(needs, profile, code, today):
        return
    # A code that begins with another client's would share that client's replies, and so would a shorter one.
    shorter = [code[:digits] for digits in range(DIGITS_MIN, len(code) + 1)]
    for number in dict.fromkeys((*shorter, *needs.registry.codes_within(code))):
        holder = needs.registry.holder_of(number)
        if holder is not None and holder.client != client:
            yield from _code_of_another(needs, number, holder)


def _holds(needs: Needs, profile: Profile, code: str, today: date) -> bool:
    """Whether the access code is the client's already, and nobody may have been given one beside it."""
    holder, free_on = needs.registry.holder_of(code), code_free_on(profile.contracts, code, today)
    theirs = holder is not None and holder.client == profile.client.id and holder.contract is not None
    return theirs and (free_on is None or free_on > today)


def _code_of_another(needs: Needs, code: str, seen: Holder) -> Iterator[Fault]:
    """A code goes from one client to the next only when its quarantine is over (2.2.11)."""
    today, other = shanghai_day(needs.clock.now()), needs.registry.profile(seen.client, fresh=True)
    free_on = seen.free_on or (code_free_on(other.contracts, code, today) if other else None)
    if free_on is None:
        yield Fault("/access_code/code", f"{code} belongs to another client.", "2.1.7")
    elif free_on > today:
        yield Fault("/access_code/code", f"{code} rests until {free_on}.", "2.2.11")
