"""Dates and times as notices write them, and only those that there are."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.moments import is_date_time

DATES = [
    "{y}年{m}月{d}日",
    "{y}年{m}月{d}号",
    "{y}-{m}-{d}",
    "{y}/{m}/{d}",
    "{y}.{m}.{d}",
    "{y}-{m:02d}-{d:02d}",
]
TIMES = [
    "{h}:{n:02d}",
    "{h}：{n:02d}",
    "{h}:{n:02d}:00",
    "{h}点{n}分",
    "{h}时{n}分",
    "上午{h}:{n:02d}",
    "下午 {h}点{n}分",
]
SPANS = ["{}-{}", "{}至{}", "{} - {}", "{}到{}", "{}~{}", "{}—{}"]
WEEK = "一二三四五六日"
days = st.tuples(st.integers(1899, 2101), st.integers(0, 14), st.integers(0, 33))
clocks = st.tuples(st.integers(0, 26), st.integers(0, 61))


def real_day(y: int, m: int, d: int) -> bool:
    try:
        return 1900 <= date(y, m, d).year < 2100
    except ValueError:
        return False


def real_time(h: int, n: int) -> bool:
    if (h, n) == (24, 0):
        return True
    try:
        return bool(time(h, n)) or (h, n) == (0, 0)
    except ValueError:
        return False


@given(days, st.sampled_from(DATES))
def test_a_date_is_one_that_the_calendar_has(day: tuple[int, int, int], form: str) -> None:
    y, m, d = day

    assert is_date_time(form.format(y=y, m=m, d=d)) == real_day(y, m, d)


@given(clocks, st.sampled_from(TIMES))
def test_a_time_is_one_that_the_clock_shows(clock: tuple[int, int], form: str) -> None:
    h, n = clock

    assert is_date_time(form.format(h=h, n=n)) == real_time(h, n)


@given(days, clocks, st.sampled_from(DATES), st.sampled_from(TIMES), st.sampled_from(["", " "]))
def test_a_date_with_a_time_is_both(
    day: tuple[int, int, int], clock: tuple[int, int], on: str, at: str, between: str
) -> None:
    (y, m, d), (h, n) = day, clock

    written = on.format(y=y, m=m, d=d) + between + at.format(h=h, n=n)

    # 2025-11-2 and 4:30 side by side read as the 24th at nothing; nobody writes them so.
    if between or not on.endswith("{d}"):
        assert is_date_time(written) == (real_day(y, m, d) and real_time(h, n))


@given(clocks, clocks, st.sampled_from(TIMES), st.sampled_from(SPANS))
def test_a_span_has_two_ends(one: tuple[int, int], other: tuple[int, int], form: str, span: str) -> None:
    written = span.format(*(form.format(h=h, n=n) for h, n in (one, other)))

    assert is_date_time(written) == (real_time(*one) and real_time(*other))


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 6))
def test_the_day_of_the_week_is_that_of_the_date(on: date, week: int) -> None:
    written = f"{on.year}年{on.month}月{on.day}日（周{WEEK[week]}）"

    assert is_date_time(written) == (on.weekday() == week)


@given(st.text("0123456789年月日号-/.:： 时点分半周一至到上午１２٣a", max_size=16))
def test_whatever_holds_something_else_is_refused(written: str) -> None:
    """Naively: it has a figure or a day of the week, and each figure of ASCII digits has one, two or four."""
    figures = "".join(c if c in "0123456789" else " " for c in written).split()
    sound = all(len(figure) in {1, 2, 4} for figure in figures) and not set(written) & set("１２٣a")

    if not sound or not (figures or "周" in written):
        assert not is_date_time(written)


@pytest.mark.parametrize(
    "written",
    [
        *("11月24日", "11月24号", "2025年11月", "11-24", "11/24", "24日", "周三", "星期天", "（周三）"),
        *(
            "11月24日（周一）上午8:30-11:30",
            "11月24日至26日",
            "11月24日-12月3日",
            "2025年11月24日 14:00至16:00",
        ),
        *(
            "2025-11-24 14:00:30",
            "9点",
            "9点半",
            "9点半至10点",
            "上午9时整",
            "11月24日上午",
            "24:00",
            "周三下午",
        ),
        *("2024年2月29日", "2月29日", "11月24日8:00-11月25日20:00", "晚8点", "2025-11-24至2025-11-26"),
    ],
)
def test_how_people_write_is_read(written: str) -> None:
    assert is_date_time(written)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " ",
            "2025",
            "11",
            "十一月二十四日",
            "11月",
            "2025年2月29日",
            "11月31日",
            "2月30日",
            "13月1日",
            "0月1日",
        ),
        *("25:00", "24:01", "24点半", "8:60", "8:5", "8:30-", "-8:30", "11月24日11月25日", "２０２５-11-24"),
        *(
            "2025-11/24",
            "11月24日 13800130001",
            "8:30-11:30-12:00",
            "11月20日至31日",
            "请于11月24日",
            "11月24日\n",
        ),
        *(
            "2025年11月24日（周二）",
            "上午",
            "t.cn/1",
            "2025年11月24日（周一",
            "20251124",
            "1100年1月1日",
            "now",
        ),
    ],
)
def test_what_is_no_date_and_no_time_is_refused(written: str) -> None:
    assert not is_date_time(written)


NEW_YEAR = 60 * 24 * 17


def spoken(at: int, *, year: bool) -> str:
    """So many minutes from the middle of December 2025 on, with its year or without."""
    moment = datetime(2025, 12, 15) + timedelta(minutes=at)  # noqa: DTZ001 (as it is written)
    return f"{moment:%Y年%m月%d日 %H:%M}" if year else f"{moment:%m月%d日 %H:%M}"


@given(st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 24 * 40), st.booleans(), st.booleans())
def test_a_span_ends_after_it_begins(one: int, other: int, both: bool, first: bool) -> None:
    written = f"{spoken(one, year=first or both)}至{spoken(other, year=both)}"

    # From January to the December that follows, where only the first or neither year is said.
    turned = not both and other < NEW_YEAR <= one
    assert is_date_time(written) == (one <= other or turned)


@pytest.mark.parametrize(
    "written",
    [
        *("2025-11-24 22:00-06:00", "11月24日晚上10点-6点", "11月24日下午2:00-4:00", "11月24日晚8点-12点"),
        *(
            "11月24日11:00-1:30",
            "11月24日上午9点-下午2点",
            "11月24日中午12:00-1:00",
            "11月24日晚上11点半-1点",
        ),
        *(
            "12月30日-1月2日",
            "2025年12月30日至1月2日",
            "12月30日至2026年1月2日",
            "28日至3日",
            "28日至12月20日",
        ),
        *("22:00-6:00", "16:00-8:00", "周五-周一", "2025-11-24至2025-11-24", "1月5日-12月20日"),
        *("11月24日凌晨12:30-3:00", "2025年11月-2026年1月"),
    ],
)
def test_a_span_may_go_over_a_night_a_month_or_a_year(written: str) -> None:
    assert is_date_time(written)


@pytest.mark.parametrize(
    "written",
    [
        *("2025-11-24至2025-11-23", "2025-11-24 14:00-13:00", "11月24日14:00-9:00", "11月24日下午2:00-13:00"),
        *("11月24日至20日", "11月24日-11月20日", "11月24日-10月3日", "2025年11月-2025年10月", "31日-30日"),
        *("2025年12月30日-2025年1月2日", "11月24日22:00-11月24日6:00", "11月24日9点半-9点"),
    ],
)
def test_no_span_ends_before_it_begins(written: str) -> None:
    assert not is_date_time(written)
