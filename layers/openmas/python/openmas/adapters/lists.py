"""Black, white and opt-out lists: one item a number, a hundred partitions a list, one clock a client."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, islice

from openmas.adapters import items_registry as items
from openmas.adapters.aws import SIDE_BY_SIDE, each
from openmas.adapters.packing import Item
from openmas.adapters.table import KEYS_A_READ, Table, chunks
from openmas.domain.listing import ListEntry, ListKind

# Numbers in one record of a change.
A_RECORD = 100
BUCKETS = tuple(f"{n:02d}" for n in range(100))


class AwsLists:
    """Shape: the clock's item also names the kinds that ever held a number: the others need no look-up."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def clock(self, client: str) -> int:
        item = self._table.get(items.clock_key(client))
        return int(item["clock"]["N"]) if item else 0

    def listed(
        self, client: str, kinds: Collection[ListKind], numbers: Collection[str]
    ) -> Mapping[ListKind, frozenset[str]]:
        found: dict[ListKind, set[str]] = {kind: set() for kind in kinds}
        asked = set(numbers)
        if len(found) * len(asked) > KEYS_A_READ:
            found_on = self._ever_used(client) & set(found)
        else:
            found_on = set(found)
        prefixes = {f"{client}#{kind}": kind for kind in found_on}
        keys = [
            {"pk": {"S": f"{prefix}#{number[-2:]}"}, "sk": {"S": number}}
            for prefix in prefixes
            for number in asked
        ]
        for key in self._table.present(keys):
            found[prefixes[key["pk"]["S"][:-3]]].add(key["sk"]["S"])
        return {kind: frozenset(some) for kind, some in found.items()}

    def keep(self, client: str, kind: ListKind, entries: Sequence[ListEntry]) -> None:
        if not entries:
            return
        newest = {entry.number: entry for entry in entries}
        self._record(client, kind, "added", newest.values())
        self._table.put_all([items.entry_item(client, kind, entry) for entry in newest.values()])
        self._move_clock(client, kind)

    def strike(self, client: str, kind: ListKind, struck: Sequence[ListEntry]) -> None:
        if not struck:
            return
        newest = {entry.number: entry for entry in struck}
        self._record(client, kind, "struck", newest.values())
        self._table.delete_all([items.entry_key(client, kind, number) for number in newest])
        self._move_clock(client, kind)

    def entry(self, client: str, kind: ListKind, number: str) -> ListEntry | None:
        item = self._table.get(items.entry_key(client, kind, number))
        return items.entry_from(item) if item else None

    def page(
        self, client: str, kind: ListKind, after: str | None, limit: int
    ) -> tuple[Sequence[ListEntry], str | None]:
        if after is None and kind not in self._ever_used(client):
            return [], None
        found = list(islice(self._from(client, kind, after, limit + 1), limit + 1))
        entries = [items.entry_from(item) for item in found[:limit]]
        return entries, entries[-1].number if len(found) > limit else None

    def _from(self, client: str, kind: ListKind, after: str | None, count: int) -> Iterator[Item]:
        """The entries after a number, partition by partition, some partitions at a time."""
        start = BUCKETS.index(after[-2:]) if after else 0
        read = partial(self._bucket, client, kind, after, count)
        for some in chunks(BUCKETS[start:], SIDE_BY_SIDE):
            for entries in each(read, some):
                yield from entries

    def _bucket(self, client: str, kind: ListKind, after: str | None, count: int, digits: str) -> list[Item]:
        pk = {"S": items.bucket(client, kind, digits)}
        if after is not None and after[-2:] == digits:
            return self._table.first(count, "pk = :pk AND sk > :after", {":pk": pk, ":after": {"S": after}})
        return self._table.first(count, "pk = :pk", {":pk": pk})

    def _ever_used(self, client: str) -> set[ListKind]:
        item = self._table.get(items.clock_key(client))
        return {ListKind(kind) for kind in item["kinds"]["SS"]} if item else set()

    def _record(self, client: str, kind: ListKind, what: str, entries: Iterable[ListEntry]) -> None:
        """Before the change: none is then without a record, though perhaps a record tells of an attempt."""
        told = groupby(entries, key=lambda entry: (entry.at, entry.by, entry.why))
        self._table.put_all(
            items.change_item(client, kind, what, some)
            for _, same in told
            for some in chunks(list(same), A_RECORD)
        )

    def _move_clock(self, client: str, kind: ListKind) -> None:
        """After the change, before its acknowledgement: whoever reads the old clock may have missed it."""
        self._table.add(items.clock_key(client), {"clock": {"N": "1"}, "kinds": {"SS": [kind]}})
