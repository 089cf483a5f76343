"""What happened on one day, counted from its batches and parcels, and what does not add up in it.

The count does not depend on the order of the parcels or of their receipts, and it holds none of them: only,
for every batch, how many parcels and messages of it are still to be found.
"""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from openmas.domain.batch import Batch
from openmas.domain.contract import Category
from openmas.domain.cutting import CutStage, Cutting, OfDay
from openmas.domain.ids import batch_of
from openmas.domain.parcel import RECEIPTS_WITHIN, MessageState, Parcel, State
from openmas.domain.reasons import code_of
from openmas.domain.receipts import Proof, proof_of
from openmas.domain.tariff import ChargedOn

SUBJECTS_MAX = 5


class BreakKind(StrEnum):
    """What can fail to add up."""

    PARCELS_MISSING = "parcels_missing"
    SENT_WITHOUT_BATCH = "sent_without_batch"
    RECEIPTS_CONTRADICT = "receipts_contradict"
    WITHOUT_CONTRACT = "without_contract"
    WAITING_TOO_LONG = "waiting_too_long"
    UNKNOWN_TOO_LONG = "unknown_too_long"
    ENTRIES_DIFFER = "entries_differ"


# What a recipient may have seen, hence may complain of.
ON_AIR = frozenset(
    {MessageState.SUBMITTED, MessageState.DELIVERED, MessageState.FAILED, MessageState.UNKNOWN}
)
# These depend on when one looks, so they become cases and stand in no statement.
OVERDUE = frozenset({BreakKind.WAITING_TOO_LONG, BreakKind.UNKNOWN_TOO_LONG})


@dataclass(frozen=True, slots=True)
class Break:
    """One kind of break, how often it was found, and the first few names that it concerns."""

    kind: BreakKind
    count: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """The live messages of one category."""

    messages: int = 0
    billed_messages: int = 0
    units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTally:
    """One client's day in numbers.

    Shape: `refused` counts by reason what was refused at submission; `templates` counts by template what went
    on the air; all counts but `test_messages` are of live messages.
    Units: `units` of a category are billed segments; `held_units` those that are charged or may yet be.
    """

    batches: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[MessageState, int] = field(default_factory=dict)
    categories: Mapping[Category, CategoryCount] = field(default_factory=dict)
    templates: Mapping[str, int] = field(default_factory=dict)
    test_messages: int = 0
    held_units: int = 0
    breaks: tuple[Break, ...] = ()

    @property
    def units(self) -> int:
        return sum(count.units for count in self.categories.values())


def on_air(states: Mapping[MessageState, int]) -> int:
    """How many of the messages recipients may have seen."""
    return sum(count for state, count in states.items() if state in ON_AIR)


def tally_day(
    day: Iterable[OfDay],
    charged_on: ChargedOn | None,
    looked_at: datetime | None = None,
) -> DayTally:
    """The day in numbers; it is read once.

    Shape: each batch comes before its own parcels; `charged_on` None means that no contract charges anything;
    without `looked_at` nothing counts as overdue.
    """
    count = _Count(charged_on, looked_at)
    for each in day:
        # A batch is stored after its parcels: whoever has seen the batch will find them all.
        if isinstance(each, Batch):
            count.take_batch(each)
        elif isinstance(each, Cutting):
            count.take_cutting(each)
        else:
            count.take_parcel(each)
    return count.result()


class _Breaks:
    """Breaks by kind, with the smallest few names of each, so that their order of arrival does not matter."""

    def __init__(self) -> None:
        self._count: Counter[BreakKind] = Counter()
        self._subjects: dict[BreakKind, list[str]] = {}

    def add(self, kind: BreakKind, subject: str, count: int = 1) -> None:
        if count == 0:
            return
        self._count[kind] += count
        subjects = self._subjects.setdefault(kind, [])
        insort(subjects, subject)
        del subjects[SUBJECTS_MAX:]

    def result(self) -> tuple[Break, ...]:
        return tuple(
            Break(kind, self._count[kind], tuple(self._subjects[kind])) for kind in sorted(self._count)
        )


