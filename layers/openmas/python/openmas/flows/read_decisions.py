"""Tell a client what was decided about the recipients of a batch, page by page."""

from collections.abc import Sequence
from typing import Protocol

from openmas.domain.decision import Decision, accepted_before, decisions
from openmas.domain.filing import FAULTS_A_PAGE, Faults
from openmas.domain.ids import check_batch, parcel_id
from openmas.errors import NotFound
from openmas.flows.read_messages import accepted_by
from openmas.needs import Messages, Parts


class Needs(Protocol):
    @property
    def messages(self) -> Messages: ...
    @property
    def parts(self) -> Parts: ...


def read_decisions(
    needs: Needs, client: str, batch_id: str, start: int, limit: int
) -> tuple[Sequence[Decision], int | None]:
    """What was decided about so many recipients from a place on, and where to go on (None at the end).

    Raises: NotFound for a batch that is not this client's.
    """
    batch = needs.messages.batch(client, check_batch(batch_id))
    if batch is None:
        raise NotFound("batch_unknown", "There is no batch of this name.")
    # The lines of a file that became no messages have pages of their own.
    recipients = accepted_by(needs, batch) if batch.file else batch.recipients
    end = max(start, min(start + limit, recipients))
    first, last = (accepted_before(batch, place) // batch.parcel_size for place in (start, end))
    after = parcel_id(batch.id, first - 1) if first else None
    parcels, _ = needs.messages.parcels_of_batch(client, batch.id, after, last - first + 1)
    waits = bool(batch.held) and needs.messages.verdict(client, batch.id) is None
    found = decisions(batch, dict(enumerate(parcels, first)), range(start, end), waits=waits)
    return tuple(found), end if end < recipients else None


def read_faults(needs: Needs, client: str, batch_id: str, page: int) -> tuple[Faults, int | None]:
    """A page of the lines of the batch's file that became no messages, and the page to go on with.

    Raises: NotFound for a batch that is not this client's.
    """
    batch = needs.messages.batch(client, check_batch(batch_id))
    if batch is None:
        raise NotFound("batch_unknown", "There is no batch of this name.")
    faults = needs.parts.faults(client, batch.id, page) if batch.file else None
    return faults or (), page + 1 if faults and len(faults) == FAULTS_A_PAGE else None


def fault_file(needs: Needs, client: str, batch_id: str) -> str | None:
    """Where those lines can be fetched as one file; None if none is wrong, or the batch's file is not read.

    Raises: NotFound for a batch that is not this client's.
    """
    batch = needs.messages.batch(client, check_batch(batch_id))
    if batch is None:
        raise NotFound("batch_unknown", "There is no batch of this name.")
    return needs.parts.fault_file(client, batch.id) if batch.file else None
