"""What a client's wish to cancel a batch comes to, counted from the batch's parcels."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from openmas.domain import reasons
from openmas.domain.parcel import MessageState, Parcel

_CLOSED = {MessageState.REFUSED, MessageState.EXPIRED}


@dataclass(frozen=True, slots=True)
class Cancellation:
    """How many messages of a batch were cancelled, sent (or may have been), or had been closed before."""

    cancelled: int = 0
    already_sent: int = 0
    already_closed: int = 0

    def with_uncut(self, recipients: int) -> "Cancellation":
        """With those of so many recipients that no parcel was made for."""
        uncut = recipients - self.cancelled - self.already_sent - self.already_closed
        return replace(self, cancelled=self.cancelled + uncut)


def count_cancelled(parcels: Iterable[Parcel]) -> Cancellation:
    """The messages of parcels that were all asked to be cancelled."""
    cancelled = sent = closed = 0
    for parcel in parcels:
        for place, state in enumerate(parcel.states()):
            refusal = parcel.refused.get(place)
            if state not in _CLOSED:
                sent += 1
            elif refusal is not None and refusal.reason == reasons.CANCELLED:
                cancelled += 1
            else:
                closed += 1
    return Cancellation(cancelled, sent, closed)
