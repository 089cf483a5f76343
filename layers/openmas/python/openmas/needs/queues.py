"""What is to be done next, or at a time of its own."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.cutting import Cutting
from openmas.domain.inbound import Mo
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Report
from openmas.domain.transfer import Transfer


class WorkQueue(Protocol):
    """The urgent and the bulk queue."""

    def put(self, parcels: Sequence[Parcel], *, delay_s: int = 0) -> None:
        """Every parcel of one batch has a record in its queue, to be seen after the delay."""
        ...


class ReleaseQueue(Protocol):
    """Batches, and ports, whose parcels are to be put into their queues."""

    def put(self, client: str, batch: str, after: str | None = None, *, cancel: bool = False) -> None:
        """The batch has a record; with `after`, its rest behind that parcel.

        Shape: with `cancel` it is to be closed, not released.
        """
        ...

    def put_port(self, client: str, port: str | None, parcels: Sequence[str] = ()) -> None:
        """What waits on the port, or those of these parcels that do, has a record: it is to be looked at.

        Shape: without a number, on any port of the client.
        """
        ...


class CutQueue(Protocol):
    """Batches from files that are to be taken a step further."""

    def put(self, cutting: Cutting, *, delay_s: int = 0) -> None:
        """The step that this version of the cutting waits for has a record, to be seen after the delay."""
        ...


class ReceiptQueue(Protocol):
    """What carriers reported and nobody has settled yet."""

    def put(self, carrier: str, reports: Sequence[Report], *, tries: int = 0, delay_s: int = 0) -> None:
        """The reports are in the queue; `tries` counts how often they found no parcel."""
        ...

    def put_inbound(self, carrier: str, messages: Sequence[Mo]) -> None: ...


class TransferQueue(Protocol):
    """Transfers that are to be carried out."""

    def put(self, transfer: Transfer) -> None: ...


class NightQueue(Protocol):
    """One record for every client that a night is to reconcile."""

    def put(self, clients: Sequence[str], as_of: date) -> None: ...


class Schedule(Protocol):
    """What is to be released at a time of its own."""

    def add(self, batch: Batch) -> None:
        """The batch is released at its `send_at`, which lies ahead; once, however often it is added."""
        ...

    def drop(self, client: str, batch: str) -> None:
        """The batch is not released by the schedule any more, if it ever was to be."""
        ...
