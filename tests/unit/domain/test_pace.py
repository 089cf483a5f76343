"""Pace: how long slots are, and how much a parcel holds, so that no second sees more than the rate."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.measures import Cause, Measure
from openmas.domain.pace import LINE_MAX_S, Limit, come_back_s, limits_on, parcel_size
from openmas.domain.port import Flow, FlowState, Port
from openmas.domain.profile import Profile
from tests.fakes import sample

SLOW = Measure(id="m-1", cause=Cause.COMPLAINTS, taken=sample.CHANGE, rate_per_s=20)


def profile(port: Port | None = None, *measures: Measure) -> Profile:
    return Profile(sample.client(), ports={port.number: port} if port else {}, measures=measures)


@given(st.integers(1, 10_000))
def test_no_second_sees_more_than_the_rate_of_what_goes_slot_by_slot(rate: int) -> None:
    size = parcel_size(profile(sample.port(rate_per_s=rate)), sample.PORT)
    slot = Fraction(size * 10, rate * 9)

    # The naive way: the slots that begin in a second that begins with one.
    in_a_second = sum(1 for n in range(rate + 2) if n * slot < 1)

    assert in_a_second * size <= rate
    assert Limit("p", rate).slot_s(size) == pytest.approx(float(slot))


@given(st.integers(1, 10_000), st.integers(1, 100))
def test_places_in_the_line_come_up_faster_than_slots(rate: int, messages: int) -> None:
    limit = Limit("p", rate)

    assert limit.place_s(messages) < limit.slot_s(messages)
    assert limit.line != limit.name


def test_what_has_no_rate_is_not_paced_and_goes_by_the_hundred() -> None:
    for known in (profile(), profile(sample.port())):
        assert list(limits_on(known, sample.PORT)) == []
        assert parcel_size(known, sample.PORT) == 100


def test_the_port_and_a_measure_against_the_client_both_hold() -> None:
    limited = sample.port(rate_per_s=100).with_flow(Flow(FlowState.LIMITED, sample.CHANGE, 50))
    known = profile(limited, SLOW)

    assert list(limits_on(known, sample.PORT)) == [Limit("client", 20, 20), Limit(sample.PORT, 50, 2)]
    assert parcel_size(known, sample.PORT) == 2
    assert list(limits_on(replace(known, measures=()), sample.PORT)) == [Limit(sample.PORT, 50, 2)]
    assert list(limits_on(known, "1065097332714")) == [Limit("client", 20, 20)]


def test_a_measure_against_a_template_holds_for_that_template_only() -> None:
    known = profile(None, SLOW, replace(SLOW, id="m-2", rate_per_s=5, template="flu"))

    assert list(limits_on(known, sample.PORT, "flu")) == [
        Limit("template#flu", 5, 5),
        Limit("client", 20, 20),
    ]
    assert list(limits_on(known, sample.PORT, "other")) == [Limit("client", 20, 20)]
    assert [parcel_size(known, sample.PORT, template) for template in ("flu", None)] == [1, 2]


@given(st.integers(0, 9_999))
def test_those_for_whom_the_line_is_too_long_come_back_before_it_is_empty(n: int) -> None:
    assert LINE_MAX_S // 2 <= come_back_s(f"202511243q7m2x0v9k4tb-{n:04d}") < LINE_MAX_S
