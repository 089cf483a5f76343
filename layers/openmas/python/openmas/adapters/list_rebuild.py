"""A new generation of a list, built beside the one that counts, which then takes over in one write.

Whatever is changed meanwhile is found by the versions of the old buckets, and carried over; the last time
under a seal, when nothing can be acknowledged in the old generation any more. So a change is either in the
new generation, or was never acknowledged, and is then made again in the new one.
"""

from collections.abc import Callable, Iterator, Mapping

from openmas.adapters.buckets import Bucket, Generation, bucket_from, bucket_item, by_label
from openmas.adapters.list_heads import ListHeads, new_id
from openmas.adapters.packing import Item
from openmas.adapters.table import Table
from openmas.domain.loading import Loaded

Merge = Callable[[str, Bucket], Bucket]


class ListRebuild:
    """Builds and hands over."""

    def __init__(self, table: Table, heads: ListHeads) -> None:
        self._table = table
        self._heads = heads

    def run(
        self,
        client: str,
        name: str,
        old: Generation | None,
        digits: int,
        merge: Merge,
        merged_all: Callable[[], Mapping[str, Loaded]] = dict,
    ) -> bool:
        """A generation with what `merge` makes of each bucket counts; or another was quicker.

        Shape: `merge` is given what the list holds of each bucket; `merged_all` says what was loaded.
        """
        new = Generation(new_id(), digits)
        for spare in self._heads.set_aside(client, name, new):
            self.remove(client, name, spare)
        before = self._all(client, name, old)
        after = {}
        for label, bucket in _dealt(before, old, new):
            merged = merge(label, bucket)
            merged.version = 1
            if merged.entries or merged.frozen:
                after[label] = bucket_item(client, name, new, label, merged)
        loads = merged_all()
        self._table.put_all(after.values())
        carry = _Carry(self._table, client, name, new, after)
        before = self._carried_over(carry, old, before)
        token = self._heads.seal(client, name, old)
        if token is None:
            self.remove(client, name, new)
            return False
        self._carried_over(carry, old, before)
        if not self._heads.flip(client, name, token, new, loads):
            self.remove(client, name, new)
            return False
        return True

    def remove(self, client: str, name: str, generation: Generation) -> None:
        """Nothing is left of a generation that nobody reads."""
        self._table.delete_all([generation.key(client, name, label) for label in generation.labels()])

    def _all(self, client: str, name: str, generation: Generation | None) -> dict[str, Item]:
        if generation is None:
            return {}
        keys = [generation.key(client, name, label) for label in generation.labels()]
        return {label_in(item): item for item in self._table.fetch(keys)}

    def _carried_over(
        self, carry: "_Carry", old: Generation | None, before: Mapping[str, Item]
    ) -> dict[str, Item]:
        """What has been changed in the old generation since it was read is changed in the new one, too."""
        if old is None:
            return {}
        keys = [old.key(carry.client, carry.name, label) for label in old.labels()]
        versions = {label_in(item): item["version"] for item in self._table.fetch(keys, "pk, version")}
        moved = [
            label
            for label, version in versions.items()
            if label not in before or before[label]["version"] != version
        ]
        now = self._table.fetch([old.key(carry.client, carry.name, label) for label in moved])
        for item in now:
            label = label_in(item)
            carry.over(bucket_from(before.get(label), old, label), bucket_from(item, old, label))
        carry.write()
        return {**before, **{label_in(item): item for item in now}}


class _Carry:
    """Changes buckets of the new generation."""

    def __init__(
        self, table: Table, client: str, name: str, generation: Generation, items: dict[str, Item]
    ) -> None:
        self.client, self.name = client, name
        self._table = table
        self._generation = generation
        self._items = items
        self._touched: set[str] = set()

    def over(self, before: Bucket, now: Bucket) -> None:
        differs = {
            number
            for number in {*before.entries, *now.entries, *before.frozen, *now.frozen}
            if (before.entries.get(number), before.frozen.get(number))
            != (now.entries.get(number), now.frozen.get(number))
        }
        for label, numbers in by_label(self._generation, differs).items():
            bucket = bucket_from(self._items.get(label), self._generation, label)
            for number in numbers:
                _follow(bucket.entries, before.entries, now.entries, number)
                _follow(bucket.frozen, before.frozen, now.frozen, number)
                if number in now.frozen and number in now.entries:
                    bucket.entries.setdefault(number, now.entries[number])
            bucket.version += 1
            self._items[label] = bucket_item(self.client, self.name, self._generation, label, bucket)
            self._touched.add(label)

    def write(self) -> None:
        self._table.put_all([self._items[label] for label in self._touched])
        self._touched = set()


def _follow(
    kept: dict[str, bytes], before: Mapping[str, bytes], now: Mapping[str, bytes], number: str
) -> None:
    if before.get(number) == now.get(number):
        return
    if number in now:
        kept[number] = now[number]
    else:
        kept.pop(number, None)


def label_in(item: Item) -> str:
    return str(item["pk"]["S"]).rpartition("#")[2]


def _dealt(
    before: Mapping[str, Item], old: Generation | None, new: Generation
) -> Iterator[tuple[str, Bucket]]:
    """What the old buckets hold, by the buckets of the new generation, each of which comes up."""
    if old is None or old.digits > new.digits:
        for label in new.labels():
            yield label, _gathered(before, old, label)
        return
    for parent in old.labels():
        bucket = bucket_from(before.get(parent), old, parent)
        entries, frozen = by_label(new, bucket.entries), by_label(new, bucket.frozen)
        for label in new.labels():
            if label.startswith(parent):
                yield (
                    label,
                    Bucket(
                        {number: bucket.entries[number] for number in entries.get(label, ())},
                        {number: bucket.frozen[number] for number in frozen.get(label, ())},
                    ),
                )


def _gathered(before: Mapping[str, Item], old: Generation | None, label: str) -> Bucket:
    gathered = Bucket()
    if old is not None:
        for child, item in before.items():
            if child.startswith(label):
                bucket = bucket_from(item, old, child)
                gathered.entries |= bucket.entries
                gathered.frozen |= bucket.frozen
    return gathered
