"""One DynamoDB table with the few operations that the adapters use, on items in DynamoDB's own form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from openmas.adapters.aws import each, our_errors, translated, until_done
from openmas.errors import Conflict

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
Key = dict[str, Any]

KEYS_A_READ = 100
WRITES_A_CALL = 25
ABSENT = "attribute_not_exists(pk)"


def chunks(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The things in parts of one size, the last one perhaps smaller."""
    return (things[start : start + size] for start in range(0, len(things), size))


class Table:
    """A table whose key is `pk` and `sk`; every read but that of an index is consistent."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: Key) -> Item | None:
        with our_errors():
            answer = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return dict(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item) -> None:
        with our_errors():
            self._client.put_item(TableName=self._name, Item=item)

    def put_if(self, condition: str, item: Item, values: Item | None = None) -> Item | None:
        """The item is stored and None returned; or the condition failed, and what stands there is returned.

        Shape: nothing standing there is an empty item.
        """
        more: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        with our_errors():
            try:
                self._client.put_item(
                    TableName=self._name,
                    Item=item,
                    ConditionExpression=condition,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **more,
                )
            except self._client.exceptions.ConditionalCheckFailedException as failed:
                stored: Any = failed.response.get("Item", {})
                return dict(stored)
        return None

    def put_each_if(self, puts: Sequence[tuple[str, Item, Item | None]]) -> list[Item | None]:
        """For each put by itself what `put_if` returns, several at a time."""
        return each(lambda put: self.put_if(*put), puts)

    def put_in_place(self, item: Item, before: Item | None) -> None:
        """The item's document stands in place of the one before; a new one that stands already is left.

        Raises: Conflict if something else stands there.
        """
        written = item["document"]
        if before is None:
            stored = self.put_if(ABSENT, item)
        else:
            stored = self.put_if("document = :before", item, {":before": before["document"]})
        # A write whose answer was lost is made again by the library and then meets itself.
        if stored is not None and stored.get("document") != written:
            raise Conflict("stored_otherwise", "What is stored has changed in the meantime.")

    def add(self, key: Key, amounts: Item) -> None:
        """Numbers have grown by, sets have taken in, what is given for them."""
        names = {f"#{n}": name for n, name in enumerate(amounts)}
        values = {f":{n}": value for n, value in enumerate(amounts.values())}
        with our_errors():
            self._client.update_item(
                TableName=self._name,
                Key=key,
                UpdateExpression="ADD " + ", ".join(f"#{n} :{n}" for n in range(len(amounts))),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )

    def update_if(
        self, condition: str | None, key: Key, update: str, names: Mapping[str, str], values: Item
    ) -> tuple[bool, Item]:
        """Whether the change was made, and the item after it; or as it stands, where the condition failed."""
        more: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        if values:
            more["ExpressionAttributeValues"] = values
        with our_errors():
            try:
                done = self._client.update_item(
                    TableName=self._name,
                    Key=key,
                    UpdateExpression=update,
                    ExpressionAttributeNames=names,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **more,
                )
            except self._client.exceptions.ConditionalCheckFailedException as failed:
                stored: Any = failed.response.get("Item", {})
                return False, dict(stored)
        return True, dict(done["Attributes"])

    def delete(self, key: Key) -> None:
        with our_errors():
            self._client.delete_item(TableName=self._name, Key=key)

    def transact(self, puts: Sequence[dict[str, Any]]) -> Collection[int]:
        """All the puts are done; or none, and the places of those whose condition failed are returned."""
        actions: list[Any] = [{"Put": {"TableName": self._name, **put}} for put in puts]
        with our_errors():
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as failed:
                reasons = failed.response.get("CancellationReasons", [])
                places = {n for n, why in enumerate(reasons) if why.get("Code") == "ConditionalCheckFailed"}
                if not places:
                    raise translated(failed) from failed
                return places
        return ()

    def query(self, condition: str, values: Item, **more: object) -> Iterator[Item]:
        """The items of one partition in the order of their keys, read page by page as they are asked for."""
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": "IndexName" not in more,
            **more,
        }
        while True:
            with our_errors():
                page = self._client.query(**request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def first(self, count: int, condition: str, values: Item, **more: object) -> list[Item]:
        """The first few items of a query."""
        return list(islice(self.query(condition, values, Limit=count, **more), count))

    def fetch(self, keys: Sequence[Key], attributes: str = "", reserved: Sequence[str] = ()) -> list[Item]:
        """The items that stand under the keys, of which no two are the same, in no order.

        Shape: `attributes` are those that are wanted, if not all; `#name` in them stands for a reserved one.
        """
        more: dict[str, Any] = {"ProjectionExpression": attributes} if attributes else {}
        if reserved:
            more["ExpressionAttributeNames"] = {f"#{name}": name for name in reserved}
        found: list[Item] = []

        def read(requests: dict[str, Any]) -> dict[str, Any] | None:
            with our_errors():
                answer = self._client.batch_get_item(RequestItems=requests)
            found.extend(answer["Responses"].get(self._name, []))
            return answer.get("UnprocessedKeys")

        requests = [
            {self._name: {"Keys": list(part), "ConsistentRead": True, **more}}
            for part in chunks(keys, KEYS_A_READ)
        ]
        each(lambda request: until_done(read, request), requests)
        return found

    def put_all(self, items: Iterable[Item]) -> None:
        """The items are stored, whatever stood there; no two of them have the same key."""
        self._write_all([{"PutRequest": {"Item": item}} for item in items])

    def delete_all(self, keys: Iterable[Key]) -> None:
        """Nothing stands under the keys, of which no two are the same."""
        self._write_all([{"DeleteRequest": {"Key": key}} for key in keys])

    def _write_all(self, writes: Sequence[dict[str, Any]]) -> None:
        def write(requests: dict[str, Any]) -> dict[str, Any] | None:
            with our_errors():
                answer: dict[str, Any] = dict(self._client.batch_write_item(RequestItems=requests))
            return answer.get("UnprocessedItems")

        parts = [{self._name: list(part)} for part in chunks(writes, WRITES_A_CALL)]
        each(lambda part: until_done(write, part), parts)
