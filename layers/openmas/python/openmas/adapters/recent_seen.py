"""What is told of some numbers by items of few and of many: which messages they were sent, and by whom."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from struct import Struct

from openmas.adapters import items_limits as items
from openmas.adapters.items_limits import Many
from openmas.adapters.packing import NUMBER_BYTES
from openmas.domain.frequency import TEXT_BYTES, Event, Request

_HUNDRED = Struct(f"{NUMBER_BYTES}s" * 100)
_ONE = Struct(f"{NUMBER_BYTES}s")


class SeenLately:
    """Gathers what is told of the numbers in question."""

    def __init__(self, numbers: frozenset[str], request: Request, reach: timedelta) -> None:
        self._packed = {int(number).to_bytes(NUMBER_BYTES, "big"): number for number in numbers}
        self._keys = frozenset(self._packed)
        self._numbers = numbers
        self._request = request
        self._reach = reach
        self.events: dict[str, list[Event]] = {}
        self.noted: set[str] = set()

    def take_few(self, packed: bytes) -> None:
        for number, event in items.unpack_few(packed):
            if number not in self._numbers:
                continue
            if self._ours(event):
                # What it noted for another time it notes anew, and then that one counts no more.
                if event.at == self._request.at:
                    self.noted.add(number)
            elif self._near(event.at):
                self.events.setdefault(number, []).append(event)

    def take_many(self, many: Iterable[Many]) -> None:
        for item in many:
            if item.taken_back:
                self._take_back(item)
            elif self._ours(item):
                if item.at == self._request.at:
                    self.noted.update(self._packed[each] for each in hits(item.numbers, self._keys))
            elif self._near(item.at):
                self._take(item, hits(item.numbers, self._keys))

    def _take(self, item: Many, hits: Collection[bytes]) -> None:
        if len(item.texts) == TEXT_BYTES:
            event = item.event(0)
            for packed in hits:
                self.events.setdefault(self._packed[packed], []).append(event)
        elif hits:
            for place, packed in enumerate(_slices(item.numbers)):
                if packed in hits:
                    self.events.setdefault(self._packed[packed], []).append(item.event(place))

    def _take_back(self, item: Many) -> None:
        """Items come in their order, so what is taken back is there."""
        numbers = {self._packed[each] for each in hits(item.numbers, self._keys)}
        if self._ours(item):
            if item.at == self._request.at:
                self.noted -= numbers
            return
        source = item.event(0).source
        for number in numbers & self.events.keys():
            left = [of for of in self.events.pop(number) if of.source != source]
            if left:
                self.events[number] = left

    def _near(self, at: datetime) -> bool:
        return abs(at - self._request.at) < self._reach

    def _ours(self, noted: Event | Many) -> bool:
        return self._request.noted(noted.request, noted.noted_at)


def own_of_many(many: Iterable[Many], numbers: Collection[str], request: Request) -> list[tuple[str, Event]]:
    """What the request noted of the numbers among many, and has not taken back."""
    packed = {int(number).to_bytes(NUMBER_BYTES, "big"): number for number in numbers}
    found: dict[tuple[str, object], Event] = {}
    for item in many:
        if not request.noted(item.request, item.noted_at):
            continue
        event = item.event(0)
        for each in hits(item.numbers, frozenset(packed)):
            if item.taken_back:
                found.pop((packed[each], event.source), None)
            else:
                found[packed[each], event.source] = event
    return [(number, event) for (number, _), event in found.items()]


def hits(numbers: bytes, wanted: frozenset[bytes]) -> set[bytes]:
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
