"""Days and times in Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import SHANGHAI, day_start_at, parse_shanghai, shanghai_day

DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
TIMES = st.integers(946_684_800, 7_258_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(DAYS)
def test_a_day_starts_on_itself_and_not_a_moment_earlier(on: date) -> None:
    start_at = day_start_at(on)

    assert start_at.tzinfo is UTC
    assert shanghai_day(start_at) == on
    assert shanghai_day(start_at - timedelta(microseconds=1)) == on - timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2025, 11, 23, 15, 59, 59, tzinfo=UTC), date(2025, 11, 23)),
        (datetime(2025, 11, 23, 16, 0, tzinfo=UTC), date(2025, 11, 24)),
        (datetime(2025, 11, 24, 0, 0, tzinfo=SHANGHAI), date(2025, 11, 24)),
    ],
)
def test_a_day_changes_at_sixteen_hours_utc(at: datetime, on: date) -> None:
    assert shanghai_day(at) == on


def test_a_time_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        shanghai_day(datetime(2025, 11, 24))  # noqa: DTZ001 (the very thing that is refused)


@given(TIMES)
def test_both_forms_of_a_carriers_time_are_read(at: datetime) -> None:
    shown = at.astimezone(SHANGHAI)

    assert parse_shanghai(f"{shown:%Y%m%d%H%M%S}") == at
    assert parse_shanghai(f"{shown:%Y-%m-%d %H:%M:%S}") == at
    assert parse_shanghai(f"{shown:%Y%m%d%H%M%S}").tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("20251124240000", datetime(2025, 11, 24, 16, 0, tzinfo=UTC)),
        ("20251231241503", datetime(2025, 12, 31, 16, 15, 3, tzinfo=UTC)),
        ("2024-02-29 24:00:00", datetime(2024, 2, 29, 16, 0, tzinfo=UTC)),
    ],
)
def test_hour_24_is_hour_0_of_the_next_day(written: str, at: datetime) -> None:
    assert parse_shanghai(written) == at


@pytest.mark.parametrize(
    "written",
    [
        "", "20251124", "2025112409300", "202511240930000", "20251124093000\n", " 20251124093000",
        "20251124 093000", "2025-11-24T09:30:00", "2025-11-24 09:30", "2025-1-24 09:30:00",
        "20251324093000", "20250229093000", "20251124250000", "20251124096000", "20251124093060",
        "00000101000000", "00010101000000", "99991231240000", "２０２５１１２４０９３０００",
        "٢٠٢٥١١٢٤٠٩٣٠٠٠", "2025-11-2409:30:00", "-0251124093000", "20251124093000Z",
    ],
)  # fmt: skip
def test_anything_else_is_no_time(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_shanghai(written)


@given(st.text(max_size=20))
def test_no_text_does_worse_than_be_refused(written: str) -> None:
    try:
        at = parse_shanghai(written)
    except ValueError:
        return

    assert at.tzinfo is UTC
