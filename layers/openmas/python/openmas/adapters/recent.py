"""What numbers were sent lately, in DynamoDB: few at a time by number, many at a time in one item.

Two that note few, or many, meet in a conditional write. One of each kind writes first, then looks at the
other kind: of two in the same instant at least one sees the other. Whoever does takes back what it noted of
the number and asks again, so never both of them go; and as the other sees what was taken back, one does.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from openmas.adapters import items_limits as items
from openmas.adapters.aws import each
from openmas.adapters.items_limits import Many
from openmas.adapters.packing import NUMBER_BYTES, Item, key
from openmas.adapters.recent_seen import SeenLately, hits, own_of_many
from openmas.adapters.table import ABSENT, Table
from openmas.domain.calendar import shanghai_day
from openmas.domain.frequency import Book, Event, Request, Seen
from openmas.errors import Unavailable
from openmas.needs import Clock

# So many numbers of one request are kept one by one, which takes a write each; more go into one item.
FEW = 20
# What a warm function remembers of all its clients.
KNOWN_BYTES_MAX = 64_000_000
# Of all who write at once one gets through each time, and there are fewer senders than this.
TRIES = 100
DAY = timedelta(days=1)
# A request that died and came again may have noted its messages for another minute.
MAY_DIFFER = timedelta(hours=1)
# No contract looks further than a month.
KEPT = timedelta(days=31)

Days = OrderedDict[str, "_Day"]


@dataclass(frozen=True, slots=True)
class _Stands:
    """What was read: the last item of many on each day in reach, the days of few, the few as they were."""

    upto: Mapping[date, int]
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

    def seen(self, book: Book, numbers: Collection[str], request: Request, reach: timedelta) -> Seen:
        keys = _few_keys(book, numbers) if len(numbers) <= FEW else {}
        read = _by_key(self._table.fetch([items.state_key(book), *keys.values()]))
        last, announced, few_on = _days_of(read.get(items.book_partition(book), {}))
        days = list(_days_between(request.at - reach, request.at + reach))
        if not keys and few_on & set(days):
            keys = _few_keys(book, numbers)
            read |= _by_key(self._table.fetch(list(keys.values())))
        few = {pk: read[pk]["events"]["B"] if pk in read else None for pk in keys}
        seen = SeenLately(frozenset(numbers), request, reach)
        upto = {}
        for on in days:
            day = self._many(book, on, last.get(on, 0))
            if announced.get(on, 0) > day.last:
                day = self._read_on(book, on)
            seen.take_many(day.items)
            upto[on] = day.last
        # What many take back is never what few have noted.
        for packed in few.values():
            seen.take_few(packed or b"")
        return Seen(seen.events, frozenset(seen.noted), _Stands(upto, few_on, few))

    def note(self, book: Book, seen: Seen, events: Mapping[str, Event], kept: timedelta) -> bool:
        assert isinstance(seen.stands, _Stands), "who notes has looked here before"
        if not events:
            return True
        if len(events) <= FEW and seen.stands.few:
            return self._note_few(book, seen.stands, events, kept)
        return self._note_many(book, seen.stands, events, kept)

    def take_back(self, book: Book, numbers: Collection[str], request: Request) -> None:
        seen = self.seen(book, numbers, request, MAY_DIFFER)
        assert isinstance(seen.stands, _Stands)
        for pk, packed in seen.stands.few.items():
            few = [one for one in items.unpack_few(packed or b"") if one[0] in numbers]
            self._withdraw(pk, [one for one in few if request.noted(one[1].request, one[1].noted_at)], KEPT)
        for on in seen.stands.upto:
            own = own_of_many(self._known(book, on).items, numbers, request)
            self._take_back_all(book, on, own, KEPT)

    def _note_few(self, book: Book, stands: _Stands, events: Mapping[str, Event], kept: timedelta) -> bool:
        on = shanghai_day(next(iter(events.values())).at)
        if on not in stands.few_on:
            # Before the numbers: who reads many numbers must know where to look.
            self._table.add(items.state_key(book), {"few": {"SS": [items.day_mark(on)]}})
        by_key: dict[str, list[tuple[str, Event]]] = {}
        for number, event in events.items():
            by_key.setdefault(items.few_key(book, number)["pk"]["S"], []).append((number, event))
        done = each(lambda pk: self._put_few(pk, stands.few[pk], by_key[pk], kept), by_key)
        if not all(done):
            return False
        late = self._late_many(book, stands, events)
        each(lambda pk: self._withdraw(pk, [one for one in by_key[pk] if one[0] in late], kept), by_key)
        return not late

    def _late_many(self, book: Book, stands: _Stands, events: Mapping[str, Event]) -> set[str]:
        """Those of the numbers that were among many since these were looked at."""
        _, announced, _ = _days_of(self._table.get(items.state_key(book)) or {})
        packed = {int(number).to_bytes(NUMBER_BYTES, "big"): number for number in events}
        request = next(iter(events.values())).request
        late: set[bytes] = set()
        for on, upto in stands.upto.items():
            if announced.get(on, 0) > upto:
                for item in self._read_on(book, on).items:
                    if item.n > upto and item.request != request:
                        late |= hits(item.numbers, frozenset(packed))
        return {packed[each] for each in late}

    def _withdraw(self, pk: str, mine: Collection[tuple[str, Event]], kept: timedelta) -> None:
        """What this request has just noted of the numbers is not noted."""
        gone = frozenset(items.unpack_few(items.pack_few(mine)))
        for _ in range(TRIES if mine else 0):
            before = (self._table.get(key(pk, items.FEW)) or {}).get("events", {"B": b""})
            left = [one for one in items.unpack_few(before["B"]) if one not in gone]
            item = items.few_item(pk, left, kept, self._clock.now())
            stored = self._table.put_if("events = :before", item, {":before": before})
            if stored is None or stored.get("events") == item["events"]:
                return
        if mine:
            raise _contended()

    def _put_few(
        self, pk: str, before: bytes | None, more: Iterable[tuple[str, Event]], kept: timedelta
    ) -> bool:
        forgotten_at, noted = self._clock.now() - kept, dict(more)
        old = [
            (number, event)
            for number, event in items.unpack_few(before or b"")
            if event.at > forgotten_at and not _of_another_try(event, noted.get(number))
        ]
        item = items.few_item(pk, [*old, *noted.items()], kept, self._clock.now())
        if before is None:
            stored = self._table.put_if(ABSENT, item)
        else:
            stored = self._table.put_if("events = :before", item, {":before": {"B": before}})
        return stored is None or stored.get("events") == item["events"]

    def _note_many(self, book: Book, stands: _Stands, events: Mapping[str, Event], kept: timedelta) -> bool:
        first = next(iter(events.values()))
        on = shanghai_day(first.at)
        n = max(stands.upto.get(on, 0), self._known(book, on).last) + 1
        self._announce(book, on, n)
        item = items.many_item(book, on, n, events, kept)
        stored = self._table.put_if(ABSENT, item)
        if stored is not None and stored != item:
            # Somebody was quicker, perhaps under the same key, and may have died before the state said so.
            self._many(book, on, n)
            return False
        late = self._late_few(book, stands, events)
        if late:
            n = self._take_back(book, on, n, {number: events[number] for number in late}, kept)
        # Of a late one nothing is noted here: what a double of this request noted of it still stands.
        self._forget_other_times(book, stands, first, events.keys() - late, kept)
        self._move_state(book, on, n, shanghai_day(self._clock.now() - kept))
        return not late

    def _forget_other_times(
        self, book: Book, stands: _Stands, first: Event, numbers: Collection[str], kept: timedelta
    ) -> None:
        """What a try of this request that died had noted of the numbers for its own time counts no more."""
        request = Request(first.request, first.noted_at, first.at)
        for on in stands.upto:
            own = own_of_many(self._known(book, on).items, numbers, request)
            self._take_back_all(book, on, [each for each in own if each[1].at != first.at], kept)

    def _take_back_all(
        self, book: Book, on: date, noted: Iterable[tuple[str, Event]], kept: timedelta
    ) -> None:
        by_source: dict[object, dict[str, Event]] = {}
        for number, event in noted:
            by_source.setdefault(event.source, {})[number] = event
        for events in by_source.values():
            n = self._take_back(book, on, self._known(book, on).last, events, kept)
            self._move_state(book, on, n, shanghai_day(self._clock.now() - kept))

    def _announce(self, book: Book, on: date, n: int) -> None:
        """Whoever notes few numbers from here on knows that many may be on their way."""
        names, values = {"#on": items.announced_mark(on)}, {":n": {"N": str(n)}}
        ahead = "attribute_not_exists(#on) OR #on < :n"
        self._table.update_if(ahead, items.state_key(book), "SET #on = :n", names, values)

    def _late_few(self, book: Book, stands: _Stands, events: Mapping[str, Event]) -> set[str]:
        """Those of the numbers that were among few since these were looked at."""
        _, _, few_on = _days_of(self._table.get(items.state_key(book)) or {})
        if not few_on & stands.upto.keys():
            return set()
        request = next(iter(events.values())).request
        late = set()
        for pk, item in _by_key(self._table.fetch(list(_few_keys(book, events).values()))).items():
            before, now = stands.few.get(pk) or b"", item["events"]["B"]
            if now != before:
                more = set(items.unpack_few(now)) - set(items.unpack_few(before))
                late |= {number for number, event in more if number in events and event.request != request}
        return late

    def _take_back(self, book: Book, on: date, n: int, events: Mapping[str, Event], kept: timedelta) -> int:
        """What this request has just noted of the numbers is not noted; the last item of the day."""
        for after in range(n + 1, n + 1 + TRIES):
            item = items.many_item(book, on, after, events, kept, taken_back=True)
            stored = self._table.put_if(ABSENT, item)
            if stored is None or stored == item:
                return after
        raise _contended()

    def _move_state(self, book: Book, on: date, n: int, forgotten_on: date) -> None:
        """The state says that a day has so many items, and nothing more of days that are forgotten."""
        last, announced, few_on = _days_of(self._table.get(items.state_key(book)) or {})
        old = [items.day_mark(day) for day in sorted(last) if day < forgotten_on]
        old += [items.announced_mark(day) for day in sorted(announced) if day < forgotten_on]
        names = {"#on": items.day_mark(on), **{f"#old{i}": mark for i, mark in enumerate(old)}}
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
        return known if last <= known.last else self._read_on(book, on, last)

    def _read_on(self, book: Book, on: date, last: int = 0) -> _Day:
        """A day's items, also those that came since it was read; they are known to go up to the last one."""
        known, pk = self._known(book, on), items.day_partition(book, on)
        values = {":pk": {"S": pk}, ":after": {"S": items.sequence(known.last)}}
        more = tuple(map(items.many_from, self._table.query("pk = :pk AND sk > :after", values)))
        last = max(last, known.last, *(item.n for item in more))
        known = self._days[pk] = _Day((*known.items, *more), last)
        while sum(day.bytes for day in self._days.values()) > KNOWN_BYTES_MAX and len(self._days) > 1:
            self._days.popitem(last=False)
        return known

    def _known(self, book: Book, on: date) -> _Day:
        return self._days.get(items.day_partition(book, on), _Day())


