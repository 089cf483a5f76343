"""The journal: what each new revision of a statement changed, and which days may still get one.

A day is open for ten nights. Then its statement is a fact; what is learnt later is charged by an adjustment
in the newest statement. So the entries of a day always add up to its current statement, and nothing that was
closed ever moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from openmas.domain.statement import DayStatement

DAYS_OPEN = 10
# After an outage of the night, the days it missed are still open; so many are taken up again at once.
CATCH_UP_DAYS_MAX = 100
# Parcels are kept for 180 days and then go one by one: a day made again from what is left would be too cheap.
RECOUNTED_DAYS_MAX = 170


@dataclass(frozen=True, slots=True)
class Amount:
    """Units and the money for them."""

    units: int = 0
    overage_hao: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.units + other.units, self.overage_hao + other.overage_hao)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one revision added to a day's account, or gave back. Units: billed segments and hao."""

    client: str
    on: date
    revision: int
    contract: str | None
    contract_version: int | None
    units: int
    overage_hao: int

    @property
    def amount(self) -> Amount:
        return Amount(self.units, self.overage_hao)


def entry_between(before: DayStatement | None, after: DayStatement) -> Entry:
    """The entry that a new revision brings, the same whoever works it out."""
    owed = booked(before)
    return Entry(
        client=after.client,
        on=after.on,
        revision=after.revision,
        contract=after.contract,
        contract_version=after.contract_version,
        units=after.booked_units - owed.units,
        overage_hao=after.booked_hao - owed.overage_hao,
    )


def booked(statement: DayStatement | None) -> Amount:
    """What a statement charges in all."""
    return Amount() if statement is None else Amount(statement.booked_units, statement.booked_hao)


def open_days(as_of: date, last_night: date | None) -> tuple[date, ...]:
    """The days that a night writes, in rising order: the last ten, and those that missed nights left open.

    Shape: `as_of` is the day on which the night falls, so its own day is not among them.
    """
    first = as_of - timedelta(days=DAYS_OPEN)
    if last_night is not None:
        first = min(first, last_night - timedelta(days=DAYS_OPEN - 1))
    first = max(first, as_of - timedelta(days=CATCH_UP_DAYS_MAX))
    return tuple(first + timedelta(days=n) for n in range((as_of - first).days))


def late_units(on: date, units_now: int, statements: Iterable[DayStatement]) -> int:
    """What a closed day has come to since it was closed, less what earlier adjustments charged for it."""
    known = 0
    for statement in statements:
        known += statement.units if statement.on == on else 0
        known += sum(each.units for each in statement.adjustments if each.on == on)
    return units_now - known


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a day's statement stands.

    Shape: `pending` are the revisions after the current one, which a night that died has begun.
    """

    current: DayStatement | None
    pending: tuple[DayStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class LateNote:
    """A closed day that has learnt something, and when that was last noted."""

    on: date
    noted_at: datetime
