"""The black list of addresses in DynamoDB: one item, read once in 5 s however many requests come."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from openmas.adapters import items_addresses as items
from openmas.adapters.table import ABSENT, Table
from openmas.domain.addresses import AddressChange, AddressList
from openmas.errors import Conflict
from openmas.needs import Clock

FRESH = timedelta(seconds=5)


class AwsAddresses:
    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._list = AddressList()
        self._read_at: datetime | None = None

    def current(self) -> AddressList:
        now = self._clock.now()
        if self._read_at is None or now - self._read_at >= FRESH:
            self._list, self._read_at = self._read(self._list), now
        return self._list

    def newest(self) -> AddressList:
        return self._read()

    def keep(self, listed: AddressList, change: AddressChange) -> None:
        before = {":before": {"N": str(listed.version - 1)}}
        condition = {"ConditionExpression": "version = :before", "ExpressionAttributeValues": before}
        first = {"ConditionExpression": ABSENT}
        put = {"Item": items.list_item(listed), **(condition if listed.version > 1 else first)}
        if self._table.transact([put, {"Item": items.change_item(change)}]):
            raise Conflict("addresses_moved_on", "Somebody else changed the list meanwhile: look first.")
        self._read_at = None

    def changes(self, after: str | None, limit: int) -> tuple[Sequence[AddressChange], str | None]:
        last = items.change_key(int(after) - 1 if after else 10**8 - 1)
        values = {":pk": last["pk"], ":first": items.change_key(0)["sk"], ":last": last["sk"]}
        condition = "pk = :pk AND sk BETWEEN :first AND :last"
        found = self._table.first(limit + 1, condition, values, ScanIndexForward=False)
        told = list(map(items.change_from, found[:limit]))
        return told, str(told[-1].version) if len(found) > limit else None

    def _read(self, known: AddressList | None = None) -> AddressList:
        """The list as it stands; the known one itself where nothing has changed."""
        place = items.list_key()
        # A query, as every function that knows clients by their keys may query the registry.
        found = self._table.first(1, "pk = :pk AND sk = :sk", {":pk": place["pk"], ":sk": place["sk"]})
        if not found:
            return AddressList()
        if known is not None and str(known.version) == found[0]["version"]["N"]:
            return known
        return items.list_from(found[0])
