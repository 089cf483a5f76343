"""Pace: the fake and the real store hand out the same slots."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from openmas.adapters.pace import AwsPace
from openmas.adapters.table import Table
from openmas.needs import Pace
from tests.fakes.world import FakeClock, FakePace
from tests.integration.conftest import Platform

_names = count()
Make = Callable[[FakeClock], Pace]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", "aws"])
def pace(request: pytest.FixtureRequest, clock: FakeClock) -> Pace:
    if request.param == "fake":
        return FakePace(clock)
    return aws_pace(request.getfixturevalue("platform"), clock)


def aws_pace(platform: Platform, clock: FakeClock) -> AwsPace:
    dynamodb = platform.session.client("dynamodb", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    return AwsPace(Table(dynamodb, platform.environ["MESSAGES_TABLE"]), clock)


@pytest.fixture
def client() -> str:
    return f"pace-{next(_names)}"


def test_slots_lie_behind_one_another_up_to_the_horizon(pace: Pace, client: str) -> None:
    waits = [pace.reserve(client, "p", 0.25, 1) for _ in range(7)]

    assert waits[:5] == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert waits[5:] == [None, None]


def test_a_slot_that_was_not_given_costs_nothing(pace: Pace, clock: FakeClock, client: str) -> None:
    pace.reserve(client, "p", 3, 1)
    assert pace.reserve(client, "p", 3, 1) is None

    clock.tick(2.5)

    assert pace.reserve(client, "p", 3, 1) == pytest.approx(0.5)


def test_idle_time_is_not_saved_up(pace: Pace, clock: FakeClock, client: str) -> None:
    pace.reserve(client, "p", 0.5, 1)
    clock.tick(60)

    assert [pace.reserve(client, "p", 0.5, 1) for _ in range(3)] == pytest.approx([0, 0.5, 1])


def test_a_slot_may_begin_this_very_moment(pace: Pace, clock: FakeClock, client: str) -> None:
    pace.reserve(client, "p", 0.5, 0)
    assert pace.reserve(client, "p", 0.5, 0) is None
    clock.tick(0.5)

    assert pace.reserve(client, "p", 0.5, 0) == 0


def test_a_slot_that_is_further_away_than_any_could_be_counts_as_if_it_were_at_the_horizon(
    pace: Pace, clock: FakeClock, client: str
) -> None:
    pace.reserve(client, "p", 111, 1)

    near = pace.reserve(client, "p", 0.5, 1, 111)
    waits = [pace.reserve(client, "p", 0.5, 1, 100) for _ in range(2)]
    clock.tick(1)

    assert (near, waits) == (None, [1, None])
    assert pace.reserve(client, "p", 0.5, 1, 100) == pytest.approx(0.5)


def test_every_name_of_every_client_has_slots_of_its_own(pace: Pace, client: str) -> None:
    names = [(client, "p"), (client, "p#line"), (f"{client}-other", "p")]

    assert [pace.reserve(*name, 5, 1) for name in names] == [0, 0, 0]


def test_many_at_once_never_get_the_same_slot(platform: Platform, client: str) -> None:
    pace = aws_pace(platform, FakeClock())

    with ThreadPoolExecutor(16) as threads:
        waits = list(threads.map(lambda _: pace.reserve(client, "p", 0.1, 100), range(80)))

    assert sorted(wait for wait in waits if wait is not None) == pytest.approx([n / 10 for n in range(80)])
