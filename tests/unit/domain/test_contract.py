"""The contract as data."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import Contract, contract_in_force
from openmas.domain.term import TermPhase, term_state
from tests.fakes import sample

CONTRACT = sample.contract()


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2024, 11, 19), None),
        (date(2024, 11, 20), 1),
        (date(2024, 12, 31), 1),
        (date(2025, 1, 1), 3),
        (date(2025, 5, 31), 3),
        (date(2025, 6, 1), 2),
    ],
)
def test_the_version_in_force_is_the_one_that_took_effect_last(on: date, version: int | None) -> None:
    versions = [
        replace(CONTRACT, version=3, effective_on=date(2025, 1, 1)),
        replace(CONTRACT, version=2, effective_on=date(2025, 6, 1)),
        CONTRACT,
        replace(CONTRACT, version=2, effective_on=date(2025, 1, 1)),
    ]

    found = contract_in_force(versions, on)

    assert (found and found.version) == version


RUNNING = replace(CONTRACT, number="C-1", effective_on=date(2024, 11, 20))
LATER = replace(CONTRACT, number="C-2", effective_on=date(2025, 6, 1))
OVER = replace(LATER, term=replace(CONTRACT.term, end_on=date(2025, 7, 31), renew_months=0))
TO_COME = replace(LATER, term=replace(CONTRACT.term, start_on=date(2025, 9, 1)))


@pytest.mark.parametrize(
    ("versions", "on", "number"),
    [
        ([RUNNING, LATER], date(2025, 5, 31), "C-1"),
        ([RUNNING, LATER], date(2025, 6, 1), "C-2"),
        ([RUNNING, OVER], date(2025, 7, 31), "C-2"),
        ([RUNNING, OVER], date(2025, 8, 1), "C-1"),
        ([RUNNING, TO_COME], date(2025, 8, 31), "C-1"),
        ([RUNNING, TO_COME], date(2025, 9, 1), "C-2"),
        ([OVER], date(2026, 1, 1), "C-2"),
        ([replace(RUNNING, effective_on=LATER.effective_on), LATER], date(2026, 1, 1), "C-2"),
    ],
)
def test_of_several_contracts_the_newest_whose_term_is_running_rules(
    versions: list[Contract], on: date, number: str
) -> None:
    for known in (versions, versions[::-1]):
        found = contract_in_force(known, on)

        assert found is not None
        assert found.number == number


def by_elimination(versions: list[Contract], on: date) -> Contract | None:
    """Strikes out what is ruled out, rule by rule, until one is left."""
    effective = [each for each in versions if each.effective_on <= on]
    left = [each for each in effective if in_force(effective, each, on)]
    running = [each for each in left if term_state(each.term, on).state is TermPhase.ACTIVE]
    for each in sorted(running or left, key=lambda each: (each.effective_on, each.version, each.number)):
        left = [each]
    return left[0] if left else None


def in_force(effective: list[Contract], version: Contract, on: date) -> bool:
    """Whether no other version of its contract keeps it from speaking, told from the first one on."""
    same = [each for each in effective if each.number == version.number]
    same.sort(key=lambda each: (each.effective_on, each.version))
    speaks = same[0]
    for each in same[1:]:
        early = speaks.term.start_on <= each.effective_on and on < each.term.start_on
        if not early or on > speaks.term.end_on:
            speaks = each
    return speaks == version


@st.composite
def histories(draw: st.DrawFn) -> list[Contract]:
    days = st.integers(0, 60).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
    made = []
    for number in ("C-1", "C-2", "C-3")[: draw(st.integers(0, 3))]:
        for version in range(1, draw(st.integers(1, 3)) + 1):
            start_on, end_on = sorted((draw(days), draw(days)))
            term = replace(CONTRACT.term, start_on=start_on, end_on=end_on, renew_months=0)
            made.append(replace(CONTRACT, number=number, version=version, effective_on=draw(days), term=term))
    return draw(st.permutations(made))


@given(histories(), st.integers(-2, 70))
def test_the_version_that_rules_is_the_one_that_nothing_rules_out(versions: list[Contract], day: int) -> None:
    on = date(2025, 1, 1) + timedelta(days=day)

    assert contract_in_force(versions, on) == by_elimination(versions, on)


def test_a_contract_speaks_through_its_newest_version_even_if_that_has_ended() -> None:
    ended = replace(CONTRACT, version=2, effective_on=date(2025, 2, 1))
    ended = replace(ended, term=replace(ended.term, terminated_on=date(2025, 3, 31)))

    assert contract_in_force([CONTRACT, ended], date(2025, 6, 1)) == ended


NEXT_YEAR = replace(
    CONTRACT,
    version=2,
    effective_on=date(2025, 10, 1),
    term=replace(CONTRACT.term, start_on=date(2025, 11, 20), end_on=date(2026, 11, 19)),
)
ONE_YEAR = replace(CONTRACT, term=replace(CONTRACT.term, renew_months=0))
SHORT = replace(CONTRACT, term=replace(CONTRACT.term, end_on=date(2025, 10, 31), renew_months=0))
NOT_BEGUN = replace(CONTRACT, term=replace(CONTRACT.term, start_on=date(2025, 10, 15)))


@pytest.mark.parametrize(
    ("first", "on", "version"),
    [
        (ONE_YEAR, date(2025, 10, 1), 1),
        (ONE_YEAR, date(2025, 11, 19), 1),
        (ONE_YEAR, date(2025, 11, 20), 2),
        (CONTRACT, date(2026, 11, 19), 2),
        # In a gap between two terms the new one is told to be still to come.
        (SHORT, date(2025, 10, 31), 1),
        (SHORT, date(2025, 11, 1), 2),
        # What was put off before it began does not begin.
        (NOT_BEGUN, date(2025, 10, 15), 2),
    ],
)
def test_a_version_signed_early_for_a_term_to_come_leaves_the_running_one_until_then(
    first: Contract, on: date, version: int
) -> None:
    found = contract_in_force([first, NEXT_YEAR], on)

    assert found is not None
    assert found.version == version


def test_without_versions_no_contract_is_in_force() -> None:
    assert contract_in_force([], date(2025, 1, 1)) is None
