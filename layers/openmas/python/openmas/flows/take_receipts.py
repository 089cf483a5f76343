"""Take what a carrier hands in: check who it is, read it, queue it.

No database on this side: the answer must come in milliseconds, or the carrier hands the same in again.
"""

from dataclasses import dataclass
from typing import Protocol

from openmas.domain.webhook import Door
from openmas.errors import NotFound
from openmas.needs import ReceiptQueue, Receiver, Receivers


class Needs(Protocol):
    @property
    def carriers(self) -> Receivers: ...
    @property
    def receipts(self) -> ReceiptQueue: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """How much of what a carrier handed in is in the queue, and how much could not be read."""

    taken: int
    refused: int


def take_receipts(needs: Needs, carrier: str, key: str | None, source: str, body: bytes) -> Taken:
    """The carrier's readable reports are in the queue.

    Shape: `source` is the address that the caller has.
    Raises: NotAllowed, InvalidInput, LimitExceeded; Unavailable when the carrier should call again.
    """
    reports, unreadable = _let_in(needs, carrier, key, source).parse_receipts(body)
    needs.receipts.put(carrier, reports)
    return Taken(len(reports), unreadable)


def take_inbound(needs: Needs, carrier: str, key: str | None, source: str, body: bytes) -> Taken:
    """The carrier's readable inbound messages are in the queue.

    Raises: as `take_receipts`.
    """
    messages, unreadable = _let_in(needs, carrier, key, source).parse_inbound(body)
    needs.receipts.put_inbound(carrier, messages)
    return Taken(len(messages), unreadable)


def _let_in(needs: Needs, carrier: str, key: str | None, source: str) -> Receiver:
    """A carrier that there is not is a door without keys: no stranger learns which there are."""
    try:
        receiver = needs.carriers.receiver(carrier)
    except NotFound:
        Door(()).admit(key, source)
        raise
    receiver.door.admit(key, source)
    return receiver
