"""What a loopback carrier really did: its own log, against which the platform's account is checked."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TakenCall:
    """One call that the carrier took, whatever it answered.

    Shape: `text` is one for all, or one by number. Units: `at_s` is seconds since 1970.
    """

    group: str
    reference: str
    attempt: int
    port: str
    text: str | Mapping[str, str]
    numbers: tuple[str, ...]
    refused: Mapping[str, str]
    at_s: float

    @property
    def sent(self) -> tuple[str, ...]:
        return tuple(number for number in self.numbers if number not in self.refused)


@dataclass
class Truth:
    """Every call taken and every receipt kept by the platform; safe to write from several threads."""

    taken: list[TakenCall] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    receipts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, call: TakenCall) -> None:
        with self._lock:
            self.taken.append(call)
            self.counts["messages_sent"] += len(call.sent)

    def note(self, what: str, how_many: int = 1) -> None:
        with self._lock:
            self.counts[what] += how_many

    def posted(self, receipts: Iterable[Mapping[str, str]]) -> None:
        """These receipts were answered with 200."""
        with self._lock:
            for each in receipts:
                self.receipts.setdefault((each["group"], each["number"]), []).append(each["code"])
                self.counts["receipts_posted"] += 1

    def summary(self) -> dict[str, int]:
        """Counts, and how many messages went out more than once under one reference."""
        with self._lock:
            sent = Counter((call.reference, number) for call in self.taken for number in call.sent)
            twice = sum(times - 1 for times in sent.values())
            return {**self.counts, "calls_taken": len(self.taken), "messages_sent_again": twice}

    def document(self) -> dict[str, object]:
        """Everything, as JSON."""
        with self._lock:
            calls = [
                {
                    "group": call.group,
                    "reference": call.reference,
                    "attempt": call.attempt,
                    "at_s": call.at_s,
                    "text": call.text,
                    "numbers": call.numbers,
                    "refused": dict(call.refused),
                    "receipts": {number: self.receipts.get((call.group, number), []) for number in call.sent},
                }
                for call in self.taken
            ]
        return {"summary": self.summary(), "calls": calls}
