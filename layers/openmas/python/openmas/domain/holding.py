"""Units held against the bundle and the caps of a contract, period by period (A1, 3.1.1).

A submission holds its units in every period that its contract limits, all of them or none. Units of messages
that are not sent after all are given back. The counters serve the limits only: what is billed is reckoned
from parcels, and by the same parcels the night puts the counters right.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256

from openmas.domain.contract import Contract
from openmas.domain.ids import day_of
from openmas.domain.limits import BeyondBundle, Level
from openmas.domain.reasons import (
    UNITS_BEYOND_BUNDLE,
    UNITS_BEYOND_DAY,
    UNITS_BEYOND_MONTH,
    UNITS_BEYOND_TRIAL,
    UNITS_NEAR_DAY_STOP,
    UNITS_NEAR_MONTH_STOP,
)
from openmas.domain.statement import ContractYear, contract_year
from openmas.domain.term import add_months

# A day's counter is of no more use after this: nothing of it can be given back any more.
DAYS_KEPT = 14
# No message is valid for longer, and of what is cut later nothing is sent.
CUT_WITHIN_DAYS = 4


class PeriodKind(StrEnum):
    """The spans of time in which units are counted."""

    DAY = "day"
    MONTH = "month"
    BUNDLE = "bundle"
    TRIAL = "trial"


STOPPED = {
    PeriodKind.DAY: UNITS_BEYOND_DAY,
    PeriodKind.MONTH: UNITS_BEYOND_MONTH,
    PeriodKind.BUNDLE: UNITS_BEYOND_BUNDLE,
    PeriodKind.TRIAL: UNITS_BEYOND_TRIAL,
}
WARNED = {PeriodKind.DAY: UNITS_NEAR_DAY_STOP, PeriodKind.MONTH: UNITS_NEAR_MONTH_STOP}


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days in which units are counted, with the level that it warns from and that it stops at.

    Shape: both days belong to it; `name` is that of its counter; `year` is whose days alone count, None if
    all days do, whatever their contract.
    """

    kind: PeriodKind
    name: str
    first_on: date
    last_on: date
    warn: int | None = None
    stop: int | None = None
    year: ContractYear | None = None

    def holds(self, on: date, contract: str | None) -> bool:
        """Whether the units of a day, on which the contract of this number rules, count in it."""
        if self.year is not None:
            return contract == self.year.contract.number and self.year.covers(on)
        return self.first_on <= on <= self.last_on


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a batch's file; its step is tried again until it is done, whoever died over it."""

    batch: str
    n: int


@dataclass(frozen=True, slots=True)
class PartHold:
    """What is held of the part of a file that is being cut: so many units in each of these counters."""

    n: int
    units: int
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Account:
    """What a client's counters say.

    Shape: `used` are units by a counter's name; `told` are the names of periods whose warning was given;
    `epoch` grows whenever the night puts counters right; `parts` by the batch whose file is being cut.
    """

    used: Mapping[str, int] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    epoch: int = 0
    parts: Mapping[str, PartHold] = field(default_factory=dict)

    def wanted(self, periods: Iterable[Period], units: int, part: FilePart | None) -> dict[str, int]:
        """By counter what is still to be held, where some of it may be held for the same part already."""
        held = self.parts.get(part.batch) if part else None
        if part is None or held is None or held.n < part.n:
            return {period.name: units for period in periods}
        if held.n > part.n:
            # Another is further: what is done here comes to nothing.
            return {}
        wanted = {period.name: units - held.units * (period.name in held.names) for period in periods}
        return {name: more for name, more in wanted.items() if more > 0}


@dataclass(frozen=True, slots=True)
class Shortage:
    """The first period in which units do not fit, and how many would."""

    period: Period
    left: int

    @property
    def code(self) -> str:
        return STOPPED[self.period.kind]


def periods_of(contract: Contract, on: date) -> tuple[Period, ...]:
    """The periods in which a contract has a day's units counted; none if it limits none.

    Shape: the day itself is always among them, for the night reckons with it.
    """
    units = contract.limits.units
    periods = [_day(on, units.per_day)]
    if units.per_month is not None:
        periods.append(_month(on, units.per_month))
    if units.beyond_bundle is BeyondBundle.REFUSED:
        periods += _bundle(contract, on)
    limited = [period for period in periods if period.stop is not None]
    return tuple(periods) if limited else ()


