"""How a list lies in its table: packed buckets, which a generation of the list chooses by the last digits.

A number costs three to five bytes. Beside the numbers, in the same order, lie the marks of the changes that
put them there, so who, when and why stand once for all numbers of one change, or in one record of it.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from openmas.adapters.packing import Item, key

MARK_BYTES = 12
DIGITS_MAX = 3
# A bucket that grows beyond this parts into ten, while the list may have more.
BUCKET_MAX = 500
_COMFORTABLE = 250
# Of the ten digits behind the leading 1, those that the bucket does not tell.
_WIDTHS = (5, 4, 4, 3)
_FEW = 32
# So many bytes are sooner looked through than parted once more.
SCANNED_BYTES = 300


class Generation(NamedTuple):
    """One whole version of a list; the last `digits` of a number, read backwards, are its bucket."""

    id: str
    digits: int

    def label(self, number: str) -> str:
        return number[: -self.digits - 1 : -1]

    def labels(self) -> list[str]:
        """All its buckets in the order in which a list is read, which is the same for every generation."""
        return ["".join(each) for each in product("0123456789", repeat=self.digits)]

    def prefix(self, client: str, name: str) -> str:
        """What the partitions of all its buckets begin with."""
        return f"{client}#{name}#{self.id}#"

    def key(self, client: str, name: str, label: str) -> Item:
        return key(self.prefix(client, name) + label, "bucket")

    def packed(self, number: str) -> bytes:
        return int(number[1 : 11 - self.digits]).to_bytes(_WIDTHS[self.digits], "big")

    def unpacked(self, packed: bytes, label: str) -> list[str]:
        width, ending = _WIDTHS[self.digits], label[::-1]
        whole = (int.from_bytes(packed[at : at + width], "big") for at in range(0, len(packed), width))
        return [f"1{value:0{10 - self.digits}d}{ending}" for value in whole]

    def among(self, packed: bytes, numbers: Collection[str]) -> set[str]:
        """Those of the numbers, all of one bucket, that are among the packed ones."""
        width = _WIDTHS[self.digits]
        if len(numbers) > _FEW:
            there = {packed[at : at + width] for at in range(0, len(packed), width)}
            return {number for number in numbers if self.packed(number) in there}
        return {number for number in numbers if _stands(packed, self.packed(number), width)}


def digits_for(count: int) -> int:
    """How many digits spread so many numbers over comfortable buckets."""
    return next((d for d in range(DIGITS_MAX) if count <= _COMFORTABLE * 10**d), DIGITS_MAX)


@dataclass(slots=True)
class Bucket:
    """The numbers of one bucket, each with the mark of its change; `frozen` may name others, too."""

    entries: dict[str, bytes] = field(default_factory=dict)
    frozen: dict[str, bytes] = field(default_factory=dict)
    version: int = 0

    def copy(self) -> "Bucket":
        return Bucket(dict(self.entries), dict(self.frozen), self.version)

    def holds_as(self, other: "Bucket") -> bool:
        return self.entries == other.entries and self.frozen == other.frozen


def bucket_item(client: str, name: str, generation: Generation, label: str, bucket: Bucket) -> Item:
    item = {
        **generation.key(client, name, label),
        "version": {"N": str(bucket.version)},
        "numbers": {"B": b"".join([generation.packed(number) for number in sorted(bucket.entries)])},
        "marks": {"B": _marks(bucket.entries)},
    }
    if bucket.frozen:
        packed = [generation.packed(number) for number in sorted(bucket.frozen)]
        item |= {"frozen": {"B": b"".join(packed)}, "frozen_marks": {"B": _marks(bucket.frozen)}}
    return item


def bucket_from(item: Item | None, generation: Generation, label: str) -> Bucket:
    if item is None:
        return Bucket()
    frozen = {}
    if "frozen" in item:
        frozen = _marked(generation.unpacked(item["frozen"]["B"], label), item["frozen_marks"]["B"])
    numbers = generation.unpacked(item["numbers"]["B"], label)
    return Bucket(_marked(numbers, item["marks"]["B"]), frozen, int(item["version"]["N"]))


def by_label(generation: Generation, numbers: Iterable[str]) -> Mapping[str, list[str]]:
    """The numbers by their bucket."""
    parted: dict[str, list[str]] = {}
    for number in numbers:
        parted.setdefault(generation.label(number), []).append(number)
    return parted


def place_of(number: str) -> tuple[str, str]:
    """Where a number comes in a list: in the same order whatever the generation."""
    return number[:-4:-1], number


def _marks(entries: Mapping[str, bytes]) -> bytes:
    return zlib.compress(b"".join([entries[number] for number in sorted(entries)]), 1)


def _marked(numbers: list[str], packed: bytes) -> dict[str, bytes]:
    marks = zlib.decompress(packed)
    parts = [marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES)]
    return dict(zip(numbers, parts, strict=True))


def _stands(packed: bytes, wanted: bytes, width: int) -> bool:
    """Whether it is one of the packed ones, which lie in rising order."""
    low, high = 0, len(packed)
    while high - low > SCANNED_BYTES:
        middle = (low + high) // (2 * width) * width
        if packed[middle : middle + width] > wanted:
            high = middle
        else:
            low = middle
    at = packed.find(wanted, low, high)
    while at > 0 and at % width:
        at = packed.find(wanted, at + 1, high)
    return at >= 0