class _Count:
    """The running count of one day."""

    def __init__(self, charged_on: ChargedOn | None, looked_at: datetime | None) -> None:
        self._charged_on = charged_on
        self._looked_at = looked_at
        self._batches = 0
        self._test_messages = 0
        self._to_find: dict[str, tuple[int, int]] = {}
        self._growing: set[str] = set()
        self._tests: set[str] = set()
        self._template_of: dict[str, str | None] = {}
        self._templates: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._states: Counter[MessageState] = Counter()
        self._messages: Counter[Category] = Counter()
        self._billed: Counter[Category] = Counter()
        self._units: Counter[Category] = Counter()
        self._held_units = 0
        self._breaks = _Breaks()

    def take_batch(self, batch: Batch) -> None:
        self._to_find[batch.id] = (batch.parcels, batch.accepted)
        self._template_of[batch.id] = batch.template
        if batch.test:
            self._tests.add(batch.id)
            return
        self._batches += 1
        self._count_refused({reason: len(places) for reason, places in batch.refused.items()})
        if self._charged_on is None:
            self._breaks.add(BreakKind.WITHOUT_CONTRACT, batch.id)

    def take_cutting(self, cutting: Cutting) -> None:
        """How much there is to find of a batch from a file, once that is sure."""
        if cutting.batch not in self._to_find:
            return
        if cutting.batch not in self._tests:
            self._count_refused(cutting.refused)
        if self._looked_at is not None and not cutting.ended and cutting.overdue(self._looked_at):
            self._breaks.add(BreakKind.WAITING_TOO_LONG, cutting.batch)
        self._to_find[cutting.batch] = (cutting.parcels, cutting.messages)
        if cutting.stage is not CutStage.DONE:
            # A parcel is stored before it is counted, so there may be more.
            self._growing.add(cutting.batch)

    def _count_refused(self, counts: Mapping[str, int]) -> None:
        for reason, count in counts.items():
            self._refused[code_of(reason)] += count

    def take_parcel(self, parcel: Parcel) -> None:
        batch = batch_of(parcel.id)
        if batch not in self._to_find:
            self._uncommitted(parcel)
            return
        parcels, messages = self._to_find[batch]
        self._to_find[batch] = (parcels - 1, messages - len(parcel.numbers))
        self._breaks.add(BreakKind.RECEIPTS_CONTRADICT, parcel.id, _contradictions(parcel))
        self._overdue(parcel)
        if parcel.test:
            self._test_messages += len(parcel.numbers)
        else:
            self._live(parcel, self._template_of[batch])

    def result(self) -> DayTally:
        for batch, left in self._to_find.items():
            wrong = max(left) > 0 if batch in self._growing else left != (0, 0)
            self._breaks.add(BreakKind.PARCELS_MISSING, batch, int(wrong))
        return DayTally(
            batches=self._batches,
            refused=dict(self._refused),
            states=dict(self._states),
            categories={
                category: CategoryCount(messages, self._billed[category], self._units[category])
                for category, messages in self._messages.items()
            },
            templates=dict(self._templates),
            test_messages=self._test_messages,
            held_units=self._held_units,
            breaks=self._breaks.result(),
        )

    def _live(self, parcel: Parcel, template: str | None) -> None:
        billed = () if self._charged_on is None else parcel.billed_places(self._charged_on)
        states = parcel.states()
        self._states.update(states)
        if template is not None and (seen := sum(state in ON_AIR for state in states)):
            self._templates[template] += seen
        self._messages[parcel.category] += len(parcel.numbers)
        self._billed[parcel.category] += len(billed)
        units = sum(parcel.units[place] for place in billed)
        self._units[parcel.category] += units
        if self._charged_on is not None:
            # What is at rest can only be charged, or not; it need not be looked at twice.
            self._held_units += units if parcel.due_at is None else parcel.held_units(self._charged_on)

    def _uncommitted(self, parcel: Parcel) -> None:
        """A request that died before its batch was stored: nobody was told of it, so it must not be sent."""
        if parcel.attempt or parcel.receipts:
            self._breaks.add(BreakKind.SENT_WITHOUT_BATCH, parcel.id)

    def _overdue(self, parcel: Parcel) -> None:
        now = self._looked_at
        if now is None:
            return
        since = parcel.ambiguous_since or parcel.called_at or parcel.starts_at
        if parcel.state is State.UNKNOWN and since + RECEIPTS_WITHIN <= now:
            self._breaks.add(BreakKind.UNKNOWN_TOO_LONG, parcel.id)
        if parcel.state is State.QUEUED and parcel.valid_until <= now:
            self._breaks.add(BreakKind.WAITING_TOO_LONG, parcel.id)


def _contradictions(parcel: Parcel) -> int:
    """How many messages were reported both as delivered and as failed."""
    if len({receipt.index for receipt in parcel.receipts}) == len(parcel.receipts):
        return 0
    outcomes: dict[int, set[Proof]] = {}
    for receipt in parcel.receipts:
        outcomes.setdefault(receipt.index, set()).add(proof_of(receipt.code))
    return sum(found >= {Proof.DELIVERED, Proof.FAILED} for found in outcomes.values())
