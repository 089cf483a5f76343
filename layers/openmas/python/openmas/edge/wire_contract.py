"""What operators send and get, as JSON: clients, keys, contracts and templates."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from openmas.domain.characters import reads_as_written
from openmas.domain.contract import Contract
from openmas.domain.contract_document import from_document, read
from openmas.domain.contract_warnings import Warning as ContractWarning
from openmas.domain.documents import Document
from openmas.domain.profile import ApiKey, Client, Mode, Profile, Scope
from openmas.edge.problems import fault_document
from openmas.edge.wire import Label, Moment, Why, Wire, day, plain, read_object, to_moment
from openmas.edge.wire_activation import documents_document, versions_document
from openmas.edge.wire_sender import Day
from openmas.edge.wire_template import template_document
from openmas.errors import Fault, InvalidInput, LimitExceeded

ADDRESSES_MAX = 50
CONTRACT_BYTES_MAX = 50_000


def _range(written: str) -> str:
    """A host without a mask is a range of one; host bits beside a mask are a slip."""
    ip_network(written)
    return written


Range = Annotated[str, AfterValidator(_range)]


def _name(written: str) -> str:
    if not reads_as_written(written):
        raise ValueError("a name without unseen characters, its letters and digits in their plain form")
    return written


class ClientBody(Wire):
    """PUT /v1/operator/clients/{client}."""

    full_name: Annotated[Label, AfterValidator(_name)]
    # No default: whoever corrects a name must not lift a suspension by the way, nor approve a stopped text.
    suspended: bool
    effective_on: Day | None = None
    notice_given_on: Day | None = None
    why: Why

    def client(self, name: str) -> Client:
        effective_on, told_on = (
            day(each) if each else None for each in (self.effective_on, self.notice_given_on)
        )
        return Client(name, self.full_name, self.suspended, effective_on, told_on)


class KeyBody(Wire):
    """POST /v1/operator/clients/{client}/keys."""

    mode: Literal["live", "test"]
    scopes: Annotated[list[Literal["send", "read", "lists", "registry"]], Field(min_length=1, max_length=4)]
    addresses: Annotated[list[Range], Field(max_length=ADDRESSES_MAX)] = Field(default_factory=list)
    expires_at: Moment | None = None
    label: Label | None = None

    def wanted(self) -> ApiKey:
        """The key that is asked for, before it has a text."""
        return ApiKey(
            sha256="",
            mode=Mode(self.mode),
            scopes=frozenset(map(Scope, self.scopes)),
            addresses=tuple(self.addresses),
            expires_at=to_moment(self.expires_at) if self.expires_at else None,
            label=self.label or "",
        )


def read_contract(body: bytes) -> Contract:
    """The contract that a body writes down; the domain itself reads it, as strictly as any model."""
    return from_document(_document(body))


def kept_document(contract: Contract, odd: Sequence[ContractWarning]) -> dict[str, object]:
    """What is told of a contract version that is now kept."""
    return {"contract": contract.number, "version": contract.version, "warnings": plain(odd)}


def read_to_its_end(body: bytes) -> tuple[Contract | None, tuple[Fault, ...]]:
    """What can be read of a contract, and every fault of its document; None where it is none."""
    try:
        return read(_document(body))
    except InvalidInput as error:
        return None, error.faults


def checked_document(
    problems: Iterable[Fault], odd: Iterable[ContractWarning] = (), missing: Iterable[Fault] = ()
) -> dict[str, object]:
    """What would keep a contract from being kept, what is odd about it, and what it lacks to be activated."""
    return {
        "problems": list(map(fault_document, problems)),
        "warnings": plain(tuple(odd)),
        "missing": list(map(fault_document, missing)),
    }


def _document(body: bytes) -> Document:
    """A contract is a few thousand characters: what is told of its faults must fit into an answer."""
    if len(body) > CONTRACT_BYTES_MAX:
        raise LimitExceeded("body_too_large", f"A contract has at most {CONTRACT_BYTES_MAX:,} bytes.")
    return read_object(body)


def key_document(key: ApiKey) -> dict[str, object]:
    """What may be told of a key at any time."""
    return {
        "sha256": key.sha256,
        "mode": key.mode,
        "scopes": sorted(key.scopes),
        "addresses": list(key.addresses),
        "expires_at": plain(key.expires_at),
        "label": key.label,
    }


def client_document(client: Client) -> dict[str, object]:
    """One version of a client's record, with who made it, when and why."""
    return {
        "client": client.id,
        "version": client.version,
        "full_name": client.full_name,
        "suspended": client.suspended,
        "effective_on": plain(client.effective_on),
        "notice_given_on": plain(client.notice_given_on),
        "changed": plain(client.change),
    }


def kept_client_document(client: Client, odd: Sequence[ContractWarning]) -> dict[str, object]:
    """What is told of a client's record that is now kept."""
    return {**client_document(client), "warnings": plain(odd)}


def profile_document(profile: Profile, on: date, records: Sequence[Client]) -> Mapping[str, object]:
    """All that is kept of a client on a day, without the texts of its keys, which are kept nowhere."""
    return {
        **client_document(profile.client),
        "history": list(map(client_document, records)),
        "keys": [key_document(key) for key in profile.keys.values()],
        "contracts": versions_document(profile, on),
        **documents_document(profile.documents),
        "templates": [
            template_document(each) for versions in profile.templates.values() for each in versions
        ],
    }
