"""What a warm function remembers of lists: the buckets that it read, until a list of the client changes."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from openmas.adapters.packing import key
from openmas.adapters.table import Table

# What is remembered of all clients: ten million numbers or so, which take three bytes each.
KNOWN_BYTES_MAX = 32_000_000


class Packed(NamedTuple):
    """The packed numbers of one bucket, and those of them that are frozen."""

    numbers: bytes
    frozen: bytes


_EMPTY = Packed(b"", b"")


@dataclass(slots=True)
class _Known:
    """A client's buckets by their keys, all read when the clock already stood where it does; their size."""

    clock: int
    buckets: dict[str, Packed] = field(default_factory=dict)
    bytes: int = 0


class KnownBuckets:
    """Shape: whoever changes a bucket moves the clock before he says so; so while it stands, what was read
    behind it holds all that was ever acknowledged.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._clients: OrderedDict[str, _Known] = OrderedDict()

    def read(self, client: str, clock: int, pks: Collection[str]) -> Mapping[str, Packed]:
        """The buckets under these keys, and perhaps others, as read since the clock stands there."""
        known = self._clients.pop(client, None)
        if known is None or known.clock != clock:
            known = _Known(clock)
        missing = [pk for pk in pks if pk not in known.buckets]
        # No table keeps what is empty; that, too, is remembered.
        found = dict.fromkeys(missing, _EMPTY)
        for item in self._table.fetch([key(pk, "bucket") for pk in missing], "pk, numbers, frozen"):
            frozen = item["frozen"]["B"] if "frozen" in item else b""
            found[item["pk"]["S"]] = Packed(item["numbers"]["B"], frozen)
        known.buckets.update(found)
        known.bytes += sum(len(pk) + len(each.numbers) + len(each.frozen) for pk, each in found.items())
        self._clients[client] = known
        while sum(each.bytes for each in self._clients.values()) > KNOWN_BYTES_MAX:
            self._clients.popitem(last=False)
        return known.buckets
