"""How far ahead something may be sent, and what is said of a term that may not be there any more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.schedule import AHEAD_MAX, check_ahead, warnings_of, whole_second
from openmas.domain.term import Term, TermPhase, hangs_on_renewal, term_state
from openmas.errors import InvalidInput
from tests.fakes import sample

MOMENT = timedelta(microseconds=1)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize("ahead", [None, MOMENT, timedelta(days=1), AHEAD_MAX])
def test_a_time_ahead_within_35_days_is_taken(ahead: timedelta | None) -> None:
    check_ahead(None if ahead is None else sample.NOW + ahead, sample.NOW)


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (timedelta(0), "send_at_past"),
        (-timedelta(days=400), "send_at_past"),
        (AHEAD_MAX + MOMENT, "send_at_too_far"),
    ],
)
def test_a_time_that_has_passed_or_is_too_far_is_refused(ahead: timedelta, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_ahead(sample.NOW + ahead, sample.NOW)

    assert refused.value.code == code


FROM, UNTIL = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2025, 2100))


@given(st.datetimes(FROM, UNTIL, timezones=st.just(UTC)))
def test_a_time_is_taken_to_the_first_whole_second_from_it_on(at: datetime) -> None:
    second = whole_second(at)

    assert second.microsecond == 0
    assert timedelta(0) <= second - at < timedelta(seconds=1)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    start_on = draw(st.dates(date(2024, 1, 1), date(2025, 12, 31)))
    return Term(
        start_on=start_on,
        end_on=start_on + timedelta(days=draw(st.integers(0, 400))),
        renew_months=draw(st.sampled_from([0, 1, 12])),
        notice_days=draw(st.integers(0, 60)),
        renewals_max=draw(st.none() | st.integers(0, 3)),
        extended_days=draw(st.integers(0, 30)),
    )


@given(terms(), DAYS, st.integers(0, 35))
def test_a_day_hangs_on_a_renewal_if_some_objection_from_today_on_would_leave_it_without_a_term(
    term: Term, today: date, ahead: int
) -> None:
    on = today + timedelta(days=ahead)
    objections = [today + timedelta(days=later) for later in range(ahead + 1)]

    hangs = hangs_on_renewal(term, today, on)

    if term_state(term, on).state is TermPhase.ACTIVE:
        assert hangs == any(
            term_state(replace(term, objection_received_on=received_on), on).state is TermPhase.ENDED
            for received_on in objections
        )


def test_a_send_after_the_present_term_is_told_to_hang_on_its_renewal_until_it_is_too_late_to_object() -> (
    None
):
    term = replace(sample.contract().term, end_on=date(2025, 12, 31), notice_days=30)
    contract = replace(sample.contract(), term=term)
    last_day_to_object, after = date(2025, 12, 1), date(2026, 1, 1)

    told = [
        warnings_of(contract, sample.at(today), sample.at(after))
        for today in (last_day_to_object, last_day_to_object + timedelta(days=1))
    ]

    assert told == [("hangs_on_renewal",), ()]
