"""The head of a client's lists: which generation of each list counts, and the clock that every change moves.

It is one small item, changed as a whole and only on the condition that it is as it was read. A list whose new
generation is about to take over is *sealed* for a moment: no change is acknowledged then.

It also names the buckets that changed last, with where the clock stood once each change counted, so that
whoever remembers buckets reads only those again. A new generation's buckets have keys of their own and need
no naming.
"""

import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from struct import Struct

from openmas.adapters.buckets import Generation
from openmas.adapters.packing import Item, Value, from_change, from_time, key, to_change, to_time
from openmas.adapters.table import ABSENT, Table
from openmas.domain.change import Change
from openmas.domain.loading import Loaded
from openmas.errors import Unavailable
from openmas.needs import Clock

TRIES = 50
SEALED_FOR = timedelta(seconds=20)
# Longer than any reader that still knows the generation can live.
SPARED_FOR = timedelta(hours=1)
LOADS_KEPT = 50
# Buckets of all lists of a client, six bytes each: every submission reads them, every change writes them.
NAMED_MAX = 100
WAIT_S = 0.1
WAITS = 250

# A label behind a 1, so that its zeros count; where the clock stood.
_CHANGED = Struct(">HI")

Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Seal:
    """Whoever holds the token may let a new generation take over; it is worth nothing after its time."""

    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """One list.

    Shape: `spare` are generations that do not count, with the time since when; they are removed later.
    `loads` are the last files that were put in, so that none is put in again. `changed` are the labels of the
    generation's buckets that changed last, and where the clock stood from their last change on.
    """

    generation: Generation | None = None
    seal: Seal | None = None
    freeze: Change | None = None
    spare: Mapping[Generation, datetime] = field(default_factory=dict)
    loads: Mapping[str, Loaded] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heads:
    """All lists of a client; one that was never used has a head of its own kind.

    Shape: whatever bucket changed after the clock stood at `named_since` is named by its list.
    """

    clock: int = 0
    lists: Mapping[str, Head] = field(default_factory=dict)
    named_since: int = 0

    def of(self, name: str) -> Head:
        return self.lists.get(name, Head())

    def moved(self, name: str, head: Head, labels: Collection[str]) -> "Heads":
        """The clock has moved, the list has this head, and these buckets of its generation have changed."""
        clock = self.clock + 1
        changed = {**head.changed, **dict.fromkeys(labels, clock)}
        lists = {**self.lists, name: replace(head, changed=changed)}
        newest = sorted((at for each in lists.values() for at in each.changed.values()), reverse=True)
        if len(newest) <= NAMED_MAX:
            return Heads(clock, lists, self.named_since)
        # Buckets of one change are named together or not at all.
        since = newest[NAMED_MAX]
        return Heads(clock, {of: _named_after(since, each) for of, each in lists.items()}, since)


def _named_after(since: int, head: Head) -> Head:
    return replace(head, changed={label: at for label, at in head.changed.items() if at > since})


def new_id() -> str:
    return os.urandom(5).hex()


