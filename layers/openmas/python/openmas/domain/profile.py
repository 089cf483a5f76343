"""Everything the platform knows of a client before it reads a message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_network
from itertools import chain

from openmas.domain.activation import Activation
from openmas.domain.addresses import plain_range, read_address
from openmas.domain.change import Change
from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import Category, Contract, contract_in_force
from openmas.domain.measures import Measure
from openmas.domain.port import Port
from openmas.domain.signing import Signature
from openmas.domain.template import Template, in_use, stopped
from openmas.domain.term import TermPhase, term_state


class Mode(StrEnum):
    LIVE = "live"
    TEST = "test"


class Scope(StrEnum):
    SEND = "send"
    READ = "read"
    LISTS = "lists"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Client:
    """One version of a client organisation's (甲方) record (2.1.15); a suspended one sends nothing.

    Shape: it holds from the moment of its `change`, None where it was kept before changes were said. The
    organisation itself is so from `effective_on` on, and told of it on `notice_given_on`.
    """

    id: str
    full_name: str
    suspended: bool = False
    effective_on: date | None = None
    notice_given_on: date | None = None
    change: Change | None = None
    version: int = 1

    def says(self, wanted: "Client") -> bool:
        """Whether this is registered already; a day that is not named anew stays as it is."""
        return (self.full_name, self.suspended) == (wanted.full_name, wanted.suspended) and all(
            day in (None, known)
            for day, known in (
                (wanted.effective_on, self.effective_on),
                (wanted.notice_given_on, self.notice_given_on),
            )
        )


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a client's key may do; the key itself is stored nowhere.

    Shape: `sha256` of the whole key in hex; `addresses` are CIDR ranges, none meaning any address.
    """

    sha256: str
    mode: Mode
    scopes: frozenset[Scope]
    addresses: tuple[str, ...] = ()
    expires_at: datetime | None = None
    label: str = ""

    def opens_from(self, address: str, now: datetime) -> bool:
        """Whether the key is good at this time and from this address."""
        if self.expires_at is not None and self.expires_at <= now:
            return False
        seen = read_address(address)
        return not self.addresses or (
            seen is not None and any(seen in plain_range(ip_network(each)) for each in self.addresses)
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """One client: keys, contracts, documents, templates, ports, signatures, and the measures against it.

    Shape: `keys` by sha256; `contracts` are the activated versions, by number and version as `activations`
    are; `drafts` are shown and never used; `documents` by kind in the order of filing; `templates` by id, the
    versions in rising order; lifted measures are among the `measures`; of ports, by their numbers, and of
    signatures, by their texts, the newest version.
    """

    client: Client
    keys: Mapping[str, ApiKey] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()
    drafts: tuple[Contract, ...] = ()
    activations: Mapping[tuple[str, int], Activation] = field(default_factory=dict)
    documents: tuple[ClientDocument, ...] = ()
    templates: Mapping[str, tuple[Template, ...]] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    ports: Mapping[str, Port] = field(default_factory=dict)
    signatures: Mapping[str, Signature] = field(default_factory=dict)

    @property
    def stopped(self) -> frozenset[Category]:
        """The categories that may not be sent now; all of them for a suspended client."""
        if self.client.suspended:
            return frozenset(Category)
        against = (each for each in self.measures if each.in_force and each.template is None)
        return frozenset(chain.from_iterable(each.stops for each in against))

    def contract_on(self, on: date) -> Contract | None:
        """The contract version that rules on a day, its term over or not."""
        return contract_in_force(self.contracts, on)

    def contracts_from(self, on: date) -> tuple[Contract, ...]:
        """The version that rules a day, if one does, and those that begin only later, the next one first."""
        ruling = self.contract_on(on)
        coming = (each for each in self.contracts if each.begins_on > on and each != ruling)
        later = sorted(coming, key=lambda each: (each.begins_on, each.version))
        return (ruling, *later) if ruling else tuple(later)

    def version(self, number: str, version: int) -> Contract | None:
        """An activated version of a contract."""
        named = (each for each in self.contracts if (each.number, each.version) == (number, version))
        return next(named, None)

    def activated(self, number: str) -> int:
        """How many versions of a contract have been activated."""
        return sum(contract == number for contract, _ in self.activations)

    def followed_by(self, contract: Contract) -> Contract | None:
        """The activated version of its contract that this one takes over from; None if it is the first."""
        same = [each for each in self.contracts if each.number == contract.number]
        earlier = [each for each in same if each.version < contract.version]
        return max(earlier, key=lambda each: (each.effective_on, each.version), default=None)

    def beside(self, contract: Contract, on: date) -> Contract | None:
        """The version in force of another contract that runs on this day, or when this one takes effect."""
        on = max(on, contract.effective_on)
        other = contract_in_force([each for each in self.contracts if each.number != contract.number], on)
        runs = other is not None and term_state(other.term, on).state is TermPhase.ACTIVE
        return other if runs else None

    def template(self, name: str) -> Template | None:
        """The version of a template that is in use."""
        return in_use(self.templates.get(name, ()))

    def template_stopped(self, name: str, version: int | None) -> bool:
        """Whether the version of a template by which something was accepted must not be sent any more."""
        return stopped(self.templates.get(name, ()), version)

    def port(self, number: str) -> Port | None:
        """The port as it is registered now; None if it is not, or was reclaimed."""
        port = self.ports.get(number)
        return port if port and port.reclaimed_on is None else None

    def ports_for(self, category: Category) -> tuple[Port, ...]:
        """The ports that serve this purpose, the one that was registered first before all others."""
        serving = [
            port
            for port in self.ports.values()
            if port.terms.category is category and port.reclaimed_on is None
        ]
        return tuple(sorted(serving, key=lambda port: (port.registered.at, port.number)))

    def entries(self, signature: str) -> tuple[Signature, ...]:
        """What is registered of a signature, and of the Chinese one that an English one means the same as."""
        entry = self.signatures.get(signature)
        chinese = self.signatures.get(entry.claim.chinese or "") if entry else None
        return tuple(each for each in (entry, chinese) if each is not None)
