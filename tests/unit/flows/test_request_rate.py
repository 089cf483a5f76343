"""A client's submissions come no faster than its contract allows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.limits import Level
from openmas.domain.profile import Mode
from openmas.errors import LimitExceeded
from openmas.flows.request_rate import BURST_S, check_rate
from tests.fakes import limited, sample
from tests.fakes.gateway import Gateway
from tests.fakes.world import FakeWorld


def world_with(rate: int | None) -> FakeWorld:
    world = FakeWorld().with_sample()
    contract = limited.contract(Level(1, 10**6))
    limits = replace(contract.limits, requests_per_s=rate)
    sample.put_in_force(world.registry, sample.CLIENT, replace(contract, version=2, limits=limits))
    return world


def allowed(world: FakeWorld, mode: Mode = Mode.LIVE) -> bool:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    try:
        check_rate(world, profile, mode)
    except LimitExceeded:
        return False
    return True


@given(st.integers(1, 50), st.lists(st.integers(0, 400), min_size=1, max_size=200))
def test_no_stretch_of_time_holds_more_than_its_own_and_a_seconds_burst(
    rate: int, waits_ms: list[int]
) -> None:
    world = world_with(rate)
    taken: list[float] = []
    refused = 0
    for wait_ms in waits_ms:
        at = world.clock.tick(wait_ms / 1_000).timestamp()
        if allowed(world):
            taken.append(at)
        else:
            refused += 1
            # Nobody is turned away who has kept to his rate for a second.
            assert sum(at - each < BURST_S for each in taken) >= rate

    for first in range(len(taken)):
        for last in range(first, len(taken)):
            seconds = taken[last] - taken[first]
            assert last - first + 1 <= rate * (seconds + BURST_S) + 1 + 1e-6
    assert len(taken) + refused == len(waits_ms)


def test_test_keys_have_a_rate_of_their_own() -> None:
    world = world_with(1)
    while allowed(world):
        pass

    assert allowed(world, Mode.TEST)


def test_without_a_rate_nothing_is_asked_or_written() -> None:
    world = world_with(None)

    assert all(allowed(world) for _ in range(1_000))
    assert world.pace.next_at == {}


def test_too_fast_is_429_with_a_time_to_wait_and_stores_nothing() -> None:
    gateway = Gateway("submit_batches", world_with(1))
    key = gateway.key(Mode.LIVE)
    body = {"template": "flu-notice", "parameters": {"place": "塔城"}, "recipients": ["13800130001"]}
    told = [
        gateway.ask("POST", "/v1/batches", body, key=key, headers={"idempotency-key": f"k{n}"})
        for n in range(3)
    ]

    assert [each.status for each in told] == [202, 202, 429]
    assert (told[2].code, told[2].json["clause"]) == ("requests_too_fast", "2.2.5")
    assert told[2].headers["Retry-After"] == "1"
    assert len(gateway.world.messages.batches) == 2


def test_units_that_do_not_suffice_are_429_with_what_is_left() -> None:
    world = FakeWorld().with_sample()
    contract = replace(limited.contract(Level(1, 3)), version=2)
    sample.put_in_force(world.registry, sample.CLIENT, contract)
    gateway = Gateway("submit_batches", world)
    body = {"template": "flu-notice", "parameters": {"place": "塔城"}, "recipients": list(sample.numbers(4))}

    told = gateway.ask(
        "POST", "/v1/batches", body, key=gateway.key(Mode.LIVE), headers={"idempotency-key": "k1"}
    )

    assert (told.status, told.code) == (429, "units_beyond_day")
    assert (told.json["clause"], told.json["left"]) == ("A1", 3)
    with pytest.raises(KeyError):
        told.headers["Retry-After"]
