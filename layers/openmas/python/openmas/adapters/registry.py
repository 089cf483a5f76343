"""Clients with their keys, contracts and templates; a client's partition is read whole and kept for 5 s."""

from collections import OrderedDict
from datetime import datetime, timedelta

from openmas.adapters import items_measures as measures
from openmas.adapters import items_registry as items
from openmas.adapters.packing import Item, key
from openmas.adapters.table import ABSENT, Table
from openmas.domain.contract import Contract
from openmas.domain.measures import Measure
from openmas.domain.profile import ApiKey, Client, Profile
from openmas.domain.template import Template
from openmas.errors import Conflict
from openmas.needs import Clock

FRESH = timedelta(seconds=5)
PROFILES_MAX = 256


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
        item = self._table.get(items.port_key(access_code))
        return item["client"]["S"] if item else None

    def clients(self) -> list[str]:
        return [item["sk"]["S"] for item in self._partition(items.DIRECTORY)]

    def keep_client(self, client: Client) -> None:
        self._forget(client.id)
        self._table.transact([{"Item": items.client_item(client)}, {"Item": key(items.DIRECTORY, client.id)}])

    def keep_key(self, client: str, key: ApiKey) -> None:
        self._forget(client)
        self._table.put(items.api_key_item(client, key))

    def drop_key(self, client: str, sha256: str) -> None:
        self._forget(client)
        self._table.delete(items.api_key_key(client, sha256))

    def keep_contract(self, client: str, contract: Contract) -> None:
        self._forget(client)
        version = items.contract_item(client, contract)
        port = items.port_item(contract.access_code.code, client)
        failed = self._table.transact([_unless_other(version, "document"), _unless_other(port, "client")])
        if 0 in failed:
            raise _stored_otherwise("contract_version_stored", "contract")
        if failed:
            raise Conflict("access_code_taken", "This access code belongs to another client.")

    def keep_template(self, client: str, template: Template) -> None:
        self._forget(client)
        stored = self._table.put_if(ABSENT, items.template_item(client, template))
        if stored is not None and items.template_from(stored) != template:
            raise _stored_otherwise("template_version_stored", "template")

    def keep_measure(self, client: str, measure: Measure, before: Measure | None = None) -> None:
        self._forget(client)
        written = measures.measure_item(client, measure)
        self._table.put_in_place(written, measures.measure_item(client, before) if before else None)

    def _partition(self, pk: str) -> list[Item]:
        return list(self._table.query("pk = :pk", {":pk": {"S": pk}}))

    def _forget(self, client: str) -> None:
        self._profiles.pop(client, None)


def _unless_other(item: Item, attribute: str) -> Item:
    return {
        "Item": item,
        "ConditionExpression": f"{ABSENT} OR #same = :same",
        "ExpressionAttributeNames": {"#same": attribute},
        "ExpressionAttributeValues": {":same": item[attribute]},
    }


def _stored_otherwise(code: str, what: str) -> Conflict:
    return Conflict(
        code, f"This version of the {what} is stored with other content; give the change a new version."
    )
