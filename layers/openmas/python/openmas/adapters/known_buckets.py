"""What a warm function remembers of lists: the buckets that it read, until each of them changes."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from openmas.adapters.list_heads import Heads
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
    """A client's buckets by their keys, all as they were when the clock stood there or later; their size."""

    clock: int
    buckets: dict[str, Packed] = field(default_factory=dict)
    bytes: int = 0

    def take(self, found: Mapping[str, Packed]) -> None:
        self.buckets.update(found)
        self.bytes += sum(len(pk) + len(each.numbers) + len(each.frozen) for pk, each in found.items())


class KnownBuckets:
    """Shape: whoever changes a bucket moves the clock, and by the same write names the bucket, before he says
    so; so what was read behind the clock holds all that was ever acknowledged, until it is named.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._clients: OrderedDict[str, _Known] = OrderedDict()

    def read(self, client: str, heads: Heads, pks: Collection[str]) -> Mapping[str, Packed]:
        """The buckets under these keys, and perhaps others, with all that was acknowledged by these heads."""
        known = _followed(client, self._clients.pop(client, None), heads)
        missing = [pk for pk in pks if pk not in known.buckets]
        # No table keeps what is empty; that, too, is remembered.
        found = dict.fromkeys(missing, _EMPTY)
        for item in self._table.fetch([key(pk, "bucket") for pk in missing], "pk, numbers, frozen"):
            frozen = item["frozen"]["B"] if "frozen" in item else b""
            found[item["pk"]["S"]] = Packed(item["numbers"]["B"], frozen)
        known.take(found)
        self._clients[client] = known
        while sum(each.bytes for each in self._clients.values()) > KNOWN_BYTES_MAX:
            self._clients.popitem(last=False)
        return known.buckets


def _followed(client: str, known: _Known | None, heads: Heads) -> _Known:
    """What is still known where the clock stands now: the buckets that count and did not change since."""
    if known and known.clock == heads.clock:
        return known
    # Another one, as somebody may still look at the one that was.
    followed = _Known(heads.clock)
    if known and heads.named_since <= known.clock < heads.clock:
        counting, changed = _since(client, known.clock, heads)
        followed.take(
            {
                pk: bucket
                for pk, bucket in known.buckets.items()
                if pk.startswith(counting) and pk not in changed
            }
        )
    return followed


def _since(client: str, clock: int, heads: Heads) -> tuple[tuple[str, ...], set[str]]:
    """What the keys of buckets that count begin with, and those that changed after the clock stood there."""
    counting, changed = list[str](), set[str]()
    for name, head in heads.lists.items():
        if head.generation:
            prefix = head.generation.prefix(client, name)
            counting.append(prefix)
            changed |= {prefix + label for label, at in head.changed.items() if at > clock}
    return tuple(counting), changed
