"""A client's record beside its contract: names agree, and a new one is told ahead (2.1.15)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.registration import oddities
from tests.fakes import sample

CONTRACT, BEFORE = sample.contract(), sample.client()
RENAMED = replace(BEFORE, full_name="塔城地区疾病预防控制中心", effective_on=sample.TODAY)
NAMING = replace(CONTRACT, client_full_name=RENAMED.full_name)


def test_a_record_that_says_what_the_contract_says_is_not_odd() -> None:
    assert list(oddities(BEFORE, None, CONTRACT)) == []
    assert list(oddities(replace(BEFORE, suspended=True), BEFORE, CONTRACT)) == []


@pytest.mark.parametrize("before", [None, BEFORE, RENAMED])
def test_a_name_that_is_not_the_contracts_is_told(before: object) -> None:
    known = before if before is None else replace(BEFORE, full_name=getattr(before, "full_name", ""))

    paths = [each.path for each in oddities(RENAMED, known, CONTRACT)]

    assert paths == ["/full_name", *["/notice_given_on"] * (known == BEFORE)]


@given(st.integers(-40, 40), st.integers(0, 40))
def test_a_new_name_is_told_as_many_days_ahead_as_is_agreed(ahead: int, agreed: int) -> None:
    contract = replace(NAMING, notices=replace(NAMING.notices, registration_change_days=agreed))
    told_on = date(2025, 6, 1)
    renamed = replace(RENAMED, notice_given_on=told_on, effective_on=told_on + timedelta(days=ahead))

    found = [(each.path, each.clause) for each in oddities(renamed, BEFORE, contract)]

    # The days between, one by one: the effective day itself is not one of them.
    between = [n for n in range(100) if told_on + timedelta(days=n) < told_on + timedelta(days=ahead)]
    in_time = ahead >= 0 and len(between) >= agreed
    assert found == [("/effective_on", "2.1.15")] * (not in_time)
