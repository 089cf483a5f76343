"""The world in memory, with the promises of the real one: tests/integration holds both to one suite."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openmas.domain.carrier import SANDBOX, Capabilities
from openmas.errors import Unavailable
from openmas.needs.machine import Outcome, Thing
from tests.fakes import sample
from tests.fakes.addresses import FakeAddresses
from tests.fakes.carrier import FakeCarrier, FakeCarriers, FakeSecrets
from tests.fakes.files import FakeParts, FakeUploads
from tests.fakes.ledger import FakeCases, FakeLedger
from tests.fakes.limits import FakeRecent, FakeUnits
from tests.fakes.lists import FakeLists
from tests.fakes.messages import FakeMessages
from tests.fakes.queues import (
    FakeCutQueue,
    FakeNightQueue,
    FakeQueue,
    FakeReceiptQueue,
    FakeReleaseQueue,
    FakeSandboxQueue,
    FakeSchedule,
    FakeWorkQueue,
)
from tests.fakes.registry import FakeComplaints, FakeRegistry
from tests.fakes.transfers import FakeExports, FakeTransferQueue, FakeTransfers
from tests.fakes.words import FakeWords


@dataclass
class FakeClock:
    """A clock that stands still until it is told to go on."""

    at: datetime = sample.NOW

    def now(self) -> datetime:
        return self.at

    def tick(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
        self.at += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self.at


class FakeEntropy:
    """The same bytes for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def draw(self, count: int) -> bytes:
        return self._random.randbytes(count)


@dataclass
class FakePace:
    """Shape: when the next free slot begins, in seconds since 1970, by client and name; `taken` counts."""

    clock: FakeClock
    next_at: dict[tuple[str, str], float] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)

    def reserve(
        self, client: str, name: str, cost_s: float, horizon_s: float, longest_s: float | None = None
    ) -> float | None:
        now = self.clock.now().timestamp()
        begin = max(now, self.next_at.get((client, name), now))
        if longest_s is not None and begin - now > longest_s:
            begin = now + horizon_s
        if begin - now > horizon_s:
            return None
        self.next_at[client, name] = begin + cost_s
        self.taken[name] += 1
        return begin - now


class FakeCrew:
    """One hand after the other."""

    def each(self, act: Callable[[Thing], Outcome], things: Iterable[Thing]) -> list[Outcome]:
        return [act(thing) for thing in things]


@dataclass
class FakeWebhook:
    """Shape: `posted` holds kind and document of everything it took; while `down` it takes nothing."""

    posted: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    down: bool = False

    def post(self, kind: str, document: Mapping[str, object]) -> None:
        if self.down:
            raise Unavailable("webhook_refused", "The platform's webhook answered 503.")
        self.posted.append((kind, document))


class FakeWorld:
    """Fulfils the needs of every flow; its parts are open to a test's looks and hands."""

    def __init__(self, seed: int = 1, at: datetime = sample.NOW) -> None:
        self.clock = FakeClock(at)
        self.entropy = FakeEntropy(seed)
        self.crew = FakeCrew()
        self.registry = FakeRegistry(self.clock)
        self.lists = FakeLists()
        self.addresses = FakeAddresses()
        self.words = FakeWords()
        self.transfers = FakeTransfers()
        self.transfer_queue = FakeTransferQueue(FakeQueue(self.clock, "transfer"))
        self.uploads = FakeUploads()
        self.exports = FakeExports()
        self.messages = FakeMessages()
        self.pace = FakePace(self.clock)
        self.queue = FakeWorkQueue(FakeQueue(self.clock, "urgent"), FakeQueue(self.clock, "bulk"))
        self.receipts = FakeReceiptQueue(FakeQueue(self.clock, "receipts"))
        self.release_queue = FakeReleaseQueue(FakeQueue(self.clock, "release"))
        self.cut_queue = FakeCutQueue(FakeQueue(self.clock, "cut"))
        self.parts = FakeParts()
        self.schedule = FakeSchedule(self.release_queue.queue)
        self.night_queue = FakeNightQueue(FakeQueue(self.clock, "night"))
        self.sandbox_queue = FakeSandboxQueue(FakeQueue(self.clock, "sandbox"))
        self.ledger = FakeLedger(self.clock)
        self.late = self.ledger
        self.cases = FakeCases()
        self.complaints = FakeComplaints()
        self.units = FakeUnits()
        self.recent = FakeRecent()
        self.secrets = FakeSecrets()
        self.seal = self.secrets
        self.webhook = FakeWebhook()
        self.carriers = FakeCarriers(self.clock, self.secrets)
        self.carrier = self.add_carrier(sample.CARRIER)
        self.add_carrier(SANDBOX, Capabilities(echoes_reference=True, deduplicates_s=86_400))

    def add_carrier(self, name: str, capabilities: Capabilities | None = None) -> FakeCarrier:
        """A carrier of this name is set up, in place of one that was."""
        made = FakeCarrier(self.clock, capabilities or Capabilities())
        self.carriers.by_name[name] = made
        return made

    def with_sample(self) -> "FakeWorld":
        """The sample client with its contract in force and its template is known."""
        self.registry.keep_client(sample.client())
        sample.put_in_force(self.registry, sample.CLIENT, sample.contract())
        self.registry.keep_template(sample.CLIENT, sample.template())
        return self

    def pause(self, duration_s: float, /) -> None:
        self.clock.tick(duration_s)