def shortage(
    periods: Iterable[Period], used: Mapping[str, int], wanted: Mapping[str, int]
) -> Shortage | None:
    """The first period in which so many more units do not fit, by counter; None if they fit into all."""
    for period in periods:
        if period.stop is not None and used[period.name] + wanted.get(period.name, 0) > period.stop:
            return Shortage(period, max(period.stop - used[period.name], 0))
    return None


def warned(periods: Iterable[Period], account: Account) -> tuple[Period, ...]:
    """The periods that have come to the level from which somebody is warned."""
    return tuple(
        each for each in periods if each.warn is not None and account.used.get(each.name, 0) >= each.warn
    )


def day_name(on: date) -> str:
    return f"d{on:%Y%m%d}"


def day_of_name(name: str) -> date | None:
    """The day whose counter is called so; None for a longer period's."""
    return date(int(name[1:5]), int(name[5:7]), int(name[7:9])) if name[0] == "d" else None


@dataclass(frozen=True, slots=True)
class Correction:
    """How the night puts counters right.

    Shape: `added` are the differences by name; they hold only while the counters in `while_same` still say
    what they said; `forgotten` are names that nobody needs any more, `parts` batches of which nothing more
    is cut.
    """

    added: Mapping[str, int]
    while_same: frozenset[str]
    forgotten: frozenset[str]
    parts: frozenset[str] = frozenset()


def correction(
    account: Account,
    periods: Collection[Period],
    settled: Mapping[date, int],
    contract_on: Callable[[date], str | None],
    as_of: date,
) -> Correction | None:
    """What makes the counters agree with the parcels; None if they do.

    Shape: `settled` says what the parcels hold of every day whose counter is not believed: nobody holds any
    more units of it, or it has no counter. Every other day's counter is believed.
    `periods` are all in which units are, or may be, held; without any, all counters are forgotten.
    """
    days = {on: name for name in account.used if (on := day_of_name(name)) is not None}
    truth = {days[on]: units for on, units in settled.items() if on in days}
    of_day = {**{on: account.used[name] for on, name in days.items()}, **settled}
    for period in periods:
        if period.kind is not PeriodKind.DAY and period.name in account.used:
            truth[period.name] = sum(
                units for on, units in of_day.items() if period.holds(on, contract_on(on))
            )
    kept = {period.name for period in periods}
    if kept:
        kept |= {name for on, name in days.items() if on + timedelta(days=DAYS_KEPT) >= as_of}
    forgotten = frozenset(account.used.keys() - kept)
    added = {name: units - account.used[name] for name, units in truth.items() if name not in forgotten}
    added = {name: units for name, units in added.items() if units}
    parts = frozenset(batch for batch in account.parts if not may_be_cut(batch, as_of))
    if not added and not forgotten and not parts:
        return None
    while_same = frozenset(days[on] for on in settled if on in days) - forgotten
    return Correction(added, while_same, forgotten, parts)


def may_be_cut(batch: str, as_of: date) -> bool:
    """Whether a part of the batch's file may still be cut: the validity of its messages ends within days."""
    return as_of <= day_of(batch) + timedelta(days=CUT_WITHIN_DAYS)


def _day(on: date, level: Level | None) -> Period:
    warn, stop = (level.warn, level.stop) if level else (None, None)
    return Period(PeriodKind.DAY, day_name(on), on, on, warn, stop)


def _month(on: date, level: Level) -> Period:
    first_on = on.replace(day=1)
    last_on = add_months(first_on, 1) - timedelta(days=1)
    return Period(PeriodKind.MONTH, f"m{on:%Y%m}", first_on, last_on, level.warn, level.stop)


def _bundle(contract: Contract, on: date) -> list[Period]:
    """The contract year, or the trial, whose units never touch the year's bundle."""
    year = contract_year(contract, on)
    if year is None:
        return []
    kind = PeriodKind.TRIAL if year.trial else PeriodKind.BUNDLE
    mark = sha256(contract.number.encode()).hexdigest()[:6]
    name = f"{'t' if year.trial else 'y'}{year.start_on:%Y%m%d}-{mark}"
    return [Period(kind, name, year.start_on, year.end_on, None, year.tariff.included_units, year)]
