"""Dates and times as notices write them: 11月24日（周一）上午8:30-11:30, 2025-11-24 14:00, 9点半至10点."""

import re
from datetime import date
from functools import lru_cache

_MONTH, _DAY = "(?P<month>[0-9]{1,2})", "(?P<day>[0-9]{1,2})"
_YEAR = "(?P<year>(?:19|20)[0-9]{2})"
_DATES = tuple(
    map(
        re.compile,
        (
            f"{_YEAR}年{_MONTH}月{_DAY}[日号]",
            f"{_YEAR}(?P<sign>[-/.]){_MONTH}(?P=sign){_DAY}",
            f"{_YEAR}年{_MONTH}月",
            f"{_MONTH}月{_DAY}[日号]",
            f"{_MONTH}[-/]{_DAY}",
            f"{_DAY}[日号]",
        ),
    )
)
_WEEK = re.compile(r" ?(?P<open>[(（])?(?:周|星期|礼拜)(?P<week>[一二三四五六日天])(?(open)[)）])")
_CLOCK = re.compile(
    r" ?(?:(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜间|早|晚) ?)?"
    r"(?P<hour>[0-9]{1,2})"
    r"(?:[:：](?P<minute>[0-9]{2})(?:[:：](?P<second>[0-9]{2}))?|[时点](?:(?P<past>[0-9]{1,2})分|半|整)?)"
)
_PART = re.compile(r" ?(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜间)")
_TO = re.compile(r" ?(?:[-~～—–至到]|——) ?")
# A day without its year may be the 29th of February, one without its month the 31st.
_LEAP_YEAR, _LONG_MONTH = 2024, 1


@lru_cache(maxsize=4096)
def is_date_time(written: str) -> bool:
    """Whether this is a day, a time, both, or a span of them; each is one that there is."""
    if _said(written, {}) is not None:
        return True
    for found in _TO.finditer(written):
        begins = _said(written[: found.start()], {})
        if begins is not None and _said(written[found.end() :], begins) is not None:
            return True
    return False


def _said(written: str, begins: dict[str, int]) -> dict[str, int] | None:
    """The year, month and day of one moment as far as they are said; None if there is no such moment.

    Shape: `begins` is the same of the moment from which a span goes on, whose month a bare day takes.
    """
    on, rest = _day(written)
    if rest is None or not written:
        return None
    week, rest = _next(_WEEK, rest)
    clock, rest = _next(_CLOCK, rest)
    if clock is None:
        _, rest = _next(_PART, rest) if on or week else (None, rest)
    if rest or not _is_day(begins | on if set(on) == {"day"} else on, week) or not _is_time(clock):
        return None
    return on


def _day(written: str) -> tuple[dict[str, int], str | None]:
    for form in _DATES:
        if found := form.match(written):
            parts = {name: int(part) for name, part in found.groupdict().items() if name != "sign"}
            return parts, written[found.end() :]
    return {}, written


def _next(form: re.Pattern[str], rest: str) -> tuple[re.Match[str] | None, str]:
    found = form.match(rest)
    return found, rest[found.end() :] if found else rest


def _is_day(on: dict[str, int], week: re.Match[str] | None) -> bool:
    try:
        day = date(on.get("year", _LEAP_YEAR), on.get("month", _LONG_MONTH), on.get("day", 1))
    except ValueError:
        return False
    if week is None or not {"year", "day"} <= on.keys():
        return True
    return "一二三四五六日".index(week["week"].replace("天", "日")) == day.weekday()


def _is_time(clock: re.Match[str] | None) -> bool:
    if clock is None:
        return True
    hour, minute, second = (int(clock[name] or 0) for name in ("hour", "minute", "second"))
    minute = int(clock["past"] or minute)
    if (hour, minute, second) == (24, 0, 0):
        return "半" not in clock[0]
    return hour < 24 and minute < 60 and second < 60
