"""Take what a carrier hands in: check who it is, read it, queue it.

No database on this side: the answer must come in milliseconds, or the carrier hands the same in again.
"""

from typing import Protocol

from openmas.needs import ReceiptQueue, Receiver, Receivers


class Needs(Protocol):
    @property
    def carriers(self) -> Receivers: ...
    @property
    def receipts(self) -> ReceiptQueue: ...


def take_receipts(needs: Needs, carrier: str, key: str | None, source: str, body: bytes) -> int:
    """The carrier's reports are in the queue; how many there were.

    Shape: `source` is the address that the caller has.
    Raises: NotFound, NotAllowed, InvalidInput, LimitExceeded; Unavailable when the carrier should call again.
    """
    reports = _let_in(needs, carrier, key, source).parse_receipts(body)
    needs.receipts.put(carrier, reports)
    return len(reports)


def take_inbound(needs: Needs, carrier: str, key: str | None, source: str, body: bytes) -> int:
    """The carrier's inbound messages are in the queue; how many there were.

    Raises: as `take_receipts`.
    """
    messages = _let_in(needs, carrier, key, source).parse_inbound(body)
    needs.receipts.put_inbound(carrier, messages)
    return len(messages)


def _let_in(needs: Needs, carrier: str, key: str | None, source: str) -> Receiver:
    receiver = needs.carriers.receiver(carrier)
    receiver.door.admit(key, source)
    return receiver
