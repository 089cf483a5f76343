"""One message of a parcel, as its client sees it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from openmas.domain.ids import message_id
from openmas.domain.parcel import MessageState, Parcel, Refusal
from openmas.domain.reasons import CANCELLED
from openmas.domain.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS to one recipient.

    Shape: `receipts` in the order of their times; `refusal` says why it was not sent, if it was not; `text`
    is told of a message that is asked for alone.
    """

    id: str
    number: str
    state: MessageState
    units: int
    receipts: tuple[Receipt, ...] = ()
    refusal: Refusal | None = None
    text: str | None = None


def messages_of(parcel: Parcel, places: Iterable[int] | None = None) -> Iterator[Message]:
    """The parcel's messages in order, all of them or those at the places."""
    states = parcel.states()
    receipts: dict[int, list[Receipt]] = {}
    for receipt in parcel.receipts:
        receipts.setdefault(receipt.index, []).append(receipt)
    for place in range(len(parcel.numbers)) if places is None else places:
        state = states[place]
        yield Message(
            id=message_id(parcel.id, place),
            number=parcel.numbers[place],
            state=state,
            units=parcel.units[place],
            receipts=tuple(sorted(receipts.get(place, ()), key=lambda r: (r.at, r.code))),
            refusal=parcel.refused.get(place) if state is MessageState.REFUSED else None,
        )


class Tally(NamedTuple):
    """So many messages in one state. Units: `units` billed segments."""

    messages: int
    units: int


def tally_of(parcel: Parcel) -> dict[MessageState, Tally]:
    """How many of a parcel's messages are in each state, and how many units they have."""
    found: dict[MessageState, Tally] = {}
    alike = Counter(zip(parcel.states(), parcel.units, strict=True))
    for (state, units), messages in alike.items():
        before = found.get(state, Tally(0, 0))
        found[state] = Tally(before.messages + messages, before.units + messages * units)
    return found


class ParcelTally(NamedTuple):
    """How a parcel stands: its messages by state, and how many of the refused ones were cancelled."""

    parcel: str
    tally: Mapping[MessageState, Tally]
    cancelled: int

    @property
    def waiting(self) -> int:
        """How many of its messages have not been offered to the carrier, or are to be offered again."""
        return self.tally[MessageState.QUEUED].messages if MessageState.QUEUED in self.tally else 0


def cancelled_in(refused: Mapping[int, Refusal]) -> int:
    return sum(refusal.reason == CANCELLED for refusal in refused.values())


def parcel_tally(parcel: Parcel) -> ParcelTally:
    return ParcelTally(parcel.id, tally_of(parcel), cancelled_in(parcel.refused))
