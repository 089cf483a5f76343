"""Tell a client what was decided about the recipients of a batch, page by page."""

from collections.abc import Sequence
from typing import Protocol

from openmas.domain.decision import Decision, accepted_before, decisions
from openmas.domain.ids import check_batch, parcel_id
from openmas.errors import NotFound
from openmas.needs import Messages


class Needs(Protocol):
    @property
    def messages(self) -> Messages: ...


def read_decisions(
    needs: Needs, client: str, batch_id: str, start: int, limit: int
) -> tuple[Sequence[Decision], int | None]:
    """What was decided about so many recipients from a place on, and where to go on (None at the end).

    Raises: NotFound for a batch that is not this client's.
    """
    batch = needs.messages.batch(client, check_batch(batch_id))
    if batch is None:
        raise NotFound("batch_unknown", "There is no batch of this name.")
    end = min(start + limit, batch.recipients)
    first, last = (accepted_before(batch, place) // batch.parcel_size for place in (start, end))
    after = parcel_id(batch.id, first - 1) if first else None
    parcels, _ = needs.messages.parcels_of_batch(client, batch.id, after, last - first + 1)
    waits = bool(batch.held) and needs.messages.verdict(client, batch.id) is None
    found = decisions(batch, dict(enumerate(parcels, first)), range(start, end), waits=waits)
    return tuple(found), end if end < batch.recipients else None
