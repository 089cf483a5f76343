"""Clients with their keys, contracts and templates; a client's partition is read whole and kept for 5 s."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta

from openmas.adapters import items_activation as activations
from openmas.adapters import items_measures as measures
from openmas.adapters import items_registry as items
from openmas.adapters import items_sender
from openmas.adapters.packing import Item, key
from openmas.adapters.table import ABSENT, Table
from openmas.domain.activation import Activation, Holder
from openmas.domain.calendar import shanghai_day
from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import Contract
from openmas.domain.measures import Measure
from openmas.domain.port import Port
from openmas.domain.profile import ApiKey, Client, Profile
from openmas.domain.signing import Signature
from openmas.domain.template import Template
from openmas.errors import Conflict, Unavailable
from openmas.needs import Clock

FRESH = timedelta(seconds=5)
PROFILES_MAX = 256
# Clients' records that were kept before they had versions are the first one.
_VERSION_BEFORE = "version = :before OR (attribute_exists(pk) AND attribute_not_exists(version))"
_BEGINS = "pk = :pk AND begins_with(sk, :of)"


class AwsRegistry:
    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._profiles: OrderedDict[str, tuple[datetime, Profile]] = OrderedDict()

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        now = self._clock.now()
        read_at, profile = self._profiles.get(client, (None, None))
        if not fresh and profile is not None and read_at is not None and now - read_at < FRESH:
            return profile
        profile = items.profile_from(list(self._partition(client)))
        self._forget(client)
        if profile is not None:
            self._profiles[client] = (now, profile)
            if len(self._profiles) > PROFILES_MAX:
                self._profiles.popitem(last=False)
        return profile

    def client_of_port(self, access_code: str) -> str | None:
        item = self._table.get(items_sender.owner_key(access_code))
        return item["client"]["S"] if item else None

    def holder_of(self, access_code: str) -> Holder | None:
        item = self._table.get(items_sender.owner_key(access_code))
        return activations.holder_from(item) if item else None

    def codes_within(self, code: str) -> list[str]:
        found = self._table.query(_BEGINS, {":pk": {"S": activations.CODES}, ":of": {"S": code}})
        return [item["sk"]["S"] for item in found]

    def clients(self) -> list[str]:
        return [item["sk"]["S"] for item in self._partition(items.DIRECTORY)]

    def keep_client(self, client: Client) -> None:
        self._forget(client.id)
        puts = _next_version(client.id, items.client_item(client), client.version)
        if self._table.transact([*puts, {"Item": key(items.DIRECTORY, client.id)}]):
            raise Conflict("client_moved_on", "The client's record was changed by another in the meantime.")

    def client_versions(self, client: str) -> list[Client]:
        return [items.client_from(item) for item in self._versions(client, "client")]

    def keep_key(self, client: str, key: ApiKey) -> None:
        self._forget(client)
        self._table.put(items.api_key_item(client, key))

    def drop_key(self, client: str, sha256: str) -> None:
        self._forget(client)
        self._table.delete(items.api_key_key(client, sha256))

    def keep_contract(self, client: str, contract: Contract) -> None:
        self._forget(client)
        stored = self._table.put_if(ABSENT, items.contract_item(client, contract))
        if stored is not None and items.contract_from(stored) != contract:
            raise _stored_otherwise("contract_version_stored", "contract")

    def keep_document(self, client: str, document: ClientDocument) -> None:
        self._forget(client)
        self._table.put(activations.client_document_item(client, document))

    def withdraw_document(self, client: str, document: ClientDocument) -> ClientDocument:
        self._forget(client)
        written = activations.client_document_item(client, document)
        stored = self._table.put_if("attribute_exists(pk) AND attribute_not_exists(withdrawn)", written)
        return activations.client_document_from(stored) if stored else document

    def activate(
        self,
        client: str,
        activation: Activation,
        code: str,
        seen: Holder | None,
        before: int,
        given: int | None = None,
    ) -> None:
        self._forget(client)
        holder = Holder(client, activation.contract, activation.version)
        standing = _if_held_so(code, holder, seen)
        new = {"Item": activations.activation_item(client, activation), "ConditionExpression": ABSENT}
        counted = _counted(activations.activated_item(client, activation.contract, before + 1))
        found = {"Item": key(activations.CODES, code)}
        given_out = [] if given is None else [_counted(activations.given_item(given + 1))]
        failed = self._table.transact([new, counted, standing, found, *given_out])
        if 0 in failed:
            raise Conflict("contract_activated", "This version is in force already.")
        if 1 in failed:
            raise Conflict("contract_moved_on", "Another version was activated meanwhile: look at it first.")
        if 2 in failed:
            raise Conflict("access_code_taken", "The access code has changed hands since it was looked at.")
        if failed:
            raise Unavailable("codes_contended", "Another access code was given out in this instant.")

    def codes_given(self) -> int:
        item = self._table.get(activations.given_key())
        return activations.given_from(item) if item else 0

    def keep_template(self, client: str, template: Template, before: Template | None = None) -> None:
        self._forget(client)
        written = items.template_item(client, template)
        if before is None:
            stored = self._table.put_if(ABSENT, written)
        else:
            stored = self._table.put_if(*_unchanged(items.template_item(client, before), written))
        if stored is not None and (not stored or items.template_from(stored) != template):
            raise _stored_otherwise("template_version_stored", "template")

    def keep_measure(self, client: str, measure: Measure, before: Measure | None = None) -> None:
        self._forget(client)
        written = measures.measure_item(client, measure)
        self._table.put_in_place(written, measures.measure_item(client, before) if before else None)

    def keep_port(self, client: str, port: Port, left_by: str | None = None) -> None:
        self._forget(client)
        puts = _next_version(client, items_sender.port_item(client, port), port.version)
        # The access code itself belongs to the client by its contract.
        if port.number != port.access_code:
            puts.append(self._owned(port, client, left_by or client))
        failed = self._table.transact(puts)
        if 2 in failed:
            raise Conflict("port_taken", "This number is another client's, or in quarantine after it.")
        if failed:
            raise Conflict("port_moved_on", "The port was changed by another in the meantime.")

    def port_versions(self, client: str, number: str) -> list[Port]:
        return [items_sender.port_from(item) for item in self._versions(client, f"port#{number}")]

    def keep_signature(self, client: str, signature: Signature) -> None:
        self._forget(client)
        item = items_sender.signature_item(client, signature)
        if self._table.transact(_next_version(client, item, signature.version)):
            raise Conflict("signature_moved_on", "The signature was changed by another in the meantime.")

    def signature_versions(self, client: str, text: str) -> list[Signature]:
        return [items_sender.signature_from(item) for item in self._versions(client, f"signature#{text}")]

    def _versions(self, client: str, of: str) -> Iterator[Item]:
        pk = {"S": items_sender.history_partition(client)}
        return self._table.query(_BEGINS, {":pk": pk, ":of": {"S": f"{of}#v"}})

    def _owned(self, port: Port, client: str, before: str) -> Item:
        """The number is the client's: it was nobody's, or its quarantine is over, or it was left in use."""
        today = shanghai_day(self._clock.now()).isoformat()
        left = "(#client = :before AND attribute_not_exists(free_on))"
        return {
            "Item": items_sender.owner_item(port.number, client, port.free_on),
            "ConditionExpression": f"{ABSENT} OR #client = :client OR {left} OR free_on <= :today",
            "ExpressionAttributeNames": {"#client": "client"},
            "ExpressionAttributeValues": {
                ":client": {"S": client},
                ":before": {"S": before},
                ":today": {"S": today},
            },
        }

    def _partition(self, pk: str) -> list[Item]:
        return list(self._table.query("pk = :pk", {":pk": {"S": pk}}))

    def _forget(self, client: str) -> None:
        self._profiles.pop(client, None)


def _counted(item: Item) -> Item:
    """The next count, if the one before still stands; what was there before it was counted has no item."""
    return {
        "Item": item,
        "ConditionExpression": f"{ABSENT} OR versions = :before",
        "ExpressionAttributeValues": {":before": {"N": str(int(item["versions"]["N"]) - 1)}},
    }


def _next_version(client: str, item: Item, version: int) -> list[Item]:
    """The item over the version before, and the version in the history."""
    put: Item = {"Item": item, "ConditionExpression": ABSENT}
    if version > 1:
        before = {":before": {"N": str(version - 1)}}
        put |= {"ConditionExpression": _VERSION_BEFORE, "ExpressionAttributeValues": before}
    return [put, {"Item": items_sender.versioned(client, item)}]


def _if_held_so(code: str, holder: Holder, seen: Holder | None) -> Item:
    """The access code's item, written only where nothing has happened to it since it was seen."""
    put: Item = {"Item": activations.holder_item(code, holder)}
    if seen is None:
        return {**put, "ConditionExpression": ABSENT}
    was = activations.holder_item(code, seen)
    names = ("client", "contract", "version", "free_on")
    return {
        **put,
        "ConditionExpression": " AND ".join(
            f"#{name} = :{name}" if name in was else f"attribute_not_exists(#{name})" for name in names
        ),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": {f":{name}": was[name] for name in names if name in was},
    }


def _unchanged(before: Item, written: Item) -> tuple[str, Item, Item | None]:
    """Nobody has decided anything since: each decision has a time of its own."""
    if "changed_at" not in before:
        return "attribute_exists(pk) AND attribute_not_exists(changed_at)", written, None
    return "changed_at = :before", written, {":before": before["changed_at"]}


def _stored_otherwise(code: str, what: str) -> Conflict:
    return Conflict(
        code, f"This version of the {what} is stored with other content; give the change a new version."
    )
