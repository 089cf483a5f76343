"""Hold units against the bundle and the caps of a contract, and give back those of messages that never go.

A contract that limits nothing costs nothing here. Of units that were held, what the carrier takes stays; what
is given back is given back once at most. So a crash leaves units held that nobody will use, never too few,
and the night puts that right (`settle_units`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.case import Case
from openmas.domain.contract import Contract
from openmas.domain.holding import WARNED, Account, FilePart, Period, Shortage, periods_of, shortage, warned
from openmas.domain.ids import day_of
from openmas.domain.journal import DAYS_OPEN
from openmas.domain.parcel import Parcel
from openmas.domain.profile import Profile
from openmas.domain.reasons import REASONS
from openmas.domain.schedule import AHEAD_MAX
from openmas.domain.statement import DayStatement
from openmas.domain.tariff import ChargedOn
from openmas.errors import LimitExceeded, Unavailable
from openmas.needs import Cases, Clock, Ledger, Messages, Units

TRIES = 5
CASE_WITHIN = timedelta(hours=24)
DAY = timedelta(days=1)
# A message may wait for its time until the end of this.
AHEAD = AHEAD_MAX + DAY


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def units(self) -> Units: ...


class SaveNeeds(Protocol):
    @property
    def messages(self) -> Messages: ...
    @property
    def units(self) -> Units: ...


@dataclass(frozen=True, slots=True)
class HeldUnits:
    """Units that are held, under the counters' names; `warnings` are codes of levels that they came to."""

    units: int = 0
    names: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def hold_units(
    needs: Needs, profile: Profile, contract: Contract, on: date, units: int, part: FilePart | None = None
) -> HeldUnits:
    """The units of a day are held in every period that the contract limits, all of them.

    Shape: those of a `part` of a file once, however often it is tried.
    Raises: LimitExceeded, and none are held, if they do not fit into one of the periods.
    """
    periods = periods_of(contract, on)
    if not periods or not units:
        return HeldUnits()
    client = profile.client.id
    for _ in range(TRIES):
        taken, account = needs.units.hold(client, periods, units, part)
        if taken:
            names = tuple(period.name for period in periods)
            return HeldUnits(units, names, _warnings(needs, client, periods, account))
        if missing := [period for period in periods if period.name not in account.used]:
            begun = {period.name: used_in(needs, profile, period) for period in missing}
            needs.units.start(client, begun)
        elif short := shortage(periods, account.used, account.wanted(periods, units, part)):
            raise _refusal(short, units)
    raise Unavailable("units_contended", "Too many others are holding units of this client.")


def would_hold(needs: Needs, profile: Profile, contract: Contract, on: date, units: int) -> HeldUnits:
    """What `hold_units` would say now; nothing is held.

    Raises: LimitExceeded as it does.
    """
    periods = periods_of(contract, on)
    if not periods or not units:
        return HeldUnits()
    counted = needs.units.account(profile.client.id).used
    used = {
        each.name: counted[each.name] if each.name in counted else used_in(needs, profile, each)
        for each in periods
    }
    if short := shortage(periods, used, dict.fromkeys(used, units)):
        raise _refusal(short, units)
    near = warned(periods, Account({name: count + units for name, count in used.items()}))
    return HeldUnits(units, warnings=tuple(WARNED[period.kind] for period in near))


def forget_part(needs: SaveNeeds, profile: Profile, batch: Batch) -> None:
    """Of the batch's file nothing is cut any more, so no hold of a part of it has to be known again."""
    on = day_of(batch.id)
    contract = profile.contract_on(on)
    if not batch.test and contract is not None and periods_of(contract, on):
        needs.units.forget_part(batch.client, batch.id)


def give_back(needs: SaveNeeds, client: str, names: Sequence[str], units: int) -> None:
    """Units that were held for a request that came to nothing are held no more."""
    if names and units:
        _give_back(needs, client, names, units, needs.units.account(client))


