"""Tell a client what was decided about its recipients, page by page: batch by batch, or all at once."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.cutting import part_messages
from openmas.domain.decision import Decision, WholeBatch, accepted_before, decisions
from openmas.domain.filing import FAULTS_A_PAGE, Faults
from openmas.domain.ids import parcel_id, parcel_number
from openmas.domain.parcel import Law
from openmas.domain.refused_submission import RefusedSubmission
from openmas.domain.review import kinds_held
from openmas.flows.known_batch import known_batch
from openmas.needs import Clock, Messages, Parts


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
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
    batch = known_batch(needs, client, batch_id)
    # The lines of a file that became no recipients have pages of their own.
    whole = _whole(needs, batch)
    end = max(start, min(start + limit, whole.recipients))
    first, last = (accepted_before(batch, place) // batch.parcel_size for place in (start, end))
    after = parcel_id(batch.id, first - 1) if first else None
    found, _ = needs.messages.parcels_of_batch(client, batch.id, after, last - first + 1)
    # A step that died may have left some of a part's parcels, and others not.
    parcels = {parcel_number(parcel.id): parcel for parcel in found}
    uncut = [place for place in range(start, end) if place // batch.parcel_size not in parcels]
    numbers = _numbers(needs, batch, uncut) if batch.file else {}
    told = tuple(decisions(whole, parcels, range(start, end), numbers))
    return told, end if end < whole.recipients else None


def read_refusals(
    needs: Needs, client: str, on: date, before: str | None, limit: int
) -> tuple[Sequence[RefusedSubmission], str | None]:
    """So many submissions of a day that were refused as a whole, the newest first, and where to go on."""
    return needs.messages.refusals_of_day(client, on, before, limit)


def _whole(needs: Needs, batch: Batch) -> WholeBatch:
    cutting = needs.messages.cutting(batch.client, batch.id) if batch.file else None
    held = kinds_held(batch, cutting)
    verdict = needs.messages.verdict(batch.client, batch.id) if held else None
    return WholeBatch(batch, cutting, verdict, needs.clock.now())


def _numbers(needs: Needs, batch: Batch, places: Sequence[int]) -> dict[int, str]:
    """Whose these places of a file are; a page lies in two parts at most."""
    size = part_messages(batch.parcel_size)
    parts = {
        n: needs.parts.part(batch.client, batch.id, n) for n in sorted({place // size for place in places})
    }
    return {place: parts[place // size].numbers[place % size] for place in places}


def read_faults(needs: Needs, client: str, batch_id: str, page: int) -> tuple[Law, Faults, int | None]:
    """A page of the lines of the batch's file that became no messages, and the page to go on with.

    Shape: with the law that the batch was accepted under; a line is refused by nothing later.

    Raises: NotFound for a batch that is not this client's.
    """
    batch = known_batch(needs, client, batch_id)
    faults = needs.parts.faults(client, batch.id, page) if batch.file else None
    return batch.law, faults or (), page + 1 if faults and len(faults) == FAULTS_A_PAGE else None


def fault_file(needs: Needs, client: str, batch_id: str) -> str | None:
    """Where those lines can be fetched as one file; None if none is wrong, or the batch's file is not read.

    Raises: NotFound for a batch that is not this client's.
    """
    batch = known_batch(needs, client, batch_id)
    return needs.parts.fault_file(client, batch.id) if batch.file else None
