"""The lists in memory: a dictionary each, which is what the packed ones must be taken for."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from openmas.domain import reasons
from openmas.domain.calendar import shanghai_day
from openmas.domain.change import Change
from openmas.domain.listing import (
    Act,
    Grounds,
    ListChange,
    ListEntry,
    ListKind,
    ListName,
    may_client_strike,
    newest,
)
from openmas.domain.loading import Loaded, Loading, LoadMode
from openmas.domain.reasons import rejected
from openmas.errors import NotAllowed

Place = tuple[str, ListName]


@dataclass
class FakeLists:
    entries: dict[Place, dict[str, ListEntry]] = field(default_factory=lambda: defaultdict(dict))
    frozen_numbers: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    freezes: dict[Place, Change | None] = field(default_factory=dict)
    history: dict[str, list[ListChange]] = field(default_factory=lambda: defaultdict(list))
    loads: dict[tuple[str, str], Loaded] = field(default_factory=dict)
    clocks: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def clock(self, client: str) -> int:
        return self.clocks[client]

    def listed(
        self, client: str, names: Collection[ListName], numbers: Collection[str]
    ) -> Mapping[ListName, frozenset[str]]:
        return {name: frozenset(self._counting((client, name)) & set(numbers)) for name in names}

    def change(
        self,
        client: str,
        name: ListName,
        act: Act,
        entries: Sequence[ListEntry],
        *,
        by_operator: bool = False,
    ) -> frozenset[str]:
        if not entries:
            return frozenset()
        place = (client, name)
        guarded = act is Act.STRUCK and not by_operator and not may_client_strike(name.kind)
        self._check(place, guarded)
        said = newest(entries)
        left = self.frozen_numbers[place] & said.keys() if guarded else frozenset()
        for number, entry in said.items():
            self._tell(client, name, act, entry, (number,))
            if act is Act.ADDED:
                self.entries[place][number] = entry
            elif act is Act.FROZEN:
                self.frozen_numbers[place].add(number)
            elif act is Act.THAWED:
                self.frozen_numbers[place].discard(number)
            elif number not in left:
                self.entries[place].pop(number, None)
        self._move(place)
        return frozenset(left)

    def load(self, client: str, name: ListName, loading: Loading) -> Loaded:
        place, mode = (client, name), loading.mode
        if (client, loading.id) in self.loads:
            return self.loads[client, loading.id]
        guarded = mode is not LoadMode.ADD and not may_client_strike(name.kind)
        self._check(place, guarded)
        before = self.entries[place]
        named = dict(_named(loading))
        after = {LoadMode.ADD: {**before, **named}, LoadMode.REPLACE: named}.get(
            mode, {number: entry for number, entry in before.items() if number not in named}
        )
        lost = before.keys() - after.keys()
        spared = self.frozen_numbers[place] & lost if guarded else set()
        after |= {number: before[number] for number in spared}
        self.entries[place] = after
        added, struck = sorted(after.keys() - before.keys()), sorted(lost - spared)
        own = sorted(named) if loading.grounds and mode is not LoadMode.REMOVE else []
        for act, numbers in ((Act.ADDED, own or added), (Act.STRUCK, struck)):
            if numbers:
                grounds = tuple(named[number].grounds for number in own if act is Act.ADDED)
                self._tell(client, name, act, loading.entry, tuple(numbers), grounds)
        self._move(place)
        loaded = self.loads[client, loading.id] = Loaded(len(added), len(struck), len(spared))
        return loaded

    def freeze(self, client: str, name: ListName, change: Change) -> None:
        self._set_freeze(client, name, Act.FROZEN, change, change)

    def thaw(self, client: str, name: ListName, change: Change) -> None:
        self._set_freeze(client, name, Act.THAWED, change, None)

    def frozen(self, client: str) -> Mapping[ListName, Change | None]:
        return {name: freeze for (owner, name), freeze in self.freezes.items() if owner == client}

    def entry(self, client: str, name: ListName, number: str) -> ListEntry | None:
        entry = self.entries[client, name].get(number)
        return entry and replace(entry, frozen=number in self.frozen_numbers[client, name])

    def page(
        self, client: str, name: ListName, after: str | None, limit: int
    ) -> tuple[Sequence[ListEntry], str | None]:
        ordered = sorted(self.entries[client, name], key=_place)
        rest = [number for number in ordered if after is None or _place(number) > _place(after)]
        entries = [self.entry(client, name, number) for number in rest[:limit]]
        return [entry for entry in entries if entry], rest[limit - 1] if len(rest) > limit else None

    def changes(
        self, client: str, kind: ListKind, month: str, before: str | None, limit: int
    ) -> tuple[Sequence[ListChange], str | None]:
        of_month = [
            change
            for change in self.history[client]
            if change.name.kind is kind and f"{shanghai_day(change.at):%Y%m}" == month
        ]
        rest = sorted(of_month, key=lambda change: change.at, reverse=True)[int(before or 0) :]
        end = str(int(before or 0) + limit) if len(rest) > limit else None
        return rest[:limit], end

    def _set_freeze(
        self, client: str, name: ListName, act: Act, change: Change, after: Change | None
    ) -> None:
        self._tell(client, name, act, ListEntry("", change.by, change.at, change.why), ())
        self.freezes[client, name] = after
        self._move((client, name))

    def _counting(self, place: Place) -> set[str]:
        numbers = set(self.entries[place])
        if place[1].kind is ListKind.WHITE:
            return set() if self.freezes.get(place) else numbers - self.frozen_numbers[place]
        return numbers

    def _check(self, place: Place, guarded: bool) -> None:
        if guarded and self.freezes.get(place):
            raise rejected(NotAllowed, reasons.LIST_FROZEN)

    def _move(self, place: Place) -> None:
        self.freezes.setdefault(place, None)
        self.clocks[place[0]] += 1

    def _tell(
        self,
        client: str,
        name: ListName,
        act: Act,
        entry: ListEntry,
        numbers: tuple[str, ...],
        grounds: tuple[Grounds, ...] = (),
    ) -> None:
        told = ListChange(
            f"{len(self.history[client]):020x}",
            name,
            act,
            entry.by,
            entry.at,
            entry.why,
            entry.consent,
            numbers,
            grounds,
        )
        self.history[client].append(told)


def _named(loading: Loading) -> Iterator[tuple[str, ListEntry]]:
    """What the file says of each of its numbers."""
    for number, line in loading.numbers.lines():
        of = loading.grounds.of(line) or loading.entry.grounds
        yield number, replace(loading.entry, number=number, why=of.why, consent=of.consent)


def _place(number: str) -> tuple[str, str]:
    """By the last three digits, the last one first."""
    return number[:-4:-1], number