class ListHeads:
    """Reads and moves the heads."""

    def __init__(self, table: Table, clock: Clock, pause: Pause) -> None:
        self._table = table
        self._clock = clock
        self._pause = pause

    def read(self, client: str) -> Heads:
        item = self._table.get(_key(client))
        return heads_from(item) if item else Heads()

    def unsealed(self, client: str, name: str) -> Head:
        """The head as soon as no new generation is about to take over.

        Raises: Unavailable if that takes too long.
        """
        for _ in range(WAITS):
            head = self.read(client).of(name)
            if head.seal is None:
                return head
            if head.seal.until <= self._clock.now():
                self._break(client, name, head.seal)
            else:
                self._pause(WAIT_S)
        raise contended()

    def acknowledge(
        self, client: str, name: str, before: Generation | None, now: Generation, labels: Collection[str]
    ) -> bool:
        """The clock has moved, and what was changed in these buckets of the generation counts; or it no
        longer would.
        """

        def change(head: Head) -> Head | None:
            if head.generation not in (before, now) or head.seal is not None:
                return None
            return replace(head, generation=now)

        return self._move(client, name, change, labels)

    def freeze(self, client: str, name: str, freeze: Change | None) -> None:
        self._move(client, name, lambda head: replace(head, freeze=freeze))

    def set_aside(self, client: str, name: str, generation: Generation) -> list[Generation]:
        """The generation is known as one that does not count (yet); the ones long spare are returned."""
        now = self._clock.now()
        old: list[Generation] = []

        def change(head: Head) -> Head:
            old[:] = [each for each, since in head.spare.items() if since + SPARED_FOR <= now]
            left = {each: since for each, since in head.spare.items() if each not in old}
            return replace(head, spare={**left, generation: now})

        self._move(client, name, change)
        return old

    def seal(self, client: str, name: str, generation: Generation | None) -> str | None:
        """The token of the list's new seal; None if another generation counts by now, or holds a seal."""
        seal = Seal(new_id(), self._clock.now() + SEALED_FOR)

        def change(head: Head) -> Head | None:
            free = head.seal is None or head.seal == seal
            return replace(head, seal=seal) if free and head.generation == generation else None

        return seal.token if self._move(client, name, change) else None

    def flip(
        self, client: str, name: str, token: str, generation: Generation, loads: Mapping[str, Loaded]
    ) -> bool:
        """The generation counts and the seal is gone; or the token was worth nothing any more."""
        now = self._clock.now()

        def change(head: Head) -> Head | None:
            if head.generation == generation:
                return head
            if head.seal is None or head.seal.token != token:
                return None
            spare = {each: since for each, since in head.spare.items() if each != generation}
            if head.generation is not None:
                spare[head.generation] = now
            kept = dict([*head.loads.items(), *loads.items()][-LOADS_KEPT:])
            return replace(head, generation=generation, seal=None, spare=spare, loads=kept, changed={})

        return self._move(client, name, change)

    def _break(self, client: str, name: str, seal: Seal) -> None:
        """This seal, whose holder did not live to its end, is gone."""
        self._move(client, name, lambda head: replace(head, seal=None) if head.seal == seal else None)

    def _move(
        self, client: str, name: str, change: Callable[[Head], Head | None], labels: Collection[str] = ()
    ) -> bool:
        """The head is changed, the clock has moved and names the buckets; or the change was no longer wanted.

        A write whose answer was lost is made again by the library, and may meet itself: every change can be
        made twice.
        """
        item = self._table.get(_key(client))
        for _ in range(TRIES):
            heads = heads_from(item) if item else Heads()
            after = change(heads.of(name))
            if after is None:
                return False
            moved = heads.moved(name, after, labels)
            condition = "version = :before" if item else ABSENT
            values = {":before": {"N": str(heads.clock)}} if item else None
            standing = self._table.put_if(condition, heads_item(client, moved), values)
            if standing is None:
                return True
            item = standing
        raise contended()


def contended() -> Unavailable:
    return Unavailable("list_contended", "Too many others are changing this list.")


def heads_item(client: str, heads: Heads) -> Item:
    lists = {name: {"M": _head_value(head)} for name, head in heads.lists.items()}
    since = {"N": str(heads.named_since)}
    return {**_key(client), "version": {"N": str(heads.clock)}, "lists": {"M": lists}, "named_since": since}


def heads_from(item: Item) -> Heads:
    lists = {name: _head(value["M"]) for name, value in item["lists"]["M"].items()}
    # Who does not name what he changes leaves this out.
    since = item["named_since"] if "named_since" in item else item["version"]
    return Heads(int(item["version"]["N"]), lists, int(since["N"]))


def _key(client: str) -> Item:
    return key(client, "clock")


def _head_value(head: Head) -> Item:
    value: Item = {}
    if head.generation:
        value["generation"] = _written(head.generation)
    if head.seal:
        value["seal"] = {"M": {"token": {"S": head.seal.token}, "until": from_time(head.seal.until)}}
    if head.freeze:
        value["freeze"] = from_change(head.freeze)
    if head.spare:
        value["spare"] = {"M": {_written(each)["S"]: from_time(since) for each, since in head.spare.items()}}
    if head.loads:
        counts = {name: [n.added, n.struck, n.spared] for name, n in head.loads.items()}
        value["loads"] = {"S": json.dumps(counts, separators=(",", ":"))}
    if head.changed:
        packed = [_CHANGED.pack(int(f"1{label}"), at) for label, at in head.changed.items()]
        value["changed"] = {"B": b"".join(packed)}
    return value


def _head(value: Item) -> Head:
    seal = value["seal"]["M"] if "seal" in value else None
    spare = value["spare"]["M"] if "spare" in value else {}
    loads = json.loads(value["loads"]["S"]) if "loads" in value else {}
    changed = value["changed"]["B"] if "changed" in value else b""
    return Head(
        generation=_read(value["generation"]["S"]) if "generation" in value else None,
        seal=Seal(seal["token"]["S"], to_time(seal["until"])) if seal else None,
        freeze=to_change(value["freeze"]) if "freeze" in value else None,
        spare={_read(name): to_time(since) for name, since in spare.items()},
        loads={name: Loaded(*counts) for name, counts in loads.items()},
        changed={str(label)[1:]: at for label, at in _CHANGED.iter_unpack(changed)},
    )


def _written(generation: Generation) -> Value:
    return {"S": f"{generation.id}.{generation.digits}"}


def _read(text: str) -> Generation:
    name, _, digits = text.partition(".")
    return Generation(name, int(digits))
