"""The record of decisions: for every recipient of a batch, what was decided about it and by which law.

It is read off what is kept anyway: the batch holds what was refused when it came in, its parcels what was
taken out later, and the parts of its file whoever is in no parcel. So it can be told for as long as the
messages are kept, and costs nothing more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.case import Closing
from openmas.domain.cutting import CutStage, Cutting
from openmas.domain.ids import message_id
from openmas.domain.parcel import Law, MessageState, Parcel
from openmas.domain.review import kinds_held, reason_of_refusal, undecided
from openmas.errors import NotFound


class Outcome(StrEnum):
    """What was decided about one recipient, as it stands now."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one recipient.

    Shape: `place` in the request, or among the good lines of its file; `reason` as it is kept, with its code,
    its sentences and its clause, in whose stead `clause` stands if it is given; `law` the contract and
    version that it rests on; `message` of whatever became a message; `number` of that and of a file's good
    lines, as the numbers of all others are not kept; `carrier_code` where it was the carrier that decided.
    """

    place: int
    outcome: Outcome
    reason: str
    law: Law
    message: str | None = None
    number: str | None = None
    carrier_code: str | None = None
    clause: str | None = None


class _Said(NamedTuple):
    outcome: Outcome
    reason: str
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class WholeBatch:
    """A batch with all that stands beside it at a time; the verdict only where a person must look."""

    batch: Batch
    cutting: Cutting | None
    verdict: Closing | None
    now: datetime

    @property
    def recipients(self) -> int:
        """How many recipients there are to tell of: none before a file is read, and nobody in a rehearsal."""
        if self.cutting is None:
            return self.batch.recipients
        return 0 if self.batch.rehearsal else self.cutting.recipients

    @property
    def of_waiting(self) -> _Said:
        """What is decided of messages that were never offered to a carrier."""
        if self.cutting is not None and self.cutting.cancelled:
            return _Said(Outcome.REFUSED, reasons.CANCELLED)
        return self._of_all(reasons.EXPIRED) or _Said(Outcome.ACCEPTED, reasons.ACCEPTED)

    @property
    def of_uncut(self) -> _Said:
        """What is decided of the good lines of a file that are in no parcel."""
        assert self.cutting is not None, "only a file is cut"
        if self.cutting.stage is CutStage.STOPPED and self.cutting.code is not None:
            return _Said(Outcome.REFUSED, self.cutting.code)
        return self._of_all(reasons.VALIDITY_OVER) or _Said(Outcome.ACCEPTED, reasons.ACCEPTED_SO_FAR)

    def _of_all(self, too_late: str) -> _Said | None:
        """What holds for whatever of the batch still waits, whether or not it was carried out yet."""
        refused_for = reason_of_refusal(self.batch, self.verdict, self.cutting)
        if refused_for is not None:
            return _Said(Outcome.REFUSED, refused_for)
        if self.batch.valid_until <= self.now:
            return _Said(Outcome.REFUSED, too_late)
        held = kinds_held(self.batch, self.cutting)
        if held and undecided(self.verdict):
            return _Said(Outcome.HELD, reasons.CONTENT_HELD, held[0].clause)
        return None


def accepted_before(batch: Batch, place: int) -> int:
    """How many recipients before a place in the request became messages, or are to."""
    return place - sum(1 for places in batch.refused.values() for each in places if each < place)


def decisions(
    whole: WholeBatch, parcels: Mapping[int, Parcel], places: Sequence[int], uncut: Mapping[int, str]
) -> Iterator[Decision]:
    """What was decided about the recipients at these places, which rise without a gap.

    Shape: `parcels` by their number in the batch, among them those of these places' messages; `uncut` are the
    numbers of whoever is in none of them, by place.
    Raises: NotFound if one is in neither: its time is over, and those of the rest are about to be.
    """
    batch = whole.batch
    refused = {place: code for code, refused_for in batch.refused.items() for place in refused_for}
    nth = accepted_before(batch, places[0]) if places else 0
    for place in places:
        if place in refused:
            yield Decision(place, Outcome.REFUSED, refused[place], batch.law)
            continue
        n, index = divmod(nth, batch.parcel_size)
        nth += 1
        if n in parcels:
            yield _of_message(whole, place, parcels[n], index)
        elif place in uncut:
            yield _of_uncut(whole, place, uncut[place])
        else:
            raise NotFound("batch_unknown", "What was decided about this batch is kept no longer.")


def _of_uncut(whole: WholeBatch, place: int, number: str) -> Decision:
    said, cutting = whole.of_uncut, whole.cutting
    law = (cutting.stopped_under if cutting else None) or whole.batch.law
    return Decision(place, said.outcome, said.reason, law, number=number, clause=said.clause)


def _of_message(whole: WholeBatch, place: int, parcel: Parcel, index: int) -> Decision:
    law = whole.batch.law
    name, number = message_id(parcel.id, index), parcel.numbers[index]
    refusal = parcel.refused.get(index)
    said = _Said(Outcome.ACCEPTED, reasons.ACCEPTED)
    match parcel.states()[index]:
        case MessageState.REFUSED if refusal is not None:
            by = refusal.under or law
            return Decision(place, Outcome.REFUSED, refusal.reason, by, name, number, refusal.raw)
        case MessageState.EXPIRED:
            said = _Said(Outcome.REFUSED, reasons.EXPIRED)
        case MessageState.QUEUED if not parcel.ambiguous:
            said = whole.of_waiting
    return Decision(place, said.outcome, said.reason, law, name, number, None, said.clause)
