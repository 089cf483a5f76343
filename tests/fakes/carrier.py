"""A carrier in memory that answers by a script, and knows for itself what it has really sent."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from openmas.adapters.carriers.directory import CarrierDirectory
from openmas.domain.carrier import Accepted, Answer, Call, Capabilities
from openmas.domain.receipts import Report
from openmas.errors import Unavailable
from openmas.needs import Carrier, Clock, Receiver


@dataclass(frozen=True)
class Taken:
    """One call that the carrier took, whatever it answered: its numbers have got the text."""

    call: Call
    group: str
    numbers: tuple[str, ...]
    at: datetime


@dataclass
class FakeCarrier:
    """Shape: `calls` is what it was asked, `taken` what it did; the two part ways when an answer is lost."""

    clock: Clock
    capabilities: Capabilities = field(default_factory=Capabilities)
    calls: list[Call] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    script: deque[tuple[Answer, bool]] = field(default_factory=deque)

    def then(self, answer: Answer, *, took: bool | None = None) -> "FakeCarrier":
        """The next call that is not yet scripted gets this answer; `took` says what really happens to it."""
        self.script.append((answer, isinstance(answer, Accepted) if took is None else took))
        return self

    def send(self, call: Call) -> Answer:
        self.calls.append(call)
        if (before := self._remembered(call)) is not None:
            return Accepted(before.group)
        answer, took = self.script.popleft() if self.script else (Accepted(""), True)
        if not took:
            return answer
        refused: Mapping[str, str] = answer.refused if isinstance(answer, Accepted) else {}
        group = (answer.group if isinstance(answer, Accepted) else None) or f"G{len(self.taken) + 1}"
        numbers = tuple(number for number in call.numbers if number not in refused)
        self.taken.append(Taken(call, group, numbers, self.clock.now()))
        return Accepted(group, refused) if isinstance(answer, Accepted) else answer

    @property
    def sent(self) -> Counter[tuple[str, str]]:
        """How often each message was really sent, by reference and number."""
        return Counter((each.call.reference, number) for each in self.taken for number in each.numbers)

    def reports(self, code: str = "DELIVRD", after_s: int = 3) -> list[Report]:
        """A receipt for every message that was really sent."""
        return [
            Report(
                number,
                code,
                (each.at + timedelta(seconds=after_s)).replace(microsecond=0),
                each.group,
                each.call.reference if self.capabilities.echoes_reference else None,
            )
            for each in self.taken
            for number in each.numbers
        ]

    def _remembered(self, call: Call) -> Taken | None:
        window = timedelta(seconds=self.capabilities.deduplicates_s)
        for each in self.taken:
            if each.call.reference == call.reference and self.clock.now() < each.at + window:
                return each
        return None


@dataclass
class FakeSecrets:
    """The carriers document and the seal; keys that are different for every purpose, and always the same."""

    document: dict[str, Any] = field(default_factory=dict)

    def key(self, purpose: str) -> bytes:
        return f"key for {purpose}".encode().ljust(32, b".")

    def carriers(self) -> Mapping[str, Any]:
        return self.document


@dataclass
class FakeCarriers:
    """Shape: calls go to the fakes in `by_name`; the webhook's doors are real ones over the fake secrets."""

    clock: Clock
    secrets: FakeSecrets
    by_name: dict[str, FakeCarrier] = field(default_factory=dict)

    def named(self, name: str) -> Carrier:
        if name not in self.by_name:
            raise Unavailable("carrier_unknown", f"There is no carrier {name}.")
        return self.by_name[name]

    def receiver(self, name: str) -> Receiver:
        return CarrierDirectory(self.secrets, "http://127.0.0.1", self.clock).receiver(name)
