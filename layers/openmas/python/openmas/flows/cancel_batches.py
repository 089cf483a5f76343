"""Cancel a batch: close every parcel that has not been offered to its carrier.

Each parcel is closed by the write that would otherwise take it to its carrier, on the same condition: of the
two only one can happen. So a message is either cancelled or called, whoever dies wherever, and a second wish
finds what the first one left.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.cancellation import Cancellation, count_cancelled
from openmas.domain.case import Closing
from openmas.domain.cutting import Cutting, parcels_there
from openmas.domain.ids import parcel_id, parcel_number
from openmas.domain.message import ParcelTally, parcel_tally
from openmas.domain.parcel import Parcel
from openmas.domain.profile import Mode
from openmas.domain.review import CANCELLED, reason_of_refusal
from openmas.errors import Conflict, Unavailable
from openmas.flows import end_reviews
from openmas.flows.end_reviews import close_review, keep_outcome
from openmas.flows.hold_units import SaveNeeds, save_parcel
from openmas.flows.known_batch import known_batch
from openmas.flows.unsent import UnsentNeeds, unsent
from openmas.flows.waiting_units import note_over, note_read
from openmas.needs import Clock, Crew, ReleaseQueue, Schedule

PARCELS_A_SHARE = 100
# What is left is closed by a worker: nobody waits longer for an answer.
CLOSE_FOR = timedelta(seconds=10)
SAVE_TRIES = 20


class ParcelStopNeeds(SaveNeeds, Protocol):
    @property
    def clock(self) -> Clock: ...


class Needs(ParcelStopNeeds, UnsentNeeds, end_reviews.Needs, Protocol):
    @property
    def crew(self) -> Crew: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def release_queue(self) -> ReleaseQueue: ...


def cancel_batch(needs: Needs, client: str, batch_id: str, by: str, mode: Mode = Mode.LIVE) -> Cancellation:
    """Whatever of the batch was not offered to its carrier never will be, and nobody has to look at it.

    Shape: what a person had refused before is closed for that.
    Raises: NotFound for a batch that is not this client's, or not of this mode.
    """
    batch = known_batch(needs, client, batch_id, mode)
    reviewed = batch.held or batch.file is not None
    stands, cutting = _settled(needs, batch, by) if reviewed else (None, None)
    if batch.rehearsal:
        return Cancellation(unread_file=cutting is not None and cutting.cancelled and cutting.unread)
    counted = _closed(needs, batch, parcels_there(batch, cutting), _reason(batch, stands, cutting))
    if cutting is not None and cutting.cancelled:
        counted = replace(counted.with_uncut(cutting.recipients), unread_file=cutting.unread)
    if batch.waits(needs.clock.now()):
        note_over(needs, batch)
        _drop(needs, batch)
    return counted


def _settled(needs: Needs, batch: Batch, by: str) -> tuple[Closing, Cutting | None]:
    """Nobody has to look at a batch that is held, or may yet be as its file is read; the file stops.

    Shape: the outcome that stands, which may be another one that was there first.
    """
    closing = Closing(by, "Cancelled by the client.", needs.clock.now(), CANCELLED)
    stands = keep_outcome(needs, batch.client, batch.id, closing)
    close_review(needs, batch.client, batch.id, stands)
    if batch.file is None:
        return stands, None
    cutting = _stopped(needs, batch, stands)
    # A case may have been opened until the file stopped.
    close_review(needs, batch.client, batch.id, stands)
    return stands, cutting


def _stopped(needs: Needs, batch: Batch, stands: Closing) -> Cutting | None:
    """No more parcels are cut from the batch's file; one that is just being made asks before it is sent."""
    for _ in range(SAVE_TRIES):
        cutting = needs.messages.cutting(batch.client, batch.id)
        if cutting is None or cutting.ended:
            return cutting
        cutting = cutting.stopped(_reason(batch, stands, cutting), needs.clock.now())
        try:
            needs.messages.save_cutting(cutting)
        except Conflict:
            continue
        note_read(needs, batch, cutting)
        return cutting
    raise Unavailable("parcel_contended", "Too many others are writing this batch.")


def _reason(batch: Batch, stands: Closing | None, cutting: Cutting | None) -> str:
    """Why nothing more of it goes: a person may have said so first."""
    return reason_of_refusal(batch, stands, cutting) or reasons.CANCELLED


def _closed(needs: Needs, batch: Batch, parcels: int, reason: str) -> Cancellation:
    """Every parcel that waits is closed; those for which there is no time here have a record."""
    until = needs.clock.now() + CLOSE_FOR
    tallies = tuple(needs.messages.tallies(batch.client, batch.id, parcels))
    waiting = tuple(each for each in tallies if each.waiting)
    closed = [each for each in tallies if not each.waiting]
    done = 0
    while done < len(waiting) and needs.clock.now() < until:
        share = waiting[done : done + PARCELS_A_SHARE]
        stopped = needs.crew.each(lambda each: _close(needs, batch, each, reason), share)
        unsent(needs, batch, filter(None, stopped))
        closed += [parcel_tally(now) if now else then for now, then in zip(stopped, share, strict=True)]
        done += len(share)
    left = waiting[done:]
    if left:
        before = parcel_number(left[0].parcel) - 1
        after = None if before < 0 else parcel_id(batch.id, before)
        needs.release_queue.put(batch.client, batch.id, after, cancel=reason == reasons.CANCELLED)
    return count_cancelled(closed, left)


def _close(needs: Needs, batch: Batch, stood: ParcelTally, reason: str) -> Parcel | None:
    parcel = needs.messages.parcel(batch.client, stood.parcel)
    return None if parcel is None else stop_parcel(needs, parcel, reason)


def stop_parcel(needs: ParcelStopNeeds, parcel: Parcel, reason: str) -> Parcel:
    """The parcel as it stands once nothing of it can be stopped any more."""
    for _ in range(SAVE_TRIES):
        closed = parcel.stopped(reason, needs.clock.now())
        if closed is parcel:
            return parcel
        try:
            save_parcel(needs, parcel, closed)
        except Conflict:
            parcel = needs.messages.parcel(parcel.client, parcel.id) or parcel
            continue
        return closed
    raise Unavailable("parcel_contended", "Too many others are writing this parcel.")


def _drop(needs: Needs, batch: Batch) -> None:
    """The schedule is tidied up; should that fail, it fires and finds nothing that waits."""
    try:
        needs.schedule.drop(batch.client, batch.id)
    except Unavailable:
        return
