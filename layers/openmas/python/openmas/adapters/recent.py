"""What numbers were sent lately, in DynamoDB: few at a time by number, many at a time in one item."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from struct import Struct

from openmas.adapters import items_limits as items
from openmas.adapters.aws import each
from openmas.adapters.items_limits import Many
from openmas.adapters.packing import NUMBER_BYTES, Item
from openmas.adapters.table import ABSENT, Table
from openmas.domain.batch import IDEMPOTENT_FOR
from openmas.domain.calendar import shanghai_day
from openmas.domain.frequency import DIGEST_BYTES, Book, Event, Seen
from openmas.needs import Clock

# So many numbers of one request are kept one by one, which takes a write each; more go into one item.
FEW = 20
# What a warm function remembers of all its clients.
KNOWN_BYTES_MAX = 64_000_000
DAY = timedelta(days=1)
_HUNDRED = Struct(f"{NUMBER_BYTES}s" * 100)
_ONE = Struct(f"{NUMBER_BYTES}s")

Days = OrderedDict[str, "_Day"]


@dataclass(frozen=True, slots=True)
class _Stands:
    """What was read: the last item of every day that has one, the days of few, and the few as they stood."""

    last: Mapping[date, int]
    few_on: frozenset[date]
    few: Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True)
class _Day:
    """A day's items of many, as far as they were read."""

    items: tuple[Many, ...] = ()
    last: int = 0

    @property
    def bytes(self) -> int:
        return sum(len(item.numbers) + len(item.texts) for item in self.items)


class AwsRecent:
    """Shape: items of many never change, so a day's are read once and from then on only the new ones."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._days: Days = OrderedDict()

    def seen(
        self, book: Book, numbers: Collection[str], request: bytes, at: datetime, reach: timedelta
    ) -> Seen:
        keys = _few_keys(book, numbers) if len(numbers) <= FEW else {}
        read = _by_key(self._table.fetch([items.state_key(book), *keys.values()]))
        last, few_on = _days_of(read.get(items.book_partition(book), {}))
        days = list(_days_between(at - reach, at + reach))
        if not keys and few_on & set(days):
            keys = _few_keys(book, numbers)
            read |= _by_key(self._table.fetch(list(keys.values())))
        few = {pk: read[pk]["events"]["B"] if pk in read else None for pk in keys}
        seen = _Seen(frozenset(numbers), request, at, reach)
        for packed in few.values():
            seen.take_few(packed or b"")
        for on in days:
            seen.take_many(self._many(book, on, last.get(on, 0)).items)
        return Seen(seen.events, frozenset(seen.noted), _Stands(last, few_on, few))

    def note(self, book: Book, seen: Seen, events: Mapping[str, Event], kept: timedelta) -> bool:
        assert isinstance(seen.stands, _Stands), "who notes has looked here before"
        if not events:
            return True
        if len(events) <= FEW and seen.stands.few:
            return self._note_few(book, seen.stands, events, kept)
        return self._note_many(book, seen.stands, events, kept)

    def _note_few(self, book: Book, stands: _Stands, events: Mapping[str, Event], kept: timedelta) -> bool:
        on = shanghai_day(next(iter(events.values())).at)
        if on not in stands.few_on:
            # Before the numbers: who reads many numbers must know where to look.
            self._table.add(items.state_key(book), {"few": {"SS": [items.day_mark(on)]}})
        by_key: dict[str, list[tuple[str, Event]]] = {}
        for number, event in events.items():
            by_key.setdefault(items.few_key(book, number)["pk"]["S"], []).append((number, event))
        done = each(lambda pk: self._put_few(pk, stands.few[pk], by_key[pk], kept), by_key)
        return all(done)

    def _put_few(
        self, pk: str, before: bytes | None, more: Iterable[tuple[str, Event]], kept: timedelta
    ) -> bool:
        forgotten_at = self._clock.now() - kept
        old = [one for one in items.unpack_few(before or b"") if one[1].at > forgotten_at]
        item = items.few_item(pk, [*old, *more], kept)
        if before is None:
            stored = self._table.put_if(ABSENT, item)
        else:
            stored = self._table.put_if("events = :before", item, {":before": {"B": before}})
        return stored is None or stored.get("events") == item["events"]

    def _note_many(self, book: Book, stands: _Stands, events: Mapping[str, Event], kept: timedelta) -> bool:
        first = next(iter(events.values()))
        on = shanghai_day(first.at)
        n = max(stands.last.get(on, 0), self._known(book, on).last) + 1
        stored = self._table.put_if(ABSENT, items.many_item(book, on, n, events, kept))
        if stored is not None and items.many_from(stored).request != first.request:
            # Somebody was quicker, and may have died before the state said so.
            self._many(book, on, n)
            return False
        self._move_state(book, on, n, shanghai_day(self._clock.now() - kept))
        return True

    def _move_state(self, book: Book, on: date, n: int, forgotten_on: date) -> None:
        """The state says that a day has so many items, and nothing more of days that are forgotten."""
        last, few_on = _days_of(self._table.get(items.state_key(book)) or {})
        old = [day for day in sorted(last) if day < forgotten_on]
        names = {"#on": items.day_mark(on), **{f"#old{i}": items.day_mark(day) for i, day in enumerate(old)}}
        update = "SET #on = :n"
        values: Item = {":n": {"N": str(n)}}
        if old:
            update += f" REMOVE {', '.join(name for name in names if name != '#on')}"
        if old_few := sorted(day for day in few_on if day < forgotten_on):
            update += " DELETE few :few"
            values[":few"] = {"SS": list(map(items.day_mark, old_few))}
        ahead = "attribute_not_exists(#on) OR #on < :n"
        self._table.update_if(ahead, items.state_key(book), update, names, values)

    def _many(self, book: Book, on: date, last: int) -> _Day:
        """A day's items up to the last one, or more."""
        known = self._known(book, on)
        if last <= known.last:
            return known
        pk = items.day_partition(book, on)
        values = {":pk": {"S": pk}, ":after": {"S": items.sequence(known.last)}}
        more = list(self._table.query("pk = :pk AND sk > :after", values))
        last = max(last, *(int(item["sk"]["S"]) for item in more)) if more else last
        known = self._days[pk] = _Day((*known.items, *map(items.many_from, more)), last)
        while sum(day.bytes for day in self._days.values()) > KNOWN_BYTES_MAX and len(self._days) > 1:
            self._days.popitem(last=False)
        return known

    def _known(self, book: Book, on: date) -> _Day:
        return self._days.get(items.day_partition(book, on), _Day())