def _of_another_try(event: Event, noted: Event | None) -> bool:
    """Whether the request that notes the number now noted it before, and died."""
    return noted is not None and Request(noted.request, noted.noted_at, noted.at).noted(
        event.request, event.noted_at
    )


def _few_keys(book: Book, numbers: Iterable[str]) -> dict[str, Item]:
    return {(key := items.few_key(book, number))["pk"]["S"]: key for number in numbers}


def _by_key(found: Iterable[Item]) -> dict[str, Item]:
    return {item["pk"]["S"]: item for item in found}


def _days_of(state: Item) -> tuple[dict[date, int], dict[date, int], frozenset[date]]:
    """The last item of each day, the last that was announced, and the days of few numbers."""
    last, announced = (
        {items.marked_day(name): int(of["N"]) for name, of in state.items() if items.is_mark(name, kind)}
        for kind in (items.DAY, items.ANNOUNCED)
    )
    few = state["few"]["SS"] if "few" in state else ()
    return last, announced, frozenset(map(items.marked_day, few))


def _contended() -> Unavailable:
    return Unavailable("numbers_contended", "Too many others are sending to these numbers.")


def _days_between(first_at: datetime, last_at: datetime) -> Iterator[date]:
    on, last_on = shanghai_day(first_at), shanghai_day(last_at)
    while on <= last_on:
        yield on
        on += DAY
