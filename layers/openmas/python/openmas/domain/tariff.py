"""What units and late payment cost, in whole hao (annex 1, clause 6.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import floor

PPM = 1_000_000


class ChargedOn(StrEnum):
    """What proves a message worth charging: the carrier took it, or it arrived."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Tariff:
    """A contract year's fee, the units that it covers, and the price of each beyond (A1).

    Shape: prices include the tax; `tax_ppm` says how they are split and never moves them (3.2.5).
    """

    annual_fee_hao: int
    included_units: int
    overage_hao_per_unit: int
    charged_on: ChargedOn = ChargedOn.ACCEPTED
    tax_ppm: int = 0


@dataclass(frozen=True, slots=True)
class Rated:
    """Units, parted into those that the bundle covers and those that cost."""

    units: int
    from_bundle: int
    overage_units: int
    overage_hao: int


@dataclass(frozen=True, slots=True)
class RatedDay:
    """What one day's units cost."""

    on: date
    units: int
    from_bundle: int
    overage_units: int
    overage_hao: int


def rate_day(tariff: Tariff, used_before: int, units: int) -> Rated:
    """The units, rated after so many of the same contract year.

    Raises: ValueError for a negative count.
    """
    if used_before < 0 or units < 0:
        raise ValueError("units are never negative")
    from_bundle = min(units, max(tariff.included_units - used_before, 0))
    overage = units - from_bundle
    return Rated(units, from_bundle, overage, overage * tariff.overage_hao_per_unit)


def rate_days(tariff: Tariff, units_by_day: Sequence[tuple[date, int]]) -> tuple[RatedDay, ...]:
    """The days of one contract year.

    Raises: ValueError unless the days rise.
    """
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(units_by_day)):
        raise ValueError("days are rated in rising order, each once")
    rated, used = [], 0
    for on, units in units_by_day:
        day = rate_day(tariff, used, units)
        rated.append(RatedDay(on, units, day.from_bundle, day.overage_units, day.overage_hao))
        used += units
    return tuple(rated)


def days_late(due_on: date, paid_on: date) -> int:
    """The days from the day after the due date to the day of payment."""
    return max(0, (paid_on - due_on).days)


def late_fee_exact(amount_hao: int, per_day_ppm: int, due_on: date, paid_on: date) -> Fraction:
    """The late fee before rounding; simple interest.

    Units: hao; `per_day_ppm` is parts per million a day (30,000 = 3 %).
    """
    if amount_hao < 0 or per_day_ppm < 0:
        raise ValueError("amounts and rates are never negative")
    return Fraction(amount_hao * per_day_ppm * days_late(due_on, paid_on), PPM)


def late_fee_hao(amount_hao: int, per_day_ppm: int, due_on: date, paid_on: date) -> int:
    """The late fee in whole hao, rounded once, half up (clause 6.3)."""
    return floor(late_fee_exact(amount_hao, per_day_ppm, due_on, paid_on) + Fraction(1, 2))
