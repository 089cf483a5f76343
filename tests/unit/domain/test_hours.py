"""Marketing hours, by a clock in Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import Category
from openmas.domain.contract_document import from_document, to_document
from openmas.domain.hours import may_go_at, next_opening, start_at
from openmas.domain.limits import MarketingHours, OutsideHours
from openmas.errors import InvalidInput, NotAllowed
from tests.fakes import limited, sample

MINUTE = timedelta(minutes=1)
EIGHT_TO_NINE = MarketingHours(time(8), time(21), OutsideHours.HOLD)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
HOURS = (
    st.tuples(MINUTES, MINUTES)
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: MarketingHours(*pair, OutsideHours.HOLD))
)
TIMES = st.integers(946_684_800_000, 7_258_000_000_000).map(
    lambda milli: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milli)
)


def naive_opening(hours: MarketingHours, at: datetime) -> datetime:
    """The first minute from now on at which a clock eight hours ahead of UTC shows one of the hours."""

    def open_at(moment: datetime) -> bool:
        shown = (moment.replace(tzinfo=None) + timedelta(hours=8)).time()
        return hours.open <= shown < hours.close

    if open_at(at):
        return at
    minute = at.replace(second=0, microsecond=0) + MINUTE
    while not open_at(minute):
        minute += MINUTE
    return minute


@given(HOURS, TIMES)
def test_the_next_opening_is_the_first_minute_within_the_hours(hours: MarketingHours, at: datetime) -> None:
    assert next_opening(hours, at) == naive_opening(hours, at)


@given(HOURS, TIMES)
def test_at_the_next_opening_it_is_open(hours: MarketingHours, at: datetime) -> None:
    opening = next_opening(hours, at)

    assert next_opening(hours, opening) == opening
    assert timedelta() <= opening - at < timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (datetime(2025, 11, 24, 0, 0, tzinfo=UTC), datetime(2025, 11, 24, 0, 0, tzinfo=UTC)),
        (datetime(2025, 11, 23, 23, 59, 59, 999_000, tzinfo=UTC), datetime(2025, 11, 24, 0, 0, tzinfo=UTC)),
        (datetime(2025, 11, 24, 12, 59, 59, tzinfo=UTC), datetime(2025, 11, 24, 12, 59, 59, tzinfo=UTC)),
        (datetime(2025, 11, 24, 13, 0, tzinfo=UTC), datetime(2025, 11, 25, 0, 0, tzinfo=UTC)),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, tzinfo=UTC)),
        (datetime(2024, 2, 28, 14, 0, tzinfo=UTC), datetime(2024, 2, 29, 0, 0, tzinfo=UTC)),
    ],
)
def test_eight_to_nine_in_the_evening(at: datetime, opening: datetime) -> None:
    assert next_opening(EIGHT_TO_NINE, at) == opening


def test_the_summer_times_that_shanghai_once_had_move_nothing_today() -> None:
    for month in range(1, 13):
        at = datetime.combine(date(2025, month, 15), time(20), UTC)

        assert next_opening(EIGHT_TO_NINE, at).time() == time(0)


@pytest.mark.parametrize(
    ("open_", "close"), [("21:00", "08:00"), ("22:00", "06:00"), ("08:00", "08:00"), ("08:00", "24:00")]
)
def test_a_contract_whose_hours_span_midnight_is_not_read(open_: str, close: str) -> None:
    document = to_document(sample.contract())
    hours = {"open": open_, "close": close, "outside": "hold"}

    with pytest.raises(InvalidInput) as refused:
        from_document({**document, "limits": {**document["limits"], "marketing_hours": hours}})

    assert {fault.pointer for fault in refused.value.faults} == {"/limits/marketing_hours/close"}


@given(TIMES)
def test_only_marketing_has_hours(at: datetime) -> None:
    contract = limited.contract(hours=OutsideHours.REFUSE)

    assert may_go_at(contract, Category.NOTICE, at) == may_go_at(limited.contract(), Category.MARKETING, at)
    assert may_go_at(contract, Category.MARKETING, at) == next_opening(EIGHT_TO_NINE, at)


@given(TIMES)
def test_outside_its_hours_marketing_waits_or_is_refused_as_the_contract_says(at: datetime) -> None:
    holds, refuses = (limited.contract(hours=each) for each in (OutsideHours.HOLD, OutsideHours.REFUSE))

    assert start_at(holds, Category.MARKETING, at) == next_opening(EIGHT_TO_NINE, at)
    if next_opening(EIGHT_TO_NINE, at) == at:
        assert start_at(refuses, Category.MARKETING, at) == at
    else:
        with pytest.raises(NotAllowed) as refused:
            start_at(refuses, Category.MARKETING, at)
        assert (refused.value.code, refused.value.clause) == ("outside_marketing_hours", "11.3.17")
