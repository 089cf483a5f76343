"""Tell a client what it has used of its contract year, and what a day's statement says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.ids import day_of
from openmas.domain.profile import Profile
from openmas.domain.reasons import CONTRACT_MISSING, rejected
from openmas.domain.recompute import export_day
from openmas.domain.statement import (
    ContractYear,
    DayStatement,
    contract_year,
    term_year,
    trial_of,
    used_before,
)
from openmas.domain.tally import DayTally, tally_day
from openmas.domain.tariff import rate_day
from openmas.errors import NotFound
from openmas.flows.waiting_units import waiting_by_day
from openmas.needs import Ledger, Messages, Registry


class ReadNeeds(Protocol):
    @property
    def messages(self) -> Messages: ...
    @property
    def ledger(self) -> Ledger: ...


class Needs(ReadNeeds, Protocol):
    @property
    def registry(self) -> Registry: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialUsage:
    """The trial of this contract year so far; nothing of it comes from the bundle (3.1.1).

    Shape: `waiting_units` as in `Usage`, on the days of the trial; they are still in `units_left`.
    """

    start_on: date
    end_on: date
    included_units: int
    units: int
    waiting_units: int
    units_left: int
    overage_units: int
    overage_hao: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The contract year so far: what statements say, and what the days since then come to by now.

    Shape: `waiting_units` are accepted and may yet be charged, on whatever day of the year: those that wait
    for their time or a person, are under way, or are in a file that was read and is not cut to its end; they
    are not in `units`, and still in `bundle_left`. `stated_until` is the day of the newest statement of this
    year; the days after it may still change; what is the trial's is in `trial` alone.
    Units: billed segments and hao; `overage_hao` does not hold the annual fee.
    """

    contract: str
    contract_version: int
    year_start_on: date
    year_end_on: date
    annual_fee_hao: int
    included_units: int
    stated_until: date | None
    units: int
    stated_units: int
    unstated_units: int
    waiting_units: int
    bundle_left: int
    overage_units: int
    overage_hao: int
    trial: TrialUsage | None


@dataclass(frozen=True, slots=True)
class Price:
    """What units would come to on top of what is used by now, if every message is charged.

    Shape: in a trial its own units are the bundle. `waiting_units` are accepted and may yet be charged, on
    whatever day of the year (as in `Usage`): this comes on top of them, too.
    """

    trial: bool
    waiting_units: int
    units_from_bundle: int
    overage_units: int
    overage_hao: int
    bundle_left: int


@dataclass(frozen=True, slots=True)
class _SoFar:
    """What one year, or one trial, has used until now."""

    stated: int
    unstated: int
    overage_units: int
    overage_hao: int

    @property
    def units(self) -> int:
        return self.stated + self.unstated


def usage(needs: Needs, client: str, now: datetime) -> Usage:
    """What the client has used of the contract year that now falls into.

    Raises: NotFound when no contract is in force.
    """
    today = shanghai_day(now)
    profile = needs.registry.profile(client)
    year = term_year(profile.contract_on(today), today) if profile else None
    if profile is None or year is None:
        raise rejected(NotFound, CONTRACT_MISSING)
    statements = _statements(needs, client, year.start_on, today)
    stated_until = max((each.on for each in statements), default=None)
    unstated = _unstated(needs, client, year, stated_until, today)
    waiting = tuple(waiting_by_day(needs, client, unstated, now))
    used, tariff = _so_far(year, statements, unstated), year.contract.tariff
    return Usage(
        contract=year.contract.number,
        contract_version=year.contract.version,
        year_start_on=year.start_on,
        year_end_on=year.end_on,
        annual_fee_hao=tariff.annual_fee_hao,
        included_units=tariff.included_units,
        stated_until=stated_until,
        units=used.units,
        stated_units=used.stated,
        unstated_units=used.unstated,
        waiting_units=_waiting_in(year, profile, waiting),
        bundle_left=max(tariff.included_units - used.units, 0),
        overage_units=used.overage_units,
        overage_hao=used.overage_hao,
        trial=_trial(year, profile, statements, unstated, waiting),
    )


