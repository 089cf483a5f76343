"""The schedule of releases, fake and real: what is added fires once, at its time, unless it is dropped."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openmas.domain.batch import Batch
from openmas.domain.records import port_record, release_record
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import SCHEDULE_GROUP, Platform
from tests.integration.test_adapters_queues import drain_fake, drain_real

# The emulator looks every ten seconds.
FIRED_WITHIN_S = 25


class Fake:
    """The schedule in memory."""

    def __init__(self) -> None:
        self.world: Any = FakeWorld()

    def now(self) -> datetime:
        now: datetime = self.world.clock.now()
        return now

    def planned(self) -> set[str]:
        return {batch for _, batch in self.world.schedule.planned}

    def released(self, until: Callable[[list[Any]], bool]) -> list[Any]:
        self.world.clock.tick(10)
        self.world.schedule.fire()
        found = [body for body, _ in drain_fake(self.world, "release")]
        assert until(found)
        return found


class Real:
    """Schedules in the emulator."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.world: Any = platform.world()
        drain_real(platform, "release")

    def now(self) -> datetime:
        return datetime.now(UTC)

    def planned(self) -> set[str]:
        return {each["Name"].rpartition(".")[2] for each in self._schedules()}

    def released(self, until: Callable[[list[Any]], bool]) -> list[Any]:
        found: list[Any] = []
        deadline = time.monotonic() + FIRED_WITHIN_S
        while not until(found) and time.monotonic() < deadline:
            found += [body for body, _ in drain_real(self._platform, "release")]
        return found

    def _schedules(self) -> list[Any]:
        url = self._platform.environ["AWS_ENDPOINT_URL"]
        client = self._platform.session.client("scheduler", endpoint_url=url)
        listed = client.list_schedules(GroupName=SCHEDULE_GROUP)["Schedules"]
        return [each for each in listed if each["GroupName"] == SCHEDULE_GROUP]


@pytest.fixture(params=["fake", "aws"])
def place(request: pytest.FixtureRequest) -> Fake | Real:
    return Fake() if request.param == "fake" else Real(request.getfixturevalue("platform"))


def waiting(place: Fake | Real, n: int, ahead: timedelta) -> Batch:
    return replace(sample.batch(n=n), send_at=place.now() + ahead)


def test_what_is_added_twice_and_due_is_released_once_and_gone_and_what_was_dropped_is_not(
    place: Fake | Real,
) -> None:
    soon, dropped = waiting(place, 1, timedelta(seconds=2)), waiting(place, 2, timedelta(seconds=2))
    far = waiting(place, 3, timedelta(days=35))
    schedule = place.world.schedule
    for batch in (soon, dropped, far, soon):
        schedule.add(batch)
    for _ in range(2):
        schedule.drop(dropped.client, dropped.id)
    before = place.planned()

    found = place.released(lambda bodies: len(bodies) >= 1)

    assert before == {soon.id, far.id}
    assert [release_record(body) for body in found] == [(soon.client, soon.id, None, False)]
    assert place.planned() == {far.id}
    schedule.drop(far.client, far.id)


def test_what_is_left_of_a_cancellation_has_a_record_that_says_so(place: Fake | Real) -> None:
    place.world.release_queue.put("tacheng-cdc", "202511240aaaaaaaaaaaa", cancel=True)

    (found,) = place.released(lambda bodies: len(bodies) >= 1)

    assert release_record(found) == ("tacheng-cdc", "202511240aaaaaaaaaaaa", None, True)


def test_what_is_left_of_a_release_has_a_record(place: Fake | Real) -> None:
    place.world.release_queue.put("tacheng-cdc", "202511240aaaaaaaaaaaa", "202511240aaaaaaaaaaaa-0999")

    (found,) = place.released(lambda bodies: len(bodies) >= 1)

    assert release_record(found) == (
        "tacheng-cdc",
        "202511240aaaaaaaaaaaa",
        "202511240aaaaaaaaaaaa-0999",
        False,
    )


@pytest.mark.parametrize("parcels", [(), ("202511240aaaaaaaaaaaa-0000", "202511240aaaaaaaaaaaa-0001")])
def test_a_port_that_is_to_be_looked_at_has_a_record(place: Fake | Real, parcels: tuple[str, ...]) -> None:
    place.world.release_queue.put_port("tacheng-cdc", sample.PORT, parcels)

    (found,) = place.released(lambda bodies: len(bodies) >= 1)

    assert port_record(found) == ("tacheng-cdc", sample.PORT, parcels)
