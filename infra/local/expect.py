"""What must become of the day's messages, reckoned here on the client's side and compared at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

SIGNATURE = "【塔城市疾控中心宣】"
# The sandbox's magic numbers that the day uses (README, the sandbox's table): where their messages end.
ENDS: Mapping[str, str] = {
    "13800139001": "failed",
    "13800139002": "failed",
    "13800139003": "failed",
    "13800139010": "refused",
    "13800139023": "submitted",
}
FAILED_AT_CARRIER, REFUSED_BY_CARRIER = "13800139002", "13800139010"
LATE, NEVER, TWICE, UNORDERED = "13800139020", "13800139023", "13800139024", "13800139025"
CONTRADICTED = ("13800139026", "13800139027")
BEFORE_THE_ANSWER, ANSWER_LOST = "13800139028", "13800139030"
WRITES_R, UNSUBSCRIBES, WRITES_BACK = "13800139040", "13800139041", "13800139042"
SPECIAL = (
    *("13800139001", FAILED_AT_CARRIER, "13800139003", REFUSED_BY_CARRIER, NEVER, TWICE, UNORDERED),
    *(*CONTRADICTED, BEFORE_THE_ANSWER, WRITES_R, UNSUBSCRIBES, WRITES_BACK),
)


def mobile(place: int) -> str:
    """A sample number that is nobody's; the sandbox delivers to it."""
    return f"1380013{place:04d}"


def units_of(text: str) -> int:
    """How many segments a text of the sample contract is billed as, with its signature."""
    length = len(SIGNATURE + text)
    return 1 if length <= 70 else -(-length // 67)


@dataclass(frozen=True, slots=True)
class Sent:
    """One accepted batch as its sender knows it.

    Shape: `numbers` in the order of acceptance; `refused` is the place in the request → the code; whatever is
    `cancelled` was so before any of it was sent.
    """

    batch: str
    numbers: tuple[str, ...]
    refused: Mapping[int, str]
    units_each: int
    test: bool = False
    cancelled: bool = False

    @property
    def on(self) -> date:
        return date.fromisoformat(self.batch[:8])

    def ends(self) -> Counter[str]:
        """How many messages end in which state."""
        end = {"refused": len(self.numbers)} if self.cancelled else None
        return Counter(end or (ENDS.get(number, "delivered") for number in self.numbers))


@dataclass
class DayExpected:
    """What the statement of a day must say."""

    batches: int = 0
    states: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    billed: int = 0
    units: int = 0
    test_messages: int = 0
    contradictions: int = 0

    def add(self, sent: Sent) -> None:
        self.contradictions += sum(number in CONTRADICTED for number in sent.numbers)
        if sent.test:
            self.test_messages += len(sent.numbers)
            return
        ends = sent.ends()
        taken = len(sent.numbers) - ends["refused"]
        self.batches += 1
        self.states += ends
        self.refused += Counter(sent.refused.values())
        self.billed += taken
        self.units += taken * sent.units_each


def expected_days(all_sent: Iterable[Sent]) -> dict[date, DayExpected]:
    """What each day's statement must say: nearly always one day, two when midnight passed in Shanghai."""
    days: dict[date, DayExpected] = {}
    for sent in all_sent:
        days.setdefault(sent.on, DayExpected()).add(sent)
    return dict(sorted(days.items()))
