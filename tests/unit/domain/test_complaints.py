"""The ladder that complaints climb."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.change import Change
from openmas.domain.complaints import Complaint, Finding, counted, counts_anew_at, rung_of
from openmas.domain.limits import ComplaintLadder
from openmas.domain.measures import Cause, Measure, Rung
from tests.fakes import sample

LADDER = ComplaintLadder(
    messages_min=1_000,
    warn_ppm=50,
    slow_ppm=100,
    stop_marketing_ppm=200,
    stop_all_ppm=500,
    slowed_to_per_s=10,
)
COMPLAINT = Complaint(
    id="one",
    client=sample.CLIENT,
    number="13800130001",
    at=sample.NOW,
    source="12321",
    text="没有同意过",
    filed_by="operator",
    filed_at=sample.NOW,
    message="m-1",
)


def naive_rung(ladder: ComplaintLadder, complaints: int, messages: int) -> Rung | None:
    """The same in fractions, from the top down."""
    if messages < ladder.messages_min or complaints == 0:
        return None
    rate_ppm = Fraction(complaints, messages) * 1_000_000 if messages else None
    for rung, limit_ppm in (
        (Rung.STOP_ALL, ladder.stop_all_ppm),
        (Rung.STOP_MARKETING, ladder.stop_marketing_ppm),
        (Rung.SLOW, ladder.slow_ppm),
        (Rung.WARN, ladder.warn_ppm),
    ):
        if rate_ppm is None or rate_ppm >= limit_ppm:
            return rung
    return None


@given(
    st.lists(st.integers(1, 10_000), min_size=4, max_size=4).map(sorted),
    st.integers(0, 10_000),
    st.integers(0, 1_000),
    st.integers(0, 1_000_000),
)
def test_the_rung_is_that_of_exact_fractions(
    limits_ppm: list[int], messages_min: int, complaints: int, messages: int
) -> None:
    warn, slow, stop_marketing, stop_all = limits_ppm
    ladder = ComplaintLadder(messages_min, warn, slow, stop_marketing, stop_all, slowed_to_per_s=1)

    assert rung_of(ladder, complaints, messages) == naive_rung(ladder, complaints, messages)


@pytest.mark.parametrize(
    ("complaints", "messages", "rung"),
    [
        (0, 1_000_000, None),
        (49, 1_000_000, None),
        (50, 1_000_000, Rung.WARN),
        (100, 1_000_000, Rung.SLOW),
        (200, 1_000_000, Rung.STOP_MARKETING),
        (499, 1_000_000, Rung.STOP_MARKETING),
        (500, 1_000_000, Rung.STOP_ALL),
        (1, 1_000, Rung.STOP_ALL),
        (1, 999, None),
        (0, 1_000, None),
    ],
)
def test_the_ladder_has_its_rungs_where_the_contract_puts_them(
    complaints: int, messages: int, rung: Rung | None
) -> None:
    assert rung_of(LADDER, complaints, messages) == rung


@given(st.lists(st.tuples(st.integers(-90, 2), st.sampled_from([None, *Finding])), max_size=20))
def test_what_is_older_unfounded_or_still_to_come_does_not_count(
    made: list[tuple[int, Finding | None]],
) -> None:
    since = sample.NOW - timedelta(days=30)
    complaints = [
        replace(COMPLAINT, at=sample.NOW + timedelta(days=days), finding=finding, message=f"m-{n}")
        for n, (days, finding) in enumerate(made)
    ]

    found = counted(complaints, since, sample.NOW)

    assert len(found) == sum(-30 <= days <= 0 and finding != "unfounded" for days, finding in made)


@given(st.lists(st.tuples(st.integers(-20, 0), st.integers(-20, 0)), max_size=12), st.integers(-20, 0))
def test_after_a_restoration_only_later_messages_count(made: list[tuple[int, int]], lifted: int) -> None:
    complaints = [
        replace(COMPLAINT, message=f"m-{n}", starts_at=day(min(told, began)), at=day(max(told, began)))
        for n, (told, began) in enumerate(made)
    ]

    found = counted(complaints, day(lifted), sample.NOW, day(lifted))

    assert len(found) == sum(min(both) >= lifted for both in made)


def day(days: int) -> datetime:
    return sample.NOW + timedelta(days=days)


@given(st.lists(st.tuples(st.integers(-40, 2), st.sampled_from([None, "m-1", "m-2"])), max_size=12))
def test_what_one_recipient_has_against_one_message_counts_once(made: list[tuple[int, str | None]]) -> None:
    since = sample.NOW - timedelta(days=30)
    complaints = [
        replace(COMPLAINT, id=str(n), at=sample.NOW + timedelta(days=days), message=message)
        for n, (days, message) in enumerate(made)
    ]

    found = counted(complaints, since, sample.NOW)

    told = {message: [days for days, about in made if about == message] for message in ("m-1", "m-2")}
    heard = {message: min(days, default=1) for message, days in told.items()}
    assert sorted(str(each.message) for each in found) == [
        message for message, days in sorted(heard.items()) if -30 <= days <= 0
    ]


def test_messages_count_anew_when_a_measure_for_complaints_was_lifted() -> None:
    lifted_at = sample.NOW - timedelta(days=3)
    measure = Measure(
        id="one", cause=Cause.COMPLAINTS, taken=Change("ladder", sample.NOW - timedelta(days=5), "too many")
    )
    lifted = replace(measure, lifted=Change("operator", lifted_at, "mended"))

    assert counts_anew_at([]) is counts_anew_at([measure]) is None
    assert counts_anew_at([measure, lifted]) == lifted_at
    assert counts_anew_at([replace(lifted, cause=Cause.ARREARS)]) is None
