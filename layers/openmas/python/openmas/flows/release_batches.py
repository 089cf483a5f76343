"""Release a batch whose time has come: put those of its parcels that still wait into their queue.

A batch that is held for a person to look at is released by his verdict; if he refused it, its parcels are
closed instead. Doing it twice is harmless, as a record names the attempt it was written for. A large batch is
released in parts, each of which leaves a record for the next; should one die, the sweep queues what was left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.cutting import CutStage
from openmas.domain.parcel import Parcel, State
from openmas.domain.reasons import CANCELLED
from openmas.domain.review import kinds_held, reason_of_refusal, undecided
from openmas.errors import Conflict, Unavailable
from openmas.flows.cancel_batches import ParcelStopNeeds, stop_parcel
from openmas.flows.unsent import UnsentNeeds, unsent
from openmas.flows.waiting_units import note_over, note_read
from openmas.needs import Crew, CutQueue, ReleaseQueue, WorkQueue

PARCELS_A_READ = 100
PARCELS_A_RECORD = 1_000


class Needs(ParcelStopNeeds, UnsentNeeds, Protocol):
    @property
    def crew(self) -> Crew: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def release_queue(self) -> ReleaseQueue: ...
    @property
    def cut_queue(self) -> CutQueue: ...


@dataclass(frozen=True, slots=True)
class Released:
    """What one record led to: so many parcels are queued, and behind which one the rest is left, if any.

    Shape: with `refused` they are closed, not queued.
    """

    committed: bool
    parcels: int = 0
    after: str | None = None
    refused: bool = False


def release_batch(needs: Needs, client: str, batch: str, after: str | None, cancel: bool = False) -> Released:
    """The batch's waiting parcels, from a place on, are in their queue; the rest has a record, if any.

    Shape: with `cancel` they are closed, as their client asked for that.
    """
    found = needs.messages.batch(client, batch)
    if found is None:
        # The schedule of a submission that was never committed: nothing of it may be sent.
        return Released(committed=False)
    if cancel:
        return _moved(needs, found, after, CANCELLED, cancel=True)
    if found.file is not None:
        return _released_file(needs, found)
    verdict = needs.messages.verdict(client, batch) if found.held else None
    if found.held and undecided(verdict):
        return Released(committed=True)
    return _moved(needs, found, after, reason_of_refusal(found, verdict))


def _moved(
    needs: Needs, batch: Batch, after: str | None, refused_for: str | None, *, cancel: bool = False
) -> Released:
    moved, refused = 0, refused_for is not None
    for _ in range(PARCELS_A_RECORD // PARCELS_A_READ):
        parcels, after = needs.messages.parcels_of_batch(batch.client, batch.id, after, PARCELS_A_READ)
        # What is to be closed may have been offered before, and surely not been taken.
        waiting = [each for each in parcels if each.state is State.QUEUED and (refused or not each.attempt)]
        _move(needs, batch, waiting, refused_for)
        moved += len(waiting)
        if after is None:
            if refused:
                note_over(needs, batch)
            return Released(True, moved, refused=refused)
    assert after is not None, "there is more, so there is a place to go on"
    needs.release_queue.put(batch.client, batch.id, after, cancel=cancel)
    return Released(True, moved, after, refused)


def _move(needs: Needs, batch: Batch, waiting: Sequence[Parcel], refused_for: str | None) -> None:
    if refused_for is not None:
        stopped = needs.crew.each(lambda parcel: stop_parcel(needs, parcel, refused_for), waiting)
        unsent(needs, batch, stopped)
    else:
        needs.queue.put(waiting)


def _released_file(needs: Needs, batch: Batch) -> Released:
    """The file is cut from now on, or never; one that is still being read goes on by itself."""
    cutting = needs.messages.cutting(batch.client, batch.id)
    held = bool(kinds_held(batch, cutting))
    verdict = needs.messages.verdict(batch.client, batch.id) if held else None
    refused_for = reason_of_refusal(batch, verdict, cutting)
    refused = refused_for is not None
    if cutting is None or cutting.ended or (held and undecided(verdict)):
        return Released(committed=True, refused=refused)
    if refused_for is not None:
        try:
            stopped = cutting.stopped(refused_for, needs.clock.now())
            needs.messages.save_cutting(stopped)
            note_read(needs, batch, stopped)
        except Conflict as error:
            raise Unavailable("parcel_contended", "Somebody else is writing this batch.") from error
    elif cutting.stage is CutStage.CUTTING:
        needs.cut_queue.put(cutting)
    return Released(committed=True, refused=refused)
