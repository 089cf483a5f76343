"""Who changed a list, when and why: written before each change, and never changed itself.

A change has a mark of ten bytes, which lies beside every number that it put on a list: its time in
milliseconds, and four bytes that tell it from others of that time. The month it is found in follows from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby

from openmas.adapters.packing import (
    Item,
    from_consent,
    from_numbers,
    from_time,
    given,
    key,
    string,
    to_consent,
    to_numbers,
    to_time,
)
from openmas.adapters.table import Table, chunks
from openmas.domain.calendar import shanghai_day
from openmas.domain.listing import Act, ListChange, ListEntry, ListKind, ListName

# Numbers in one record: five kilobytes.
A_RECORD = 1_000
_TIME_BYTES = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What a record tells but for its numbers; of `entry` counts all but its own."""

    client: str
    name: ListName
    entry: ListEntry
    mark: bytes


class ListJournal:
    """Writes and reads the records."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, client: str, name: ListName, act: Act, entries: Iterable[ListEntry]) -> dict[str, bytes]:
        """The change is on record; every number with the mark of its change."""
        marks: dict[str, bytes] = {}
        items: list[Item] = []
        told = groupby(entries, key=lambda entry: (entry.at, entry.by, entry.why, entry.consent))
        for _, group in told:
            same = list(group)
            numbers = sorted(entry.number for entry in same)
            mark = mark_of(name, act, same[0], "".join(numbers))
            marks |= dict.fromkeys(numbers, mark)
            for part, some in enumerate(chunks(numbers, A_RECORD)):
                items.append(change_item(Told(client, name, same[0], mark), act, part, some))
        self._table.put_all(items)
        return marks

    def heads(self, client: str, kind: ListKind, marks: Iterable[bytes]) -> Mapping[bytes, ListChange]:
        """The changes that the marks stand for, without their numbers."""
        keys = [record_key(client, kind, mark, 0) for mark in set(marks)]
        found = self._table.fetch(keys, "sk, act, #by, #at, why, #scope, consent", ("by", "at", "scope"))
        return {_mark_in(item): change_from(item) for item in found}

    def newest_first(
        self, client: str, kind: ListKind, month: str, before: str | None, limit: int
    ) -> tuple[Sequence[ListChange], str | None]:
        """Some records of a month, and where to go on (None at the end)."""
        last = f"{kind}#~" if before is None else _just_before(before)
        values = {":pk": {"S": _partition(client, month)}, ":first": {"S": f"{kind}#"}, ":last": {"S": last}}
        found = self._table.first(
            limit + 1, "pk = :pk AND sk BETWEEN :first AND :last", values, ScanIndexForward=False
        )
        changes = [change_from(item) for item in found[:limit]]
        return changes, found[limit - 1]["sk"]["S"] if len(found) > limit else None


class Parts:
    """The records of one large change, written as its numbers become known."""

    def __init__(self, table: Table, told: Told) -> None:
        self._table = table
        self._told = told
        self._waiting: dict[Act, list[str]] = {Act.ADDED: [], Act.STRUCK: []}
        self._items: list[Item] = []
        self._part = 0
        self.count = dict.fromkeys(Act, 0)

    def tell(self, act: Act, numbers: Iterable[str]) -> None:
        waiting = self._waiting[act]
        waiting.extend(numbers)
        while len(waiting) >= A_RECORD:
            self._add(act, waiting[:A_RECORD])
            del waiting[:A_RECORD]

    def end(self, act: Act) -> None:
        """All is on record; also that nothing was changed, for numbers may name the change all the same."""
        for each, waiting in self._waiting.items():
            if waiting:
                self._add(each, waiting)
        if self._part == 0:
            self._add(act, [])
        self._flush()

    def _add(self, act: Act, numbers: Sequence[str]) -> None:
        self._items.append(change_item(self._told, act, self._part, numbers))
        self._part += 1
        self.count[act] += len(numbers)
        if len(self._items) == 100:
            self._flush()

    def _flush(self) -> None:
        self._table.put_all(self._items)
        self._items = []


def mark_of(name: ListName, act: Act, entry: ListEntry, what: str) -> bytes:
    """The same mark for the same change."""
    told = repr((str(name), act, entry.by, entry.at, entry.why, entry.consent, what))
    ms = (entry.at - _EPOCH) // _MILLISECOND
    return ms.to_bytes(_TIME_BYTES, "big") + sha256(told.encode()).digest()[:4]


def record_key(client: str, kind: ListKind, mark: bytes, part: int) -> Item:
    at = _EPOCH + int.from_bytes(mark[:_TIME_BYTES], "big") * _MILLISECOND
    return key(_partition(client, f"{shanghai_day(at):%Y%m}"), f"{kind}#{mark.hex()}#{part:04d}")


def change_item(told: Told, act: Act, part: int, numbers: Iterable[str]) -> Item:
    """The record of one change or a part of it."""
    entry = told.entry
    return {
        **record_key(told.client, told.name.kind, told.mark, part),
        "act": {"S": act},
        "by": {"S": entry.by},
        "at": from_time(entry.at),
        "why": {"S": entry.why},
        "numbers": from_numbers(numbers),
        **given(scope=string(told.name.scope or None), consent=from_consent(entry.consent)),
    }


def change_from(item: Item) -> ListChange:
    kind = ListKind(item["sk"]["S"].partition("#")[0])
    return ListChange(
        id=_mark_in(item).hex(),
        name=ListName(kind, item["scope"]["S"] if "scope" in item else ""),
        act=Act(item["act"]["S"]),
        by=item["by"]["S"],
        at=to_time(item["at"]),
        why=item["why"]["S"],
        consent=to_consent(item),
        numbers=to_numbers(item["numbers"]) if "numbers" in item else (),
    )


def entries_from(
    numbers: Iterable[tuple[str, bytes, bool]], changes: Mapping[bytes, ListChange]
) -> Iterator[ListEntry]:
    """The entries of numbers, each with its mark and whether it is frozen."""
    for number, mark, frozen in numbers:
        of = changes[mark]
        yield ListEntry(number, of.by, of.at, of.why, of.consent, frozen)


def _partition(client: str, month: str) -> str:
    return f"{client}#journal#{month}"


def _mark_in(item: Item) -> bytes:
    return bytes.fromhex(item["sk"]["S"].split("#")[1])


def _just_before(sk: str) -> str:
    return f"{sk[:-1]}{chr(ord(sk[-1]) - 1)}~"
