from threading import Event

import pytest

from openmas.adapters.carriers.deadline import Body, within
from openmas.adapters.carriers.openmas import Patience
from openmas.domain.parcel import CALL_LEASE


def test_a_call_ends_long_before_its_lease() -> None:
    assert CALL_LEASE.total_seconds() >= 4 * Patience().answer_s


def test_what_comes_in_time_is_handed_on() -> None:
    assert within(5, Body(b"x"), lambda: "answer") == "answer"


def test_an_error_in_time_is_raised_to_whoever_waits() -> None:
    def fails() -> str:
        raise KeyError("missing")

    with pytest.raises(KeyError):
        within(5, Body(b"x"), fails)


def test_a_body_that_was_given_up_is_never_begun() -> None:
    over, seen = Event(), list[BaseException]()
    body, named = Body(b"x"), Event()

    def slow_name_server() -> None:
        named.wait(5)
        try:
            next(iter(body))
        except TimeoutError as error:
            seen.append(error)
        over.set()

    assert within(0.01, body, slow_name_server) is None
    named.set()

    assert over.wait(5)
    assert not body.begun
    assert len(seen) == 1
