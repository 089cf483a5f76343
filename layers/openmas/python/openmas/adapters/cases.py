"""Cases in DynamoDB: what a person must look at, once each; an index holds the open ones by due time."""

from collections.abc import Iterator, Sequence
from itertools import islice

from openmas.adapters import items_ledger as items
from openmas.adapters.packing import Item
from openmas.adapters.table import ABSENT, Table
from openmas.domain.case import Case, Closing, Look
from openmas.errors import NotFound


class AwsCases:
    """Shape: the index holds keys only, which say the kind, so that going through it is cheap."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def open(self, case: Case) -> None:
        self._table.put_if(ABSENT, items.case_item(case))

    def find(self, client: str, case: str) -> Case | None:
        item = self._table.get(items.ledger_key(client, case))
        return items.case_of(item) if item else None

    def close(self, client: str, case: str, closing: Closing) -> Case:
        known = self.find(client, case)
        if known is None:
            raise NotFound("case_unknown", "There is no case of this name.")
        closed = known.closed(closing)
        if closed is known:
            return known
        stored = self._table.put_if("attribute_not_exists(closed_at)", items.case_item(closed))
        return closed if stored is None else items.case_of(stored).closed(closing)

    def note_look(self, client: str, case: str, look: Look) -> None:
        self._table.put(items.look_item(client, case, look))

    def looks(self, client: str, case: str) -> Sequence[Look]:
        values = {":pk": {"S": client}, ":of": {"S": items.look_prefix(case)}}
        return [
            items.look_of(item) for item in self._table.query("pk = :pk AND begins_with(sk, :of)", values)
        ]

    def page(self, kind: str | None, after: str | None, limit: int) -> tuple[Sequence[Case], str | None]:
        keys = list(islice(self._open(kind, after, limit + 1), limit + 1))
        page = [{"pk": key["pk"], "sk": key["sk"]} for key in keys[:limit]]
        found = {(case.client, case.id): case for case in map(items.case_of, self._table.fetch(page))}
        cases = [found[key["pk"]["S"], key["sk"]["S"]] for key in page]
        # The index may lag behind a closing.
        still_open = [case for case in cases if case.closing is None]
        return still_open, _place(keys[limit - 1]) if len(keys) > limit else None

    def _open(self, kind: str | None, after: str | None, count: int) -> Iterator[Item]:
        more: dict[str, object] = {"ExclusiveStartKey": _key_after(after)} if after else {}
        if kind is None:
            more["Limit"] = count
        state = {"#state": "state"}
        found = self._table.query(
            "#state = :open",
            {":open": {"S": items.OPEN}},
            IndexName="open",
            ExpressionAttributeNames=state,
            **more,
        )
        return (key for key in found if kind is None or key["sk"]["S"].startswith(f"{kind}#"))


def _place(key: Item) -> str:
    return f"{key['due_at']['N']} {key['pk']['S']} {key['sk']['S']}"


def _key_after(place: str) -> Item:
    due_at, client, case = place.split(" ", 2)
    return {"state": {"S": items.OPEN}, "due_at": {"N": due_at}, **items.ledger_key(client, case)}