class _Seen:
    """Gathers what is told of the numbers in question."""

    def __init__(self, numbers: frozenset[str], request: bytes, at: datetime, reach: timedelta) -> None:
        self._packed = {int(number).to_bytes(NUMBER_BYTES, "big"): number for number in numbers}
        self._keys = frozenset(self._packed)
        self._numbers = numbers
        self._request = request
        self._at = at
        self._reach = reach
        self.events: dict[str, list[Event]] = {}
        self.noted: set[str] = set()

    def take_few(self, packed: bytes) -> None:
        for number, event in items.unpack_few(packed):
            if number not in self._numbers:
                continue
            if self._ours(event.at, event.request):
                self.noted.add(number)
            elif self._near(event.at):
                self.events.setdefault(number, []).append(event)

    def take_many(self, many: Iterable[Many]) -> None:
        for item in many:
            if self._ours(item.at, item.request):
                self.noted.update(self._packed[each] for each in _hits(item.numbers, self._keys))
            elif self._near(item.at):
                self._take(item, _hits(item.numbers, self._keys))

    def _take(self, item: Many, hits: Collection[bytes]) -> None:
        if len(item.texts) == DIGEST_BYTES:
            event = item.event(0)
            for packed in hits:
                self.events.setdefault(self._packed[packed], []).append(event)
        elif hits:
            for place, packed in enumerate(_slices(item.numbers)):
                if packed in hits:
                    self.events.setdefault(self._packed[packed], []).append(item.event(place))

    def _near(self, at: datetime) -> bool:
        return abs(at - self._at) < self._reach

    def _ours(self, at: datetime, request: bytes) -> bool:
        """A key may stand for another request once it is forgotten."""
        return request == self._request and abs(at - self._at) < IDEMPOTENT_FOR


def _hits(numbers: bytes, wanted: frozenset[bytes]) -> set[bytes]:
    """The wanted ones among numbers of five bytes each."""
    if len(wanted) == 1:
        (only,) = wanted
        place = numbers.find(only)
        # The bytes may also lie across two numbers.
        while place > 0 and place % NUMBER_BYTES:
            place = numbers.find(only, place + 1)
        return set() if place < 0 else {only}
    whole = len(numbers) - len(numbers) % _HUNDRED.size
    found: set[bytes] = set()
    for hundred in _HUNDRED.iter_unpack(numbers[:whole]):
        found.update(wanted.intersection(hundred))
    return found | wanted.intersection(_slices(numbers[whole:]))


def _slices(numbers: bytes) -> Iterator[bytes]:
    return (packed for (packed,) in _ONE.iter_unpack(numbers))


def _few_keys(book: Book, numbers: Iterable[str]) -> dict[str, Item]:
    return {(key := items.few_key(book, number))["pk"]["S"]: key for number in numbers}


def _by_key(found: Iterable[Item]) -> dict[str, Item]:
    return {item["pk"]["S"]: item for item in found}


def _days_of(state: Item) -> tuple[dict[date, int], frozenset[date]]:
    """The last item of each day, and the days on which few numbers were sent something."""
    last = {items.marked_day(name): int(value["N"]) for name, value in state.items() if name[1:].isdecimal()}
    few = state["few"]["SS"] if "few" in state else ()
    return last, frozenset(map(items.marked_day, few))


def _days_between(first_at: datetime, last_at: datetime) -> Iterator[date]:
    on, last_on = shanghai_day(first_at), shanghai_day(last_at)
    while on <= last_on:
        yield on
        on += DAY
