"""The registry and the lists in memory."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from openmas.domain.activation import Activation, Holder
from openmas.domain.calendar import shanghai_day
from openmas.domain.client_document import ClientDocument
from openmas.domain.complaints import Complaint
from openmas.domain.contract import Contract
from openmas.domain.measures import Measure
from openmas.domain.port import Port
from openmas.domain.profile import ApiKey, Client, Profile
from openmas.domain.signing import Signature
from openmas.domain.template import Template
from openmas.errors import Conflict, Unavailable
from openmas.needs import Clock
from tests.fakes import sample


@dataclass(frozen=True)
class Still:
    """A clock that stands at the samples' own time."""

    def now(self) -> datetime:
        return sample.NOW


@dataclass
class FakeRegistry:
    """Shape: records, ports, signatures in all versions; `ports`: whose a number is, `free_on` until when;
    `given`: how many codes were given out.
    """

    clock: Clock = field(default_factory=Still)
    kept: dict[str, Client] = field(default_factory=dict)
    records: dict[str, list[Client]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[str, dict[str, ApiKey]] = field(default_factory=lambda: defaultdict(dict))
    contracts: dict[str, dict[tuple[str, int], Contract]] = field(default_factory=lambda: defaultdict(dict))
    templates: dict[str, dict[tuple[str, int], Template]] = field(default_factory=lambda: defaultdict(dict))
    activations: dict[str, dict[tuple[str, int], Activation]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    documents: dict[str, list[ClientDocument]] = field(default_factory=lambda: defaultdict(list))
    ports: dict[str, Holder] = field(default_factory=dict)
    given: int = 0
    measures: dict[str, dict[str, Measure]] = field(default_factory=lambda: defaultdict(dict))
    free_on: dict[str, date] = field(default_factory=dict)
    senders: dict[str, dict[str, list[Port]]] = field(default_factory=lambda: defaultdict(dict))
    signatures: dict[str, dict[str, list[Signature]]] = field(default_factory=lambda: defaultdict(dict))

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        if client not in self.kept:
            return None
        templates: dict[str, tuple[Template, ...]] = {}
        for (name, _), template in sorted(self.templates.get(client, {}).items(), key=lambda each: each[0]):
            templates[name] = (*templates.get(name, ()), template)
        activations = self.activations.get(client, {})
        versions = sorted(self.contracts.get(client, {}).items(), key=lambda each: each[0])
        return Profile(
            client=self.kept[client],
            keys=dict(self.keys.get(client, {})),
            contracts=tuple(contract for version, contract in versions if version in activations),
            drafts=tuple(contract for version, contract in versions if version not in activations),
            activations=dict(activations),
            documents=tuple(
                sorted(self.documents.get(client, []), key=lambda each: (each.kind, each.filed.at))
            ),
            templates=templates,
            measures=tuple(measure for _, measure in sorted(self.measures.get(client, {}).items())),
            ports={number: versions[-1] for number, versions in sorted(self.senders.get(client, {}).items())},
            signatures={
                text: versions[-1] for text, versions in sorted(self.signatures.get(client, {}).items())
            },
        )

    def client_of_port(self, access_code: str) -> str | None:
        holder = self.ports.get(access_code)
        return holder.client if holder else None

    def holder_of(self, access_code: str) -> Holder | None:
        holder = self.ports.get(access_code)
        return replace(holder, free_on=self.free_on.get(access_code)) if holder else None

    def codes_within(self, code: str) -> Sequence[str]:
        held = (each for each, holder in self.ports.items() if holder.contract is not None)
        return sorted(each for each in held if each.startswith(code))

    def clients(self) -> Sequence[str]:
        return sorted(self.kept)

    def keep_client(self, client: Client) -> None:
        versions = self.records[client.id]
        if client.version != len(versions) + 1:
            raise Conflict("client_moved_on", "The client's record was changed by another in the meantime.")
        versions.append(client)
        self.kept[client.id] = client

    def client_versions(self, client: str) -> Sequence[Client]:
        return list(self.records.get(client, ()))

    def keep_key(self, client: str, key: ApiKey) -> None:
        self.keys[client][key.sha256] = key

    def drop_key(self, client: str, sha256: str) -> None:
        self.keys[client].pop(sha256, None)

    def keep_contract(self, client: str, contract: Contract) -> None:
        version = (contract.number, contract.version)
        if self.contracts[client].get(version, contract) != contract:
            raise Conflict("contract_version_stored", "This version is stored with other content.")
        self.contracts[client][version] = contract

    def keep_document(self, client: str, document: ClientDocument) -> None:
        self.documents[client].append(document)

    def withdraw_document(self, client: str, document: ClientDocument) -> ClientDocument:
        filed = self.documents[client]
        place = next(n for n, each in enumerate(filed) if each.id == document.id)
        if filed[place].withdrawn is None:
            filed[place] = document
        return filed[place]

    def activate(
        self,
        client: str,
        activation: Activation,
        code: str,
        seen: Holder | None,
        before: int,
        given: int | None = None,
    ) -> None:
        version = (activation.contract, activation.version)
        if version in self.activations[client]:
            raise Conflict("contract_activated", "This version is in force already.")
        if sum(number == activation.contract for number, _ in self.activations[client]) != before:
            raise Conflict("contract_moved_on", "Another version was activated meanwhile: look at it first.")
        if self.holder_of(code) != seen:
            raise Conflict("access_code_taken", "The access code has changed hands since it was looked at.")
        if given not in (None, self.given):
            raise Unavailable("codes_contended", "Another access code was given out in this instant.")
        self.given += given is not None
        self.ports[code] = Holder(client, *version)
        self.free_on.pop(code, None)
        self.activations[client][version] = activation

    def codes_given(self) -> int:
        return self.given

    def keep_template(self, client: str, template: Template, before: Template | None = None) -> None:
        stored = self.templates[client].get((template.id, template.version))
        if stored not in (before, template):
            raise Conflict("template_version_stored", "This version is stored with other content.")
        self.templates[client][template.id, template.version] = template

    def keep_measure(self, client: str, measure: Measure, before: Measure | None = None) -> None:
        stored = self.measures[client].get(measure.id)
        if stored not in (before, measure):
            raise Conflict("stored_otherwise", "What is stored has changed in the meantime.")
        self.measures[client][measure.id] = measure

    def keep_port(self, client: str, port: Port, left_by: str | None = None) -> None:
        versions = self.senders[client].get(port.number, [])
        own = port.number != port.access_code
        if own and not self._may_have(port.number, client, left_by):
            raise Conflict("port_taken", "This number is another client's, or in quarantine after it.")
        if port.version != len(versions) + 1:
            raise Conflict("port_moved_on", "The port was changed by another in the meantime.")
        if own:
            self._own(port.number, client, port.free_on)
        self.senders[client][port.number] = [*versions, port]

    def port_versions(self, client: str, number: str) -> Sequence[Port]:
        return list(self.senders[client].get(number, ()))

    def keep_signature(self, client: str, signature: Signature) -> None:
        versions = self.signatures[client].get(signature.text, [])
        if signature.version != len(versions) + 1:
            raise Conflict("signature_moved_on", "The signature was changed by another in the meantime.")
        self.signatures[client][signature.text] = [*versions, signature]

    def signature_versions(self, client: str, text: str) -> Sequence[Signature]:
        return list(self.signatures[client].get(text, ()))

    def _may_have(self, number: str, client: str, left_by: str | None) -> bool:
        free_on, holder = self.free_on.get(number), self.client_of_port(number)
        if free_on is not None and holder != client:
            return free_on <= shanghai_day(self.clock.now())
        return holder in (None, client, left_by)

    def _own(self, number: str, client: str, free_on: date | None) -> None:
        self.ports[number] = Holder(client)
        self.free_on.pop(number, None)
        if free_on is not None:
            self.free_on[number] = free_on


@dataclass
class FakeComplaints:
    kept: dict[tuple[str, str], Complaint] = field(default_factory=dict)

    def keep(self, complaint: Complaint, before: Complaint | None = None) -> None:
        stored = self.kept.get((complaint.client, complaint.id))
        if stored not in (before, complaint):
            raise Conflict("stored_otherwise", "What is stored has changed in the meantime.")
        self.kept[complaint.client, complaint.id] = complaint

    def find(self, client: str, complaint: str) -> Complaint | None:
        return self.kept.get((client, complaint))

    def since(self, client: str, at: datetime) -> Sequence[Complaint]:
        found = [each for each in self.kept.values() if each.client == client and each.at >= at]
        return sorted(found, key=lambda each: each.id)