def save_parcel(needs: SaveNeeds, before: Parcel, after: Parcel) -> None:
    """The parcel is stored over the version before, and units of what has ended unsent are given back.

    Raises: Conflict as `Messages.save` does; then nothing is given back.
    """
    # Negative where a message that had been refused turned out to be sent.
    units = after.unsent_units - before.unsent_units if after.holds else 0
    # What the night counts from now on, it counts without these units: they must not be given back again.
    account = needs.units.account(after.client) if units else Account()
    needs.messages.save(after)
    if units:
        _give_back(needs, after.client, after.holds, units, account)


def _give_back(needs: SaveNeeds, client: str, names: Sequence[str], units: int, account: Account) -> None:
    # A limit that was dropped since has no counter any more.
    there = [name for name in names if name in account.used]
    if there:
        needs.units.give_back(client, there, units, account.epoch)


def used_in(needs: Needs, profile: Profile, period: Period) -> int:
    """What the parcels of a period hold already, also those that still wait for their time."""
    last_on = min(period.last_on, shanghai_day(needs.clock.now() + AHEAD))
    units = units_by_day(needs, profile, period.first_on, last_on)
    return sum(count for on, count in units.items() if period.holds(on, number_on(profile, on)))


def units_by_day(needs: Needs, profile: Profile, first_on: date, last_on: date) -> dict[date, int]:
    """What each day's parcels hold: closed days as they are stated, all others as they stand now."""
    client = profile.client.id
    open_on = shanghai_day(needs.clock.now()) - timedelta(days=DAYS_OPEN)
    units = stated_units(needs, client, first_on, min(last_on, open_on - DAY))
    on = max(first_on, open_on)
    while on <= last_on:
        contract = profile.contract_on(on)
        charged_on = contract.tariff.charged_on if contract else ChargedOn.ACCEPTED
        parcels = (each for each in needs.messages.day(client, on) if isinstance(each, Parcel))
        units[on] = sum(parcel.held_units(charged_on) for parcel in parcels if not parcel.test)
        on += DAY
    return units


def stated_units(needs: Needs, client: str, first_on: date, last_on: date) -> dict[date, int]:
    """What the statements say of each day, with what later ones adjusted."""
    units: dict[date, int] = {}
    for standing in needs.ledger.standing(client, first_on, date.max).values():
        if standing.current is not None:
            _add(units, standing.current)
    return {on: count for on, count in units.items() if first_on <= on <= last_on}


def _add(units: dict[date, int], statement: DayStatement) -> None:
    units[statement.on] = units.get(statement.on, 0) + statement.units
    for each in statement.adjustments:
        units[each.on] = units.get(each.on, 0) + each.units


def number_on(profile: Profile, on: date) -> str | None:
    """The number of the contract that rules on a day."""
    contract = profile.contract_on(on)
    return contract.number if contract else None


def _refusal(short: Shortage, units: int) -> LimitExceeded:
    reason = REASONS[short.code]
    told = f"{reason.en} It asks for {units} units; {short.left} of {short.period.stop} are left."
    return LimitExceeded(reason.code, told, reason.clause, left=short.left)


def _warnings(needs: Needs, client: str, periods: Sequence[Period], account: Account) -> tuple[str, ...]:
    """The codes of the levels that were come to; somebody is told of each, once in its period."""
    near = warned(periods, account)
    for period in near:
        if period.name not in account.told:
            needs.cases.open(_case(client, period, account.used, needs.clock.now()))
            needs.units.tell(client, period.name)
    return tuple(WARNED[period.kind] for period in near)


def _case(client: str, period: Period, used: Mapping[str, int], now: datetime) -> Case:
    levels = f"it warns at {period.warn} and stops at {period.stop}"
    detail = f"{used[period.name]} units of the {period.kind} {period.name[1:]}: {levels}."
    return Case(f"limit#{period.name}", client, "limit", shanghai_day(now), now + CASE_WITHIN, detail)
