"""Take back what was noted of messages that were never offered to a carrier: they count as written to nobody.

First they are stored as ended, then taken back: the other way round somebody might still send what counts no
more. Whoever dies in between leaves them counting until their time has passed, which refuses more than it
must, and never less.
"""

from collections.abc import Iterable
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.cutting import part_parcels
from openmas.domain.frequency import Book, Request, mark_of
from openmas.domain.ids import parcel_number
from openmas.domain.parcel import MessageState, Parcel, State
from openmas.errors import Unavailable
from openmas.needs import Recent


class UnsentNeeds(Protocol):
    @property
    def recent(self) -> Recent: ...


def unsent(needs: UnsentNeeds, batch: Batch, parcels: Iterable[Parcel]) -> None:
    """Messages of the parcels that ended before they were offered to a carrier count as written to nobody.

    Shape: the parcels are stored so. Twice is as good as once; and should it fail, they go on counting.
    """
    if batch.noted is None:
        return
    numbers: dict[Request, list[str]] = {}
    for parcel in parcels:
        if ended := _ended_unsent(parcel):
            numbers.setdefault(_request_of(batch, parcel), []).extend(ended)
    for request, some in numbers.items():
        try:
            needs.recent.take_back(Book(batch.client, batch.category, batch.test), some, request)
        except Unavailable:
            return


def _ended_unsent(parcel: Parcel) -> list[str]:
    """The numbers of what expired, or was refused, but not by its carrier."""
    if parcel.state is not State.EXPIRED and not parcel.refused:
        return []
    offered = {place for place, refusal in parcel.refused.items() if refusal.raw is not None}
    states = enumerate(zip(parcel.numbers, parcel.states(), strict=True))
    ended = (MessageState.EXPIRED, MessageState.REFUSED)
    return [number for place, (number, state) in states if state in ended and place not in offered]


def _request_of(batch: Batch, parcel: Parcel) -> Request:
    """The request that noted a parcel's messages: the batch's, or that of the part of its file."""
    assert batch.noted is not None, "what was not noted has no request"
    if batch.file is None:
        return Request(batch.noted, batch.accepted_at, batch.send_at or batch.accepted_at)
    name = part_request(batch.id, parcel_number(parcel.id) // part_parcels(batch.parcel_size))
    return Request(mark_of(name), parcel.starts_at, parcel.starts_at)


def part_request(batch: str, part: int | str) -> str:
    """By what name the request of a part of a batch's file is known."""
    return f"{batch}/{part}"
