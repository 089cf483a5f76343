"""Days and times as the contract reads them: in Shanghai."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_WRITTEN = (
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})"),
    re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})"),
)


def shanghai_day(at: datetime) -> date:
    """The day that a clock in Shanghai shows at this time.

    Raises: ValueError for a time without a zone, which could be any day.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone has no day")
    return at.astimezone(SHANGHAI).date()


def day_start_at(on: date) -> datetime:
    """The time in UTC at which a day begins in Shanghai."""
    return datetime.combine(on, time(), SHANGHAI).astimezone(UTC)


def parse_shanghai(text: str) -> datetime:
    """The time in UTC that a carrier wrote as Shanghai time; hour 24 is hour 0 of the next day.

    Shape: `yyyyMMddHHmmss` or `yyyy-MM-dd HH:mm:ss`, in ASCII digits.
    Raises: ValueError for anything else.
    """
    match = _WRITTEN[0].fullmatch(text) or _WRITTEN[1].fullmatch(text)
    if match is None:
        raise ValueError("not a time of the form yyyyMMddHHmmss or yyyy-MM-dd HH:mm:ss")
    year, month, day, hour, minute, second = map(int, match.groups())
    past_midnight = hour == 24
    try:
        shown = datetime(
            year, month, day, 0 if past_midnight else hour, minute, second, tzinfo=SHANGHAI
        ) + timedelta(days=past_midnight)
        return shown.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time outside the calendar") from None
