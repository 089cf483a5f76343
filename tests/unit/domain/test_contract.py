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
    left = [each for each in versions if each.effective_on <= on]
    for each in list(left):
        rank = (each.effective_on, each.version)
        same = [other for other in left if other.number == each.number]
        if any((other.effective_on, other.version) > rank for other in same):
            left.remove(each)
    running = [each for each in left if term_state(each.term, on).state is TermPhase.ACTIVE]
    for each in sorted(running or left, key=lambda each: (each.effective_on, each.version, each.number)):
        left = [each]
    return left[0] if left else None


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


def test_without_versions_no_contract_is_in_force() -> None:
    assert contract_in_force([], date(2025, 1, 1)) is None
