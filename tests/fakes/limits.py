"""The units that clients hold, and what numbers were sent lately, in memory."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from openmas.domain.frequency import Book, Event, Request, Seen
from openmas.domain.holding import Account, Correction, FilePart, PartHold, Period, shortage


@dataclass
class FakeUnits:
    """Shape: `writes` counts changes; `lost` makes the next so many givings back get lost."""

    accounts: dict[str, Account] = field(default_factory=dict)
    writes: int = 0
    lost: int = 0

    def account(self, client: str) -> Account:
        return self.accounts.get(client, Account())

    def hold(
        self, client: str, periods: Sequence[Period], units: int, part: FilePart | None = None
    ) -> tuple[bool, Account]:
        account = self.account(client)
        wanted = account.wanted(periods, units, part)
        if not wanted:
            return True, account
        begun = all(period.name in account.used for period in periods)
        if not begun or shortage(periods, account.used, wanted) is not None:
            return False, account
        if part is not None:
            held = PartHold(part.n, units, frozenset(period.name for period in periods))
            self.accounts[client] = replace(account, parts={**account.parts, part.batch: held})
        return True, self._add(client, wanted)

    def forget_part(self, client: str, batch: str) -> None:
        account = self.account(client)
        if batch in account.parts:
            left = {name: held for name, held in account.parts.items() if name != batch}
            self._keep(client, replace(account, parts=left))

    def start(self, client: str, used: Mapping[str, int]) -> None:
        account = self.account(client)
        self._keep(client, replace(account, used={**used, **account.used}))

    def give_back(self, client: str, names: Collection[str], units: int, epoch: int) -> bool:
        account = self.account(client)
        if self.lost:
            self.lost -= 1
            return False
        if epoch != account.epoch or not account.used.keys() >= set(names):
            return False
        self._add(client, dict.fromkeys(names, -units))
        return True

    def tell(self, client: str, name: str) -> None:
        account = self.account(client)
        self._keep(client, replace(account, told=account.told | {name}))

    def settle(self, client: str, seen: Account, correction: Correction) -> bool:
        account = self.account(client)
        same = all(account.used.get(name) == seen.used[name] for name in correction.while_same)
        if account.epoch != seen.epoch or not same:
            return False
        self._add(client, correction.added)
        account = self.account(client)
        used = {name: units for name, units in account.used.items() if name not in correction.forgotten}
        parts = {name: held for name, held in account.parts.items() if name not in correction.parts}
        self._keep(client, Account(used, account.told - correction.forgotten, account.epoch + 1, parts))
        return True

    def _add(self, client: str, added: Mapping[str, int]) -> Account:
        account = self.account(client)
        used = {**account.used, **{name: account.used[name] + units for name, units in added.items()}}
        return self._keep(client, replace(account, used=used))

    def _keep(self, client: str, account: Account) -> Account:
        self.writes += 1
        self.accounts[client] = account
        return account


@dataclass
class FakeRecent:
    """Shape: everything ever noted, by book and number; `meanwhile` happens just before the next note."""

    noted: dict[tuple[Book, str], list[Event]] = field(default_factory=lambda: defaultdict(list))
    writes: int = 0
    meanwhile: Callable[[], None] | None = None

    def seen(self, book: Book, numbers: Collection[str], request: Request, reach: timedelta) -> Seen:
        found = {number: self.noted.get((book, number), []) for number in numbers}
        others = {
            number: [
                each for each in events if not _ours(each, request) and abs(each.at - request.at) < reach
            ]
            for number, events in found.items()
        }
        ours = {
            number
            for number, events in found.items()
            if any(_ours(event, request) and event.at == request.at for event in events)
        }
        stands = {number: len(events) for number, events in found.items()}
        return Seen({n: events for n, events in others.items() if events}, frozenset(ours), stands)

    def note(self, book: Book, seen: Seen, events: Mapping[str, Event], kept: timedelta) -> bool:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        assert isinstance(seen.stands, dict)
        if any(len(self.noted.get((book, number), [])) != seen.stands[number] for number in events):
            return False
        self.writes += 1
        for number, event in events.items():
            request = Request(event.request, event.noted_at, event.at)
            others = [each for each in self.noted[book, number] if not _ours(each, request)]
            self.noted[book, number][:] = [*others, event]
        return True

    def take_back(self, book: Book, numbers: Collection[str], request: Request) -> None:
        for number in numbers:
            events = self.noted.get((book, number), [])
            events[:] = [each for each in events if not _ours(each, request)]


def _ours(event: Event, request: Request) -> bool:
    return request.noted(event.request, event.noted_at)
