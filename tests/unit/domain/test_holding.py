"""Units held in the periods of a contract."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import Contract, Trial
from openmas.domain.holding import (
    DAYS_KEPT,
    Account,
    Period,
    PeriodKind,
    correction,
    day_name,
    day_of_name,
    periods_of,
    shortage,
    warned,
)
from openmas.domain.limits import BeyondBundle, Level, UnitLimits
from tests.fakes import sample

DAY = Level(80, 100)
MONTH = Level(900, 1_000)
TODAY = sample.TODAY
DAYS = st.dates(date(2024, 11, 20), date(2031, 1, 1))


def limited(
    per_day: Level | None = None,
    per_month: Level | None = None,
    *,
    bundle: int | None = None,
    trial: Trial | None = None,
) -> Contract:
    """The sample contract with caps, and with a bundle beyond which nothing goes if one is given."""
    contract = sample.contract()
    beyond = BeyondBundle.CHARGED if bundle is None else BeyondBundle.REFUSED
    limits = replace(contract.limits, units=UnitLimits(beyond, per_day, per_month))
    tariff = replace(contract.tariff, included_units=bundle or 0)
    return replace(contract, limits=limits, tariff=tariff, trial=trial)


def kinds(contract: Contract, on: date = TODAY) -> list[tuple[str, int | None]]:
    return [(period.kind, period.stop) for period in periods_of(contract, on)]


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (limited(), []),
        (limited(DAY), [("day", 100)]),
        (limited(None, MONTH), [("day", None), ("month", 1_000)]),
        (limited(bundle=7), [("day", None), ("bundle", 7)]),
        (limited(DAY, MONTH, bundle=0), [("day", 100), ("month", 1_000), ("bundle", 0)]),
    ],
)
def test_a_contract_has_the_periods_counted_that_it_limits(
    contract: Contract, expected: list[tuple[str, int | None]]
) -> None:
    assert kinds(contract) == expected


def test_the_sample_contract_limits_no_units_and_so_counts_none() -> None:
    assert periods_of(sample.contract(), TODAY) == ()


@given(DAYS)
def test_every_period_holds_its_day_and_is_called_alike_on_each_of_its_days(on: date) -> None:
    contract = limited(DAY, MONTH, bundle=7)

    for period in periods_of(contract, on):
        assert period.holds(on, contract.number)
        for other in (period.first_on, period.last_on):
            assert period.name in {each.name for each in periods_of(contract, other)}
        for outside in (period.first_on - timedelta(days=1), period.last_on + timedelta(days=1)):
            assert not period.holds(outside, contract.number)
            assert period.name not in {each.name for each in periods_of(contract, outside)}


def test_a_trials_units_never_touch_the_bundle() -> None:
    trial = Trial(date(2025, 11, 20), 14, 50)
    contract = limited(bundle=7, trial=trial)
    on_trial, later = (periods_of(contract, trial.end_on + timedelta(days=n))[1] for n in (0, 1))

    assert (on_trial.kind, on_trial.stop) == (PeriodKind.TRIAL, 50)
    assert (later.kind, later.stop) == (PeriodKind.BUNDLE, 7)
    assert on_trial.holds(trial.start_on, contract.number)
    assert not later.holds(trial.end_on, contract.number)
    assert later.holds(trial.end_on + timedelta(days=1), contract.number)


def test_the_bundle_is_one_contracts_own_and_caps_are_the_clients() -> None:
    day, month, bundle = periods_of(limited(DAY, MONTH, bundle=7), TODAY)

    assert not bundle.holds(TODAY, "another")
    assert day.holds(TODAY, "another")
    assert month.holds(TODAY, "another")


def test_a_shortage_names_the_first_period_that_is_too_small_and_what_is_left_of_it() -> None:
    day, month, bundle = periods = periods_of(limited(DAY, MONTH, bundle=7), TODAY)

    def short(*used: int, units: int = 1) -> tuple[str, int] | None:
        names = [day.name, month.name, bundle.name]
        found = shortage(periods, dict(zip(names, used, strict=True)), dict.fromkeys(names, units))
        return (found.code, found.left) if found else None

    assert short(99, 999, 6) is None
    assert short(99, 999, 6, units=2) == ("units_beyond_day", 1)
    assert short(0, 1_000, 0) == ("units_beyond_month", 0)
    assert short(0, 0, 7) == ("units_beyond_bundle", 0)
    assert short(0, 0, 9) == ("units_beyond_bundle", 0)


def test_a_period_warns_from_its_level_on() -> None:
    day, month = periods = periods_of(limited(DAY, MONTH), TODAY)

    assert warned(periods, Account({day.name: 79, month.name: 899})) == ()
    assert warned(periods, Account({day.name: 80, month.name: 900})) == (day, month)


@given(DAYS)
def test_a_days_counter_tells_its_day(on: date) -> None:
    assert day_of_name(day_name(on)) == on
    assert [day_of_name(each.name) for each in periods_of(limited(None, MONTH, bundle=1), on)[1:]] == [
        None
    ] * 2


NUMBERS = st.sampled_from([sample.contract().number, "another"])
COUNTS = st.dictionaries(st.integers(-12, 3), st.integers(0, 9), min_size=1)


@given(COUNTS, COUNTS, st.integers(0, 50), st.integers(0, 50), st.dictionaries(st.integers(-12, 3), NUMBERS))
def test_a_correction_makes_every_longer_period_the_sum_of_its_days(
    counters: dict[int, int], parcels: dict[int, int], month: int, year: int, contracts: dict[int, str]
) -> None:
    contract = limited(DAY, MONTH, bundle=7)
    periods = periods_of(contract, TODAY)
    used = {day_name(TODAY + timedelta(days=n)): units for n, units in counters.items()}
    used |= {periods[1].name: month, periods[2].name: year}
    numbers = {TODAY + timedelta(days=n): number for n, number in contracts.items()}
    # What nobody can hold any more, and days without a counter, are counted from parcels.
    settled = {
        TODAY + timedelta(days=n): units for n, units in parcels.items() if n < -1 or n not in counters
    }

    found = correction(Account(used), periods, settled, lambda on: numbers.get(on, contract.number), TODAY)

    after = {name: units + (found.added.get(name, 0) if found else 0) for name, units in used.items()}
    days: dict[date, int] = {}
    for n in range(-12, 4):
        on = TODAY + timedelta(days=n)
        days[on] = settled[on] if on in settled else counters.get(n, 0)
        if day_name(on) in after:
            assert after[day_name(on)] == days[on]
    assert after[periods[1].name] == sum(u for on, u in days.items() if (on.year, on.month) == (2025, 11))
    assert after[periods[2].name] == sum(
        units
        for on, units in days.items()
        if on >= date(2025, 11, 20) and numbers.get(on, contract.number) == contract.number
    )


def test_counters_that_agree_need_no_correction() -> None:
    periods = periods_of(limited(DAY, MONTH), TODAY)
    yesterday = TODAY - timedelta(days=3)
    account = Account({day_name(yesterday): 4, day_name(TODAY): 5, periods[1].name: 9})

    assert correction(account, periods, {yesterday: 4}, lambda _on: None, TODAY) is None


def test_a_counter_is_forgotten_once_its_period_cannot_matter_any_more() -> None:
    periods = periods_of(limited(DAY, MONTH), TODAY)
    old, recent = (TODAY - timedelta(days=DAYS_KEPT + ago) for ago in (1, 0))
    names = [day_name(old), day_name(recent), day_name(TODAY), "m202510", "m202511", "y20241120-0a1b2c"]
    account = Account(dict.fromkeys(names, 3), told=frozenset({day_name(old)}))

    found = correction(account, periods, {old: 7, recent: 3}, lambda _on: None, TODAY)

    assert found is not None
    assert found.forgotten == {day_name(old), "m202510", "y20241120-0a1b2c"}
    assert found.added == {"m202511": 7 + 3 + 3 - 3}
    assert found.while_same == {day_name(recent)}


def test_without_limits_every_counter_is_forgotten() -> None:
    found = correction(Account({day_name(TODAY): 3, "m202511": 3}), (), {}, lambda _on: None, TODAY)

    assert found is not None
    assert found.forgotten == {day_name(TODAY), "m202511"}
    assert found.added == {}


def test_a_period_of_another_year_has_another_counter() -> None:
    contract = limited(bundle=7)
    names: set[str] = {
        period.name
        for on in (date(2025, 11, 19), date(2025, 11, 20))
        for period in periods_of(contract, on)[1:]
    }

    assert len(names) == 2
    assert all(isinstance(each, Period) for each in periods_of(contract, TODAY))
