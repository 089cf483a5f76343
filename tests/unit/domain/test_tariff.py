"""What units and late payment cost."""

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.tariff import (
    ChargedOn,
    Rated,
    Tariff,
    days_late,
    late_fee_exact,
    late_fee_hao,
    rate_day,
    rate_days,
)

VECTORS = Path(__file__).parents[2] / "vectors"
RATING = json.loads((VECTORS / "rating.json").read_text(encoding="utf-8"))
LATE_FEES = json.loads((VECTORS / "late_fee.json").read_text(encoding="utf-8"))
SAMPLE = Tariff(annual_fee_hao=400_000_000, included_units=1_000_000, overage_hao_per_unit=400)
UNITS = st.integers(0, 2_000_000)
TARIFFS = st.builds(Tariff, st.integers(0, 10**9), UNITS, st.integers(0, 1_000), st.sampled_from(ChargedOn))
DUE_ON = date(2025, 11, 1)


@pytest.mark.parametrize("row", RATING, ids=range(len(RATING)))
def test_the_reference_rates_the_same(row: dict[str, Any]) -> None:
    tariff = Tariff(**row["tariff"])
    days = [(date.fromisoformat(day["day"]), day["units"]) for day in row["days"]]

    rated = rate_days(tariff, days)

    assert [
        {
            "day": day.on.isoformat(),
            "units": day.units,
            "from_bundle": day.from_bundle,
            "overage_units": day.overage_units,
            "overage_hao": day.overage_hao,
        }
        for day in rated
    ] == row["days"]
    overage_hao = sum(day.overage_hao for day in rated)
    assert row["year"] == {
        "units": sum(day.units for day in rated),
        "overage_hao": overage_hao,
        "total_hao": tariff.annual_fee_hao + overage_hao,
        "bundle_left": tariff.included_units - sum(day.from_bundle for day in rated),
    }


@pytest.mark.parametrize(
    ("used_before", "units", "rated"),
    [
        (0, 0, Rated(0, 0, 0, 0)),
        (0, 1_000_000, Rated(1_000_000, 1_000_000, 0, 0)),
        (999_999, 1, Rated(1, 1, 0, 0)),
        (999_999, 2, Rated(2, 1, 1, 400)),
        (1_000_000, 1, Rated(1, 0, 1, 400)),
        (5_000_000, 3, Rated(3, 0, 3, 1_200)),
    ],
)
def test_units_beyond_the_bundle_cost(used_before: int, units: int, rated: Rated) -> None:
    assert rate_day(SAMPLE, used_before, units) == rated


@given(TARIFFS, st.lists(UNITS, max_size=12))
def test_a_year_costs_the_same_however_its_units_fall_on_days(tariff: Tariff, units: list[int]) -> None:
    days = [(DUE_ON + timedelta(days=n), each) for n, each in enumerate(units)]

    rated = rate_days(tariff, days)

    assert all(day.units == day.from_bundle + day.overage_units for day in rated)
    assert sum(day.overage_hao for day in rated) == rate_day(tariff, 0, sum(units)).overage_hao
    assert sum(day.from_bundle for day in rated) == min(sum(units), tariff.included_units)


@pytest.mark.parametrize(("used_before", "units"), [(-1, 0), (0, -1)])
def test_units_are_never_negative(used_before: int, units: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        rate_day(SAMPLE, used_before, units)


@pytest.mark.parametrize("row", LATE_FEES, ids=range(len(LATE_FEES)))
def test_the_reference_reckons_the_same_late_fee(row: dict[str, Any]) -> None:
    due_on, paid_on = date.fromisoformat(row["due_on"]), date.fromisoformat(row["paid_on"])
    exact = Fraction(row["late_fee_hao_exact"])

    assert days_late(due_on, paid_on) == row["days_late"]
    assert late_fee_exact(row["amount_hao"], row["per_day_ppm"], due_on, paid_on) == exact
    assert late_fee_hao(row["amount_hao"], row["per_day_ppm"], due_on, paid_on) == int(exact + Fraction(1, 2))


@pytest.mark.parametrize(
    ("amount_hao", "fee_hao"), [(16, 0), (17, 1), (50, 2), (83, 2), (84, 3), (0, 0), (10**12, 30_000_000_000)]
)
def test_a_late_fee_is_rounded_half_up(amount_hao: int, fee_hao: int) -> None:
    assert late_fee_hao(amount_hao, 30_000, DUE_ON, DUE_ON + timedelta(days=1)) == fee_hao


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(-400, 4_000))
def test_a_late_fee_is_rounded_once_at_the_end(amount_hao: int, per_day_ppm: int, days: int) -> None:
    paid_on = DUE_ON + timedelta(days=days)
    exact = late_fee_exact(amount_hao, per_day_ppm, DUE_ON, paid_on)

    assert exact == max(days, 0) * late_fee_exact(amount_hao, per_day_ppm, DUE_ON, DUE_ON + timedelta(days=1))
    assert abs(late_fee_hao(amount_hao, per_day_ppm, DUE_ON, paid_on) - exact) <= Fraction(1, 2)


def test_a_negative_debt_bears_no_fee() -> None:
    with pytest.raises(ValueError, match="negative"):
        late_fee_hao(-1, 30_000, DUE_ON, DUE_ON)
