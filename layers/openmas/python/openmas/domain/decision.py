"""The record of decisions: for every recipient of a batch, what was decided about it and by which law.

It is read off what is kept anyway: the batch holds what was refused when it came in, its parcels what was
taken out later. So it can be told for as long as the messages are kept, and costs nothing more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.ids import message_id
from openmas.domain.parcel import Law, MessageState, Parcel


class Outcome(StrEnum):
    """What was decided about one recipient, as it stands now."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one recipient.

    Shape: `place` in the request; `reason` as it is kept, with its code, its sentences and its clause, in
    whose stead `clause` stands if it is given; `law` the contract and version that it rests on; `message`
    and `number` of whatever became a message, as the numbers of all others are not kept; `carrier_code` where
    it was the carrier that decided.
    """

    place: int
    outcome: Outcome
    reason: str
    law: Law
    message: str | None = None
    number: str | None = None
    carrier_code: str | None = None
    clause: str | None = None


def accepted_before(batch: Batch, place: int) -> int:
    """How many recipients before a place in the request became messages."""
    return place - sum(1 for places in batch.refused.values() for each in places if each < place)


def decisions(
    batch: Batch, parcels: Mapping[int, Parcel], places: Sequence[int], *, waits: bool = False
) -> Iterator[Decision]:
    """What was decided about the recipients at these places, which rise without a gap.

    Shape: `parcels` by their number in the batch, among them those of these places' messages; `waits` says
    that nobody has given a verdict yet on what is held.
    """
    refused = {place: code for code, refused_for in batch.refused.items() for place in refused_for}
    law = Law(batch.contract, batch.contract_version)
    nth = accepted_before(batch, places[0]) if places else 0
    for place in places:
        if place in refused:
            yield Decision(place, Outcome.REFUSED, refused[place], law)
            continue
        n, index = divmod(nth, batch.parcel_size)
        nth += 1
        yield _of_message(batch, place, parcels[n], index, waits=waits)


def _of_message(batch: Batch, place: int, parcel: Parcel, index: int, *, waits: bool) -> Decision:
    law = Law(batch.contract, batch.contract_version)
    name, number = message_id(parcel.id, index), parcel.numbers[index]
    refusal = parcel.refused.get(index)
    match parcel.states()[index]:
        case MessageState.REFUSED if refusal is not None:
            later = parcel.refused_under or law
            return Decision(place, Outcome.REFUSED, refusal.reason, later, name, number, refusal.raw)
        case MessageState.QUEUED if waits:
            return Decision(
                place, Outcome.HELD, reasons.CONTENT_HELD, law, name, number, None, batch.held[0].clause
            )
    return Decision(place, Outcome.ACCEPTED, reasons.ACCEPTED, law, name, number)