def price_of(needs: ReadNeeds, profile: Profile, batch: Batch, units: int, now: datetime) -> Price | None:
    """What so many units of a batch would come to; None for a test, which costs nothing, or after a term."""
    on, today = day_of(batch.id), shanghai_day(now)
    year = contract_year(profile.contract_on(on), on)
    if batch.test or year is None:
        return None
    statements = _statements(needs, batch.client, year.start_on, min(today, year.end_on))
    stated_until = max((each.on for each in statements), default=None)
    unstated = _unstated(needs, batch.client, year, stated_until, today)
    waiting = _waiting_in(year, profile, waiting_by_day(needs, batch.client, unstated, now))
    used = _so_far(year, statements, unstated).units + waiting
    rated = rate_day(year.tariff, used, units)
    left = max(year.tariff.included_units - used - units, 0)
    return Price(year.trial, waiting, rated.from_bundle, rated.overage_units, rated.overage_hao, left)


def statement(needs: Needs, client: str, on: date) -> DayStatement | None:
    """The current statement of a day, if the night has made one."""
    standing = needs.ledger.standing(client, on, on).get(on)
    return standing.current if standing else None


def bill_of_day(needs: Needs, client: str, on: date) -> dict[str, Any]:
    """All that a day's statement rests on, for `domain.recompute` to make it again anywhere.

    Raises: NotFound when the day has no statement.
    """
    stated = statement(needs, client, on)
    if stated is None:
        raise NotFound("statement_unknown", "There is no statement of this day.")
    year = _year(needs, client, on)
    earlier = _statements(needs, client, year.start_on, on - timedelta(days=1)) if year else ()
    return export_day(
        client,
        on,
        needs.messages.day(client, on),
        year=year,
        used=used_before(year, earlier, stated.adjustments),
        adjustments=stated.adjustments,
    )


def _year(needs: Needs, client: str, on: date) -> ContractYear | None:
    profile = needs.registry.profile(client)
    return contract_year(profile.contract_on(on), on) if profile else None


def _statements(needs: ReadNeeds, client: str, first_on: date, last_on: date) -> Sequence[DayStatement]:
    standing = needs.ledger.standing(client, first_on, last_on)
    return [each.current for each in standing.values() if each.current is not None]


def _unstated(
    needs: ReadNeeds, client: str, year: ContractYear, stated_until: date | None, today: date
) -> dict[date, DayTally]:
    """What the night has not come to yet; older gaps are the night's to close."""
    open_on = [
        on
        for on in (today - timedelta(days=1), today)
        if on >= year.start_on and (stated_until is None or on > stated_until)
    ]
    charged_on = year.contract.tariff.charged_on
    return {on: tally_day(needs.messages.day(client, on, may_lag=True), charged_on) for on in open_on}


def _waiting_in(year: ContractYear, profile: Profile, waiting: Iterable[tuple[date, int]]) -> int:
    """What of the units that wait comes out of this year's bundle, or out of this trial."""
    return sum(units for on, units in waiting if _counts(year, profile, on))


def _counts(year: ContractYear, profile: Profile, on: date) -> bool:
    contract = profile.contract_on(on)
    return contract is not None and contract.number == year.contract.number and year.covers(on)


def _trial(
    year: ContractYear,
    profile: Profile,
    statements: Sequence[DayStatement],
    unstated: Mapping[date, DayTally],
    waiting: Iterable[tuple[date, int]],
) -> TrialUsage | None:
    trial = trial_of(year)
    if trial is None:
        return None
    used = _so_far(trial, statements, unstated)
    return TrialUsage(
        start_on=trial.start_on,
        end_on=trial.end_on,
        included_units=trial.tariff.included_units,
        units=used.units,
        waiting_units=_waiting_in(trial, profile, waiting),
        units_left=max(trial.tariff.included_units - used.units, 0),
        overage_units=used.overage_units,
        overage_hao=used.overage_hao,
    )


def _so_far(
    year: ContractYear, statements: Sequence[DayStatement], unstated: Mapping[date, DayTally]
) -> _SoFar:
    stated = used_before(year, statements)
    fresh = sum(tally.units for on, tally in unstated.items() if year.covers(on))
    rated = rate_day(year.tariff, stated, fresh)
    days = [each for each in statements if year.holds(each)]
    late = [each for s in statements for each in s.adjustments if year.holds(each)]
    units = sum(each.overage_units for each in days) + sum(each.overage_units for each in late)
    hao = sum(each.overage_hao for each in days) + sum(each.overage_hao for each in late)
    return _SoFar(stated, fresh, units + rated.overage_units, hao + rated.overage_hao)
