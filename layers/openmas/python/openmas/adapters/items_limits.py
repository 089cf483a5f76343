"""The items of what limits count: units held by period, and what numbers were sent lately.

    pattern                             table     key                                       operation
    ──────────────────────────────────  ────────  ────────────────────────────────────────  ────────────────
    the units that a client holds       ledger    {client} / units                          Get, Update
    which days of a book have what      messages  {client}#lately#{book} / state             Get, Update, …
    what few numbers were sent          messages  {client}#lately#{book}#{digits} / few      Get, Put, …
    what many were sent on a day        messages  {client}#lately#{book}#{day} / {sequence}  Query, Put

A book is a category, the test keys' one apart. Few numbers at a time are kept by number, or by its last three
digits; many at a time in one item, whose sequence number can be taken once. Whoever looks must look at both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from struct import Struct

from openmas.adapters.items import expiry
from openmas.adapters.packing import NUMBER_BYTES, Item, from_numbers, given, key
from openmas.domain.contract import Category
from openmas.domain.frequency import MARK_BYTES, TEXT_BYTES, Book, Event
from openmas.domain.holding import Account, PartHold

UNITS, STATE, FEW = "units", "state", "few"
PART = "part#"
DAY, ANNOUNCED = "d", "a"
# Where each number has an item of its own: codes are sent one by one, and in any amount.
BY_NUMBER = frozenset({Category.VERIFICATION})
DIGITS = 3

_FEW = Struct(f">{NUMBER_BYTES}s6s{TEXT_BYTES}s{MARK_BYTES}s6s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PERIODS = frozenset("dmty")
_MARGIN = timedelta(days=1)


def units_key(client: str) -> Item:
    return key(client, UNITS)


def account_from(item: Item) -> Account:
    """The counters are the attributes whose names are a letter and a date."""
    return Account(
        used={name: int(value["N"]) for name, value in item.items() if _is_counter(name)},
        told=frozenset(item["told"]["SS"]) if "told" in item else frozenset(),
        epoch=int(item["epoch"]["N"]) if "epoch" in item else 0,
        parts={
            name.removeprefix(PART): _part_from(value)
            for name, value in item.items()
            if name.startswith(PART)
        },
    )


def part_mark(batch: str) -> str:
    """What is called so in the account is held of the part of the batch's file that is being cut."""
    return f"{PART}{batch}"


def part_hold(held: PartHold) -> Item:
    names = [{"S": name} for name in sorted(held.names)]
    return {"L": [{"N": str(held.n)}, {"N": str(held.units)}, {"L": names}]}


def _part_from(value: Item) -> PartHold:
    n, units, names = value["L"]
    return PartHold(int(n["N"]), int(units["N"]), frozenset(name["S"] for name in names["L"]))


def _is_counter(name: str) -> bool:
    return name[0] in _PERIODS and name[1:2].isdecimal()


# --- what numbers were sent lately


def book_partition(book: Book) -> str:
    test = "test-" if book.test else ""
    return f"{book.client}#lately#{test}{book.category}"


def state_key(book: Book) -> Item:
    return key(book_partition(book), STATE)


def few_key(book: Book, number: str) -> Item:
    """Where a number's messages are kept when it was one of few."""
    digits = number if book.category in BY_NUMBER else number[-DIGITS:]
    return key(f"{book_partition(book)}#{digits}", FEW)


def day_partition(book: Book, on: date) -> str:
    return f"{book_partition(book)}#{on:%Y%m%d}"


def sequence(n: int) -> str:
    return f"{n:06d}"


def day_mark(on: date) -> str:
    """What a day is called in a state."""
    return f"{DAY}{on:%Y%m%d}"


def announced_mark(on: date) -> str:
    """What is called so in a state is the last item of that day which somebody meant to write."""
    return f"{ANNOUNCED}{on:%Y%m%d}"


def is_mark(name: str, kind: str) -> bool:
    return name[0] == kind and name[1:].isdecimal()


def marked_day(mark: str) -> date:
    return date(int(mark[1:5]), int(mark[5:7]), int(mark[7:9]))


def few_item(pk: str, events: Collection[tuple[str, Event]], kept: timedelta, now: datetime) -> Item:
    """What few numbers were sent, 37 bytes a message; kept for as long as the newest of them matters."""
    newest = max((event.at for _, event in events), default=now)
    return {
        **key(pk, FEW),
        "events": {"B": pack_few(events)},
        "expires_at": expiry(newest, kept + _MARGIN),
    }


def pack_few(events: Iterable[tuple[str, Event]]) -> bytes:
    """Every message of every number, in an order of their own."""
    packed = [
        _FEW.pack(_packed(number), _time(event.at), event.text, event.request, _time(event.noted_at))
        for number, event in events
    ]
    return b"".join(sorted(packed))


def unpack_few(packed: bytes) -> Iterator[tuple[str, Event]]:
    for number, at, text, request, noted_at in _FEW.iter_unpack(packed):
        event = Event(_from_time(at), text, request, _from_time(noted_at))
        yield str(int.from_bytes(number, "big")), event


@dataclass(frozen=True, slots=True)
class Many:
    """What many numbers were sent at one time.

    Shape: `n` is its place in its day; `numbers` of five bytes each; `texts` four bytes for all of them, or
    as many for each. One that is `taken_back` says that these numbers were not sent what one before it says.
    """

    n: int
    at: datetime
    request: bytes
    noted_at: datetime
    numbers: bytes
    texts: bytes
    taken_back: bool = False

    def event(self, place: int) -> Event:
        """What the number at a place was sent."""
        if len(self.texts) == TEXT_BYTES:
            return Event(self.at, self.texts, self.request, self.noted_at)
        start = place * TEXT_BYTES
        text = self.texts[start : start + TEXT_BYTES]
        return Event(self.at, text, self.request, self.noted_at)


def many_item(
    book: Book, on: date, n: int, events: Mapping[str, Event], kept: timedelta, *, taken_back: bool = False
) -> Item:
    """The item of many numbers; all of them at one time, from one request."""
    first = next(iter(events.values()))
    texts = [event.text for event in events.values()]
    return {
        **key(day_partition(book, on), sequence(n)),
        "at": {"N": str(_millis(first.at))},
        "request": {"B": first.request},
        "noted_at": {"N": str(_millis(first.noted_at))},
        "numbers": from_numbers(events),
        "texts": {"B": texts[0] if len(set(texts)) == 1 else b"".join(texts)},
        "expires_at": expiry(first.at, kept + _MARGIN),
        **given(taken_back={"BOOL": True} if taken_back else None),
    }


def many_from(item: Item) -> Many:
    return Many(
        n=int(item["sk"]["S"]),
        at=_from_millis(int(item["at"]["N"])),
        request=item["request"]["B"],
        noted_at=_from_millis(int(item["noted_at"]["N"])),
        numbers=item["numbers"]["B"],
        texts=item["texts"]["B"],
        taken_back="taken_back" in item,
    )


def _packed(number: str) -> bytes:
    return int(number).to_bytes(NUMBER_BYTES, "big")


def _millis(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def _from_millis(millis: int) -> datetime:
    return _EPOCH + millis * _MILLISECOND


def _time(at: datetime) -> bytes:
    return _millis(at).to_bytes(6, "big")


def _from_time(packed: bytes) -> datetime:
    return _from_millis(int.from_bytes(packed, "big"))
