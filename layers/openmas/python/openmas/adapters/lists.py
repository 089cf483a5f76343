"""Black, white and opt-out lists: packed buckets under a head that says which of them count."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from openmas.adapters.aws import SIDE_BY_SIDE
from openmas.adapters.buckets import (
    Bucket,
    Generation,
    bucket_from,
    bucket_item,
    by_label,
    digits_for,
    place_of,
)
from openmas.adapters.known_buckets import KnownBuckets, Packed
from openmas.adapters.list_change import BucketOverfull, Merge, changed, check_size
from openmas.adapters.list_heads import Head, ListHeads, Pause, contended, new_id
from openmas.adapters.list_journal import ListJournal, Parts, Told, entries_from, mark_of
from openmas.adapters.list_rebuild import ListRebuild, label_in
from openmas.adapters.packing import Item
from openmas.adapters.table import ABSENT, Table, chunks
from openmas.domain import reasons
from openmas.domain.change import Change
from openmas.domain.listing import (
    Act,
    ListChange,
    ListEntry,
    ListKind,
    ListName,
    list_named,
    may_client_strike,
    newest,
)
from openmas.domain.loading import Loaded, Loading, LoadMode
from openmas.domain.reasons import rejected
from openmas.errors import NotAllowed
from openmas.needs import Clock

TRIES = 20


class AwsLists:
    """Keeps the lists' promises however many change them at once."""

    def __init__(self, table: Table, clock: Clock, pause: Pause = time.sleep) -> None:
        self._table = table
        self._heads = ListHeads(table, clock, pause)
        self._journal = ListJournal(table)
        self._rebuild = ListRebuild(table, self._heads)
        self._known = KnownBuckets(table)

    def clock(self, client: str) -> int:
        return self._heads.read(client).clock

    def frozen(self, client: str) -> Mapping[ListName, Change | None]:
        heads = self._heads.read(client).lists
        return {list_named(written): head.freeze for written, head in heads.items()}

    def listed(
        self, client: str, names: Collection[ListName], numbers: Collection[str]
    ) -> Mapping[ListName, frozenset[str]]:
        heads = self._heads.read(client)
        asked: dict[str, tuple[ListName, Generation, str]] = {}
        parted: dict[int, Mapping[str, list[str]]] = {}
        for name in names:
            generation = _counting(name, heads.of(str(name)))
            if generation is None:
                continue
            if generation.digits not in parted:
                parted[generation.digits] = by_label(generation, set(numbers))
            for label in parted[generation.digits]:
                pk = generation.key(client, str(name), label)["pk"]["S"]
                asked[pk] = (name, generation, label)
        found: dict[ListName, set[str]] = {name: set() for name in names}
        buckets = self._known.read(client, heads, asked)
        for pk, (name, generation, label) in asked.items():
            wanted = parted[generation.digits][label]
            found[name] |= _standing(name, generation, buckets[pk], wanted)
        return {name: frozenset(some) for name, some in found.items()}

    def change(
        self,
        client: str,
        name: ListName,
        act: Act,
        entries: Sequence[ListEntry],
        *,
        by_operator: bool = False,
    ) -> frozenset[str]:
        if not entries:
            return frozenset()
        guarded = act is Act.STRUCK and not by_operator and not may_client_strike(name.kind)
        self._check_freeze(client, name, guarded=guarded)
        marks = self._journal.record(client, name, act, newest(entries).values())
        for _ in range(TRIES):
            head = self._heads.unsealed(client, str(name))
            generation = head.generation or Generation(new_id(), digits_for(len(marks)))
            parted = {
                label: {number: marks[number] for number in mine}
                for label, mine in by_label(generation, marks).items()
            }
            try:
                left = self._apply(client, name, generation, act, parted, guarded)
            except BucketOverfull as full:
                digits = max(digits_for(full.count * 10**generation.digits), generation.digits + 1)
                self._rebuild.run(client, str(name), head.generation, digits, lambda _, bucket: bucket)
                continue
            # All of them: one that already holds the change may hold it from a try that nobody has named.
            if self._heads.acknowledge(client, str(name), head.generation, generation, parted):
                return left
            if head.generation is None:
                self._rebuild.remove(client, str(name), generation)
        raise contended()

    def freeze(self, client: str, name: ListName, change: Change) -> None:
        self._tell_of_all(client, name, Act.FROZEN, change)
        self._heads.freeze(client, str(name), change)

    def thaw(self, client: str, name: ListName, change: Change) -> None:
        self._tell_of_all(client, name, Act.THAWED, change)
        self._heads.freeze(client, str(name), None)

    def load(self, client: str, name: ListName, loading: Loading) -> Loaded:
        guarded = loading.mode is not LoadMode.ADD and not may_client_strike(name.kind)
        self._check_freeze(client, name, guarded=guarded)
        act = Act.STRUCK if loading.mode is LoadMode.REMOVE else Act.ADDED
        mark = mark_of(name, act, loading.entry, loading.id)
        for _ in range(TRIES):
            head = self._heads.unsealed(client, str(name))
            if loading.id in head.loads:
                return head.loads[loading.id]
            digits = _digits_after(head, loading)
            parts = Parts(self._table, Told(client, name, loading.entry, mark))
            merge = Merge(loading, digits, mark, parts, guarded=guarded)
            self._rebuild.run(client, str(name), head.generation, digits, merge, partial(merge.end, act))
        raise contended()

    def entry(self, client: str, name: ListName, number: str) -> ListEntry | None:
        generation = self._heads.read(client).of(str(name)).generation
        if generation is None:
            return None
        label = generation.label(number)
        bucket = bucket_from(self._table.get(generation.key(client, str(name), label)), generation, label)
        if number not in bucket.entries:
            return None
        return next(self._entries(client, name, [(number, bucket.entries[number], number in bucket.frozen)]))

    def page(
        self, client: str, name: ListName, after: str | None, limit: int
    ) -> tuple[Sequence[ListEntry], str | None]:
        generation = self._heads.read(client).of(str(name)).generation
        if generation is None:
            return [], None
        found: list[tuple[str, bytes, bool]] = []
        start = generation.label(after) if after else ""
        labels = [label for label in generation.labels() if label >= start]
        for some in chunks(labels, SIDE_BY_SIDE):
            found += self._in_order(client, name, generation, some, after)
            if len(found) > limit:
                break
        entries = list(self._entries(client, name, found[:limit]))
        return entries, entries[-1].number if len(found) > limit else None

    def changes(
        self, client: str, kind: ListKind, month: str, before: str | None, limit: int
    ) -> tuple[Sequence[ListChange], str | None]:
        return self._journal.newest_first(client, kind, month, before, limit)

    def _apply(
        self,
        client: str,
        name: ListName,
        generation: Generation,
        act: Act,
        parted: Mapping[str, Mapping[str, bytes]],
        guarded: bool,
    ) -> frozenset[str]:
        """The change is made in the buckets; the numbers that stay because they are frozen."""
        keys = [generation.key(client, str(name), label) for label in parted]
        items = {label_in(item): item for item in self._table.fetch(keys)}
        left: set[str] = set()
        todo = list(parted)
        for _ in range(TRIES):
            puts = []
            for label in todo:
                before = bucket_from(items.get(label), generation, label)
                after, spared = changed(before, act, parted[label], guarded=guarded)
                left.update(spared)
                check_size(generation, before, after)
                if not after.holds_as(before):
                    puts.append((label, before.version, after))
            todo = self._put(client, str(name), generation, puts, items)
            if not todo:
                return frozenset(left)
        raise contended()

    def _put(
        self,
        client: str,
        name: str,
        generation: Generation,
        puts: Sequence[tuple[str, int, Bucket]],
        items: dict[str, Item],
    ) -> list[str]:
        """The buckets are stored but for those, with what stands there, that another has changed."""
        wanted = [
            (
                "version = :before" if version else ABSENT,
                bucket_item(client, name, generation, label, bucket),
                {":before": {"N": str(version)}} if version else None,
            )
            for label, version, bucket in puts
        ]
        again = []
        for (label, _, _), standing in zip(puts, self._table.put_each_if(wanted), strict=True):
            if standing is not None:
                items[label] = standing
                again.append(label)
        return again

    def _in_order(
        self, client: str, name: ListName, generation: Generation, labels: Sequence[str], after: str | None
    ) -> list[tuple[str, bytes, bool]]:
        keys = [generation.key(client, str(name), label) for label in labels]
        items = {label_in(item): item for item in self._table.fetch(keys)}
        place = place_of(after) if after else ("", "")
        found = []
        for label in labels:
            bucket = bucket_from(items.get(label), generation, label)
            numbers = [(place_of(number), number) for number in bucket.entries]
            found += [
                (number, bucket.entries[number], number in bucket.frozen)
                for where, number in sorted(numbers)
                if where > place
            ]
        return found

    def _entries(
        self, client: str, name: ListName, numbers: Sequence[tuple[str, bytes, bool]]
    ) -> Iterator[ListEntry]:
        changes = self._journal.heads(client, name.kind, (mark for _, mark, _ in numbers))
        return entries_from(numbers, changes)

    def _tell_of_all(self, client: str, name: ListName, act: Act, change: Change) -> None:
        entry = ListEntry("", change.by, change.at, change.why)
        mark = mark_of(name, act, entry, "the whole list")
        Parts(self._table, Told(client, name, entry, mark)).end(act)

    def _check_freeze(self, client: str, name: ListName, *, guarded: bool) -> None:
        if guarded and self._heads.read(client).of(str(name)).freeze:
            raise rejected(NotAllowed, reasons.LIST_FROZEN)


def _digits_after(head: Head, loading: Loading) -> int:
    """How many digits the list will want; one that is added to keeps at least those it has."""
    if loading.mode is LoadMode.REPLACE or head.generation is None:
        return digits_for(len(loading.numbers))
    if loading.mode is LoadMode.REMOVE:
        return head.generation.digits
    return max(digits_for(len(loading.numbers)), head.generation.digits)


def _counting(name: ListName, head: Head) -> Generation | None:
    """The generation whose numbers count; a white list that is frozen counts for nothing."""
    return None if head.freeze and name.kind is ListKind.WHITE else head.generation


def _standing(name: ListName, generation: Generation, bucket: Packed, wanted: Collection[str]) -> set[str]:
    """Those of the numbers that count as listed in a bucket."""
    there = generation.among(bucket.numbers, wanted)
    if name.kind is ListKind.WHITE and bucket.frozen:
        there -= generation.among(bucket.frozen, there)
    return there
