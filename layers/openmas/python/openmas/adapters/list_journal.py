"""Who changed a list, when and why: written before each change, and never changed itself.

Beside every number that a change put on a list lies a mark of twelve bytes, which names its record by
the change's time in milliseconds, from which the month follows, four bytes that tell it from others of that
time, and which of its records it is. A number that has grounds of its own is told by the very record that its
mark names; all others name the first one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby

from openmas.adapters.packing import (
    Item,
    from_consent,
    from_grounds,
    from_numbers,
    from_time,
    given,
    key,
    string,
    to_consent,
    to_grounds,
    to_numbers,
    to_time,
)
from openmas.adapters.table import Table, chunks
from openmas.domain.calendar import shanghai_day
from openmas.domain.listing import Act, Grounds, ListChange, ListEntry, ListKind, ListName

# Numbers in one record: five kilobytes.
A_RECORD = 1_000
# Characters of grounds in one record, each of three bytes at most: far from DynamoDB's 400 KB.
_TEXT_MAX = 80_000
# ... and in one answer.
_PAGE_TEXT_MAX = 500_000
# What a file strikes is told apart from what it adds, so that a number's record is the same however often the
# file is put in.
_STRUCK_FROM = 1 << 15
_TIME_BYTES = 6
_CHANGE_BYTES = 10
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
        """The records that the marks name."""
        keys = [record_key(client, kind, mark) for mark in set(marks)]
        names = "sk, act, #by, #at, why, #scope, consent, numbers, grounds"
        found = self._table.fetch(keys, names, ("by", "at", "scope"))
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
        changes, length = list[ListChange](), 0
        for item in found[:limit]:
            changes.append(change_from(item))
            length += sum(map(_length, set(changes[-1].grounds)))
            if length > _PAGE_TEXT_MAX:
                break
        count = len(changes)
        return changes, found[count - 1]["sk"]["S"] if len(found) > count else None


class Parts:
    """The records of one large change, written as its numbers become known."""

    def __init__(self, table: Table, told: Told) -> None:
        self._table = table
        self._told = told
        self._waiting: dict[Act, list[str]] = {Act.ADDED: [], Act.STRUCK: []}
        self._next = {Act.ADDED: 0, Act.STRUCK: _STRUCK_FROM}
        self._grounds: list[Grounds] = []
        self._length = 0
        self._items: list[Item] = []

    def tell(self, act: Act, numbers: Iterable[str]) -> None:
        waiting = self._waiting[act]
        waiting.extend(numbers)
        while len(waiting) >= A_RECORD:
            self._add(act, waiting[:A_RECORD])
            del waiting[:A_RECORD]

    def tell_each(self, told: Iterable[tuple[str, Grounds]]) -> dict[str, bytes]:
        """Every number is on record as added on its own grounds; its mark names the record."""
        marks: dict[str, bytes] = {}
        waiting = self._waiting[Act.ADDED]
        for number, grounds in told:
            length = _length(grounds)
            if len(waiting) == A_RECORD or self._length + length > _TEXT_MAX:
                self._end_record()
            marks[number] = _part_of(self._told.mark, self._next[Act.ADDED])
            waiting.append(number)
            self._grounds.append(grounds)
            self._length += length
        return marks

    def end(self, act: Act) -> None:
        """All is on record; also that nothing was changed, for numbers may name the change all the same."""
        if self._waiting[Act.ADDED]:
            self._end_record()
        if self._waiting[Act.STRUCK]:
            self._add(Act.STRUCK, self._waiting[Act.STRUCK])
        nothing_told = self._next[Act.STRUCK] == _STRUCK_FROM
        if self._next[Act.ADDED] == 0 and (act is not Act.STRUCK or nothing_told):
            self._items.append(change_item(self._told, act, 0, []))
        self._flush()

    def _end_record(self) -> None:
        waiting = self._waiting[Act.ADDED]
        self._add(Act.ADDED, waiting, self._grounds)
        waiting.clear()
        self._grounds.clear()
        self._length = 0

    def _add(self, act: Act, numbers: Sequence[str], grounds: Sequence[Grounds] = ()) -> None:
        self._items.append(change_item(self._told, act, self._next[act], numbers, grounds))
        self._next[act] += 1
        if len(self._items) == 100:
            self._flush()

    def _flush(self) -> None:
        self._table.put_all(self._items)
        self._items = []


def mark_of(name: ListName, act: Act, entry: ListEntry, what: str) -> bytes:
    """The same mark for the same change; its first record."""
    told = repr((str(name), act, entry.by, entry.at, entry.why, entry.consent, what))
    ms = (entry.at - _EPOCH) // _MILLISECOND
    return _part_of(ms.to_bytes(_TIME_BYTES, "big") + sha256(told.encode()).digest()[:4], 0)


def record_key(client: str, kind: ListKind, mark: bytes) -> Item:
    at = _EPOCH + int.from_bytes(mark[:_TIME_BYTES], "big") * _MILLISECOND
    change, part = mark[:_CHANGE_BYTES].hex(), int.from_bytes(mark[_CHANGE_BYTES:], "big")
    return key(_partition(client, f"{shanghai_day(at):%Y%m}"), f"{kind}#{change}#{part:05d}")


def change_item(
    told: Told, act: Act, part: int, numbers: Iterable[str], grounds: Sequence[Grounds] = ()
) -> Item:
    """The record of one change or a part of it."""
    entry = told.entry
    return {
        **record_key(told.client, told.name.kind, _part_of(told.mark, part)),
        "act": {"S": act},
        "by": {"S": entry.by},
        "at": from_time(entry.at),
        "why": {"S": entry.why},
        "numbers": from_numbers(numbers),
        **given(
            scope=string(told.name.scope or None),
            consent=from_consent(entry.consent),
            grounds=from_grounds(grounds),
        ),
    }


def change_from(item: Item) -> ListChange:
    kind = ListKind(item["sk"]["S"].partition("#")[0])
    return ListChange(
        id=_mark_in(item)[:_CHANGE_BYTES].hex(),
        name=ListName(kind, item["scope"]["S"] if "scope" in item else ""),
        act=Act(item["act"]["S"]),
        by=item["by"]["S"],
        at=to_time(item["at"]),
        why=item["why"]["S"],
        consent=to_consent(item),
        numbers=to_numbers(item["numbers"]),
        grounds=to_grounds(item["grounds"]) if "grounds" in item else (),
    )


def entries_from(
    numbers: Iterable[tuple[str, bytes, bool]], changes: Mapping[bytes, ListChange]
) -> Iterator[ListEntry]:
    """The entries of numbers, each with its mark and whether it is frozen."""
    own = {
        mark: dict(zip(change.numbers, change.grounds, strict=True))
        for mark, change in changes.items()
        if change.grounds
    }
    for number, mark, frozen in numbers:
        of = changes[mark]
        grounds = own[mark][number] if mark in own else Grounds(of.why, of.consent)
        yield ListEntry(number, of.by, of.at, grounds.why, grounds.consent, frozen)


def _partition(client: str, month: str) -> str:
    return f"{client}#journal#{month}"


def _mark_in(item: Item) -> bytes:
    _, change, part = item["sk"]["S"].split("#")
    return _part_of(bytes.fromhex(change), int(part))


def _part_of(mark: bytes, part: int) -> bytes:
    return mark[:_CHANGE_BYTES] + part.to_bytes(2, "big")


def _length(grounds: Grounds) -> int:
    return len(grounds.why) + (len(grounds.consent.evidence) if grounds.consent else 0)


def _just_before(sk: str) -> str:
    return f"{sk[:-1]}{chr(ord(sk[-1]) - 1)}~"
