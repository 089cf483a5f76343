"""Wake what waits on a port, or on all of a client, that may send more than before: queue it without delay.

Doing it twice is harmless, as a record names the attempt it was written for. Whatever is left out, because we
died or because so much waits, comes by itself: the sweep, or its own place in the line, brings it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from openmas.domain.ids import batch_of, is_batch
from openmas.domain.parcel import Parcel, State
from openmas.needs import Clock, Crew, Messages, ReleaseQueue, WorkQueue

PARCELS_A_RECORD = 500
LOOK_AT = 100_000
# What waits on a port is due within minutes: for the next look, or after its place in the line.
DUE_WITHIN = timedelta(hours=1)


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def crew(self) -> Crew: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def release_queue(self) -> ReleaseQueue: ...


def wake_port(needs: Needs, client: str, port: str | None) -> int:
    """Whatever of the client may wait on the port, or on any, has a record to be seen; how many parcels."""
    due = needs.messages.due(needs.clock.now() + DUE_WITHIN, LOOK_AT)
    parcels = list(dict.fromkeys(name for owner, name in due if owner == client and not is_batch(name)))
    for start in range(0, len(parcels), PARCELS_A_RECORD):
        needs.release_queue.put_port(client, port, parcels[start : start + PARCELS_A_RECORD])
    return len(parcels)


def wake_parcels(needs: Needs, client: str, port: str | None, names: Sequence[str]) -> int:
    """Those of the parcels that wait on the port, or on any, are in their queue; how many."""
    woken = [each for each in needs.messages.parcels_named(client, names) if each.state is State.QUEUED]
    if port is not None:
        woken = _on_port(needs, client, port, woken)
    for urgent in (True, False):
        needs.queue.put([parcel for parcel in woken if parcel.urgent is urgent])
    return len(woken)


def _on_port(needs: Needs, client: str, port: str, waiting: Sequence[Parcel]) -> list[Parcel]:
    batches = list({batch_of(parcel.id) for parcel in waiting})
    found = needs.crew.each(lambda batch: needs.messages.batch(client, batch), batches)
    on_port = {batch.id for batch in found if batch is not None and batch.port == port}
    return [parcel for parcel in waiting if batch_of(parcel.id) in on_port]
