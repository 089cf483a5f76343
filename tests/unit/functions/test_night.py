"""The function of the night: the schedule fills the queue, the queue's records are worked off one by one."""

from datetime import date
from typing import Any

import pytest

from functions.reconcile_billing.handler import build
from openmas.domain.receipts import Report
from openmas.domain.statement import DayStatement
from openmas.errors import Conflict, InvalidInput
from tests.fakes.days import Sending, hour
from tests.fakes.ledger import FakeLedger
from tests.fakes.sample import CLIENT
from tests.fakes.world import FakeWorld

DAY = date(2025, 11, 23)


def world_after(day: date) -> FakeWorld:
    world = FakeWorld(at=hour(day, 26.5)).with_sample()
    sending = Sending(on=day, n=1, messages=3)
    world.messages.keep_parcels(sending.parcels)
    world.messages.keep_batch(sending.batch)
    return world


@pytest.mark.parametrize("event", [{"night": True}, {"night": "2025-11-24"}])
def test_the_schedule_sets_off_a_night_for_every_client(event: dict[str, Any]) -> None:
    world = world_after(DAY)
    handle = build(world)

    answer = handle(event, None)
    delivered = world.night_queue.queue.deliver(handle)

    assert answer == {"clients": 1}
    assert delivered == 1
    assert world.ledger.standing(CLIENT, DAY, DAY)[DAY].current is not None
    assert world.ledger.last_night(CLIENT) == date(2025, 11, 24)


def test_the_schedule_looks_at_the_days_orphans_and_a_clients_record_does_not() -> None:
    world = world_after(DAY)
    world.messages.keep_orphan(
        "loopback", Report("13800130001", "DELIVRD", hour(DAY, 9), group="G404"), hour(DAY, 9)
    )
    handle = build(world)

    world.night_queue.put([CLIENT], date(2025, 11, 24))
    world.night_queue.queue.deliver(handle)
    before = world.cases.find("#carrier#loopback", "orphan#loopback#20251123")
    handle({"night": True}, None)

    assert before is None
    assert world.cases.find("#carrier#loopback", "orphan#loopback#20251123") is not None


@pytest.mark.parametrize("event", [{}, {"night": False}, {"night": "tonight"}, {"night": "2025-11-26"}])
def test_a_night_that_is_none_is_refused(event: dict[str, Any]) -> None:
    world = world_after(DAY)

    with pytest.raises(InvalidInput):
        build(world)(event, None)

    assert world.night_queue.queue.waiting == []


def test_a_record_that_must_wait_comes_again_and_the_others_do_not() -> None:
    world = world_after(DAY)
    world.night_queue.put(["nobody-at-all", CLIENT], date(2025, 11, 24))
    world.ledger = Contended(world.clock)
    handle = build(world)

    world.night_queue.queue.deliver(handle)

    assert [body["client"] for body in world.night_queue.queue.bodies] == [CLIENT]


class Contended(FakeLedger):
    """Another night is always quicker."""

    def flip(self, statement: DayStatement) -> None:
        raise Conflict("revision_overtaken", "The revision before this one is not the current one.")
