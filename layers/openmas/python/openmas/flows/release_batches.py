"""Release a batch whose time has come: put those of its parcels that still wait into their queue.

Doing it twice is harmless, as a record names the attempt it was written for. A large batch is released in
parts, each of which leaves a record for the next; should one die, the sweep queues what was left.
"""

from dataclasses import dataclass
from typing import Protocol

from openmas.domain.parcel import State
from openmas.needs import Messages, ReleaseQueue, WorkQueue

PARCELS_A_READ = 100
PARCELS_A_RECORD = 1_000


class Needs(Protocol):
    @property
    def messages(self) -> Messages: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def release_queue(self) -> ReleaseQueue: ...


@dataclass(frozen=True, slots=True)
class Released:
    """What one record led to: so many parcels are queued, and behind which one the rest is left, if any."""

    committed: bool
    parcels: int = 0
    after: str | None = None


def release_batch(needs: Needs, client: str, batch: str, after: str | None) -> Released:
    """The batch's waiting parcels, from a place on, are in their queue; the rest has a record, if any."""
    if needs.messages.batch(client, batch) is None:
        # The schedule of a submission that was never committed: nothing of it may be sent.
        return Released(committed=False)
    queued = 0
    for _ in range(PARCELS_A_RECORD // PARCELS_A_READ):
        parcels, after = needs.messages.parcels_of_batch(client, batch, after, PARCELS_A_READ)
        waiting = [parcel for parcel in parcels if parcel.state is State.QUEUED and not parcel.attempt]
        needs.queue.put(waiting)
        queued += len(waiting)
        if after is None:
            return Released(True, queued)
    assert after is not None, "there is more, so there is a place to go on"
    needs.release_queue.put(client, batch, after)
    return Released(True, queued, after)
