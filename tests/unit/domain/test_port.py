"""Ports: one client, one purpose, and a history of every change."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.change import Change
from openmas.domain.contract import Category
from openmas.domain.port import Flow, FlowState, Port, Terms
from openmas.errors import Conflict, InvalidInput
from tests.fakes import sample

CHANGE = Change("p-2", sample.NOW, "complaints")
CODE = "1065097332714"
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def limited(rate_per_s: int) -> Flow:
    return Flow(FlowState.LIMITED, CHANGE, rate_per_s)


@given(st.integers(0, 9).map(lambda digits: CODE + "7" * digits))
def test_a_port_is_its_access_code_and_an_extension_of_20_digits_at_most(number: str) -> None:
    if len(number) <= 20:
        assert sample.port(number=number).number == number
    else:
        with pytest.raises(InvalidInput, match="port_malformed"):
            sample.port(number=number)


@pytest.mark.parametrize(
    "number",
    ["", "106509733271", "1065512345601", f"{CODE}x", f"{CODE}٣", f"{CODE}１", f"{CODE}1\n", f" {CODE}"],
)
def test_what_is_no_number_under_the_access_code_is_no_port(number: str) -> None:
    with pytest.raises(InvalidInput, match="port_malformed"):
        sample.port(number=number)


@given(st.characters())
def test_no_character_but_ten_digits_extends_an_access_code(character: str) -> None:
    if character in "0123456789":
        assert sample.port(number=CODE + character)
    else:
        with pytest.raises(InvalidInput):
            sample.port(number=CODE + character)


@given(st.none() | st.integers(1, 10_000), st.none() | st.integers(1, 10_000))
def test_a_port_takes_the_lower_of_what_was_agreed_and_what_the_operator_lets_through(
    agreed: int | None, let: int | None
) -> None:
    port = sample.port(rate_per_s=agreed)
    port = port.with_flow(limited(let)) if let else port

    both = sorted(rate for rate in (agreed, let) if rate)
    assert port.rate_per_s == (both[0] if both else None)


@pytest.mark.parametrize(
    ("state", "rate_per_s"), [(FlowState.LIMITED, None), (FlowState.OPEN, 5), (FlowState.CLOSED, 5)]
)
def test_a_limited_port_and_no_other_has_a_limit(state: FlowState, rate_per_s: int | None) -> None:
    with pytest.raises(InvalidInput, match="flow_malformed"):
        Flow(state, CHANGE, rate_per_s)


def test_every_change_is_a_version_that_says_who_when_and_why() -> None:
    port = sample.port()

    closed = port.with_flow(Flow(FlowState.CLOSED, CHANGE))
    widened = closed.changed(replace(port.terms, rate_per_s=50), sample.CHANGE)

    assert [each.version for each in (port, closed, widened)] == [1, 2, 3]
    assert (closed.change, closed.flow.change) == (CHANGE, CHANGE)
    assert (widened.change, widened.flow.change, widened.registered) == (
        sample.CHANGE,
        CHANGE,
        port.registered,
    )


def test_what_changes_nothing_makes_no_version() -> None:
    port = sample.port().with_flow(limited(20))

    assert port.with_flow(replace(limited(20), change=sample.CHANGE)) is port
    assert port.changed(Terms(Category.NOTICE), CHANGE) is port


def test_a_port_never_changes_its_purpose() -> None:
    with pytest.raises(Conflict) as told:
        sample.port().changed(Terms(Category.MARKETING), CHANGE)

    assert (told.value.code, told.value.clause) == ("port_purpose_fixed", "2.1.7")


def test_a_reclaimed_number_rests_and_goes_on_in_versions_when_it_is_registered_again() -> None:
    reclaimed = sample.port().reclaimed(sample.TODAY, 90, CHANGE)

    assert (reclaimed.reclaimed_on, reclaimed.free_on) == (sample.TODAY, sample.TODAY + timedelta(days=90))
    again = reclaimed.again(sample.port(Category.MARKETING))
    assert (again.version, again.reclaimed_on, again.free_on) == (3, None, None)
    assert again.terms.category is Category.MARKETING


def test_an_access_code_goes_back_with_its_contract_not_with_its_port() -> None:
    bare: Port = sample.port(number=CODE)

    assert bare.reclaimed(sample.TODAY, 90, CHANGE).free_on is None


@given(DAYS, st.none() | DAYS)
def test_a_port_is_good_up_to_its_last_day(on: date, valid_until: date | None) -> None:
    assert sample.port(valid_until=valid_until).expired(on) is (valid_until is not None and on > valid_until)
