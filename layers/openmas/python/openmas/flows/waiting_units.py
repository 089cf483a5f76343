"""Know what is accepted and not charged yet: units of later days, and of files that are not cut to their end.

Only what waits is noted, one small item a batch; what goes at once stands in the parcels of its day. A note
may be a little late, as it serves forecasts only.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.cutting import Cutting
from openmas.domain.ids import day_of
from openmas.domain.tally import DayTally
from openmas.needs import Messages

# No batch is valid for longer than three days, so no file of a day before these is cut any more.
_CUT_WITHIN = timedelta(days=4)
_DAY = timedelta(days=1)


class Needs(Protocol):
    @property
    def messages(self) -> Messages: ...


def note_accepted(needs: Needs, batch: Batch) -> None:
    """What a batch that waits for its time will cost is known from now on."""
    if batch.send_at is not None and not batch.test:
        needs.messages.note_waiting(batch.client, batch.id, batch.units)


def note_read(needs: Needs, batch: Batch, cutting: Cutting) -> None:
    """What a file's recipients will cost is known from now on, or that none of them waits any more."""
    if not batch.test and not batch.rehearsal:
        units = 0 if cutting.ended else cutting.units
        needs.messages.note_waiting(batch.client, batch.id, units, in_file=True)


def note_over(needs: Needs, batch: Batch) -> None:
    """Nothing of a batch without a file waits any more."""
    if batch.send_at is not None and not batch.test:
        needs.messages.note_waiting(batch.client, batch.id, 0)


def waiting_by_day(
    needs: Needs, client: str, lately: Mapping[date, DayTally], now: datetime
) -> Iterator[tuple[date, int]]:
    """The units that are accepted and may yet be charged, bit by bit, each with the day that they belong to.

    Shape: `lately` are the days that were counted parcel by parcel.
    """
    today = shanghai_day(now)
    for on, tally in lately.items():
        yield on, tally.held_units - tally.units
    for batch, units in needs.messages.waiting(client, today + _DAY).items():
        yield day_of(batch), units
    for batch, units in needs.messages.waiting(client, today - _CUT_WITHIN, in_files=True).items():
        yield day_of(batch), units if day_of(batch) > today else _uncut(needs, client, batch)


def _uncut(needs: Needs, client: str, batch: str) -> int:
    cutting = needs.messages.cutting(client, batch)
    return 0 if cutting is None or cutting.ended else cutting.units
