"""Tell a client what it has used of its contract year, and what a day's statement says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.reasons import CONTRACT_MISSING, rejected
from openmas.domain.recompute import export_day
from openmas.domain.statement import ContractYear, DayStatement, contract_year, used_before
from openmas.domain.tally import tally_day
from openmas.domain.tariff import rate_day
from openmas.errors import NotFound
from openmas.needs import Ledger, Messages, Registry


class Needs(Protocol):
    @property
    def registry(self) -> Registry: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def ledger(self) -> Ledger: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The contract year so far: what statements say, and what the days since then come to by now.

    Shape: `stated_until` is the day of the newest statement of this year; the days after it may still change.
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
    bundle_left: int
    overage_units: int
    overage_hao: int


def usage(needs: Needs, client: str, now: datetime) -> Usage:
    """What the client has used of the contract year that now falls into.

    Raises: NotFound when no contract is in force.
    """
    today = shanghai_day(now)
    year = _year(needs, client, today)
    if year is None:
        raise rejected(NotFound, CONTRACT_MISSING)
    statements = _statements(needs, client, year.start_on, today)
    stated_until = max((each.on for each in statements), default=None)
    stated = used_before(year, statements)
    # What the night has not come to yet; older gaps are the night's to close.
    open_on = [on for on in (today - timedelta(days=1), today) if on >= year.start_on]
    tariff = year.contract.tariff
    unstated = sum(
        _units(needs, client, on, year) for on in open_on if stated_until is None or on > stated_until
    )
    rated = rate_day(tariff, stated, unstated)
    charged_units, charged_hao = _overage(year, statements)
    return Usage(
        contract=year.contract.number,
        contract_version=year.contract.version,
        year_start_on=year.start_on,
        year_end_on=year.end_on,
        annual_fee_hao=tariff.annual_fee_hao,
        included_units=tariff.included_units,
        stated_until=stated_until,
        units=stated + unstated,
        stated_units=stated,
        unstated_units=unstated,
        bundle_left=max(tariff.included_units - stated - unstated, 0),
        overage_units=charged_units + rated.overage_units,
        overage_hao=charged_hao + rated.overage_hao,
    )


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


def _statements(needs: Needs, client: str, first_on: date, last_on: date) -> Sequence[DayStatement]:
    standing = needs.ledger.standing(client, first_on, last_on)
    return [each.current for each in standing.values() if each.current is not None]


def _units(needs: Needs, client: str, on: date, year: ContractYear) -> int:
    day = needs.messages.day(client, on, may_lag=True)
    return tally_day(day, year.contract.tariff.charged_on).units


def _overage(year: ContractYear, statements: Sequence[DayStatement]) -> tuple[int, int]:
    """The overage of one contract year, in units and in hao, that statements have charged."""
    days = [each for each in statements if year.holds(each.contract, each.on)]
    late = [each for s in statements for each in s.adjustments if year.holds(each.contract, each.on)]
    units = sum(each.overage_units for each in days) + sum(each.overage_units for each in late)
    return units, sum(each.overage_hao for each in days) + sum(each.overage_hao for each in late)
