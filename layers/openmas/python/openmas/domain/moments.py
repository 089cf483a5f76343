"""Dates and times as notices write them: 11月24日（周一）上午8:30-11:30, 2025-11-24 14:00, 9点半至10点."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    r" ?(?:(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜间|早|晚) ?)?"
    r"(?P<hour>[0-9]{1,2})"
    r"(?:[:：](?P<minute>[0-9]{2})(?:[:：](?P<second>[0-9]{2}))?|[时点](?:(?P<past>[0-9]{1,2})分|半|整)?)"
)
_PART = re.compile(r" ?(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜间)")
_TO = re.compile(r" ?(?:[-~～—–至到]|——) ?")
# A day without its year may be the 29th of February, one without its month the 31st.
_LEAP_YEAR, _LONG_MONTH = 2024, 1
_NOON, _EVENING = 12, 18


@dataclass(frozen=True, slots=True)
class _Moment:
    """Shape: `on` are the year, month and day as far as they are said; `clock` how the time is."""

    on: Mapping[str, int]
    clock: re.Match[str] | None

    def minutes(self, part: str | None = None) -> int:
        """How far into its day it is, where `part` is the part of the day that is not said."""
        assert self.clock is not None, "only what has a time is so far into its day"
        hour = _hour(int(self.clock["hour"]), self.clock["part"] or part)
        return 60 * hour + (
            30 if "半" in self.clock[0] else int(self.clock["past"] or self.clock["minute"] or 0)
        )


@lru_cache(maxsize=4096)
def is_date_time(written: str) -> bool:
    """Whether this is a day, a time, both, or a span of them; each is one that there is, and in order."""
    if _said(written, {}) is not None:
        return True
    for found in _TO.finditer(written):
        begins = _said(written[: found.start()], {})
        ends = None if begins is None else _said(written[found.end() :], begins.on)
        if begins is not None and ends is not None and _in_order(begins, ends):
            return True
    return False


def _said(written: str, begins: Mapping[str, int]) -> _Moment | None:
    """One moment as far as it is said; None if there is no such moment.

    Shape: `begins` is the day of the moment from which a span goes on, whose month a bare day takes.
    """
    on, rest = _day(written)
    if rest is None or not written:
        return None
    week, rest = _next(_WEEK, rest)
    clock, rest = _next(_CLOCK, rest)
    if clock is None:
        _, rest = _next(_PART, rest) if on or week else (None, rest)
    if rest or not _is_day({**begins, **on} if set(on) == {"day"} else on, week) or not _is_time(clock):
        return None
    return _Moment(on, clock)


def _in_order(one: _Moment, other: _Moment) -> bool:
    """Whether a span may end so; what its end does not say of the day is as it was at its beginning."""
    if "month" in other.on and "month" not in one.on:
        return True
    begins, ends = one.on, {**one.on, **other.on}
    units = [unit for unit in ("year", "month", "day") if unit in begins]
    began, ended = [begins[unit] for unit in units], [ends[unit] for unit in units]
    if began == ended:
        return "day" not in begins or one.clock is None or other.clock is None or _later(one, other)
    if began < ended or ("year" in begins and "year" in other.on):
        return began < ended
    # A year may turn where not both say it, and a month where neither does.
    unit, circle = ("month", 12) if "month" in begins else ("day", 31)
    return 0 < (ends[unit] - begins[unit]) % circle <= circle // 2


def _later(one: _Moment, other: _Moment) -> bool:
    """Whether the second time of one day is not before the first.

    Shape: where its day is not said again, it may be of the afternoon without saying so (11:00-1:30), or of
    the morning after an evening (22:00-6:00).
    """
    assert one.clock is not None, "asked of two times only"
    assert other.clock is not None, "asked of two times only"
    begins, ends, hour = one.minutes(), other.minutes(one.clock["part"]), int(other.clock["hour"])
    if ends >= begins or other.on:
        return ends >= begins
    afternoon = int(one.clock["hour"]) <= _NOON and hour <= 6 and other.clock["part"] is None
    return afternoon or (begins >= 60 * _EVENING and hour < _NOON)


def _hour(hour: int, part: str | None) -> int:
    """The hour of twenty-four; what is said of a night after midnight is of the day that is over."""
    match part:
        case "下午" | "傍晚" if hour < _NOON:
            return hour + 12
        case "中午" if hour < 6:
            return hour + 12
        case "晚上" | "晚" | "夜间" if hour <= _NOON:
            return hour + (24 if hour < 6 else 12)
        case "凌晨" if hour == _NOON:
            return 0
    return hour


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
