"""What a client's wish to cancel a batch comes to, counted from the batch's parcels."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from openmas.domain.message import ParcelTally
from openmas.domain.parcel import MessageState

_CLOSED = frozenset({MessageState.REFUSED, MessageState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Cancellation:
    """How many messages of a batch were cancelled, sent (or may have been), or had been closed before.

    Shape: `being_cancelled` are so many that more time is needed; the same wish again says how far that is.
    With `unread_file` all of a file was stopped before it was read: nobody knows how many stood in it.
    """

    cancelled: int = 0
    already_sent: int = 0
    already_closed: int = 0
    being_cancelled: int = 0
    unread_file: bool = False

    def with_uncut(self, recipients: int) -> "Cancellation":
        """With those of so many recipients that no parcel was made for."""
        told = self.cancelled + self.already_sent + self.already_closed + self.being_cancelled
        return replace(self, cancelled=self.cancelled + recipients - told)


def count_cancelled(closed: Iterable[ParcelTally], left: Iterable[ParcelTally] = ()) -> Cancellation:
    """The messages of parcels that were asked to be cancelled, and of those that are still to be."""
    cancelled = sent = over = waiting = 0
    for each, asked in [*((each, True) for each in closed), *((each, False) for each in left)]:
        for state, tally in each.tally.items():
            over += tally.messages if state in _CLOSED else 0
            sent += tally.messages if state not in _CLOSED else 0
        cancelled += each.cancelled
        over -= each.cancelled
        if not asked:
            waiting += each.waiting
            sent -= each.waiting
    return Cancellation(cancelled, sent, over, waiting)
